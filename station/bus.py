"""Publish and subscribe inside the process; knows no event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

E = TypeVar("E")


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
        """Hand `event` to all."""
        for subscriber in self._subscribers:
            subscriber(event)
