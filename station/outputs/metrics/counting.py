"""Counts scans by outcome, rejected scans by reason, history rows by action."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from prometheus_client.metrics import Counter, Histogram

from station.events import (
    CommandRefused,
    HistoryAdded,
    LabelNotPrinted,
    QuestionRaised,
    Reconfigured,
    ScanFailed,
    ScannerChanged,
    ScannerState,
    ScanRejected,
)
from station.outcomes import OUTCOMES, REJECTED, Action
from station.worker.entries import Commanded, Expired, Scanned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.registry import CollectorRegistry

    from station.events import Event
    from station.worker.entries import Entry, Outcome

_REJECTED = OUTCOMES[REJECTED].metric_label
DISPLAY = "display"
"""The default scanner name: the page, the terminal, posts."""
OTHER = "other"
"""Any other name in a post: a name that a client chooses must not become a label value."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class ScanOutcome(StrEnum):
    """Values of the label `outcome` that are not in the table of outcomes."""

    FAILED = "failed"
    """It could not be booked; nothing is stored."""
    QUESTION = "question"
    """The worker was asked; the answer is counted separately."""
    COMMAND_REFUSED = "command_refused"
    """A command, document number or badge was refused."""
    COMMAND = "command"
    """One was carried out."""
    REPEATED = "repeated"
    """A repeated post with the same idempotency key: nothing happened this time."""


SCAN_OUTCOMES = (
    ScanOutcome.FAILED,
    _REJECTED,
    ScanOutcome.QUESTION,
    *(row.metric_label for row in OUTCOMES.values() if row.action != REJECTED),
    ScanOutcome.COMMAND_REFUSED,
    ScanOutcome.COMMAND,
    ScanOutcome.REPEATED,
)
"""Values of the label `outcome`, worst first: a scan with several results counts as the worst of them."""


def outcome_of(outcome: Outcome) -> str:
    """Return the value of the label `outcome`."""
    if outcome.before is not None:
        return ScanOutcome.REPEATED
    return min(map(_of_event, outcome.events), key=SCAN_OUTCOMES.index, default=ScanOutcome.COMMAND)


def _of_event(event: Event) -> str:
    match event:
        case HistoryAdded(row):
            return OUTCOMES[row.action].metric_label
        case QuestionRaised():
            return ScanOutcome.QUESTION
        case ScanFailed():
            return ScanOutcome.FAILED
        case ScanRejected():
            return _REJECTED
        case CommandRefused():
            return ScanOutcome.COMMAND_REFUSED
        case _:
            return ScanOutcome.COMMAND


class Rejection(StrEnum):
    """Values of the label `reason`."""

    INCOMPLETE = "incomplete"
    """A part is missing, or it may be the rest of the scan before."""
    STALLED = "stalled"
    """The station stalled in the middle of a scan."""
    SETTING = "setting"
    """Terminator, preamble or another setting of the scanner doesn't fit what it sends."""
    TOO_LONG = "too_long"
    ENCODING = "encoding"
    """Its bytes are not valid in the configured encoding."""
    DAMAGED = "damaged"
    """A packet or report is invalid: checksum, length, kind."""
    CHECK_DIGIT = "check_digit"
    """A retail code with a wrong check digit, or without one."""
    SCANNER = "scanner"
    """The scanner reports an error, or answers a command."""
    KEYBOARD = "keyboard"
    """The typed keys have no unambiguous text in this layout."""
    EMPTY = "empty"
    LABEL = "label"
    """The scan is complete, but the label contradicts its format."""
    OTHER = "other"


