"""The desk: the one consumer of the station's queue, and the only one that writes.

It takes all that is queued, up to a bound, works it off in order inside one transaction, commits, and only
then tells anybody: a worker who heard the tone can walk away. An entry that fails is rolled back to its own
savepoint and fails alone.
"""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from station.dispatch import TIMEOUT
from station.entries import Commanded, Entry, Notice, Outcome, Scanned
from station.errors import ConflictError, DatabaseBusyError, DatabaseError
from station.events import DatabaseChanged, Event, HistoryAdded, QuestionKind, ScanFailed
from station.stamping import now, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.bus import Bus
    from station.config import Preferences
    from station.dispatch import Dispatcher
    from station.events import Question, Source
    from station.retrieval.model import Standing
    from station.retrieval.ports import Transactions

log = structlog.get_logger()

BATCH = 100
"""Entries a transaction at most: more gains little and lets the first wait."""
QUEUE = 1000
"""Entries that may wait: a recording at full speed is slowed down, memory stays bounded."""
RETRIES = 5
"""How often an entry is decided again because another station was faster."""
BUSY_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class _Ticket:
    entry: Entry
    done: Callable[[Outcome], None] | None


class Desk:
    """Works off the queue in a thread of its own. Implements `entries.Inbox`."""

    def __init__(
        self,
        books: Transactions,
        dispatcher: Dispatcher,
        bus: Bus[Event],
        preferences: Preferences,
        *,
        auto_answer: bool | None = None,
    ) -> None:
        """`auto_answer` answers each question at once, before the next entry: yes, no, or (None) nobody."""
        self._books = books
        self._dispatcher = dispatcher
        self._bus = bus
        self._preferences = preferences
        self._auto_answer = auto_answer
        self._queue: queue.Queue[_Ticket | None] = queue.Queue(QUEUE)
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._stopping = threading.Event()
        self._healthy = True

    def start(self) -> None:
        """Begin to work.

        Raises:
            DatabaseError: the database can't be had.
        """
        self._books.open()
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether entries are worked off."""
        return self._thread.is_alive()

    def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
        """Queue an entry; `done` is called after the commit, in the desk's thread."""
        self._queue.put(_Ticket(entry, done))

    def standing(self) -> Standing:
        """How the station stands; only while nothing is queued."""
        return self._dispatcher.standing()

    def stop(self) -> None:
        """Work off what is queued, then end."""
        self._stopping.set()
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()
        with suppress(DatabaseError):
            self._books.close()

    def _run(self) -> None:
        while True:
            batch, ended = self._take()
            if batch:
                self._work_off(batch)
            elif not ended:
                self._expire_question()
            if ended:
                return

    def _take(self) -> tuple[list[_Ticket], bool]:
        """All that is queued, up to a bound; waits for the first, or until a question's time is up."""
        batch: list[_Ticket] = []
        try:
            ticket = self._queue.get(timeout=self._patience_s())
            while ticket is not None:
                batch.append(ticket)
                if len(batch) == BATCH:
                    return batch, False
                ticket = self._queue.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _patience_s(self) -> float | None:
        """P4: how long the question that stands may still stand."""
        limit_s = self._preferences.prompt_timeout_s
        if not limit_s:
            return None
        question = self._question()
        if question is None:
            return None
        return max(0.0, limit_s - (now() - question.source.at).total_seconds())

    def _question(self) -> Question | None:
        try:
            return self._dispatcher.standing().question
        except DatabaseError:
            return None

    def _expire_question(self) -> None:
        if self._question() is not None:
            self._work_off([_Ticket(Commanded(stamp(TIMEOUT, "clock")), None)])

    def _work_off(self, batch: list[_Ticket]) -> None:
        """One transaction; again and again while the database is busy, so that no scan is lost to it."""
        doubtful: list[Outcome] = []
        while True:
            try:
                outcomes = self._transact(batch, doubtful)
            except DatabaseBusyError as error:
                self._tell_health(ok=False, detail=str(error))
                if self._stopping.wait(BUSY_PAUSE_S):
                    note = "; whether it was booked is not known" if doubtful else ""
                    outcomes = self._failed(batch, f"{error}{note}")
                    break
                self._reopen()
            except DatabaseError as error:
                self._tell_health(ok=False, detail=str(error))
                outcomes = self._failed(batch, str(error))
                break
            else:
                self._tell_health(ok=True, detail="")
                break
        for ticket, outcome in zip(batch, outcomes, strict=True):
            self._tell(ticket, outcome)

    def _tell(self, ticket: _Ticket, outcome: Outcome) -> None:
        """After the commit: whoever can't take it must not keep the others from it, nor end the desk."""
        try:
            for event in outcome.events:
                self._bus.publish(event)
            if ticket.done is not None:
                ticket.done(outcome)
        except Exception:
            log.exception("telling_failed", entry=repr(ticket.entry))

    def _reopen(self) -> None:
        with suppress(DatabaseError):
            self._books.open()

    def _transact(self, batch: list[_Ticket], doubtful: list[Outcome]) -> list[Outcome]:
        """Work off a batch and commit.

        `doubtful` holds the outcomes of a commit that failed: it may have come through unnoticed. The batch
        is one transaction, so one entry of it that is found in the database tells for all (I4).

        Raises:
            DatabaseError: none of the batch is stored (but see `doubtful`).
        """
        entries = [ticket.entry for ticket in batch if not isinstance(ticket.entry, Notice)]
        if not entries:
            return [Outcome((ticket.entry,)) for ticket in batch if isinstance(ticket.entry, Notice)]
        self._books.begin()
        try:
            if doubtful and any(self._books.is_applied(entry.source.id) for entry in entries):
                self._books.roll_back()
                return doubtful
            outcomes = [self._work_one(ticket.entry) for ticket in batch]
            if not any(isinstance(event, HistoryAdded) for each in outcomes for event in each.events):
                self._books.mark(entries[-1].source.id)
            doubtful[:] = outcomes
            self._books.commit()
        except BaseException:
            with suppress(DatabaseError):
                self._books.roll_back()
            raise
        return outcomes

    def _work_one(self, entry: Entry) -> Outcome:
        """One entry in its own savepoint.

        Raises:
            DatabaseError: the whole transaction is in doubt.
        """
        if isinstance(entry, Notice):
            return Outcome((entry,))
        for _attempt in range(RETRIES):
            try:
                with self._books.savepoint():
                    return Outcome(self._events(entry))
            except ConflictError as error:
                reason = str(error)
            except DatabaseError:
                raise
            except Exception as error:
                # A fault of ours must not stop the dock: this one scan fails, loudly, and the next goes on.
                log.exception("entry_failed", entry=repr(entry))
                reason = f"internal error: {error!r}"
                break
        return Outcome((ScanFailed(entry.source, reason),))

    def _events(self, entry: Scanned | Commanded) -> tuple[Event, ...]:
        serve = self._dispatcher.scanned if isinstance(entry, Scanned) else self._dispatcher.commanded
        events: list[Event] = list(serve(entry.source))
        if self._auto_answer is not None:
            events += self._answer_at_once(entry.source, yes=self._auto_answer)
        return tuple(events)

    def _answer_at_once(self, source: Source, *, yes: bool) -> list[Event]:
        """Answer what the entry raised, and what the answer raised in turn."""
        events: list[Event] = []
        while (question := self._dispatcher.standing().question) is not None:
            word = "yes" if yes else "no"
            if yes and question.kind is QuestionKind.CHOICE:
                free = [place for place, each in enumerate(question.candidates, 1) if each.barred is None]
                word = f"choose {free[0]}"
            events += self._dispatcher.commanded(stamp(word, source.scanner))
        return events

    @staticmethod
    def _failed(batch: list[_Ticket], reason: str) -> list[Outcome]:
        """Nothing of the batch is stored, and everyone who waits for a tone hears so."""
        return [
            Outcome((ticket.entry,))
            if isinstance(ticket.entry, Notice)
            else Outcome((ScanFailed(ticket.entry.source, reason),))
            for ticket in batch
        ]

    def _tell_health(self, *, ok: bool, detail: str) -> None:
        if ok != self._healthy:
            self._healthy = ok
            self._bus.publish(DatabaseChanged(ok, detail))
