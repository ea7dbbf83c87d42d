"""Opening a database; its errors become sentences for people.

SQLite runs with WAL and ``synchronous = FULL``, so that a commit is on disk before the worker hears a tone.
Transactions begin and end in plain SQL on both databases, because the scan path (`unit_of_work`) runs on the
bare driver connection.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from station.errors import ConfigError, DatabaseBusyError, DatabaseError, UpgradeNeededError
from station.files import make_for_owner_of_directory
from station.i18n.messages import msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine

BUSY_TIMEOUT_S = 5.0
"""How long a statement waits for another process's write before it reports the database busy."""


_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""For PostgreSQL, in seconds, the last in milliseconds: detects a cut cable."""


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """Create an engine for the database at `url`; this creates the directory, but doesn't open the database.

    Raises:
        ConfigError: the URL is invalid, or its database isn't supported.
        DatabaseError: the directory of an embedded database can't be created.
    """
    parsed = supported_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, read_only=read_only)
    return create_engine(parsed, pool_pre_ping=True, pool_use_lifo=True, connect_args=_PATIENCE)


def supported_url(url: str) -> URL:
    """Parse a database's URL.

    Raises:
        ConfigError: the URL is invalid, or its database isn't supported.
    """
    try:
        parsed = make_url(url)
        if "@" in (parsed.host or ""):
            raise ConfigError(f'database.url = "{_shown(url)}": write an @ within a password as %40')
        if parsed.get_backend_name() == "sqlite":
            _require_file(parsed)
            return parsed
        if parsed.drivername == "postgresql+psycopg":
            parsed.get_dialect().import_dbapi()
            return parsed
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigError(f'database.url = "{_shown(url)}": is not a database URL') from None
    except ModuleNotFoundError as error:
        raise ConfigError(
            f'database.url = "{_shown(url)}": PostgreSQL needs the extra: '
            "pip install 'scanstation[postgresql]'",
        ) from error
    raise ConfigError(
        f'database.url = "{_shown(url)}": must begin with sqlite:/// or postgresql+psycopg://',
    )


def _shown(url: str) -> str:
    """Return the part of a URL that may be shown: never a password, wherever it is."""
    scheme = re.match(r"[A-Za-z0-9+]+://", url)
    return f"{scheme[0]}…" if scheme else "…"


def _require_file(url: URL) -> None:
    if url.query:
        raise ConfigError(f'database.url = "{_shown(str(url))}": a SQLite URL takes no options after "?"')
    if not url.database or url.database == ":memory:":
        raise ConfigError(f'database.url = "{url}": needs a file: a database in memory is lost in a crash')


def _sqlite(url: URL, *, read_only: bool) -> Engine:
    path = Path(url.database or "")
    if read_only:
        if not path.exists():
            raise UpgradeNeededError(
                f"{path}: there is no database yet; run scanstation db upgrade to create it"
            )
    else:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            make_for_owner_of_directory(path)
        except OSError as error:
            raise DatabaseError(
                f"{path.parent}: can't create the database's directory: {error.strerror}; "
                "set station.state_directory or database.url",
            ) from error
    engine = create_engine(
        url,
        pool_use_lifo=True,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "connect", _set_up_read_only if read_only else _set_up)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    """Configure a new SQLite connection."""
    for statement in (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA temp_store = FILE",
    ):
        connection.execute(statement).close()


def _set_up_read_only(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON").close()


def is_embedded_and_there(url: str) -> bool:
    """Whether this is the URL of an embedded database that exists.

    Raises:
        ConfigError: the URL is invalid.
    """
    try:
        return is_sqlite(open_engine(url, read_only=True))
    except DatabaseError:
        return False


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether this is the embedded database."""
    return bind.dialect.name == "sqlite"


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Run one write transaction; it begins as a writer, so that it can't fail half-way on a lock.

    Raises:
        DatabaseError: with a sentence for people.
    """
    with plain_errors(engine), engine.connect() as connection, writing(connection):
        yield connection


@contextmanager
def writing(connection: Connection, *, keep: bool = True) -> Iterator[None]:
    """Run one write transaction like `transaction`, on an open connection; `keep`: False for a rehearsal."""
    if is_sqlite(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    if keep:
        connection.commit()
    else:
        connection.rollback()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one consistent view of the database.

    Raises:
        DatabaseError: with a sentence for people.
    """
    with plain_errors(engine), engine.connect() as connection:
        if is_sqlite(engine):
            connection.exec_driver_sql("BEGIN")
        yield connection
        connection.rollback()


