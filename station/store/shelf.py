"""Backups by date in a directory: one a day by the timer, one before the schema changes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from station.errors import StationError
from station.host.ownership import give_to_owner_of_directory
from station.stamping import now
from station.store.backup import back_up

if TYPE_CHECKING:
    from sqlalchemy import Engine

_BY_DATE = re.compile(r"scanstation-[0-9]{8}T[0-9]{6}Z\.db")


def back_up_by_date(engine: Engine, directory: Path, keep: int) -> Path:
    """A new backup in `directory`, named by the time; of those made so, only the newest `keep` stay.

    Raises:
        UsageError: it is no embedded database.
        StationError: the copy can't be made; nothing is removed then.
    """
    target = _back_up_into(directory, engine, f"scanstation-{now():%Y%m%dT%H%M%SZ}.db")
    made = sorted(path for path in directory.iterdir() if _BY_DATE.fullmatch(path.name))
    for old in made[:-keep]:
        old.unlink()
    return target


def back_up_before_upgrade(engine: Engine, version: str) -> Path:
    """A backup of an embedded database beside it, before its schema `version` is changed; it is kept.

    Raises:
        StationError: the copy can't be made.
    """
    directory = Path(str(engine.url.database)).parent / "backups"
    return _back_up_into(directory, engine, f"schema-{version}-{now():%Y%m%dT%H%M%SZ}.db")


def _back_up_into(directory: Path, engine: Engine, name: str) -> Path:
    try:
        if not directory.is_dir():
            directory.mkdir(parents=True, mode=0o750)
            give_to_owner_of_directory(directory)
    except OSError as error:
        raise StationError(f"{directory}: can't be made for the backup: {error.strerror}") from error
    back_up(engine, directory / name)
    give_to_owner_of_directory(directory / name)
    return directory / name
