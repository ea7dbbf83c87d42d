"""A small model of retrieval, written from the rules alone, to compare the real one with.

It keeps everything in plain dictionaries and scans all of it each time. Comments name the rules by number
(R, P, M, D, I). Where the rules are ambiguous, it interprets them as follows:

- A unit is (serial number, item), so our own serial number may also name several units: a choice, as in R3.
- R10 follows R5, before any effect or question.
- For R6, R7 and R9 an item is "on the document" with a regular line; for R8's question any line counts.
- A line that retrieval added has no requested quantity, so R9 doesn't apply to it.
- One Yes consents to everything that would be asked about the unit; one answer covers a whole range.
- A No declines the unit, whatever has changed since. In a range, a No to adding the item declines all of it;
  but if the question was about a unit that came back, units that go away still go on the negative line, if
  there is one.
- If the first number of a range names units of only one item, by its GTIN or otherwise, that is the item.
- DETACH finds its unit as R2 does; it only matters which are on the document if several have the number.
- If none of several units with the number can be chosen, the first by (serial number, item) gives the reason.
- An answer's rows have the text and the scanner of the scan that raised the question, and the answer's id and
  time.
- A label's serial numbers are processed in order. While a question is open, the following ones wait; its
  answer, except to a choice, applies to all of the label's units of that item. A refusal names the number.
- If the document is gone before the answer, the question's serial number and the waiting ones are refused;
  these rows don't belong to the entry that finds the document gone.
- A unit to be numbered (M5) has no number and no area until it is attached. Its item may be named by code or
  GTIN, alone or after the command; after a scan that names none, the next scan is still for an item. The
  number is the lowest above the prefix's last one that no unit has as its own or its manufacturer's.
- Exactly one of a label's item codes must be ours; if none is known, the preference decides. A label that
  names no unit is refused and leaves the mode unchanged; one with several serial numbers can't be the end of
  a range or the answer to a choice.
"""

from __future__ import annotations

import copy
import string
from dataclasses import dataclass, field, replace
from typing import Any

Key = tuple[str, str]
"""Serial number and item."""

MAX_BEARERS = 100
MAX_SPAN = 100_000


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


@dataclass
class Document:
    kind: str
    location: str
    status: str = "open"


@dataclass
class Line:
    item: str
    requested: int
    negative: bool = False
    added: bool = False


@dataclass
class Attached:
    """The line, and the row of history that records it: station and number."""

    line: int
    row: tuple[str, int]


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
    """Prefix of generated serial numbers, and the last assigned number."""

    def holder(self, key: Key) -> str | None:
        """Return the open document that the unit is attached to (I1: at most one)."""
        for document, *unit in self.attached:
            if tuple(unit) == key and self.documents[document].status == "open":
                return document
        return None

    def on_line(self, document: str, line: int) -> int:
        return sum(key[0] == document and each.line == line for key, each in self.attached.items())

    def credited(self, document: str, line: int) -> int:
        """I2."""
        count = self.on_line(document, line)
        return -count if self.lines[document, line].negative else count

    def state(self) -> dict[str, Any]:
        return {
            "documents": {number: each.status for number, each in self.documents.items()},
            "lines": {
                key: (line.item, line.requested, self.credited(*key), line.negative, line.added)
                for key, line in self.lines.items()
            },
            "attached": {
                key: (each.line, self.documents[key[0]].status, each.row)
                for key, each in self.attached.items()
            },
            "areas": {key: unit.area for key, unit in self.units.items()},
            "series": self.series,
        }


@dataclass(frozen=True)
class Wishes:
    """The preferences that the rules name."""

    lookup: tuple[str, ...] = ("serial", "mfr_serial")
    own_location_only: bool = False
    prompt_when_not_on_document: bool = True
    negative: str = "allow"
    over_quantity: str = "allow"
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
class Rest:
    """Serial numbers of a label that wait for an answer."""

    says: Says
    mode: str = ""
    several: bool = False
    number: str = ""
    """The current one, if the label has several."""
    answers: tuple[tuple[str, bool], ...] = ()
    """Item and answer."""


@dataclass(frozen=True)
class Asked:
    """An open question."""

    kind: str
    says: str
    """What its text must contain."""
    document: str
    scan: Scan
    detaching: bool = False
    candidates: tuple[tuple[str, str, str, str | None], ...] = ()
    """Serial number, item, area, and why it can't be chosen."""
    range: tuple[str, str, str] | None = None
    """Item, first and last."""
    rest: Rest | None = None
    generating: bool = False


