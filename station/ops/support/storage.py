"""The database: its schema, size and consistency; and the file systems."""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, select, table, text

from station.errors import ConfigError
from station.ops.support.part import File
from station.repository.checking import findings
from station.repository.database import is_sqlite, open_engine, reading, where
from station.repository.schema import NEWEST, current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from station.ops.support.part import BundleRequest

FINDINGS = 1000
"""More of them add nothing."""


def database(request: BundleRequest) -> Iterator[File]:
    """Its version, schema and sizes."""
    with _engine(request) as engine, reading(engine) as connection:
        lines = [
            f"database   {where(engine)}",
            f"server     {_server(connection)}",
            f"schema     {current(connection)}, this program writes {NEWEST}",
            *_sizes(engine),
            "",
            "rows of each table",
            *_rows(connection),
        ]
    yield File("database/database.txt", "version, schema revision, size and row counts", _joined(lines))


def check(request: BundleRequest) -> Iterator[File]:
    """The findings of ``db check``."""
    with _engine(request) as engine:
        found = []
        for finding in findings(engine):
            found.append(finding)
            if len(found) == FINDINGS:
                break
    head = f"{len(found)} things are wrong" if found else "nothing is wrong"
    if found and not request.with_scans:
        found = ["details are left out by --no-scans"]
    yield File("database/check.txt", "output of scanstation db check", _joined([head, *found]))


@contextmanager
def _engine(request: BundleRequest) -> Iterator[Engine]:
    engine = open_engine(request.config().database_url(), read_only=True)
    try:
        yield engine
    finally:
        engine.dispose()


def _server(connection: Connection) -> str:
    statement = "SELECT sqlite_version()" if is_sqlite(connection) else "SHOW server_version"
    return f"{connection.dialect.name} {connection.execute(text(statement)).scalar_one()}"


def _sizes(engine: Engine) -> Iterator[str]:
    if is_sqlite(engine):
        file = Path(str(engine.url.database))
        for path in sorted(file.parent.glob(f"{file.name}*")):
            yield f"file       {path} {path.stat().st_size:,} bytes"


def _rows(connection: Connection) -> Iterator[str]:
    for name in sorted(inspect(connection).get_table_names()):
        count = connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        yield f"{count:>12,} {name}"


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


ENTRIES = 500
"""Files of the state directory; more of them add nothing."""


def space(request: BundleRequest) -> Iterator[File]:
    """Free space on every file system that the station writes to."""
    places = [Path("/"), Path("/tmp"), Path.cwd()]  # noqa: S108 - nothing is put there
    try:
        state = request.config().state_directory()
    except ConfigError:
        state = None
    if state is not None:
        places.insert(0, state)
    lines = [*map(_free, dict.fromkeys(places)), ""]
    if state is not None:
        lines += [f"in {state}", *_inside(state)]
    yield File("space.txt", "free space, and the files in the state directory", "\n".join(lines) + "\n")


def _free(path: Path) -> str:
    try:
        found = os.statvfs(path)
    except OSError as error:
        return f"{path}: {error.strerror}"
    free, whole = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
    return (
        f"{path}: {free // 2**20:,} of {whole // 2**20:,} MiB free, "
        f"{found.f_favail:,} of {found.f_files:,} inodes"
        + (", read-only" if found.f_flag & os.ST_RDONLY else "")
    )


def _inside(directory: Path) -> Iterator[str]:
    for count, path in enumerate(sorted(directory.rglob("*"))):
        if count == ENTRIES:
            yield "…"
            return
        try:
            found = path.lstat()
        except OSError as error:
            yield f"{path}: {error.strerror}"
            continue
        changed = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(found.st_mtime))
        owner = f"{found.st_uid}:{found.st_gid}"
        name = path.relative_to(directory)
        yield f"{stat.filemode(found.st_mode)} {owner:>11} {found.st_size:>14,} {changed} {name}"
