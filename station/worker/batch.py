"""Working off entries in one transaction: savepoints, retries, and commits whose outcome is unknown."""

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
    Entry,
    Expired,
    Notice,
    Outcome,
    Scanned,
    StoredResponse,
)
from station.worker.ports import NO_WATCHDOG

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.config.settings import RuleSettings
    from station.source import Source
    from station.worker.handler import RequestHandler
    from station.worker.ports import UnitOfWork, Watchdog

log = structlog.get_logger()

RETRIES = 5
"""How often an entry is decided again because another station was faster."""
BUSY_PAUSE_S = 0.5
"""Between two tries while the database is busy."""


class BatchRunner:
    """Turns entries into outcomes that are on disk. Used by the desk's thread alone."""

    def __init__(
        self,
        repository: UnitOfWork,
        handler: RequestHandler,
        tell_health: Callable[[DatabaseChanged], None],
        *,
        auto_answer: bool | None = None,
    ) -> None:
        """Take the parts, and how questions end that nobody answers.

        Args:
            repository: The database.
            handler: Serves an entry.
            tell_health: Is told after each transaction that failed, or wrote, how the database is.
            auto_answer: Answers each question at once, before the next entry: yes, no, or (None) nobody.
        """
        self._repository = repository
        self._handler = handler
        self._tell_health = tell_health
        self._auto_answer = auto_answer
        self.watchdog: Watchdog = NO_WATCHDOG
        """Pinged at each try on a busy database, and at each entry."""
        self._gave_up = ""
        self.stopping = threading.Event()
        """Once it is set, a database that is busy is waited for no longer."""

    def reconfigure(self, settings: RuleSettings) -> None:
        """Work by these settings from the next batch on."""
        self._handler.settings = settings
        try:
            self._repository.look_up(fold_case=settings.preferences.fold_case)
        except DatabaseError as error:
            # It is found all the same, only slowly; and made when the station is started again.
            log.warning("index_not_made", reason=str(error))

    def work_off(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Work off a batch; an outcome for each entry, told by nobody yet."""
        if self._gave_up:
            return failed(entries, self._gave_up)
        try:
            return self._retry_while_busy(entries)
        except ConflictError as error:
            if len(entries) == 1:
                return failed(entries, str(error))
            # Each for itself then: a short transaction holds little that others wait for.
            return [outcome for entry in entries for outcome in self.work_off([entry])]
        except DatabaseError as error:
            self._tell_health(DatabaseChanged(ok=False, detail=str(error)))
            return failed(entries, str(error))

    def probe(self) -> None:
        """See whether the database takes transactions again, and tell."""
        try:
            self._repository.begin()
            self._repository.mark("")
            self._repository.commit()
        except DatabaseError as error:
            with suppress(DatabaseError):
                self._repository.roll_back()
            self._tell_health(DatabaseChanged(ok=False, detail=str(error)))
        else:
            self._tell_health(DatabaseChanged(ok=True, detail=""))

    def _retry_while_busy(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Again and again while the database is busy, so that no scan is lost to it.

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
                self._tell_health(DatabaseChanged(ok=False, detail=str(error)))
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
                # Only a write shows that the database takes writes: a full disk can be read.
                if _fresh(entries, outcomes):
                    self._tell_health(DatabaseChanged(ok=True, detail=""))
                return outcomes

    def _run_transaction(self, entries: Sequence[Entry], doubtful: list[Outcome]) -> list[Outcome]:
        """One transaction.

        `doubtful` holds the outcomes of a commit that failed: it may have come through unnoticed. All of the
        batch is in it or nothing, so one entry that is found in the database tells for all (I4).

        Raises:
            DatabaseError: nothing is stored (but see `doubtful`).
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
        """One entry in its own savepoint.

        Raises:
            ConflictError: another station was faster, time and again.
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
                # A fault of ours must not stop the dock: this one scan fails, loudly, and the next goes on.
                log.exception("entry_failed", entry=repr(entry))
                reason = msg("internal error: {error}", error=repr(error))
                return Outcome((ScanFailed(entry.source, reason),))
        raise conflict

    def _run_idempotent(self, entry: Scanned | Commanded | Expired) -> Outcome:
        """What becomes of an entry, or became of it when it was posted before."""
        if isinstance(entry, Expired) or entry.once is None:
            return Outcome(self._events(entry))
        if (before := self._repository.remembered(entry.source.id)) is not None:
            return Outcome((), before)
        outcome = Outcome(self._events(entry))
        self._repository.remember(entry.source, StoredResponse(entry.once.asked, entry.once.tell(outcome)))
        return outcome

    def _events(self, entry: Scanned | Commanded | Expired) -> tuple[Event, ...]:
        if isinstance(entry, Expired):
            return tuple(self._handler.handle(entry))
        events = [*self._expire(entry.source), *self._handler.handle(entry)]
        if self._auto_answer is not None:
            events += self._answer_at_once(entry.source, yes=self._auto_answer)
        return tuple(events)

    def _expire(self, source: Source) -> list[Event]:
        """P4, by the entries' own times: a recording's questions run out as they did when it was recorded."""
        limit = timedelta(seconds=self._handler.settings.preferences.prompt_timeout_s)
        question = self._handler.state().question if limit else None
        if question is None or source.at < question.source.at + limit:
            return []
        return self._handler.handle(Expired(stamp("", "clock", question.source.at + limit)))

    def _answer_at_once(self, source: Source, *, yes: bool) -> list[Event]:
        """Answer what the entry raised, and what the answer raised in turn."""
        events: list[Event] = []
        while (question := self._handler.state().question) is not None:
            word = "yes" if yes else "no"
            if yes and question.kind is QuestionKind.CHOICE:
                free = [place for place, each in enumerate(question.candidates, 1) if each.barred is None]
                word = f"choose {free[0]}"
            events += self._handler.handle(Commanded(stamp(word, source.scanner, source.at)))
        return events


def _fresh(entries: Sequence[Entry], outcomes: Sequence[Outcome]) -> list[str]:
    """The ids of the entries that came for the first time: a repeat's row is of an earlier transaction."""
    return [
        entry.source.id
        for entry, outcome in zip(entries, outcomes, strict=False)
        if not isinstance(entry, Notice) and outcome.before is None
    ]


def _leaves_a_row(outcomes: Sequence[Outcome], source_ids: set[str]) -> bool:
    """Whether a row of history bears the id of one of the batch's own entries."""
    return any(
        isinstance(event, HistoryAdded) and event.row.id in source_ids
        for outcome in outcomes
        for event in outcome.events
    )


def _unknown(reason: str) -> str:
    return msg("{reason_text}; whether it was booked is not known", reason_text=reason)


def failed(entries: Sequence[Entry], reason: str) -> list[Outcome]:
    """Everyone who waits for a tone hears that it was not booked."""
    return [
        Outcome((entry,)) if isinstance(entry, Notice) else Outcome((ScanFailed(entry.source, reason),))
        for entry in entries
    ]
