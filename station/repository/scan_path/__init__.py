"""The station's repository in a database: what the rules read and write, in one transaction at a time.

One module per subject, each statement above the method that runs it. It holds one connection, compiles
statements once and uses no object-relational mapping: see `repository.unit_of_work`.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from station.errors import ConflictError, DatabaseBusyError, DatabaseError
from station.i18n.messages import msg
from station.repository.database import is_sqlite
from station.repository.scan_path.attach_and_record import SqlAttachments
from station.repository.scan_path.counts import SqlCounts
from station.repository.scan_path.credit_documents import SqlCreditDocuments
from station.repository.scan_path.details import SqlDetails
from station.repository.scan_path.matching_documents import SqlMatchingDocuments
from station.repository.scan_path.receipts import SqlReceipts
from station.repository.scan_path.station_state import SqlStationState
from station.repository.scan_path.units import SqlUnits
from station.repository.signing import new_key
from station.repository.statement import P, Statement, insert_or_skip, parameters
from station.repository.tables import signing_key, stations

if TYPE_CHECKING:
    from sqlalchemy import Engine

CLAIM_TRIES = 20
CLAIM_PAUSE_S = 0.1
"""A server takes a moment to notice that the previous process has ended."""


class SqlRepository(
    SqlStationState,
    SqlCreditDocuments,
    SqlMatchingDocuments,
    SqlUnits,
    SqlAttachments,
    SqlCounts,
    SqlDetails,
    SqlReceipts,
):
    """Implements `station.rules.ports.Repository` for one station, and the transactions around it."""

    def __init__(self, engine: Engine, station: str, *, fold_case: bool = False) -> None:
        """`fold_case`: ignore case in lookups, which needs additional indexes."""
        super().__init__(engine, station)
        self._fold_case = fold_case

    _know_station = Statement(lambda dialect: insert_or_skip(stations, dialect).values(name=P("station")))

    # Of several stations that start at once, the first one's key counts (D11).
    _make_key = Statement(
        lambda dialect: insert_or_skip(signing_key, dialect).values(parameters(signing_key))
    )

    def open(self) -> None:
        """Open and hold a connection; add the station, and the key of command codes, if they are missing.

        Raises:
            DatabaseError: the database is unavailable.
        """
        try:
            super().open()
            if not is_sqlite(self._engine):
                self._claim_station()
            self._run(self._know_station)
            self._run(self._make_key, **new_key())
        except DatabaseError:
            # A connection without the claim must not be used.
            self.close()
            raise
        if self._fold_case:
            self._index_folded()

    def look_up(self, *, fold_case: bool) -> None:
        """Set whether lookups ignore case; call it outside a transaction.

        Raises:
            DatabaseError: the indexes can't be created, so lookups are slow.
        """
        is_new, self._fold_case = fold_case and not self._fold_case, fold_case
        if is_new:
            self._index_folded()

    def _index_folded(self) -> None:
        for column in ("serial_number", "mfr_serial_number"):
            self.watchdog.ping()
            # Even with "if not exists", PostgreSQL fails if another station creates it at the same moment.
            with suppress(ConflictError):
                self.execute_plain(
                    f"CREATE INDEX IF NOT EXISTS ix_folded_{column} ON serial_numbers (lower({column}))",
                )

    _claim = Statement(
        select(func.pg_try_advisory_lock(func.hashtext("scanstation"), func.hashtext(P("station"))))
    )

    def _claim_station(self) -> None:
        """Allow one process per station, across machines: the server releases the claim with the connection.

        Raises:
            DatabaseError: another process has the claim, or the server is unavailable.
        """
        for _try in range(CLAIM_TRIES):
            if self._one(self._claim) == (True,):
                return
            time.sleep(CLAIM_PAUSE_S)
        raise DatabaseBusyError(
            msg(
                'station "{station}" is already running elsewhere on this database; '
                "give each station its own name in station.name",
                station=self._station,
            )
        )
