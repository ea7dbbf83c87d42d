"""All metrics as text, and the resources of the process under the names that Prometheus' clients agree on.

The library's own process collector doesn't work here: it needs ``/proc/stat``, which the station's unit
hides (``ProcSubset=pid``).
"""

from __future__ import annotations

import os
import platform
import resource
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.exposition import generate_latest
from prometheus_client.metrics import Gauge
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from station.outputs.metrics.counting import Counts
from station.outputs.metrics.gauges import PublisherLag, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client.metrics_core import Metric

    from station.history import Lag
    from station.outputs.display.state import DisplayState
    from station.outputs.metrics.gauges import Sources
    from station.worker.entries import Entry, Outcome

_OWN = Path("/proc/self")
_START = 19
"""Index of the start time in ``/proc/self/stat``, counted after the name; in ticks since boot (proc(5))."""


class ProcessCollector(Collector):
    """Reads the kernel's figures of this process."""

    def __init__(self) -> None:
        self._started_at = _started_at()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the process."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        resident = int((_OWN / "statm").read_text().split()[1]) * resource.getpagesize()
        yield CounterMetricFamily(
            "process_cpu_seconds", "CPU time, user and system.", used.ru_utime + used.ru_stime
        )
        yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory.", resident)
        yield GaugeMetricFamily(
            "process_start_time_seconds", "When it started, seconds since 1970.", self._started_at
        )
        yield GaugeMetricFamily(
            "process_open_fds",
            "Open file descriptors.",
            len(os.listdir(_OWN / "fd")),  # noqa: PTH208 - names do
        )
        yield GaugeMetricFamily(
            "process_max_fds", "How many may be open.", resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        )


def _started_at() -> float:
    fields = (_OWN / "stat").read_text().rpartition(")")[2].split()
    since_boot_s = float(fields[_START]) / os.sysconf("SC_CLK_TCK")
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot_s


class _WithoutCreated(Collector):
    """Leaves out the series of the time when each counter was created, which nobody needs.

    The library can leave them out itself, but only for the whole process.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """Yield the families without these samples."""
        for metric in self._registry.collect():
            metric.samples = [each for each in metric.samples if not each.name.endswith("_created")]
            yield metric


class Metrics:
    """The metrics of one station."""

    def __init__(
        self,
        sources: Sources,
        scanners: Iterable[str] = (),
        lags: Callable[[], Iterable[Lag]] = lambda: (),
    ) -> None:
        """`scanners`: the configured names. `lags`: how far the publishers are behind."""
        self._registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._set_build_info()
        self._counts = Counts(self._registry, scanners)
        self._standing = Standing(self._registry, sources)
        self._lag = PublisherLag(self._registry, lags)
        self._registry.register(ProcessCollector())

    def _set_build_info(self) -> None:
        build = Gauge(
            "scanstation_build_info",
            "1; which version runs, on which Python.",
            ["version", "python"],
            registry=self._registry,
        )
        build.labels(version("scanstation"), platform.python_version()).set(1)

    def on_entry(self, entry: Entry, outcome: Outcome, seconds: float) -> None:
        """Count an entry that the desk processed `seconds` after it arrived; for `desk.Desk.watch`."""
        self._counts.on_entry(entry, outcome, seconds)

    def text(self, state: DisplayState | None) -> bytes:
        """Return all metrics in Prometheus' text format, version 0.0.4.

        `state`: the display's state; None: the database didn't answer.
        """
        with self._lock:
            self._standing.take(state)
            self._lag.take(is_answering=state is not None and state.database.ok)
            return generate_latest(_WithoutCreated(self._registry))