def write_mark(connection: Connection) -> object:
    """Return a mark that changes with each write by any process: equal marks mean equal contents.

    Marks of different connections are never equal, so the pool hands out the connection used last.
    """
    here = connection.info.setdefault("here", object())
    if not is_sqlite(connection):
        return here, connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()
    # SQLite's data_version doesn't count the connection's own writes.
    own = connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
    return here, own, connection.exec_driver_sql("PRAGMA data_version").scalar_one()


@contextmanager
def plain_errors(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into sentences for people.

    Raises:
        DatabaseError: a retry won't help.
        DatabaseBusyError: a retry may.
    """
    try:
        yield
    except DBAPIError as error:
        raise describe(error.orig or error, engine) from error
    except PoolTimeoutError as error:
        raise DatabaseBusyError(of_database(engine, msg("no connection became free; try again"))) from error
    except engine.dialect.loaded_dbapi.Error as error:
        raise describe(error, engine) from error


def where(engine: Engine) -> str:
    """Name the database as a person would."""
    if is_sqlite(engine):
        return str(engine.url.database)
    # Without the query: it may contain a password too.
    return engine.url.set(password=None, query={}).render_as_string()


_FULL = msg("the disk is full, nothing was stored; free some space")
_SENTENCES = {
    "not a database": msg(
        "is not a SQLite database; set another file in database.url, or move this one away"
    ),
    "malformed": msg("is damaged; restore a backup (scanstation db check shows details)"),
    "readonly": msg("can't be written; check the permissions of the file and its directory"),
    "read-only": msg("can't be written; check the permissions of the file and its directory"),
    "disk is full": _FULL,
    "no space left": _FULL,
    "unable to open": msg(
        "can't be opened or written; check its directory, the permissions, and whether the disk is read-only"
    ),
    "disk i/o error": msg("the disk reports an error; check the disk and its free space"),
    "no such table": msg("has no scanstation tables; run scanstation db upgrade"),
    "fatal:  role": msg("the user is unknown; check database.url"),
    "fatal:  database": msg("the database does not exist; create it, or check database.url"),
    "does not exist": msg("has no scanstation tables; run scanstation db upgrade"),
    "password authentication": msg("rejects the password; check database.url"),
}
_BUSY_STATES = ("08", "53", "55P03", "57014", "57P0")
"""PostgreSQL: connection lost, out of resources, lock or statement timeout, shutting down."""
_BUSY = (
    "closed database",
    "locked",
    "busy",
    "connection",
    "terminating",
    "starting up",
    "shutting down",
    "timeout expired",
)


def _is_full(engine: Engine) -> bool:
    """Whether the disk is full: SQLite reports an I/O error if the files beside the database don't fit."""
    try:
        return os.statvfs(Path(str(engine.url.database)).parent).f_bavail == 0
    except OSError:
        return False


def describe(error: BaseException, engine: Engine) -> DatabaseError:
    """Turn the database's own error into a sentence that says where and what to do."""
    text = str(error).strip()
    if is_sqlite(engine) and "disk i/o error" in text.lower() and _is_full(engine):
        return DatabaseError(of_database(engine, _FULL))
    for sign, sentence in _SENTENCES.items():
        if sign in text.lower():
            return DatabaseError(of_database(engine, sentence))
    first = text.partition("\n")[0]
    state = getattr(error, "sqlstate", None) or ""
    is_away = not is_sqlite(engine) and type(error).__name__ == "OperationalError"
    if is_away or state.startswith(_BUSY_STATES) or any(sign in text.lower() for sign in _BUSY):
        reason = msg("is temporarily unavailable: {error}", error=first)
        return DatabaseBusyError(of_database(engine, reason))
    return DatabaseError(f"{where(engine)}: {first}")


def of_database(engine: Engine, reason: str) -> str:
    """Prefix a reason with the database."""
    return msg("{subject}: {reason_text}", subject=where(engine), reason_text=reason)
