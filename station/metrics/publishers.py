"""How far publishers are behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.metrics import Gauge

from station.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prometheus_client.registry import CollectorRegistry

    from station.outbox import Lag


class PublisherLag:
    """Gauges by publisher; `take` sets them."""

    def __init__(self, registry: CollectorRegistry, lags: Callable[[], Iterable[Lag]]) -> None:
        """`lags` may raise DatabaseError: nothing is told then."""
        self._lags = lags
        self._rows = Gauge(
            "scanstation_publisher_lag_rows",
            "Rows of history and ends of sessions that a publisher has not sent yet.",
            ["publisher"],
            registry=registry,
        )
        self._seconds = Gauge(
            "scanstation_publisher_lag_seconds",
            "The age of the oldest that a publisher has not sent yet; 0: there is none.",
            ["publisher"],
            registry=registry,
        )

    def take(self, *, is_answering: bool) -> None:
        """Ask anew, if the database answers: else nobody knows."""
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
