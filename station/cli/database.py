"""The database that the configuration names, for commands that only look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.cli import configuration

if TYPE_CHECKING:
    from sqlalchemy import Engine


def engine_to_read() -> Engine:
    """An engine that can't write, on a database of this version's schema.

    Raises:
        DatabaseError: there is none, or it is of another version.
    """
    # Late, so that help and shell completion come at once.
    from station.store.database import open_engine  # noqa: PLC0415
    from station.store.schema import require_newest  # noqa: PLC0415

    engine = open_engine(configuration().database_url(), read_only=True)
    require_newest(engine)
    return engine
