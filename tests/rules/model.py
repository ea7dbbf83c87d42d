"""What the model of retrieval is about, in plain values: the company, and what a station sees and asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, str]
"""Serial number and item."""

Move = dict[str, Any]
"""A row of a unit's history."""

OPEN = ("open", "backorder")


class Part(str):
    """A text that the rules don't word: equal to any that contains it."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and str(self) in str(other)

    __hash__ = str.__hash__


@dataclass
class Place:
    """A location with its areas for booking (D3)."""

    default: bool = False
    returned: str = ""
    sold: str = ""
    credit_orders: str = ""


@dataclass
class Area:
    type: str
    location: str


@dataclass
class Item:
    tracking: str = "serialized"
    gtin: str | None = None
    description: str = ""


@dataclass
class Unit:
    area: str
    mfr: str | None = None
    customer: str = ""
    returnable_until: str | None = None
    retired: bool = False


@dataclass
class Document:
    kind: str
    location: str
    status: str = "open"
    customer: str = ""
    unannounced: bool = False


@dataclass
class Line:
    item: str
    requested: int
    negative: bool = False
    added: bool = False
    raised: int = 0
    """By how much retrieval raised `requested` (R9)."""

    @property
    def announced(self) -> int:
        return self.requested - self.raised


@dataclass
class Attached:
    """The line, and the row of history that records it: station and number."""

    line: int
    row: tuple[str, int]
    reason: str | None = None
    condition: str | None = None
    receipt: int | None = None
    booked: tuple[str, str] = ("", "")
    """The areas before and after its booking."""
    range: str = ""
    """The entry that retrieved it with a range."""


@dataclass
class Counted:
    """What one scan counted (M6); its key is the row of history that records it."""

    document: str
    line: int
    item: str
    quantity: int
    is_stated: bool
    reason: str | None = None
    condition: str | None = None
    receipt: int | None = None


@dataclass
class Receipt:
    """A Save (D7)."""

    at: str
    station: str
    session: int
    operator: str | None
    is_final: bool
    reopened_at: str | None = None


@dataclass
class Company:
    """Everything that the stations share."""

    places: dict[str, Place]
    areas: dict[str, Area]
    items: dict[str, Item]
    units: dict[Key, Unit]
    documents: dict[str, Document]
    lines: dict[tuple[str, int], Line] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    attached: dict[tuple[str, str, str], Attached] = field(default_factory=dict)
    series: dict[str, int] = field(default_factory=dict)
    """Prefix of generated numbers, and the last assigned number."""
    expected: set[tuple[str, str, str]] = field(default_factory=set)
    """Document, item and serial number (R14)."""
    reasons: dict[str, str] = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    """Code, and the area that such units go to; empty: as all others (M7)."""
    counts: dict[tuple[str, int], Counted] = field(default_factory=dict)
    receipts: dict[tuple[str, int], Receipt] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    """Of all stations, in order."""

    def holder(self, key: Key) -> str | None:
        """Return the open document that the unit is attached to and not booked on (I1: at most one)."""
        for (document, *unit), each in self.attached.items():
            if tuple(unit) == key and self.documents[document].status in OPEN and each.receipt is None:
                return document
        return None

    def lines_of(self, document: str, item: str, *, regular: bool = False) -> dict[int, Line]:
        return {
            number: line
            for (its, number), line in sorted(self.lines.items())
            if its == document and line.item == item and not (regular and line.negative)
        }

    def standing(self, document: str) -> list[int]:
        """Return the document's receipts that were not reopened."""
        return [n for (its, n), each in self.receipts.items() if its == document and not each.reopened_at]

    def next_receipt(self, document: str) -> int:
        return 1 + max((number for its, number in self.receipts if its == document), default=0)

    def on_line(self, document: str, line: int) -> int:
        return sum(key[0] == document and each.line == line for key, each in self.attached.items())

    def credited(self, document: str, line: int) -> int:
        """I2."""
        count = self.on_line(document, line)
        counted = sum(c.quantity for c in self.counts.values() if (c.document, c.line) == (document, line))
        return (-count if self.lines[document, line].negative else count) + counted

    def state(self) -> dict[str, Any]:
        return {
            "documents": {number: each.status for number, each in self.documents.items()},
            "lines": {
                key: (line.item, line.requested, self.credited(*key), line.negative, line.added, line.raised)
                for key, line in self.lines.items()
            },
            "attached": {
                key: (
                    each.line,
                    self.documents[key[0]].status,
                    each.row,
                    each.receipt,
                    each.reason,
                    each.condition,
                )
                for key, each in self.attached.items()
            },
            "counts": self.counts,
            "receipts": self.receipts,
            "unannounced": {
                number: (each.kind, each.customer, each.location)
                for number, each in self.documents.items()
                if each.unannounced
            },
            "areas": {key: unit.area for key, unit in self.units.items()},
            "series": self.series,
        }


