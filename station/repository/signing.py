"""The key that signs the codes of commands: one for all stations of a database (D11)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from station.repository.database import reading, transaction
from station.repository.statement import insert_or_skip
from station.repository.tables import signing_key
from station.source import now, timestamp

if TYPE_CHECKING:
    from sqlalchemy import Engine

_KEY_BYTES = 32


def new_key() -> dict[str, str | int]:
    """Return the columns of a new key, made now."""
    return {"id": 1, "key": secrets.token_hex(_KEY_BYTES), "made_at": timestamp(now())}


def key_of(engine: Engine) -> bytes | None:
    """Return the key; None: no station has run on this database yet.

    Raises:
        DatabaseError: it can't be read.
    """
    with reading(engine) as connection:
        stored = connection.execute(select(signing_key.c.key)).scalar()
    return None if stored is None else bytes.fromhex(stored)


def made_key(engine: Engine) -> bytes:
    """Return the key; make it first if there is none.

    Raises:
        DatabaseError: it can't be stored.
    """
    with transaction(engine) as connection:
        connection.execute(insert_or_skip(signing_key, engine.dialect).values(new_key()))
        return bytes.fromhex(connection.execute(select(signing_key.c.key)).scalar_one())


def renew_key(engine: Engine) -> None:
    """Replace the key: from now on no code that it signed is valid.

    Raises:
        DatabaseError: it can't be stored.
    """
    made_key(engine)
    with transaction(engine) as connection:
        connection.execute(update(signing_key).values(new_key()))