@dataclass(frozen=True)
class Verdict:
    """The decision about a unit: attach it, turn it away, or ask."""

    action: str = ""
    reason: str | None = None
    line: int | None = None
    asks: str = ""

    @property
    def attaches(self) -> bool:
        return not self.asks and self.reason is None


class Station:
    """One station: what its entries do to the company, and the resulting events."""

    def __init__(self, company: Company, settings: Settings) -> None:
        self.company = company
        self.settings = settings
        self.wishes = settings.wishes
        self.operator: str | None = None
        self.mode = ""
        self.first = ""
        self.first_item = ""
        self.question: Asked | None = None
        self.sessions: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.moves: list[dict[str, Any]] = []
        self.events: list[tuple[Any, ...]] = []
        self.source = Scan("", "", "", "")
        self.rest: Rest | None = None
        self.own_rows = 0
        """Rows of the current entry itself."""

    def state(self) -> dict[str, Any]:
        return {
            "operator": self.operator,
            "mode": self.mode,
            "first": self.first,
            "question": self.question,
            "sessions": self.sessions,
            "rows": self.rows,
            "moves": sorted(self.moves, key=lambda move: sorted(move.items(), key=str)),
        }

    # Entries

    def scan(self, source: Scan, says: Says) -> list[tuple[Any, ...]]:
        """Process a scanned or typed label."""
        self._begin(source)
        question, mode = self.question, self.mode
        if question is not None:
            self._meanwhile(question, says)
        elif self.document is None:
            self._refuse("no document open")  # R1
        elif mode == "generate":
            self._generate_for(self._item_of(says))
        elif not says.numbers:
            self._refuse(f"scan the serial number: {self._only(says)}")
        else:
            first, of_first = self.first, self.first_item
            self._set_mode("")
            fault, ours = self._ours(says)
            if fault:
                self._refuse(fault)
            elif mode.startswith("range") and len(ours.numbers) > 1:
                self._refuse("range: the label bears several serial numbers")
            elif mode == "range_first":
                self._range_first(ours)
            elif mode == "range_last":
                self._range_last(first, of_first, ours)
            else:
                self._work(Rest(ours, mode, len(ours.numbers) > 1))
        return self.events

    def _work(self, rest: Rest) -> None:
        """Process serial numbers in order, until a question is raised."""
        for place, number in enumerate(rest.says.numbers, start=1):
            following = rest.says.numbers[place:]
            waiting = replace(rest, says=replace(rest.says, numbers=following), number=number)
            self.rest = waiting if rest.several else None
            by = ("mfr_serial",) if rest.mode == "mfg" else self.wishes.lookup
            found = self._bearers(number, rest.says, by)
            if not found:
                reason = self._unknown(number, rest.says, by)
                is_named = reason != "unknown serial number" or not rest.several
                self._refuse(reason if is_named else f"{reason}: {number}")
            elif rest.mode == "detach":
                self._detach_one(number, found)
            else:
                self._retrieve_one(number, found, dict(rest.answers))
            if self.question is not None:
                return

    def command(self, source: Scan, word: str, argument: str = "") -> list[tuple[Any, ...]]:
        """Process anything else: commands, documents, badges."""
        self._begin(source)
        if word in ("yes", "no", "timeout"):
            self._answer(word)
        elif word == "choose":
            self._choose_place(argument)
        elif word == "cancel":
            self._cancel()
        elif word == "history":
            self.events.append(("history",))
        elif word == "generate" and argument:
            self._generate(argument)
        elif self.question is not None:
            self._refuse_command("answer first")  # P2
        elif word in ("open", "badge", "cancel-document"):
            {"open": self._open, "badge": self._badge, "cancel-document": self._cancel_document}[word](
                argument
            )
        elif self.document is None:
            self._refuse_command("no document open")
        elif word in ("detach", "mfg", "range", "generate"):
            self._set_mode("range_first" if word == "range" else word)
        else:
            {"undo": self._undo, "close": lambda: self._end("closed"), "save": self._save}[word]()
        return self.events

    def _begin(self, source: Scan) -> None:
        """End a session whose document was saved or cancelled elsewhere."""
        self.source, self.events, self.rest, self.own_rows = source, [], None, 0
        if self.document is not None and not self.is_at_work:
            self._end(self.company.documents[self.document].status)

    # Events

    @property
    def document(self) -> str | None:
        session = self.sessions[-1] if self.sessions else None
        return session["document"] if session and session["ended_at"] is None else None

    @property
    def is_at_work(self) -> bool:
        """Whether the next entry finds the session still open."""
        return self.document is not None and self.company.documents[self.document].status == "open"

    @property
    def here(self) -> str:
        assert self.document is not None
        return self.document

    def _row(self, action: str, reason: str | None = None, key: Key | None = None) -> None:
        unit = self.company.units[key] if key else None
        row = {
            "at": self.source.at,
            "session": len(self.sessions) if self.document else None,
            "document": self.document,
            "action": action,
            "reason": reason,
            "serial_number": key[0] if key else None,
            "mfr_serial_number": unit.mfr if unit else None,
            "item": key[1] if key else None,
            "description": self.company.items[key[1]].description if key else None,
            "stock_area": unit.area if unit else None,
            "operator": self.operator,
            "scanner": self.source.scanner,
            "text": self.source.text,
        }
        self.rows.append(row)
        self.own_rows += 1
        self.events.append(("row", row))

    def _refuse(self, reason: str, key: Key | None = None) -> None:
        self._row("Refused", reason, key)

    def _refuse_command(self, says: str) -> None:
        self.events.append(("refused", says))

    def _ask(self, question: Asked) -> None:
        question = replace(question, rest=self.rest)
        self.question = question
        self.events.append(("asked", question))

    def _set_mode(self, mode: str, first: str = "", first_item: str = "") -> None:
        self.mode, self.first, self.first_item = mode, first, first_item

    # Which unit (R2, R3)

    def _same(self, one: str | None, other: str) -> bool:
        if one is not None and self.wishes.fold_case:
            upper = dict(zip(string.ascii_lowercase, string.ascii_uppercase, strict=True))
            one, other = ("".join(upper.get(each, each) for each in text) for text in (one, other))
        return one == other

    def _bearers(self, number: str, says: Says, fields: tuple[str, ...]) -> list[Key]:
        for by in fields:
            found = [
                key
                for key, unit in sorted(self.company.units.items(), key=lambda each: each[0])
                if self._same(key[0] if by == "serial" else unit.mfr, number) and self._is_of(key[1], says)
            ]
            if found:
                return found
        return []

    def _is_of(self, item: str, says: Says) -> bool:
        return (says.gtin is None or self.company.items[item].gtin == says.gtin) and (
            not says.items or item in says.items
        )

    def _ours(self, says: Says) -> tuple[str, Says]:
        """Return why the label's item codes are invalid, and the remaining ones."""
        known = tuple(code for code in says.items if code in self.company.items)
        foreign = says.items if not known and self.wishes.unknown_item_code == "refuse" else ()
        fault = ""
        if foreign:
            fault = f"unknown item code on the label: {' and '.join(foreign)}"
        elif len(known) > 1:
            fault = f"the label names several items: {' and '.join(known)}"
        elif says.gtin and known and not self._may_have(known[0], says.gtin):
            fault = f"the label contradicts itself: it says item {known[0]} and GTIN {says.gtin}"
        return fault, replace(says, items=known)

    def _may_have(self, code: str, gtin: str) -> bool:
        """Whether the GTIN is the item's, or the item has none and the GTIN is unknown."""
        own = self.company.items[code].gtin
        return own == gtin or (own is None and all(each.gtin != gtin for each in self.company.items.values()))

    def _unknown(self, number: str, says: Says, fields: tuple[str, ...]) -> str:
        """Refuse an unknown number, or one of another product or of an item (R2)."""
        others = self._bearers(number, Says(()), fields)
        if others:
            code = others[0][1]
            lacks = says.gtin and not self.company.items[code].gtin and says.items in ((), (code,))
            whose = f"{number} is of item {code}" + (", which has no GTIN here;" if lacks else ",")
            return f"unknown serial number: {whose} the label says {self._named(says)}"
        if says.gtin or says.items:
            return "unknown serial number"
        code = self._item_by_text(number)
        return (
            f"scan the serial number: {number} is only the item {code}" if code else "unknown serial number"
        )

    def _item_by_text(self, text: str) -> str:
        for code, item in self.company.items.items():
            if text == code or (item.gtin and text.isdigit() and text.zfill(14) == item.gtin):
                return code
        return ""

    def _only(self, says: Says) -> str:
        if says.nothing:
            return says.nothing
        if says.sscc:
            return f"this is a shipping label, SSCC {says.sscc}"
        known = [code for code in says.items if code in self.company.items]
        known += [code for code, item in self.company.items.items() if says.gtin and item.gtin == says.gtin]
        if known:
            return f"this is only the item {' and '.join(dict.fromkeys(known))}"
        return f"this is only the {self._named(says)}, unknown here"

    def _named(self, says: Says) -> str:
        named = [f"item code {code}" for code in says.items] + ([f"GTIN {says.gtin}"] if says.gtin else [])
        return " and ".join(named)

    def _retrieve_one(self, number: str, found: list[Key], answers: dict[str, bool]) -> None:
        if len(found) > MAX_BEARERS:
            self._refuse("more than 100 units bear this number")
        else:
            free = [key for key in found if self._barred(key) is None]
            if len(free) > 1:
                self._ask_which(number, found, detaching=False)
            else:
                key = (free or found)[0]
                self._treat([key], answers.get(key[1]))

    def _ask_which(self, number: str, found: list[Key], *, detaching: bool) -> None:
        listed = []
        for key in found:
            bar = None if detaching else self._barred(key)
            listed.append((*key, self.company.units[key].area, bar.reason if bar else None))
        says = f"Several units bear {number}."
        self._ask(Asked("choice", says, self.here, self.source, detaching, tuple(listed)))

    # The decision (R4 to R10)

    def _barred(self, key: Key) -> Verdict | None:
        unit = self.company.units[key]
        if holder := self.company.holder(key):
            return Verdict("Skipped", f"already on {holder}")  # R4
        where = self.company.areas[unit.area].location
        if self.wishes.own_location_only and where != self._home():
            return Verdict("Refused", f"stock area of another location: {unit.area} of {where}")  # R5
        if self.company.items[key[1]].tracking == "none":
            return Verdict("Refused", "item is not serialized")  # R10
        return None

    def _home(self) -> str:
        return self.settings.location or self._default()

    def _default(self) -> str:
        return next(code for code, place in self.company.places.items() if place.default)

    def _judge(self, key: Key, consent: bool | None) -> Verdict:  # noqa: FBT001
        if barred := self._barred(key):
            return barred
        lines = {
            number: line
            for (document, number), line in sorted(self.company.lines.items())
            if document == self.document and line.item == key[1]
        }
        if self.company.areas[self.company.units[key].area].type == "stock":
            verdict = self._take_away(lines)
        else:
            verdict = self._give_back({n: line for n, line in lines.items() if not line.negative})
        if verdict.asks and consent is False:
            return Verdict("Refused", "declined")
        return replace(verdict, asks="") if consent else verdict

    def _give_back(self, lines: dict[int, Line]) -> Verdict:
        if not lines:  # R7
            return Verdict("Added", asks="add_item" if self.wishes.prompt_when_not_on_document else "")
        credited = {number: self.company.credited(self.here, number) for number in lines}
        fit = [number for number, line in lines.items() if credited[number] < line.requested]
        line = (fit or list(lines))[0]  # R6
        if fit or lines[line].added or self.wishes.over_quantity == "allow":
            return Verdict("Assigned", line=line)
        if self.wishes.over_quantity == "refuse":
            return Verdict("Refused", "above the requested quantity")  # R9
        return Verdict("Assigned", line=line, asks="over_quantity")

    def _take_away(self, lines: dict[int, Line]) -> Verdict:
        """R8."""
        if self.wishes.negative == "refuse":
            return Verdict("Refused", "not in an out area")
        asks = "add_item" if not lines and self.wishes.prompt_when_not_on_document else ""
        line = next((number for number, line in lines.items() if line.negative), None)
        return Verdict("Negative", line=line, asks=asks)

    def _treat(
        self,
        keys: list[Key],
        consent: bool | None = None,  # noqa: FBT001
        of: tuple[str, str, str] | None = None,
        declined: Asked | None = None,
    ) -> None:
        """Process all units, or ask and change nothing; `declined`: the question that got a No."""
        before = copy.deepcopy((self.company.lines, self.company.attached)), len(self.rows), len(self.events)
        own_rows = self.own_rows
        for key in keys:
            verdict = self._judge(key, consent)
            if verdict.asks:
                (self.company.lines, self.company.attached), rows, events = before
                del self.rows[rows:], self.events[events:]
                self.own_rows = own_rows
                self._ask_about(key, verdict.asks, of)
                return
            if verdict.attaches and declined is not None and self._is_declined(key, declined):
                self._refuse("declined", key)
            elif verdict.reason == "declined":
                self._refuse(self._declined(), key)
            elif verdict.attaches:
                self._attach(key, verdict)
            else:
                self._row(verdict.action, verdict.reason, key)

    def _is_declined(self, key: Key, question: Asked) -> bool:
        if question.kind != "add_item":
            return False
        asked, this = (
            self.company.areas[self.company.units[each].area].type for each in (self._asked(question), key)
        )
        lines = [line for (document, _), line in self.company.lines.items() if document == self.document]
        is_negative = any(line.item == key[1] and line.negative for line in lines)
        return asked == "stock" or this == "out" or not is_negative

    def _asked(self, question: Asked) -> Key:
        return question.candidates[0][:2]

    def _ask_about(self, key: Key, kind: str, of: tuple[str, str, str] | None) -> None:
        says = f"Item {key[1]} is not on {self.here}. Add it?" if kind == "add_item" else key[1]
        one = (*key, self.company.units[key].area, None)
        self._ask(Asked(kind, says, self.here, self.source, candidates=(one,), range=of))

    def _attach(self, key: Key, verdict: Verdict) -> None:
        line = verdict.line
        if line is None:
            line = 1 + max(
                (number for document, number in self.company.lines if document == self.here), default=0
            )
            self.company.lines[self.here, line] = Line(key[1], 0, verdict.action == "Negative", added=True)
        self._row(verdict.action, None, key)
        row = self.settings.name, len(self.rows)
        self.company.attached[self.here, *key] = Attached(line, row)

    # Prompts

    def _answer(self, how: str) -> None:
        question, yes = self.question, how == "yes"
        if question is None:
            if how != "timeout":
                self._refuse_command("there is no question to answer")
        elif question.kind == "choice" and yes:
            self._refuse_command("choose one of the list, or NO")
        else:
            self._settle(question, how)
            if question.kind in ("choice", "range_size") and not yes:
                self._refuse(self._declined())
            elif question.generating:
                self._make(self._asked(question)[1], consent=yes)
            elif question.range:
                # Consent to the size doesn't cover the items, which may raise further questions.
                consent = None if question.kind == "range_size" else yes
                self._treat(self._between(question.range), consent, question.range, None if yes else question)
            elif yes:
                self._treat([self._asked(question)], consent=True)
            else:
                self._refuse(self._declined(), self._asked(question))
            self._work_on(question, yes if question.kind != "choice" else None)

    def _work_on(self, question: Asked, answer: bool | None) -> None:  # noqa: FBT001
        """Process the rest of the label, unless the same serial number raises another question."""
        if question.rest and self.question is None:
            answers = question.rest.answers
            if answer is not None:
                answers += ((self._asked(question)[1], answer),)
            self._work(replace(question.rest, answers=answers))

    def _declined(self) -> str:
        return f"declined: {self.rest.number}" if self.rest else "declined"

    def _settle(self, question: Asked, how: str) -> None:
        self.question = None
        self.rest = question.rest
        self.events.append(("answered", how))
        scan = question.scan
        self.source = replace(self.source, scanner=scan.scanner, text=scan.text, identifier=scan.identifier)

    def _meanwhile(self, question: Asked, says: Says) -> None:
        fault, ours = self._ours(says)
        wanted = [
            place
            for place, (serial, item, _, barred) in enumerate(question.candidates, start=1)
            if not fault
            and len(ours.numbers) == 1
            and self._same(serial, ours.numbers[0])
            and self._is_of(item, ours)
            and barred is None
        ]
        if question.kind == "choice" and len(wanted) == 1:
            self._choose(question, wanted[0])  # P1
        elif (
            question.kind != "choice"
            and self.wishes.confirm_by_rescan
            and (self.source.text, self.source.identifier) == (question.scan.text, question.scan.identifier)
        ):
            self._answer("yes")
        else:
            self._refuse("answer first")  # P2

    def _choose_place(self, text: str) -> None:
        question = self.question
        if question is None or question.kind != "choice":
            self._refuse_command("there is nothing to choose from")
        elif text not in [str(place) for place in range(1, len(question.candidates) + 1)]:
            self._refuse_command(f"choose a number from 1 to {len(question.candidates)}")
        elif barred := question.candidates[int(text) - 1][3]:
            self._refuse_command(f"can't be chosen: {barred}")
        else:
            self._choose(question, int(text))

    def _choose(self, question: Asked, place: int) -> None:
        key = question.candidates[place - 1][:2]
        self._settle(question, key[0])
        if question.detaching:
            self._detach(key)
        else:
            answers = dict(question.rest.answers) if question.rest else {}
            self._treat([key], answers.get(key[1]))
        self._work_on(question, None)

    def _cancel(self) -> None:
        if self.question is not None:
            self._answer("no")
        elif self.mode:
            self._set_mode("")
        else:
            self._refuse_command("there is nothing to cancel")

    # M2, a range of units

    def _range_first(self, says: Says) -> None:
        if found := self._bearers(says.numbers[0], says, ("serial",)):
            items = {key[1] for key in found}
            self._set_mode("range_last", says.numbers[0], items.pop() if len(items) == 1 else "")
        else:
            self._refuse(self._unknown(says.numbers[0], says, ("serial",)))

    def _range_last(self, first: str, of_first: str, says: Says) -> None:
        firsts = [key for key in self._bearers(first, Says(()), ("serial",)) if of_first in ("", key[1])]
        lasts = self._bearers(says.numbers[0], says, ("serial",))
        pairs = [(one, other) for one in firsts for other in lasts if one[1] == other[1]]
        if not lasts:
            self._refuse(self._unknown(says.numbers[0], says, ("serial",)))
        elif not pairs:
            self._refuse("range: first and last are of different items")
        elif len(pairs) > 1:
            self._refuse("range: ambiguous")
        else:
            (start, item), (end, _) = pairs[0]
            self._range(item, start, end)

    def _range(self, item: str, first: str, last: str) -> None:
        (prefix, start), (other, end) = tail(first), tail(last)
        if not start or not end:
            self._refuse(f"range: {last if start else first} does not end in a number")
        elif len(start) != len(end):
            self._refuse("range: first and last end in numbers of different width")
        elif prefix != other:
            self._refuse("range: first and last begin differently")
        elif int(start) > int(end):
            self._refuse("range: first is above last")
        elif (size := int(end) - int(start) + 1) > MAX_SPAN:
            self._refuse("range: more than 100,000 numbers")
        elif size > self.wishes.range_confirm_above:
            of = item, first, last
            says = f"has {len(self._between(of)):,} serial numbers"
            self._ask(Asked("range_size", says, self.here, self.source, range=of))
        else:
            of = item, first, last
            self._treat(self._between(of), None, of)

    def _between(self, of: tuple[str, str, str]) -> list[Key]:
        item, first, last = of
        (prefix, start), (_, end) = tail(first), tail(last)
        found = []
        for key in self.company.units:
            rest = key[0][len(prefix) :]
            numbered = key[0].startswith(prefix) and len(rest) == len(start) and not rest.strip(string.digits)
            if key[1] == item and numbered and int(start) <= int(rest) <= int(end):
                found.append(key)
        return sorted(found)

    # M4, taking units off a document

    def _detach_one(self, number: str, found: list[Key]) -> None:
        on = [key for key in found if self.company.holder(key) == self.document]
        if not on:
            self._refuse(f"not on {self.document}", found[0])
        elif len(on) > 1:
            self._ask_which(number, on, detaching=True)
        else:
            self._detach(on[0])

    def _detach(self, key: Key) -> None:
        attached = self.company.attached.pop((self.here, *key), None)
        if attached is None:
            self._refuse(f"not on {self.document}", key)
            return
        self._row("Detached", None, key)
        place = self.here, attached.line
        if self.company.lines[place].added and not self.company.on_line(*place):
            del self.company.lines[place]

    def _undo(self) -> None:
        mine = [
            (each.row[1], key[1:])
            for key, each in self.company.attached.items()
            if key[0] == self.document
            and each.row[0] == self.settings.name
            and self.rows[each.row[1] - 1]["session"] == len(self.sessions)
        ]
        if mine:
            self._detach(max(mine)[1])
        else:
            self._refuse_command("there is nothing to undo")

    # Numbers of our own (M5)

    def _generate(self, text: str) -> None:
        """Process the command followed by the item's code or GTIN."""
        if self.question is not None:
            self._meanwhile(self.question, Says(()))
        elif self.document is None:
            self._refuse("no document open")
        else:
            code = self._item_by_text(text)
            self._generate_for((code, "" if code else f"no item here has the code or GTIN {text}"))

    def _item_of(self, says: Says) -> tuple[str, str]:
        """Return the item that a label names, or why it names none."""
        if says.is_plain:
            code = self._item_by_text(says.numbers[0])
            return code, "" if code else f"no item here has the code or GTIN {says.numbers[0]}"
        fault, ours = self._ours(says)
        known = [*ours.items]
        known += [code for code, item in self.company.items.items() if says.gtin and item.gtin == says.gtin]
        why = ""
        if says.numbers:
            why = "this label bears a serial number: to retrieve it, CANCEL and scan it again"
        elif says.sscc or says.nothing:
            why = f"this is a shipping label, SSCC {says.sscc}" if says.sscc else "this label names no item"
        elif fault:
            why = fault
        elif not known:
            why = f"no item here has the {self._named(says)}"
        elif len(set(known)) > 1:
            why = f"the label contradicts itself: it says {self._named(ours)}"
        return ("", why) if why else (known[0], "")

    def _generate_for(self, found: tuple[str, str]) -> None:
        code, why = found
        self._set_mode("" if code else "generate")
        if code:
            self._make(code)
        else:
            self._refuse(f"scan the item's code or GTIN: {why}")

    def _make(self, item: str, consent: bool | None = None) -> None:  # noqa: FBT001
        """Judge a unit without a number, which is removed again if it is not attached."""
        area, where = self._sold_area()
        known = self.company.areas.get(area)
        if consent is False:
            self._refuse_unmade("declined", item)
        elif self.company.items[item].tracking == "none":
            self._refuse_unmade("item is not serialized", item)
        elif not area:
            self._refuse_unmade(
                "no stock area for sold goods is set: set station.stock_areas.sold, or sold_area of the "
                "location or of the default location",
                item,
            )
        elif known is None:
            self._refuse_unmade(f"stock area {area} for sold is unknown: correct {where}", item)
        elif known.type != "out":
            self._refuse_unmade(
                f"stock area {area} for sold is of type stock, not of type out: correct {where}", item
            )
        else:
            key = "", item
            self.company.units[key] = Unit(area)
            verdict = self._judge(key, consent)
            del self.company.units[key]
            if verdict.asks:
                says = f"Item {item} is not on {self.here}" if verdict.asks == "add_item" else item
                one = (("", item, area, None),)
                self._ask(Asked(verdict.asks, says, self.here, self.source, candidates=one, generating=True))
            elif verdict.attaches:
                self._attach_made(item, area, verdict)
            else:
                self._refuse_unmade(str(verdict.reason), item)

    def _sold_area(self) -> tuple[str, str]:
        """Return the area (D3), and where it is set."""
        home, default = self._home(), self._default()
        own, there = self.settings.sold, self.company.places[home].sold
        if own:
            return own, "station.stock_areas.sold"
        return self._booking_area("sold"), f"sold_area of location {home if there else default}"

    def _attach_made(self, item: str, area: str, verdict: Verdict) -> None:
        prefix = self.settings.prefix.replace("{location}", self._home())
        borne = {key[0] for key in self.company.units} | {unit.mfr for unit in self.company.units.values()}
        last = self.company.series.get(prefix, 0)
        for number in range(last + 1, 10**self.settings.digits):
            text = f"{prefix}{number:0{self.settings.digits}}"
            if not any(self._same(each, text) for each in borne):
                self.company.series[prefix] = number
                self.company.units[text, item] = Unit(area)
                self._attach((text, item), verdict)
                self.events.append(("generated", self.here, text, item, self.company.items[item].gtin))
                return
        first, last_one = (f"{prefix}{digit * self.settings.digits}" for digit in "09")
        self._refuse_unmade(
            f"the serial numbers {first} to {last_one} are used up: set generate.digits or generate.prefix",
            item,
        )

    def _refuse_unmade(self, reason: str, item: str) -> None:
        """Add a row for a unit without a number."""
        self._refuse(reason)
        self.rows[-1] |= {"item": item, "description": self.company.items[item].description}

    # Documents

    def _open(self, number: str) -> None:
        document = self.company.documents.get(number)
        if number == self.document:
            self._refuse_command(f"{number} is open already")
        elif document is None:
            self._refuse_command("is unknown")
        elif document.status != "open":
            self._refuse_command(f"{number} is {document.status}")  # R11
        elif self.wishes.own_location_only and document.location != self._home():
            self._refuse_command(f"another location: {document.location}")  # R11
        else:
            if self.document is not None:
                self._end("replaced")  # D1
            self.sessions.append(
                {
                    "document": number,
                    "operator": self.operator,
                    "opened_at": self.source.at,
                    "ended_at": None,
                    "why": None,
                },
            )
            self.events.append(("opened", len(self.sessions), number, self.operator))

    def _end(self, why: str) -> None:
        """End the session (D2), which resets the mode and refuses what an open question is about."""
        self.events.append(("closed", len(self.sessions), self.document, why))
        if self.question is not None:
            self._drop(self.question, why)
        self.sessions[-1] |= {"ended_at": self.source.at, "why": why}
        self.question = None
        self._set_mode("")

    def _drop(self, question: Asked, why: str) -> None:
        """Refuse the question's serial number and the waiting ones, as scanned (P3)."""
        source, scan = self.source, question.scan
        self.source = replace(source, scanner=scan.scanner, text=scan.text)
        key = self._asked(question) if len(question.candidates) == 1 and not question.range else None
        if question.rest:
            what = question.rest.number
        elif question.range:
            what = f"{question.range[1]} to {question.range[2]}"
        else:
            what = scan.text if question.kind == "choice" else "".join(self._asked(question)[:1])
        waiting = question.rest.says.numbers if question.rest else ()
        for number in (what or self._asked(question)[1], *waiting):
            verb = "GENERATE" if question.generating else "scan"
            does = "" if question.detaching else f"open another document and {verb} {number} again"
            self._refuse(
                f"{question.document} is {why}: {does or number}", None if question.generating else key
            )
            key = None
        self.source, self.own_rows = source, 0

    def _save(self) -> None:
        """D3."""
        document = self.company.documents[self.here]
        regular, negative = (
            self._units_on(self.here, negative=False),
            self._units_on(self.here, negative=True),
        )
        if document.kind == "credit_order":
            wanted = [("credit_orders", "out", regular + negative)]
        else:
            wanted = [("returned", "stock", regular), ("sold", "out", negative)]
        targets = [(self._booking_area(name), name, kind, keys) for name, kind, keys in wanted if keys]
        for area, name, kind, _ in targets:
            if not area and name == "credit_orders":
                continue
            if not area:
                self._refuse_command(f"set station.stock_areas.{name}")
                return
            if area not in self.company.areas or self.company.areas[area].type != kind:
                self._refuse_command(f"stock area {area} for {name}")
                return
        moved = sum(self._book(key, area) for area, _, _, keys in targets for key in keys if area)
        document.status = "saved"
        self.events.append(("saved", self.here, moved))
        self._end("saved")

    def _units_on(self, number: str, *, negative: bool) -> list[Key]:
        return [
            (serial, item)
            for (document, serial, item), each in self.company.attached.items()
            if document == number and self.company.lines[number, each.line].negative is negative
        ]

    def _booking_area(self, name: str) -> str:
        places = self.company.places
        own = getattr(self.settings, name), getattr(places[self._home()], name)
        return str(own[0] or own[1] or getattr(places[self._default()], name))

    def _book(self, key: Key, area: str) -> bool:
        unit = self.company.units[key]
        if unit.area == area:
            return False
        self._move("Booked", self.here, key, unit.area, area)
        unit.area = area
        return True

    def _move(self, event: str, document: str, key: Key, start: str, end: str) -> None:
        self.moves.append(
            {
                "at": self.source.at,
                "document": document,
                "event": event,
                "serial_number": key[0],
                "item": key[1],
                "from_area": start,
                "to_area": end,
                "operator": self.operator,
            },
        )

    def _cancel_document(self, number: str) -> None:
        """D4."""
        document = self.company.documents.get(number)
        if document is None or document.status != "open":
            self._refuse_command(f"{number} is {document.status if document else 'unknown'}")
            return
        keys = [key for key in self.company.attached if key[0] == number]
        for key in keys:
            area = self.company.units[key[1:]].area
            self._move("Released", number, key[1:], area, area)
            del self.company.attached[key]
        document.status = "cancelled"
        self.events.append(("cancelled", number, len(keys)))
        if self.document == number:
            self._end("cancelled")

    def _badge(self, code: str) -> None:
        """D5."""
        if code in self.company.operators:
            self.operator = code
            self.events.append(("operator", code))
        else:
            self._refuse_command(f"badge {code} is unknown")


def tail(number: str) -> tuple[str, str]:
    """Split a number into its beginning and its final digits."""
    prefix = number.rstrip(string.digits)
    return prefix, number[len(prefix) :]
