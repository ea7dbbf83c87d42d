"""The desk: the one consumer of the station's queue, and the only one that writes.

It takes all that is queued, up to a bound, works it off in order inside one transaction, commits, and only
then tells anybody: a worker who heard the tone can walk away. An entry that fails is rolled back to its own
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
from station.source import now, stamp
from station.worker.batch import BatchRunner, failed
from station.worker.entries import Entry, Expired, Outcome, Scanned
from station.worker.ports import NO_WATCHDOG

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.events import Bus, DatabaseChanged, Event
    from station.rules.model import StationState
    from station.worker.handler import RequestHandler
    from station.worker.ports import UnitOfWork, Watchdog

    Watcher = Callable[[Entry, Outcome, float], None]
    """Takes an entry, what became of it, and the seconds from when it came until it was on disk."""

log = structlog.get_logger()

BATCH = 100
"""Entries a transaction at most: more gains little and lets the first wait."""
STUCK_S = 10.0
PROBE_PAUSE_S = 5.0
"""Between two looks whether a database that was unwell is well again."""
EXPIRE_PAUSE_S = 1.0
"""Between two questions that run out: a database that refuses must not be asked without a pause."""
QUEUE = 1000
"""Entries that may wait: a recording at full speed is slowed down, memory stays bounded."""


@dataclass(frozen=True, slots=True)
class _Ticket:
    entry: Entry
    done: Callable[[Outcome], None] | None
    came_s: float = field(default_factory=time.monotonic)
    """By the clock that nobody sets: before it waits for room in the queue."""


class Desk:
    """Works off the queue in a thread of its own. Implements `entries.Inbox`."""

    def __init__(  # noqa: PLR0913 - it is the place where the parts meet
        self,
        repository: UnitOfWork,
        handler: RequestHandler,
        bus: Bus[Event],
        *,
        live: bool = True,
        auto_answer: bool | None = None,
        watchdog: Watchdog = NO_WATCHDOG,
    ) -> None:
        """`live`: a question runs out by the clock too (P4), not only by the times of what comes after it.

        `auto_answer`: as for `BatchRunner`. `watchdog`: pinged as long as the queue is worked off.
        """
        self._watchdog = watchdog
        self._live = live
        self._repository = repository
        self._handler = handler
        self._bus = bus
        self._runner = BatchRunner(repository, handler, self._tell_health, auto_answer=auto_answer)
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
        """Have `watcher` called after each entry was told, in the desk's thread; it must not wait."""
        self._watcher = watcher

    def start(self) -> None:
        """Begin to work.

        Raises:
            DatabaseError: the database can't be had.
        """
        self._repository.open()
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether entries are worked off."""
        return self._thread.is_alive()

    @property
    def is_stuck(self) -> bool:
        """Whether one transaction has been under way for far longer than any takes."""
        began = self._working_since
        return began is not None and time.monotonic() - began > STUCK_S

    @property
    def queued(self) -> int:
        """Entries that wait in the queue."""
        return self._queue.qsize()

    @property
    def is_full(self) -> bool:
        """Whether whoever posts may have to wait until a database that is away is back."""
        return not self._healthy and self.queued > QUEUE // 2

    @property
    def held(self) -> int:
        """Entries that wait because the database is away."""
        return 0 if self._healthy else len(self._in_hand) + self.queued

    def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
        """Queue an entry; `done` is called after the commit, in the desk's thread.

        An entry for a desk that has ended fails at once.
        """
        ticket = _Ticket(entry, done)
        if threading.current_thread() is self._thread and not self._has_ended.is_set():
            # By a subscriber: while the desk waited for room in its queue, nobody would make any.
            self._own.append(ticket)
            return
        self._queue.put(ticket)
        if self._has_ended.is_set():
            self._fail_the_rest()

    def state(self) -> StationState:
        """How the station stands; only while nothing is queued."""
        return self._handler.state()

    def wait_no_longer(self) -> None:
        """From now on, a database that is busy is not waited for: what can't be booked fails."""
        self._runner.stopping.set()

    def stop(self) -> None:
        """Work off what is queued, then end; one that has ended by a fault has nothing queued any more."""
        self.wait_no_longer()
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        with suppress(DatabaseError):
            self._repository.close()

    def _run(self) -> None:
        try:
            while self._go_on():
                self._watchdog.ping()
        finally:
            # In this order: who posts meanwhile finds room in the queue, then sees that nobody works it off.
            self._has_ended.set()
            self._fail([*self._in_hand, *self._own])
            self._fail_the_rest()

    def _go_on(self) -> bool:
        batch, ended = self._take()
        if batch:
            self._work_off(batch)
        elif not ended:
            self._while_idle()
        return not ended

    def _fail_the_rest(self) -> None:
        """What is in the queue of a desk that has ended; by whichever thread finds it there."""
        with suppress(queue.Empty):
            while True:
                if (ticket := self._queue.get_nowait()) is not None:
                    self._fail([ticket])

    def _fail(self, tickets: list[_Ticket]) -> None:
        reason = msg("internal error: {error}", error="the desk has ended")
        for ticket, outcome in zip(tickets, failed([each.entry for each in tickets], reason), strict=True):
            self._tell(ticket, outcome)

    def _take(self) -> tuple[list[_Ticket], bool]:
        """All that is queued, up to a bound; waits for the first, or until a question's time is up."""
        batch, self._own = self._own, []
        try:
            ticket = self._queue.get(timeout=0.0 if batch else self._patience_s())
            while ticket is not None:
                batch.append(ticket)
                # Other settings are for what comes behind them, and never change within a transaction.
                if len(batch) >= BATCH or isinstance(ticket.entry, Reconfigured):
                    return batch, False
                ticket = self._queue.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _patience_s(self) -> float | None:
        """How long to wait for an entry; None: as long as it takes."""
        looks = [self._question_left_s(), None if self._healthy else PROBE_PAUSE_S, self._watchdog.every_s]
        return min((look for look in looks if look is not None), default=None)

    def _question_left_s(self) -> float | None:
        """How long the question may still stand (P4); None: there is none, or no limit."""
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

    def _while_idle(self) -> None:
        """Nobody scans: look after a database that was unwell, and after a question's time."""
        if not self._healthy:
            self._runner.probe()
        if self._question_left_s() == 0.0:
            self._expire_again_at = time.monotonic() + EXPIRE_PAUSE_S
            self._work_off([_Ticket(Expired(stamp("", "clock")), None)])

    def _work_off(self, batch: list[_Ticket]) -> None:
        self._working_since, self._in_hand = time.monotonic(), batch
        outcomes = self._runner.work_off([ticket.entry for ticket in batch])
        self._working_since, self._in_hand = None, []
        done_s = time.monotonic()
        if isinstance(changed := batch[-1].entry, Reconfigured):
            self._runner.reconfigure(changed.settings)
        for ticket, outcome in zip(batch, outcomes, strict=True):
            self._tell(ticket, outcome)
            self._tell_watcher(ticket, outcome, done_s - ticket.came_s)

    def _tell(self, ticket: _Ticket, outcome: Outcome) -> None:
        """After the commit: whoever can't take it must not keep the others from it, nor end the desk."""
        for event in outcome.events:
            self._bus.publish(event)
        if isinstance(ticket.entry, Scanned):
            self._bus.publish(LabelRead(ticket.entry.source, ticket.entry.settings))
        if ticket.done is not None:
            try:
                ticket.done(outcome)
            except Exception:
                log.exception("telling_failed", entry=repr(ticket.entry))

    def _tell_watcher(self, ticket: _Ticket, outcome: Outcome, seconds: float) -> None:
        if self._watcher is None:
            return
        try:
            self._watcher(ticket.entry, outcome, seconds)
        except Exception:
            log.exception("watching_failed", entry=repr(ticket.entry))

    def _tell_health(self, health: DatabaseChanged) -> None:
        if health.ok != self._healthy:
            self._healthy = health.ok
            self._bus.publish(health)
