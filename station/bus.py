"""Publish and subscribe inside the process; knows no event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

E = TypeVar("E")

log = structlog.get_logger()


class Bus(Generic[E]):
    """Hands each event to every subscriber, in order, in the publisher's thread.

    Subscribers must not wait: the desk publishes between two scans.
    """

    def __init__(self) -> None:
        self._subscribers: tuple[Callable[[E], None], ...] = ()

    def subscribe(self, subscriber: Callable[[E], None]) -> None:
        """Call `subscriber` with each event from now on."""
        self._subscribers = (*self._subscribers, subscriber)

    def publish(self, event: E) -> None:
        """Hand `event` to all; one that fails keeps it from nobody else."""
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:
                log.exception("subscriber_failed", subscriber=repr(subscriber), told=repr(event))
