"""Counts what the desk works off, and how long that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.metrics import Counter, Histogram

from station.desk.entries import Commanded, Expired, Scanned
from station.events import (
    Action,
    HistoryAdded,
    LabelNotPrinted,
    Reconfigured,
    ScannerChanged,
    ScannerState,
    ScanRejected,
)
from station.metrics.outcomes import ScanOutcome, outcome_of
from station.metrics.reasons import Rejection, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.registry import CollectorRegistry

    from station.desk.entries import Entry, Outcome

DISPLAY = "display"
"""Who scans where nothing else is said: the page, the terminal, posts."""
OTHER = "other"
"""Whoever else posts: a name that a post may choose must not become a label."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Counts:
    """Hears of each entry after its commit, in the desk's thread."""

    def __init__(self, registry: CollectorRegistry, scanners: Iterable[str]) -> None:
        """`scanners`: the names of those configured."""
        self._scans = Counter(
            "scanstation_scans",
            "Scans, typed numbers, touches and posts that were worked off, by what became of them.",
            ["scanner", "outcome"],
            registry=registry,
        )
        self._rows = Counter(
            "scanstation_history_rows",
            "Rows of history that were written: one for each serial number that something became of.",
            ["scanner", "action"],
            registry=registry,
        )
        self._rejected = Counter(
            "scanstation_rejected_scans",
            "Scans that were rejected, by the kind of reason.",
            ["scanner", "reason"],
            registry=registry,
        )
        self._duration = Histogram(
            "scanstation_scan_duration_seconds",
            "From the moment that a scan was whole until it was on disk; failed ones are not in it.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._reconnects = Counter(
            "scanstation_scanner_reconnects",
            "How often a scanner came back after it was gone.",
            ["scanner"],
            registry=registry,
        )
        self._labels = Counter(
            "scanstation_labels_not_printed",
            "Labels of generated serial numbers that did not come out of the printer.",
            registry=registry,
        )
        self._known: set[str] = set()
        self._came: set[str] = set()
        for name in (*scanners, DISPLAY):
            self._know(name)

    def on_entry(self, entry: Entry, outcome: Outcome, seconds: float) -> None:
        """Count an entry that was worked off `seconds` after it came."""
        match entry:
            case Scanned() | Commanded() | Expired():
                self._on_scan(entry, outcome, seconds)
            case ScanRejected(scanner=scanner, reason=reason):
                self._reject(self._label(scanner), kind_of(reason))
            case ScannerChanged():
                self._on_scanner(entry)
            case LabelNotPrinted():
                self._labels.inc()
            case Reconfigured(scanners=names):
                for name in names:
                    self._know(name)

    def _on_scan(self, entry: Scanned | Commanded | Expired, outcome: Outcome, seconds: float) -> None:
        scanner, became = self._label(entry.source.scanner), outcome_of(outcome)
        if became is ScanOutcome.REJECTED:
            # It came whole from the scanner, so that what it says is wrong.
            self._reject(scanner, Rejection.LABEL)
        else:
            self._scans.labels(scanner, became).inc()
        for event in outcome.events:
            if isinstance(event, HistoryAdded):
                self._rows.labels(scanner, event.row.action.lower()).inc()
        if became is not ScanOutcome.FAILED:
            self._duration.observe(seconds)

    def _reject(self, scanner: str, kind: Rejection) -> None:
        self._scans.labels(scanner, ScanOutcome.REJECTED).inc()
        self._rejected.labels(scanner, kind).inc()

    def _on_scanner(self, changed: ScannerChanged) -> None:
        """Only scanners of the station itself tell of themselves: their names are few."""
        self._know(changed.scanner)
        if changed.state is ScannerState.CONNECTED:
            if changed.scanner in self._came:
                self._reconnects.labels(changed.scanner).inc()
            self._came.add(changed.scanner)

    def _label(self, scanner: str) -> str:
        return scanner if scanner in self._known else OTHER

    def _know(self, scanner: str) -> None:
        """All that can be counted of it begins at 0: a rate needs something to rise from."""
        if scanner in self._known:
            return
        self._known.add(scanner)
        for outcome in ScanOutcome:
            self._scans.labels(scanner, outcome)
        for action in Action:
            self._rows.labels(scanner, action.lower())
        for kind in Rejection:
            self._rejected.labels(scanner, kind)
        if scanner != DISPLAY:
            self._reconnects.labels(scanner)