_PHRASES = (
    ("the station stood still", Rejection.STALLED),
    # First, as it contains other phrases.
    ("the scanner ends its scans with", Rejection.SETTING),
    ("input events", Rejection.INCOMPLETE),
    ("was held when reading began", Rejection.INCOMPLETE),
    ("came incomplete", Rejection.INCOMPLETE),
    ("was being opened", Rejection.INCOMPLETE),
    ("the connection ended", Rejection.INCOMPLETE),
    ("stopped half-way", Rejection.INCOMPLETE),
    ("not sent again", Rejection.INCOMPLETE),
    ("never completed", Rejection.INCOMPLETE),
    ("the beginning of the scan is lost", Rejection.INCOMPLETE),
    ("a segment is missing", Rejection.INCOMPLETE),
    ("may be the rest of", Rejection.INCOMPLETE),
    ("so it may be cut", Rejection.INCOMPLETE),
    ("doesn't say whether it goes on", Rejection.INCOMPLETE),
    ("(status ", Rejection.SCANNER),
    ("an answer of the scanner to a command", Rejection.SCANNER),
    ("check digit", Rejection.CHECK_DIGIT),
    (" digits; what came is", Rejection.CHECK_DIGIT),
    ("no SSI packet", Rejection.DAMAGED),
    ("the checksum is wrong", Rejection.DAMAGED),
    ("decode data", Rejection.DAMAGED),
    ("two scans", Rejection.DAMAGED),
    ("segments hold more", Rejection.DAMAGED),
    ("is not declared", Rejection.DAMAGED),
    ("report has", Rejection.DAMAGED),
    ("report says", Rejection.DAMAGED),
    ("report ends", Rejection.DAMAGED),
    ("types no character", Rejection.KEYBOARD),
    ("dead key", Rejection.KEYBOARD),
    ("no key after it", Rejection.KEYBOARD),
    ("joins to no certain character", Rejection.KEYBOARD),
    ("Alt+", Rejection.KEYBOARD),
    ("longer than", Rejection.TOO_LONG),
    ("does not begin with the preamble", Rejection.SETTING),
    ("a lone LF", Rejection.SETTING),
    ("starts with", Rejection.SETTING),
    ("ends with", Rejection.SETTING),
    ("a control character", Rejection.SETTING),
    ("no AIM identifier", Rejection.SETTING),
    ("a single backslash", Rejection.SETTING),
    ("in ECI", Rejection.ENCODING),
    ("is not ", Rejection.ENCODING),
    ("the label is empty", Rejection.EMPTY),
)
"""The first phrase found in a reason decides; a test checks them against all reasons of drivers and scans."""


def kind_of(reason: str) -> Rejection:
    """Classify the reason why a scan was rejected."""
    return next((kind for phrase, kind in _PHRASES if phrase in reason), Rejection.OTHER)


class Counts:
    """Counts each entry after its commit, in the desk's thread."""

    def __init__(self, registry: CollectorRegistry, scanners: Iterable[str]) -> None:
        """`scanners`: the configured names."""
        self._scans = Counter(
            "scanstation_scans",
            "Processed scans, typed numbers, touches and posts, by outcome.",
            ["scanner", "outcome"],
            registry=registry,
        )
        self._rows = Counter(
            "scanstation_history_rows",
            "History rows written: one for each serial number.",
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
            "From the complete scan until it was on disk; without failed scans.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._reconnects = Counter(
            "scanstation_scanner_reconnects",
            "How often a scanner was connected again.",
            ["scanner"],
            registry=registry,
        )
        self._labels = Counter(
            "scanstation_labels_not_printed",
            "Labels of generated serial numbers that were not printed.",
            registry=registry,
        )
        self._known: set[str] = set()
        self._connected: set[str] = set()
        for name in (*scanners, DISPLAY):
            self._know(name)

    def on_entry(self, entry: Entry, outcome: Outcome, seconds: float) -> None:
        """Count an entry that was processed `seconds` after it arrived."""
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
        scanner, result = self._label(entry.source.scanner), outcome_of(outcome)
        if result == _REJECTED:
            # The scan was complete, so the label is wrong.
            self._reject(scanner, Rejection.LABEL)
        else:
            self._scans.labels(scanner, result).inc()
        for event in outcome.events:
            if isinstance(event, HistoryAdded):
                self._rows.labels(scanner, OUTCOMES[event.row.action].metric_label).inc()
        if result != ScanOutcome.FAILED:
            self._duration.observe(seconds)

    def _reject(self, scanner: str, kind: Rejection) -> None:
        self._scans.labels(scanner, _REJECTED).inc()
        self._rejected.labels(scanner, kind).inc()

    def _on_scanner(self, changed: ScannerChanged) -> None:
        """Count reconnects. These events come only from the station's own scanners, so the names are few."""
        self._know(changed.scanner)
        if changed.state is ScannerState.CONNECTED:
            if changed.scanner in self._connected:
                self._reconnects.labels(changed.scanner).inc()
            self._connected.add(changed.scanner)

    def _label(self, scanner: str) -> str:
        return scanner if scanner in self._known else OTHER

    def _know(self, scanner: str) -> None:
        """Start all of a scanner's counters at 0: a rate needs something to rise from."""
        if scanner in self._known:
            return
        self._known.add(scanner)
        for outcome in SCAN_OUTCOMES:
            self._scans.labels(scanner, outcome)
        for action in Action:
            self._rows.labels(scanner, OUTCOMES[action].metric_label)
        for kind in Rejection:
            self._rejected.labels(scanner, kind)
        if scanner != DISPLAY:
            self._reconnects.labels(scanner)
