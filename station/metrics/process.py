"""What the process takes of the machine, under the names that Prometheus' client libraries agree on.

The library's own collector is of no use here: it needs ``/proc/stat``, which the station's unit hides
(``ProcSubset=pid``).
"""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

_OWN = Path("/proc/self")
_START = 19
"""Of the fields of ``/proc/self/stat`` behind the name: when it started, in ticks since boot (proc(5))."""


class Process(Collector):
    """Reads the kernel's figures of this process."""

    def __init__(self) -> None:
        self._started_at = _started_at()

    def collect(self) -> Iterator[Metric]:
        """All of them."""
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
