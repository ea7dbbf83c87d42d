"""The values that a display shows; also the JSON of ``GET /api/v1/state``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from station.events import ScannerState, ScanRejected
from station.history import HistoryFields
from station.outcomes import REJECTED, Tone
from station.questions import Mode, QuestionKind
from station.source import timestamp

if TYPE_CHECKING:
    from station.history import HistoryRow
    from station.questions import Question
    from station.rules.model import Document, Line


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what is shown."""


class LineShown(Shown, frozen=True):
    """A line item with what has been credited so far."""

    number: int
    item: str
    description: str
    requested: int
    credited: int
    """Attached units; those of a negative line count -1 each."""
    over: bool
    """More came back than was requested (R9)."""
    negative: bool
    added: bool


class DocumentHead(Shown, frozen=True):
    """A credit document without its lines."""

    number: str
    kind: str
    customer: str
    location: str
    status: str


class DocumentShown(DocumentHead, frozen=True):
    """A credit document."""

    lines: tuple[LineShown, ...]


class EntryShown(HistoryFields, frozen=True, kw_only=True):
    """A history row or a rejected scan, with the field names of the history row."""

    at: str
    """UTC with milliseconds."""


class OperatorShown(Shown, frozen=True):
    """The operator at work."""

    code: str
    name: str


class CandidateShown(Shown, frozen=True):
    """A unit that a question offers, or is about."""

    serial_number: str
    mfr_serial_number: str | None
    item: str
    description: str
    stock_area: str
    blocked_reason: str | None = msgspec.field(name="barred")
    """Why it can't be picked; None: it can."""


class QuestionShown(Shown, frozen=True):
    """The open question."""

    kind: QuestionKind
    text: str
    candidates: tuple[CandidateShown, ...]
    since: str


class ScannerShown(Shown, frozen=True):
    """A scanner's state, and since when."""

    name: str
    state: ScannerState
    detail: str
    since: str


class DatabaseShown(Shown, frozen=True):
    """Whether the database can be used; if not, why."""

    ok: bool
    detail: str


class NoticeShown(Shown, frozen=True):
    """The last event that is not an entry of the list: a command refused, a document opened."""

    text: str
    tone: Tone
    at: str


class StepShown(Shown, frozen=True):
    """One step of reading a label."""

    step: str
    found: str


class LabelShown(Shown, frozen=True):
    """The last scanned label, and how it was read."""

    at: str
    scanner: str
    text: str | None
    """None: the scan was rejected before it was decoded."""
    symbology_identifier: str | None
    steps: tuple[StepShown, ...]


class DisplayState(Shown, frozen=True):
    """All that a display shows."""

    version: int
    """Rises with each change."""
    station: str
    location: str
    session: int | None
    document: DocumentShown | None
    mode: Mode
    range_first: str
    operator: OperatorShown | None
    question: QuestionShown | None
    history: tuple[EntryShown, ...]
    """Entries of the open session, newest first."""
    counts: dict[str, int]
    """Counts of the session's entries by action, including those beyond `history`."""
    scanners: tuple[ScannerShown, ...]
    database: DatabaseShown
    notice: NoticeShown | None
    """None: the newest entry of `history` is the last event."""
    history_asked: int
    """How often the worker asked for the history: a display shows it when this rises."""
    label: LabelShown | None = None
    """None: nothing was scanned since the station started."""
    newest: int = 0
    """The number of the station's newest history row: events can be followed from there without a gap."""


class Answer(Shown, frozen=True):
    """The answer to a posted scan or command.

    It is stored for repeated posts: a field that a later version adds needs a default.
    """

    tone: Tone
    rows: tuple[EntryShown, ...]
    question: QuestionShown | None
    """The question that it raised."""
    refused: str | None
    """Why nothing was done; None for a refused serial number, which is a row."""
    messages: tuple[str, ...]


def entry_shown(row: HistoryRow | ScanRejected) -> EntryShown:
    """Convert a history row or a rejected scan."""
    known: dict[str, Any]
    if isinstance(row, ScanRejected):
        known = {"station": "", "action": REJECTED, "reason": row.reason, "scanner": row.scanner}
    else:
        known = msgspec.structs.asdict(row) | {"action": row.action.value}
    return EntryShown(**_NO_FIELDS | known | {"at": timestamp(row.at)})


_NO_FIELDS: dict[str, Any] = dict.fromkeys(
    each.name for each in msgspec.structs.fields(EntryShown) if each.default is msgspec.NODEFAULT
)


def line_shown(line: Line, description: str) -> LineShown:
    """Convert a line; `description` is its item's."""
    return LineShown(
        number=line.number,
        item=line.item,
        description=description,
        requested=line.requested,
        credited=line.credited,
        over=line.credited > line.requested and not line.added and not line.negative,
        negative=line.negative,
        added=line.added,
    )


def document_head(document: Document) -> DocumentHead:
    """Convert a document without its lines."""
    return DocumentHead(
        number=document.number,
        kind=document.kind.value,
        customer=document.customer,
        location=document.location,
        status=document.status.value,
    )


def document_shown(document: Document, lines: tuple[LineShown, ...]) -> DocumentShown:
    """Convert a document with its lines."""
    return DocumentShown(
        number=document.number,
        kind=document.kind.value,
        customer=document.customer,
        location=document.location,
        status=document.status.value,
        lines=lines,
    )


def question_shown(question: Question) -> QuestionShown:
    """Convert a question; it is open since the scan that raised it."""
    return QuestionShown(
        kind=question.kind,
        text=question.text,
        candidates=tuple(
            CandidateShown(
                serial_number=each.serial_number,
                mfr_serial_number=each.mfr_serial_number,
                item=each.item,
                description=each.description,
                stock_area=each.stock_area,
                blocked_reason=each.blocked_reason,
            )
            for each in question.candidates
        ),
        since=timestamp(question.source.at),
    )
