"""Processes a batch of entries in one transaction: savepoints, retries, and commits with unknown outcome."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from station.errors import ConflictError, DatabaseBusyError, DatabaseError, DeadlockError
from station.events import DatabaseChanged, Event, HistoryAdded, ScanFailed
from station.i18n.messages import msg
from station.questions import QuestionKind
from station.source import stamp
from station.worker.entries import (
    Commanded,
    DocumentGone,
    Entry,
    Expired,
    Notice,
    Outcome,
    StoredResponse,
)
from station.worker.ports import NO_WATCHDOG

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.config.settings import RuleSettings
    from station.source import Source
    from station.worker.entries import Request
    from station.worker.handler import RequestHandler
    from station.worker.ports import UnitOfWork, Watchdog

log = structlog.get_logger()

RETRIES = 5
"""Retries of an entry if another station was faster."""
BUSY_PAUSE_S = 0.5
"""Pause between two attempts while the database is busy."""


class BatchRunner:
    """Turns entries into outcomes that are on disk; used only by the desk's thread."""

    def __init__(
        self,
        repository: UnitOfWork,
        handler: RequestHandler,
        report_health: Callable[[DatabaseChanged], None],
        *,
        auto_answer: bool | None = None,
        rest_comes_later: bool = False,
    ) -> None:
        """Store the parts, and how questions are answered automatically.

        Args:
            repository: The database.
            handler: Handles an entry.
            report_health: Called after each transaction that failed or wrote, with the database's health.
            auto_answer: The immediate answer to each question: yes, no, or None to wait for the worker.
            rest_comes_later: Whether a yes to an incomplete document is LATER (D6).
        """
        self._repository = repository
        self._handler = handler
        self._report_health = report_health
        self._auto_answer = auto_answer
        self._rest_comes_later = rest_comes_later
        self.watchdog: Watchdog = NO_WATCHDOG
        """Pinged at each attempt on a busy database, and at each entry."""
        self._gave_up = ""
        self.stopping = threading.Event()
        """Once set, the runner no longer waits for a busy database."""

    def reconfigure(self, settings: RuleSettings) -> None:
        """Use these settings from the next batch on."""
        self._handler.settings = settings
        try:
            self._repository.look_up(fold_case=settings.preferences.fold_case)
        except DatabaseError as error:
            # Lookups work without it, only slowly; the next start of the station creates it.
            log.warning("index_not_made", reason=str(error))

    def run(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Process a batch; return an outcome for each entry, not yet published."""
        if self._gave_up:
            return failed(entries, self._gave_up)
        try:
            return self._retry_while_busy(entries)
        except ConflictError as error:
            if len(entries) == 1:
                return failed(entries, str(error))
            # Retry each alone: a short transaction holds fewer locks.
            return [outcome for entry in entries for outcome in self.run([entry])]
        except DatabaseError as error:
            self._report_health(DatabaseChanged(ok=False, detail=str(error)))
            return failed(entries, str(error))

    def probe(self) -> None:
        """Check whether the database accepts transactions again, and report its health."""
        try:
            self._repository.begin()
            self._repository.mark("")
            self._repository.commit()
        except DatabaseError as error:
            with suppress(DatabaseError):
                self._repository.roll_back()
            self._report_health(DatabaseChanged(ok=False, detail=str(error)))
        else:
            self._report_health(DatabaseChanged(ok=True, detail=""))

    def _retry_while_busy(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Process the batch, and retry while the database is busy, so that no scan is lost.

        Raises:
            DatabaseError: nothing of the batch is stored.
        """
        doubtful: list[Outcome] = []
        conflicts = 0
        while True:
            self.watchdog.ping()
            try:
                outcomes = self._run_transaction(entries, doubtful)
            except DatabaseBusyError as error:
                self._report_health(DatabaseChanged(ok=False, detail=str(error)))
                if self.stopping.wait(BUSY_PAUSE_S):
                    self._gave_up = str(error)
                    return failed(entries, _unknown(self._gave_up) if doubtful else self._gave_up)
                with suppress(DatabaseError):
                    self._repository.open()
            except ConflictError:
                conflicts += 1
                if len(entries) > 1 or conflicts > RETRIES:
                    raise
            else:
                # Only a write shows that the database accepts writes: a full disk is still readable.
                if _fresh(entries, outcomes):
                    self._report_health(DatabaseChanged(ok=True, detail=""))
                return outcomes

    def _run_transaction(self, entries: Sequence[Entry], doubtful: list[Outcome]) -> list[Outcome]:
        """Process the batch in one transaction.

        `doubtful`: the outcomes of a commit that failed, but may have succeeded unnoticed. A commit stores
        the whole batch or nothing, so if one of its entries is in the database, all are (I4).

        Raises:
            DatabaseError: nothing is stored (except in the case of `doubtful`).
        """
        sources = [entry.source for entry in entries if not isinstance(entry, Notice)]
        if not sources:
            return [Outcome((entry,)) for entry in entries if isinstance(entry, Notice)]
        self._repository.begin()
        try:
            if any(self._repository.is_applied(each) for each in _fresh(entries, doubtful)):
                self._repository.roll_back()
                return doubtful
            outcomes = [self._run_in_savepoint(entry) for entry in entries]
            fresh = _fresh(entries, outcomes)
            if fresh and not _leaves_a_row(outcomes, set(fresh)):
                self._repository.mark(fresh[-1])
            doubtful[:] = outcomes
            self._repository.commit()
        except BaseException:
            with suppress(DatabaseError):
                self._repository.roll_back()
            raise
        return outcomes

    def _run_in_savepoint(self, entry: Entry) -> Outcome:
        """Process an entry in its own savepoint.

        Raises:
            ConflictError: another station was faster at each attempt.
            DatabaseError: the whole transaction is in doubt.
        """
        if isinstance(entry, Notice):
            return Outcome((entry,))
        self.watchdog.ping()
        for _attempt in range(RETRIES):
            try:
                with self._repository.savepoint():
                    return self._run_idempotent(entry)
            except DeadlockError:
                raise
            except ConflictError as error:
                conflict = error
            except DatabaseError:
                raise
            except Exception as error:
                # A bug must not stop the station: this scan fails loudly, and the next one is processed.
                log.exception("entry_failed", entry=repr(entry))
                reason = msg("internal error: {error}", error=repr(error))
                return Outcome((ScanFailed(entry.source, reason),))
        raise conflict

    def _run_idempotent(self, entry: Request) -> Outcome:
        """Process an entry, or return the stored response if it was posted before."""
        if isinstance(entry, Expired | DocumentGone) or entry.once is None:
            return Outcome(self._events(entry))
        if (before := self._repository.remembered(entry.source.id)) is not None:
            return Outcome((), before)
        outcome = Outcome(self._events(entry))
        response = StoredResponse(entry.once.request_digest, entry.once.render(outcome))
        self._repository.remember(entry.source, response)
        return outcome

    def _events(self, entry: Request) -> tuple[Event, ...]:
        if isinstance(entry, Expired | DocumentGone):
            return tuple(self._handler.handle(entry))
        events = [*self._expire(entry.source), *self._handler.handle(entry)]
        if self._auto_answer is not None:
            events += self._answer_at_once(entry.source, yes=self._auto_answer)
        return tuple(events)

    def _expire(self, source: Source) -> list[Event]:
        """Expire the question by the entry's own time (P4): a recording behaves as when it was recorded."""
        limit = timedelta(seconds=self._handler.settings.preferences.prompt_timeout_s)
        question = self._handler.state().question if limit else None
        if question is None or source.at < question.source.at + limit:
            return []
        return self._handler.handle(Expired(stamp("", "clock", question.source.at + limit)))

    def _answer_at_once(self, source: Source, *, yes: bool) -> list[Event]:
        """Answer the question that the entry raised, and those that the answers raise."""
        events: list[Event] = []
        while (question := self._handler.state().question) is not None:
            word = "yes" if yes else "no"
            if yes and question.kind is QuestionKind.CHOICE:
                free = [
                    place for place, each in enumerate(question.candidates, 1) if each.blocked_reason is None
                ]
                word = f"choose {free[0]}"
            elif yes and question.kind is QuestionKind.INCOMPLETE and self._rest_comes_later:
                word = "later"
            elif yes and question.kind is QuestionKind.DOCUMENT:
                word = "choose 1"
            events += self._handler.handle(Commanded(stamp(word, source.scanner, source.at)))
        return events


def _fresh(entries: Sequence[Entry], outcomes: Sequence[Outcome]) -> list[str]:
    """Return the ids of new entries: a repeated entry's row is from an earlier transaction."""
    return [
        entry.source.id
        for entry, outcome in zip(entries, outcomes, strict=False)
        if not isinstance(entry, Notice) and outcome.before is None
    ]


def _leaves_a_row(outcomes: Sequence[Outcome], source_ids: set[str]) -> bool:
    """Whether a row of history has the id of one of the batch's own entries."""
    return any(
        isinstance(event, HistoryAdded) and event.row.id in source_ids
        for outcome in outcomes
        for event in outcome.events
    )


def _unknown(reason: str) -> str:
    return msg("{reason_text}; it is unknown whether it was booked", reason_text=reason)


def failed(entries: Sequence[Entry], reason: str) -> list[Outcome]:
    """Return an outcome for each entry that says it was not booked."""
    return [
        Outcome((entry,)) if isinstance(entry, Notice) else Outcome((ScanFailed(entry.source, reason),))
        for entry in entries
    ]
