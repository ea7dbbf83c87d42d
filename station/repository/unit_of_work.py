"""A held connection and its transactions, in plain SQL on the driver's own connection."""

from __future__ import annotations

from contextlib import contextmanager
from operator import attrgetter, methodcaller
from typing import TYPE_CHECKING, Any, TypeVar

from station.errors import ConflictError, DatabaseBusyError, DatabaseError, DeadlockError
from station.i18n.messages import msg
from station.repository.database import (
    BUSY_TIMEOUT_S,
    describe,
    is_sqlite,
    of_database,
    plain_errors,
)
from station.repository.statement import Statement
from station.worker.ports import NO_WATCHDOG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

Row = tuple[Any, ...]
T = TypeVar("T")
_changed: Callable[[Any], int] = attrgetter("rowcount")
_fetched: Callable[[Any], list[Row]] = methodcaller("fetchall")


class SavepointHandle:
    """A savepoint of the transaction."""

    def __init__(self, unit_of_work: SqlUnitOfWork, name: str) -> None:
        self._unit_of_work = unit_of_work
        self._name = name

    def roll_back(self) -> None:
        """Undo all writes since the savepoint."""
        self._unit_of_work.execute_plain(f"ROLLBACK TO SAVEPOINT {self._name}")


class SqlUnitOfWork:
    """Holds a connection; runs the statements of its subclasses, inside transactions and savepoints."""

    def __init__(self, engine: Engine, station: str) -> None:
        """`station`: the name, available to every statement as a parameter."""
        self._engine = engine
        self._station = station
        # Compiled here, so that an invalid one fails early and the first scan doesn't wait.
        for statement in self.statements().values():
            statement.compiled(engine.dialect)
        self._dbapi: Any = engine.dialect.loaded_dbapi
        self._connection: Connection | None = None
        self._driver: Any = None
        self._depth = 0
        self.watchdog = NO_WATCHDOG
        """Pinged at each statement: a transaction over a long range must not look stuck."""

    @classmethod
    def statements(cls) -> dict[str, Statement]:
        """Return the statements of the class, by name."""
        return {name: each for name in dir(cls) if isinstance(each := getattr(cls, name), Statement)}

    def open(self) -> None:
        """Open and hold a connection; release a previous one.

        Raises:
            DatabaseError: the database is unavailable.
        """
        self.close()
        with plain_errors(self._engine):
            self._connection = self._engine.connect()
            self._driver = self._connection.connection.driver_connection
            if not is_sqlite(self._engine):
                self._driver.autocommit = True
                # A lock or a server that hangs must not block the desk for ever: it retries.
                self._driver.execute(f"SET lock_timeout = '{BUSY_TIMEOUT_S:.0f}s'")
                self._driver.execute(f"SET statement_timeout = '{6 * BUSY_TIMEOUT_S:.0f}s'")

    def close(self) -> None:
        """Release the connection; uncommitted changes are lost."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = self._driver = None

    def begin(self) -> None:
        """Begin a transaction, as a writer from the start."""
        self._depth = 0
        if self._connection is None:
            self.open()
        self.execute_plain("BEGIN IMMEDIATE" if is_sqlite(self._engine) else "BEGIN")

    def commit(self) -> None:
        """Commit; the changes are on disk when this returns."""
        self.execute_plain("COMMIT")

    def roll_back(self) -> None:
        """Roll back the transaction, if one is open."""
        try:
            if self._connection is not None:
                self._driver.rollback()
        except self._dbapi.Error as error:
            raise describe(error, self._engine) from error

    @contextmanager
    def savepoint(self) -> Iterator[SavepointHandle]:
        """Open a savepoint; the handle, or an exception, undoes the writes within it."""
        self._depth += 1
        handle = SavepointHandle(self, f"s{self._depth}")
        self.execute_plain(f"SAVEPOINT s{self._depth}")
        try:
            yield handle
        except DatabaseError:
            if not self._is_lost():
                handle.roll_back()
            raise
        except BaseException:
            handle.roll_back()
            raise
        else:
            self.execute_plain(f"RELEASE SAVEPOINT s{self._depth}")
        finally:
            self._depth -= 1

    def _is_lost(self) -> bool:
        """Whether the transaction is already gone: a full disk or a broken connection ends it."""
        if is_sqlite(self._engine):
            return not self._driver.in_transaction
        return bool(self._driver.closed)

    def _held(self) -> Any:
        """Return the driver's connection.

        Raises:
            DatabaseBusyError: there is none, because the last attempt to open one failed.
        """
        if self._driver is None:
            raise DatabaseBusyError(of_database(self._engine, msg("there is no connection")))
        return self._driver

    def execute_plain(self, statement: str) -> None:
        """Run a statement without parameters.

        Raises:
            DatabaseError: with a sentence for people.
        """
        try:
            self._held().execute(statement)
        except self._dbapi.Error as error:
            raise self._plain(error) from error

    def _run(self, statement: Statement, **parameters: object) -> int:
        """Run a statement without result rows; return how many rows it changed."""
        return self._execute(statement, parameters, _changed)

    def _rows(self, statement: Statement, **parameters: object) -> list[Row]:
        return self._execute(statement, parameters, _fetched)

    def _one(self, statement: Statement, **parameters: object) -> Row | None:
        rows = self._rows(statement, **parameters)
        return rows[0] if rows else None

    def _execute(self, statement: Statement, parameters: dict[str, object], take: Callable[[Any], T]) -> T:
        """Run a statement and `take` its result from the cursor; that may fail too: SQLite reads late."""
        self.watchdog.ping()
        compiled = statement.compiled(self._engine.dialect)
        try:
            return take(compiled.run(self._held(), {"station": self._station, **parameters}))
        except self._dbapi.Error as error:
            raise self._plain(error) from error

    def _plain(self, error: Exception) -> DatabaseError:
        state = getattr(error, "sqlstate", None) or ""
        # Class 40: the server rolled it back in favour of another transaction.
        if state.startswith("40"):
            return DeadlockError(msg("another station was in the way: {error}", error=error))
        if isinstance(error, self._dbapi.IntegrityError):
            return ConflictError(msg("another station was faster: {error}", error=error))
        return describe(error, self._engine)
