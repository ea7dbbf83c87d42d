"""The station's state as gauges, updated at each scrape."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client.metrics import Gauge

from station.errors import DatabaseError
from station.events import ScannerState
from station.source import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prometheus_client.registry import CollectorRegistry

    from station.history import Lag
    from station.outputs.display.state import DisplayState, QuestionShown


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of values that no display shows."""

    queued: Callable[[], int]
    """Entries that wait in the desk's queue."""
    held: Callable[[], int]
    """Entries that wait because the database is down."""
    is_healthy: Callable[[], bool]
    """Whether scans can be processed."""
    clients: Callable[[], Mapping[str, int]]
    """Open long-poll and event requests, by kind."""


class Standing:
    """Gauges of the station; `take` sets them."""

    def __init__(self, registry: CollectorRegistry, sources: Sources) -> None:
        self._sources = sources

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"scanstation_{name}", text, labels, registry=registry)

        self._healthy = gauge("healthy", "1 when scans can be processed, as /healthz says.")
        self._database = gauge("database_up", "1 when the database can be used.")
        self._connected = gauge("scanner_connected", "1 when the configured scanner is connected.", "scanner")
        self._queued = gauge("queued_entries", "Scans and commands that wait in the queue.")
        self._held = gauge("held_entries", "Scans and commands that wait because the database is down.")
        self._document = gauge("document_open", "1 when a document is open at the station.")
        self._question = gauge("question_open", "1 when a question to the worker is open.")
        self._age = gauge("question_age_seconds", "How long the question has been open; 0: there is none.")
        self._clients = gauge(
            "http_held_requests",
            "Requests that are held open, by what they wait for: events (the page), state (the terminal).",
            "kind",
        )

    def take(self, state: DisplayState | None) -> None:
        """Set them; `state` None: the database didn't answer, and the values from it stay as they are."""
        self._queued.set(self._sources.queued())
        self._held.set(self._sources.held())
        self._database.set(state is not None and state.database.ok)
        self._healthy.set(state is not None and self._sources.is_healthy())
        for kind, count in self._sources.clients().items():
            self._clients.labels(kind).set(count)
        if state is not None:
            self._take_state(state)

    def _take_state(self, state: DisplayState) -> None:
        self._document.set(state.document is not None)
        self._question.set(state.question is not None)
        self._age.set(_age_s(state.question))
        # A scanner that was removed from the configuration must not count as disconnected for ever.
        self._connected.clear()
        for scanner in state.scanners:
            self._connected.labels(scanner.name).set(scanner.state is ScannerState.CONNECTED)


def _age_s(question: QuestionShown | None) -> float:
    if question is None:
        return 0.0
    return max((now() - datetime.fromisoformat(question.since)).total_seconds(), 0.0)


class PublisherLag:
    """The lag of each publisher; `take` sets it."""

    def __init__(self, registry: CollectorRegistry, lags: Callable[[], Iterable[Lag]]) -> None:
        """`lags` may raise DatabaseError: then there are no values."""
        self._lags = lags
        self._rows = Gauge(
            "scanstation_publisher_lag_rows",
            "History rows and session ends that a publisher has not sent yet.",
            ["publisher"],
            registry=registry,
        )
        self._seconds = Gauge(
            "scanstation_publisher_lag_seconds",
            "The age of the oldest entry that a publisher has not sent yet; 0: there is none.",
            ["publisher"],
            registry=registry,
        )

    def take(self, *, is_answering: bool) -> None:
        """Query the lags if the database answers; else there are no values."""
        self._rows.clear()
        self._seconds.clear()
        for lag in self._known() if is_answering else ():
            self._rows.labels(lag.publisher).set(lag.rows)
            self._seconds.labels(lag.publisher).set(lag.oldest_seconds)

    def _known(self) -> list[Lag]:
        try:
            return list(self._lags())
        except DatabaseError:
            return []
