"""All of the metrics, joined in one registry, and their text."""

from __future__ import annotations

import platform
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING

from prometheus_client.exposition import generate_latest
from prometheus_client.metrics import Gauge
from prometheus_client.registry import Collector, CollectorRegistry

from station.metrics.counting import Counts
from station.metrics.process import Process
from station.metrics.publishers import PublisherLag
from station.metrics.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client.metrics_core import Metric

    from station.desk.entries import Entry, Outcome
    from station.display.state import DisplayState
    from station.metrics.standing import Sources
    from station.outbox import Lag


class _WithoutCreated(Collector):
    """All but the library's series of when each counter began, which nobody needs.

    The library can leave them out by itself, but only for the whole process.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """The families without these samples."""
        for metric in self._registry.collect():
            metric.samples = [each for each in metric.samples if not each.name.endswith("_created")]
            yield metric


class Metrics:
    """What one station tells Prometheus."""

    def __init__(
        self,
        sources: Sources,
        scanners: Iterable[str] = (),
        lags: Callable[[], Iterable[Lag]] = lambda: (),
    ) -> None:
        """`scanners`: the names of those configured. `lags`: how far publishers are behind."""
        self._registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._say_build()
        self._counts = Counts(self._registry, scanners)
        self._standing = Standing(self._registry, sources)
        self._lag = PublisherLag(self._registry, lags)
        self._registry.register(Process())

    def _say_build(self) -> None:
        build = Gauge(
            "scanstation_build_info",
            "1; which version runs, on which Python.",
            ["version", "python"],
            registry=self._registry,
        )
        build.labels(version("scanstation"), platform.python_version()).set(1)

    def on_entry(self, entry: Entry, outcome: Outcome, seconds: float) -> None:
        """Count an entry that the desk worked off `seconds` after it came; for `desk.Desk.watch`."""
        self._counts.on_entry(entry, outcome, seconds)

    def text(self, state: DisplayState | None) -> bytes:
        """Everything in Prometheus' text format, version 0.0.4.

        `state`: what displays show now; None: the database didn't answer.
        """
        with self._lock:
            self._standing.take(state)
            self._lag.take(is_answering=state is not None and state.database.ok)
            return generate_latest(_WithoutCreated(self._registry))