@dataclass(frozen=True)
class Wishes:
    """The preferences that the rules name; by default nothing asks for consent and nothing is demanded."""

    lookup: tuple[str, ...] = ("serial", "mfr_serial")
    own_location_only: bool = False
    prompt_when_not_on_document: bool = True
    negative: str = "allow"
    other_customer: str = "allow"
    late_return: str = "allow"
    unexpected: str = "allow"
    save_incomplete: str = "allow"
    over_quantity: str = "allow"
    count_items: bool = False
    open_by_unit: bool = False
    unannounced_returns: bool = False
    reason: str = "off"
    condition: str = "off"
    operator: str = "optional"
    operator_timeout_min: int = 0
    sign_off_at: str = "never"
    switch_document: str = "allow"
    fold_case: bool = False
    unknown_item_code: str = "refuse"
    confirm_by_rescan: bool = False
    range_confirm_above: int = 1000


@dataclass(frozen=True)
class Settings:
    """One station's settings."""

    name: str
    location: str = ""
    returned: str = ""
    sold: str = ""
    credit_orders: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    prefix: str = "{location}-"
    digits: int = 6


@dataclass(frozen=True)
class Scan:
    """What was scanned or typed: the code itself, not its meaning."""

    id: str
    at: str
    scanner: str
    text: str
    identifier: str | None = None


@dataclass(frozen=True)
class Says:
    """A label's contents."""

    numbers: tuple[str, ...]
    gtin: str | None = None
    items: tuple[str, ...] = ()
    sscc: str | None = None
    nothing: str | None = None
    """What the label is, if it names nothing at all."""
    is_plain: bool = False
    """Whether the whole text is the one number."""


@dataclass(frozen=True)
class Consent:
    """What the worker said Yes and No to, by what the questions named."""

    to: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()


UNASKED = Consent()
Answer = tuple[str, frozenset[str], bool]
"""To a question about one of a label's units: the item, what the question named, and whether it was Yes."""


@dataclass(frozen=True)
class Upcoming:
    """What was scanned for the next unit (M6, M7)."""

    quantity: int | None = None
    reason: str | None = None
    condition: str | None = None


@dataclass(frozen=True)
class Rest:
    """Serial numbers of a label that wait for an answer."""

    says: Says
    mode: str = ""
    several: bool = False
    number: str = ""
    """The current one, if the label has several."""
    answers: tuple[Answer, ...] = field(default=(), compare=False)
    """Compared by what they do, like `details`."""
    details: Upcoming = field(default=Upcoming(), compare=False)
    """What was scanned for the label's units."""


@dataclass(frozen=True)
class Asked:
    """An open question."""

    kind: str
    says: str
    """What its text must contain, one part a line."""
    document: str
    scan: Scan
    detaching: bool = False
    candidates: tuple[tuple[str, str, str, str | None], ...] = ()
    """Serial number, item, area, and why it can't be chosen."""
    range: tuple[str, str, str] | None = None
    """Item, first and last."""
    rest: Rest | None = None
    generating: bool = False
    also: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    quantity: int | None = None
    label: Says | None = field(default=None, compare=False)
    """The label of the unit whose document is to be chosen (M8)."""
    unit: Key | None = field(default=None, compare=False)
    """The one unit whose document is to be chosen."""
    on_no_line: bool = field(default=False, compare=False)
    """The item was on no line at all."""

    @property
    def concerns(self) -> frozenset[str]:
        return frozenset((self.kind, *self.also))


@dataclass(frozen=True)
class Verdict:
    """The decision about a unit: attach it, turn it away, or ask."""

    action: str = ""
    reason: str | None = None
    line: int | None = None
    asks: tuple[str, ...] = ()
    note: str | None = None

    @property
    def attaches(self) -> bool:
        return not self.asks and self.reason is None
