"""The values that a display shows; also the JSON of ``GET /api/v1/state``."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from station.events import ScannerState, ScanRejected
from station.history import GeneratedRow, HistoryFields
from station.labels.commands import Command
from station.outcomes import REJECTED, Action, Tone
from station.questions import Mode, QuestionKind
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from station.history import HistoryRow
    from station.labels.commands import Signing
    from station.questions import Question, Upcoming
    from station.rules.model import Document, Line
    from station.rules.progress import Progress

EXPECTED_MOST = 100
"""The most expected serial numbers of a line that are listed."""


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
    missing: tuple[str, ...] = ()
    """The first of the serial numbers that the office expects and that are not here yet (R14)."""
    missing_count: int = 0
    """How many there are of these."""


class ProgressShown(Shown, frozen=True):
    """How far the document is (D6); quantities by item."""

    here: int
    """Requested units that are here: too many of one item don't stand in for another."""
    requested: int
    missing: dict[str, int]
    too_many: dict[str, int]
    taken_away: dict[str, int]


class DocumentHead(Shown, frozen=True, kw_only=True):
    """A credit document without its lines."""

    number: str
    kind: str
    customer: str
    location: str
    status: str
    reference: str = ""
    """The number of an invoice, return or shipment."""
    unannounced: bool = False
    """It was made at the dock (M8)."""


class DocumentShown(DocumentHead, frozen=True, kw_only=True):
    """A credit document."""

    lines: tuple[LineShown, ...]
    progress: ProgressShown
    receipt: int | None = None
    """The next receipt of a backorder (D7); null: nothing is booked yet."""


class EntryShown(HistoryFields, frozen=True, kw_only=True):
    """A history row or a rejected scan, with the field names of the history row."""

    at: str
    """UTC with milliseconds."""


class SentEntry(EntryShown, frozen=True, kw_only=True):
    """A history row as receivers get it."""

    generated: bool | UnsetType = UNSET
    """True: the unit got its serial number at the dock (M5); otherwise left out."""


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
    id: str = ""
    """The question's own id."""
    also: tuple[QuestionKind, ...] = ()
    """What else it asks about the unit: one Yes is consent to all."""
    answers: tuple[str, ...] = ("yes", "no")
    """The commands that answer it; without ``yes``, ``choose N`` picks a candidate or a document."""
    documents: tuple[str, ...] = ()
    """The documents to choose from (M8), or the one to open (D11)."""
    quantity: int | None = None
    """The quantity that it is about (M6)."""
    codes: dict[str, str] = msgspec.field(default_factory=dict)
    """The texts of the bar codes that answer it, by command: ``yes``, ``no``, ``later`` (D11)."""


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


class CodeShown(Shown, frozen=True):
    """A reason or a condition of the office's list (M7)."""

    code: str
    text: str


class UpcomingShown(Shown, frozen=True):
    """What was scanned for the next unit (M6, M7)."""

    quantity: int | None = None
    reason_code: str | None = None
    condition: str | None = None


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
    upcoming: UpcomingShown = UpcomingShown()
    reasons: tuple[CodeShown, ...] = ()
    """The reasons to choose from; empty: they are off, or there are none."""
    conditions: tuple[CodeShown, ...] = ()
    commands: tuple[str, ...] = ()
    """Commands that depend on the settings and can be given here: ``qty``, ``new``."""


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


def sent_entry(row: HistoryRow) -> SentEntry:
    """Convert a history row for receivers."""
    values = msgspec.structs.asdict(entry_shown(row))
    return SentEntry(**values, generated=True if isinstance(row, GeneratedRow) else UNSET)


_NO_FIELDS: dict[str, Any] = dict.fromkeys(
    each.name for each in msgspec.structs.fields(EntryShown) if each.default is msgspec.NODEFAULT
)


def line_shown(line: Line, description: str, missing: Sequence[str] = ()) -> LineShown:
    """Convert a line; `description` is its item's, `missing` the expected serial numbers that aren't here."""
    return LineShown(
        number=line.number,
        item=line.item,
        description=description,
        requested=line.requested,
        credited=line.credited,
        over=line.credited > line.requested and not line.added and not line.negative,
        negative=line.negative,
        added=line.added,
        missing=tuple(islice(missing, EXPECTED_MOST)),
        missing_count=len(missing),
    )


def lines_shown(
    lines: Sequence[tuple[Line, str]], missing: Mapping[str, Sequence[str]]
) -> tuple[LineShown, ...]:
    """Convert the document's lines; missing serial numbers are shown on the first line of their item."""
    left = dict(missing)
    return tuple(
        line_shown(line, description, () if line.negative else left.pop(line.item, ()))
        for line, description in lines
    )


def document_head(document: Document) -> DocumentHead:
    """Convert a document without its lines."""
    return DocumentHead(**_head(document))


def document_shown(
    document: Document, lines: tuple[LineShown, ...], progress: Progress, receipt: int | None
) -> DocumentShown:
    """Convert a document with its lines."""
    shown = ProgressShown(
        here=progress.here,
        requested=progress.requested,
        missing=dict(progress.missing),
        too_many=dict(progress.too_many),
        taken_away=dict(progress.taken_away),
    )
    return DocumentShown(**_head(document), lines=lines, progress=shown, receipt=receipt)


def _head(document: Document) -> dict[str, Any]:
    return {
        "number": document.number,
        "kind": document.kind.value,
        "customer": document.customer,
        "location": document.location,
        "status": document.status.value,
        "reference": document.reference,
        "unannounced": document.unannounced,
    }


def too_many(state: DisplayState) -> int:
    """Return how many more units of the newest entry's item are here than requested (R9); 0: none."""
    entry = state.history[0] if state.history else None
    if entry is None or state.document is None or entry.action not in _TAKEN:
        return 0
    announced = [
        line for line in state.document.lines if line.item == entry.item and not (line.negative or line.added)
    ]
    return max(0, sum(line.credited - line.requested for line in announced)) if announced else 0


_TAKEN = frozenset({Action.ASSIGNED, Action.ADDED, Action.COUNTED})


def upcoming_shown(upcoming: Upcoming) -> UpcomingShown:
    """Convert what was scanned for the next unit."""
    return UpcomingShown(
        quantity=upcoming.quantity, reason_code=upcoming.reason_code, condition=upcoming.condition
    )


_ANSWERS: Mapping[QuestionKind, tuple[Command, ...]] = {
    QuestionKind.CHOICE: (Command.NO,),
    QuestionKind.DOCUMENT: (Command.NO,),
    QuestionKind.INCOMPLETE: (Command.YES, Command.LATER, Command.NO),
}


ANSWERS = (Command.YES, Command.NO, Command.LATER)
"""The commands that answer a question."""


def question_shown(question: Question, signing: Signing | None = None) -> QuestionShown:
    """Convert a question; it is open since the scan that raised it.

    `signing`: makes the codes to scan; None: they aren't shown.
    """
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
        id=question.source.id,
        also=question.also,
        answers=_ANSWERS.get(question.kind, (Command.YES, Command.NO)),
        documents=question.documents,
        quantity=question.quantity,
        codes={each.value: signing.code(each) for each in ANSWERS} if signing else {},
    )
