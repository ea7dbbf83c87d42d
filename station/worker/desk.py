"""The desk: the one consumer of the station's queue, and the only one that writes.

It takes all queued entries, up to a limit, processes them in order in one transaction, commits, and only then
notifies subscribers: a worker who heard the tone can walk away. An entry that fails is rolled back to its own
savepoint and fails alone.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from station.errors import DatabaseError
from station.events import LabelRead, Reconfigured
from station.i18n.messages import msg
from station.rules.documents import gone_meanwhile
from station.source import now, stamp
from station.worker.batch import BatchRunner, failed
from station.worker.entries import DocumentGone, Entry, Expired, Outcome, Scanned
from station.worker.ports import NO_WATCHDOG

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.events import Bus, DatabaseChanged, Event
    from station.rules.model import StationState
    from station.worker.handler import RequestHandler
    from station.worker.ports import UnitOfWork, Watchdog

    Watcher = Callable[[Entry, Outcome, float], None]
    """Takes an entry, its outcome, and the seconds from its arrival until it was on disk."""

log = structlog.get_logger()

BATCH = 100
"""Maximum number of entries per transaction: more gains little and makes the first one wait."""
STUCK_S = 10.0
PROBE_PAUSE_S = 5.0
"""Pause between two checks whether a failed database works again."""
LOOK_PAUSE_S = 2.0
"""Pause between two looks, while nothing is scanned, whether the office ended the work on the document."""
EXPIRE_PAUSE_S = 1.0
"""Pause between two expired questions: a failing database must not be tried without a pause."""
QUEUE = 1000
"""Maximum number of queued entries: slows a recording at full speed down, and bounds memory."""


@dataclass(frozen=True, slots=True)
class _Ticket:
    entry: Entry
    done: Callable[[Outcome], None] | None
    arrived_s: float = field(default_factory=time.monotonic)
    """Monotonic time before it waits for room in the queue."""


class Desk:
    """Processes the queue in its own thread. Implements `entries.Inbox`."""

    def __init__(  # noqa: PLR0913 - the parts meet here
        self,
        repository: UnitOfWork,
        handler: RequestHandler,
        bus: Bus[Event],
        *,
        live: bool = True,
        auto_answer: bool | None = None,
        rest_comes_later: bool = False,
        watchdog: Watchdog = NO_WATCHDOG,
    ) -> None:
        """`live`: questions also expire by the clock (P4), not only by the times of later entries.

        `auto_answer` and `rest_comes_later`: as for `BatchRunner`. `watchdog`: pinged while the queue is
        processed.
        """
        self._watchdog = watchdog
        self._live = live
        self._repository = repository
        self._handler = handler
        self._bus = bus
        self._runner = BatchRunner(
            repository,
            handler,
            self._report_health,
            auto_answer=auto_answer,
            rest_comes_later=rest_comes_later,
        )
        self._runner.watchdog = watchdog
        self._queue: queue.Queue[_Ticket | None] = queue.Queue(QUEUE)
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._healthy = True
        self._expire_again_at = 0.0
        self._working_since: float | None = None
        self._in_hand: list[_Ticket] = []
        self._own: list[_Ticket] = []
        """Posted by the desk's own thread."""
        self._has_ended = threading.Event()
        self._watcher: Watcher | None = None

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` after each entry is published, in the desk's thread; it must not block."""
        self._watcher = watcher

    def start(self) -> None:
        """Start the thread.

        Raises:
            DatabaseError: the database is unavailable.
        """
        self._repository.open()
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether entries are processed."""
        return self._thread.is_alive()

    @property
    def is_stuck(self) -> bool:
        """Whether a transaction has been running for much longer than it should."""
        began = self._working_since
        return began is not None and time.monotonic() - began > STUCK_S

    @property
    def queued(self) -> int:
        """The number of entries in the queue."""
        return self._queue.qsize()

    @property
    def is_full(self) -> bool:
        """Whether a post may have to wait until the database is available again."""
        return not self._healthy and self.queued > QUEUE // 2

    @property
    def held(self) -> int:
        """The number of entries that wait because the database is unavailable."""
        return 0 if self._healthy else len(self._in_hand) + self.queued

    def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
        """Queue an entry; `done` is called after the commit, in the desk's thread.

        An entry for a desk that has ended fails at once.
        """
        ticket = _Ticket(entry, done)
        if threading.current_thread() is self._thread and not self._has_ended.is_set():
            # Posted by a subscriber: the desk must not wait for room in the queue that only it empties.
            self._own.append(ticket)
            return
        self._queue.put(ticket)
        if self._has_ended.is_set():
            self._fail_the_rest()

    def state(self) -> StationState:
        """Return the station's state; call it only while nothing is queued."""
        return self._handler.state()

    def wait_no_longer(self) -> None:
        """Stop waiting for a busy database: entries that can't be booked fail."""
        self._runner.stopping.set()

    def stop(self) -> None:
        """Process the queue, then stop; after a crash of the thread nothing is queued."""
        self.wait_no_longer()
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        with suppress(DatabaseError):
            self._repository.close()

    def _run(self) -> None:
        try:
            while self._process_next():
                self._watchdog.ping()
        finally:
            # In this order: a concurrent post finds room in the queue, then sees that the desk has ended.
            self._has_ended.set()
            self._fail([*self._in_hand, *self._own])
            self._fail_the_rest()

    def _process_next(self) -> bool:
        batch, ended = self._take()
        if batch:
            self._process(batch)
        elif not ended:
            self._while_idle()
        return not ended

    def _fail_the_rest(self) -> None:
        """Fail what is queued after the desk has ended; any thread may call it."""
        with suppress(queue.Empty):
            while True:
                if (ticket := self._queue.get_nowait()) is not None:
                    self._fail([ticket])

    def _fail(self, tickets: list[_Ticket]) -> None:
        reason = msg("internal error: {error}", error="the desk has ended")
        for ticket, outcome in zip(tickets, failed([each.entry for each in tickets], reason), strict=True):
            self._publish(ticket, outcome)

    def _take(self) -> tuple[list[_Ticket], bool]:
        """Take all queued entries, up to a limit; wait for the first, or until a question expires."""
        batch, self._own = self._own, []
        try:
            ticket = self._queue.get(timeout=0.0 if batch else self._patience_s())
            while ticket is not None:
                batch.append(ticket)
                # New settings apply to later entries, and never change within a transaction.
                if len(batch) >= BATCH or isinstance(ticket.entry, Reconfigured):
                    return batch, False
                ticket = self._queue.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _patience_s(self) -> float | None:
        """Return how long to wait for an entry; None: for ever."""
        limits = [
            self._question_left_s(),
            LOOK_PAUSE_S if self._live and self._healthy else None,
            None if self._healthy else PROBE_PAUSE_S,
            self._watchdog.every_s,
        ]
        return min((limit for limit in limits if limit is not None), default=None)

    def _question_left_s(self) -> float | None:
        """Return the time until the question expires (P4); None: there is no question or no limit."""
        limit_s = self._handler.settings.preferences.prompt_timeout_s
        if not limit_s or not self._live:
            return None
        try:
            question = self._handler.state().question
        except DatabaseError:
            return None
        if question is None:
            return None
        left_s = limit_s - (now() - question.source.at).total_seconds()
        return max(left_s, self._expire_again_at - time.monotonic(), 0.0)

    def _is_document_gone(self) -> bool:
        try:
            session = self._handler.state().session
        except DatabaseError:
            return False
        return session is not None and gone_meanwhile(session) is not None

    def _while_idle(self) -> None:
        """Check a failed database, end work that the office ended, and expire the question."""
        if not self._healthy:
            self._runner.probe()
        elif self._live and self._is_document_gone():
            self._process([_Ticket(DocumentGone(stamp("", "clock")), None)])
        if self._question_left_s() == 0.0:
            self._expire_again_at = time.monotonic() + EXPIRE_PAUSE_S
            self._process([_Ticket(Expired(stamp("", "clock")), None)])

    def _process(self, batch: list[_Ticket]) -> None:
        self._working_since, self._in_hand = time.monotonic(), batch
        outcomes = self._runner.run([ticket.entry for ticket in batch])
        self._working_since, self._in_hand = None, []
        done_s = time.monotonic()
        try:
            if isinstance(changed := batch[-1].entry, Reconfigured):
                self._runner.reconfigure(changed.settings)
        finally:
            # Whatever fails there, what was committed is reported.
            for ticket, outcome in zip(batch, outcomes, strict=True):
                self._publish(ticket, outcome)
                self._notify_watcher(ticket, outcome, done_s - ticket.arrived_s)

    def _publish(self, ticket: _Ticket, outcome: Outcome) -> None:
        """Publish an outcome after the commit; a failing receiver must not affect others or end the desk."""
        for event in outcome.events:
            self._bus.publish(event)
        if isinstance(ticket.entry, Scanned):
            self._bus.publish(LabelRead(ticket.entry.source, ticket.entry.settings))
        if ticket.done is not None:
            try:
                ticket.done(outcome)
            except Exception:
                log.exception("telling_failed", entry=repr(ticket.entry))

    def _notify_watcher(self, ticket: _Ticket, outcome: Outcome, seconds: float) -> None:
        if self._watcher is None:
            return
        try:
            self._watcher(ticket.entry, outcome, seconds)
        except Exception:
            log.exception("watching_failed", entry=repr(ticket.entry))

    def _report_health(self, health: DatabaseChanged) -> None:
        if health.ok != self._healthy:
            self._healthy = health.ok
            self._bus.publish(health)
