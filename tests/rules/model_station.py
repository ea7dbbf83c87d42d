"""A small model of retrieval, written from the rules alone, to compare the real one with.

It keeps everything in plain dictionaries and scans all of it each time. Comments name the rules by number
(R, P, M, D, I). Where the rules are ambiguous, it interprets them as follows:

- A unit is (serial number, item), so our own serial number may also name several units: a choice, as in R3.
- R10 follows R5, before any effect or question.
- For R6, R7 and R9 an item is "on the document" with a regular line; for R8's question any line counts.
- A line that retrieval added has no requested quantity, so R9 doesn't apply to it.
- A preference that refuses does so at once, in the order of the rules; what others would ask is not asked.
- One Yes consents to everything that the question names. If something else has come up since, the question is
  asked again, and names all. One answer covers a whole range.
- A No declines the unit, whatever has changed since. In a range it declines those that need consent; if that
  was for adding the item, it declines all that would need the line.
- R12, R13 and R14 apply to units that the customer takes away, too. R14 also applies to one to be numbered:
  the document doesn't expect it. An expected number is exact, also if the case is folded.
- How many too many (R9) are compared with what the office announced, on all its regular lines of the item; on
  an order, the lines' requested quantity follows, line by line, and goes back when units are taken off again.
- If the first number of a range names units of only one item, by its GTIN or otherwise, that is the item.
- DETACH finds its unit as R2 does; it only matters which are on the document if several have the number.
- If none of several units with the number can be chosen, the first by (serial number, item) gives the reason.
- An answer's rows have the text and the scanner of the scan that raised the question, and the answer's id and
  time.
- A label's serial numbers are processed in order. While a question is open, the following ones wait; its
  answer, except to a choice, applies to all of the label's units of that item, for what the question named. A
  refusal names the number. The reason and the condition that were scanned before hold for all of them.
- If the document is gone before the answer, the question's serial number and the waiting ones are refused;
  these rows don't belong to the entry that finds the document gone.
- A unit to be numbered (M5) has no number and no area until it is attached. Its item may be named by code or
  GTIN, alone or after the command; after a scan that names none, the next scan is still for an item. The
  number is the lowest above the prefix's last one that no unit has, and that finds none by its other number.
- Exactly one of a label's item codes must be ours; if none is known, the preference decides. A label that
  names no unit is refused and leaves the mode unchanged; one with several serial numbers can't be the end of
  a range or the answer to a choice.
- UNDO takes off a whole range, the last unit first, if nothing that this session attached or counted later is
  still on the document. A label with several serial numbers is no range.
- An item is counted (M6) where its code would otherwise be refused: the text is no serial number, or the
  label has none. A count goes on one line, and R9 applies as for units. With DETACH, the newest count of the
  item that isn't booked is taken off, whoever counted it.
- QTY sets the count that the station's newest row is about; otherwise it is for the next count. R9 applies to
  the units that it adds. If the count has a quantity already, a Yes adds to it. A No leaves it as it is.
- What was scanned for the next unit (M6, M7) waits until something is taken, CANCEL, or the session's end. It
  holds for all units of a range. A unit drops the quantity. A reason scanned later describes the unit of the
  station's newest row, if that is on the document, also if it was skipped.
- Required reasons and conditions (M7) apply to what comes back, also to counts. They are checked before the
  areas (D3), and both before D6 asks.
- For D6, this session refused for want of an answer: what was scanned while a question stood, and what a time
  limit declined, unless the same unit, or the same text if it names none, had another outcome later.
- YES books what is there, even nothing, and LATER if there is anything, if the question would still be the
  same; otherwise it is asked again. LATER with nothing new only ends the session. A No to a question about
  the document (D6, D11) gives no row.
- A memo with units that come back needs the area for returned goods, even if their conditions name others.
- Nothing is missing or too many on a document that was made for a unit (M8), and no item is a surprise there.
- On a backorder, what a receipt booked is there for good: it is `Skipped` here, and free for other documents.
- A backorder can't be cancelled.
- A unit that another document has booked since has moved on (D8), even if it is back in the same area.
- The first number of a label decides for `open_by_unit` and NEW. A unit on a document is for no other one of
  its customer. If none has a document, R1 applies, whatever the label says.
- NEW waits until a document is made. A unit that is ours already has no customer who returns it.
- If an operator is required and nobody is signed on, scans and commands need a badge first; opening, closing
  and HISTORY don't. A badge can then be scanned although a question is open.
- The operator is signed off after the session has ended, and a timeout precedes the entry.
- Only a scanned number of another document asks (D11), after R11 has let it be opened. What is booked already
  counts as attached.
"""

from __future__ import annotations

import copy
import string
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.rules.model import (
    OPEN,
    UNASKED,
    Answer,
    Asked,
    Attached,
    Company,
    Consent,
    Counted,
    Document,
    Key,
    Line,
    Move,
    Part,
    Receipt,
    Rest,
    Says,
    Scan,
    Settings,
    Unit,
    Upcoming,
    Verdict,
)

MAX_BEARERS = 100
MAX_SPAN = 100_000
MAX_NAMED = 20
MAX_NAME = 40
MAX_QUANTITY = 10_000

DOCUMENT_PREFIX, DOCUMENT_DIGITS = "CM-9", 7

CONCERNS = ("add_item", "negative", "over_quantity", "other_customer", "late_return", "unexpected")
"""The kinds of questions about a unit, in the order of the rules."""
OF_DOCUMENT = ("incomplete", "switch_document")
NEEDS_NO_OPERATOR = ("close", "history", "badge", "signoff", "timeout", "cancel-document", "reopen-document")
NO_TO_ALL = Consent(no=frozenset(CONCERNS))


class Station:
    """One station: what its entries do to the company, and the resulting events."""

    def __init__(self, company: Company, settings: Settings) -> None:
        self.company = company
        self.settings = settings
        self.wishes = settings.wishes
        self.operator: str | None = None
        self.seen_at = ""
        """When the operator was last at work."""
        self.upcoming = Upcoming()
        self.using = Upcoming()
        """The same for the current entry, also after it was used."""
        self.is_used = False
        self.mode = ""
        self.first = ""
        self.first_item = ""
        self.question: Asked | None = None
        self.sessions: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.moves: list[Move] = []
        self.events: list[tuple[Any, ...]] = []
        self.source = Scan("", "", "", "")
        self.rest: Rest | None = None
        self.own_rows = 0
        """Rows of the current entry itself."""
        self.no = "declined"
        """The reason for what a No refuses."""

    def state(self) -> dict[str, Any]:
        return {
            "operator": self.operator,
            "mode": self.mode,
            "first": self.first,
            "question": self.question,
            "upcoming": self.upcoming,
            "sessions": self.sessions,
            "rows": self.rows,
            "moves": sorted(self.moves, key=lambda move: str(sorted(move.items()))),
        }

    # Entries

    def scan(self, source: Scan, says: Says) -> list[tuple[Any, ...]]:
        """Process a scanned or typed label."""
        self._begin(source)
        if self._needs_badge:
            self._refuse("scan your badge first")  # D5
        elif self.question is not None:
            self._meanwhile(self.question, says)
        elif self.document is not None:
            self._retrieve(says)
        elif self.mode == "new":
            self._make_document(says)
        else:
            self._open_by_unit(says)
        return self.events

    def _retrieve(self, says: Says) -> None:
        mode = self.mode
        if mode == "generate":
            self._generate_for(self._item_of(says))
        elif not says.numbers:
            if mode in ("", "detach") and (item := self._countable(says)):
                self._set_mode("")
                self._count_or_take_off(item, mode)
            else:
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
                self._work(Rest(ours, mode, len(ours.numbers) > 1, details=self.using))

    def _work(self, rest: Rest) -> None:
        """Process serial numbers in order, until a question is raised."""
        for place, number in enumerate(rest.says.numbers, start=1):
            following = rest.says.numbers[place:]
            waiting = replace(rest, says=replace(rest.says, numbers=following), number=number)
            self.rest = waiting if rest.several else None
            by = ("mfr_serial",) if rest.mode == "mfg" else self.wishes.lookup
            found = self._bearers(number, rest.says, by)
            counted = self._item_by_text(number) if rest.says.is_plain and rest.mode in ("", "detach") else ""
            if not found and self._is_counted(counted):
                self._count_or_take_off(counted, rest.mode)
            elif not found:
                reason = self._unknown(number, rest.says, by)
                is_named = reason != "unknown serial number" or not rest.several
                self._refuse(reason if is_named else f"{reason}: {number}")
            elif rest.mode == "detach":
                self._detach_one(number, found)
            else:
                self._retrieve_one(number, found, rest.answers)
            if self.question is not None:
                return

    def command(
        self, source: Scan, word: str, argument: str = "", *, scanned: bool = False
    ) -> list[tuple[Any, ...]]:
        """Process anything else: commands, documents, badges; `scanned`: not by touch or from the office."""
        self._begin(source, at_work=word != "timeout")
        if self._needs_badge and self._may_change(word, argument):
            self._refuse_command("scan your badge first")  # D5
        elif self._needs_badge and word == "badge":
            self._badge(argument)
        elif self.question is not None and scanned and word == "open" and self._is_rescanned(self.question):
            self._answer("yes")
        elif word in ("yes", "no", "timeout", "later"):
            self._answer(word)
        elif word in ("choose", "cancel", "history"):
            {"choose": self._choose_place, "cancel": self._cancel, "history": self._history}[word](argument)
        elif word == "generate" and argument:
            self._generate(argument)
        elif self.question is not None and word not in ("cancel-document", "reopen-document"):
            self._refuse_or_open_asked(self.question, word, argument)
        else:
            self._obey(word, argument, scanned=scanned)
        return self.events

    def _may_change(self, word: str, argument: str) -> bool:
        """Whether a command is one of those that need an operator."""
        if word == "open":
            return (
                self.question is not None
                and argument in self.question.documents
                and self.question.kind == "document"
            )
        return word not in NEEDS_NO_OPERATOR

    def _history(self, _argument: str) -> None:
        self.events.append(("history",))

    def _refuse_or_open_asked(self, question: Asked, word: str, argument: str) -> None:
        if question.kind == "document" and word == "open" and argument in question.documents:
            self._open_asked(question, argument)
        else:
            self._refuse_command("answer first")  # P2

    def _obey(self, word: str, argument: str, *, scanned: bool) -> None:
        """Carry out a command that no question stands against."""
        if word == "open":
            self._open(argument, asking=scanned)
        elif word in ("badge", "cancel-document", "reopen-document"):
            {
                "badge": self._badge,
                "cancel-document": self._cancel_document,
                "reopen-document": self._reopen_document,
            }[word](argument)
        elif word in ("signoff", "new"):
            {"signoff": self._sign_off_by_command, "new": self._new}[word]()
        elif self.document is None and not (word in ("qty", "reason", "condition") and self._finds_document):
            self._refuse_command("no document open")
        elif word in ("detach", "mfg", "range", "generate"):
            self._set_mode("range_first" if word == "range" else word)
        elif word == "close":
            self._end("closed")
        elif word == "save":
            self._save()
        elif word == "undo":
            self._undo()
        else:
            self._prepare(word, argument)

    @property
    def _finds_document(self) -> bool:
        """Whether the next unit finds or makes its document (M8)."""
        return self.wishes.open_by_unit or self.mode == "new"

    def _prepare(self, word: str, argument: str) -> None:
        """M6, M7."""
        if word == "qty":
            self._quantity(argument)
        else:
            self._describe(word, argument)

    def _begin(self, source: Scan, *, at_work: bool = True) -> None:
        """Sign off whoever left (D5), and end a session whose document was saved or cancelled elsewhere."""
        self.source, self.events, self.rest, self.own_rows = source, [], None, 0
        self.no = "declined"
        if self.document is not None and not self.is_at_work:
            self._end(self.company.documents[self.document].status)
        self._use_upcoming()
        limit = self.wishes.operator_timeout_min
        if limit and at_work:
            now = datetime.fromisoformat(source.at)
            if self.operator and now - datetime.fromisoformat(self.seen_at) > timedelta(minutes=limit):
                self._sign_off("timeout")
            self.seen_at = source.at

    def _use_upcoming(self) -> None:
        """Give what this entry takes the reason and the condition that were scanned before."""
        self.using, self.is_used = self.upcoming, False

    # Events

    @property
    def document(self) -> str | None:
        session = self.sessions[-1] if self.sessions else None
        return session["document"] if session and session["ended_at"] is None else None

    @property
    def is_at_work(self) -> bool:
        """Whether the next entry finds the session still open."""
        return self.document is not None and self.company.documents[self.document].status in OPEN

    @property
    def here(self) -> str:
        assert self.document is not None
        return self.document

    def _row(
        self,
        action: str,
        reason: str | None = None,
        key: Key | None = None,
        *,
        too_many: int = 0,
        **more: Any,
    ) -> None:
        unit = self.company.units[key] if key else None
        on = self.company.documents[self.document] if self.document else None
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
            "quantity": 1,
            "note": None,
            "reason_code": None,
            "condition": None,
            "receipt": self.company.next_receipt(self.here) if on and on.status == "backorder" else None,
            **more,
        }
        self.rows.append(row)
        self.own_rows += 1
        self.events.append(("row", row, too_many))

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
                if not unit.retired
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

    def _retrieve_one(self, number: str, found: list[Key], answers: tuple[Answer, ...]) -> None:
        if len(found) > MAX_BEARERS:
            self._refuse("more than 100 units bear this number")
        else:
            free = [key for key in found if self._barred(key) is None]
            if len(free) > 1:
                self._ask_which(number, found, detaching=False)
            else:
                key = (free or found)[0]
                self._treat([key], consent_about(key[1], answers))

    def _ask_which(self, number: str, found: list[Key], *, detaching: bool) -> None:
        listed = []
        for key in found:
            bar = None if detaching else self._barred(key)
            listed.append((*key, self.company.units[key].area, bar.reason if bar else None))
        says = f"Several units bear {number}."
        self._ask(Asked("choice", says, self.here, self.source, detaching, tuple(listed)))

    # The decision (R4 to R10, R12 to R14)

    def _barred(self, key: Key) -> Verdict | None:
        unit = self.company.units[key]
        if holder := self.company.holder(key):
            return Verdict("Skipped", f"already on {holder}")  # R4
        booked = self.company.attached.get((self.document or "", *key))
        if booked is not None:
            return Verdict("Skipped", f"already on {self.document} (receipt {booked.receipt})")  # D7
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

    def _judge(self, key: Key, consent: Consent) -> Verdict:
        if barred := self._barred(key):
            return barred
        lines = self.company.lines_of(self.here, key[1])
        if self.company.areas[self.company.units[key].area].type == "stock":
            verdict = self._take_away(key, lines)
        else:
            verdict = self._give_back({n: line for n, line in lines.items() if not line.negative})
        if verdict.reason is not None:
            return verdict
        notes = [verdict.note] if verdict.note else []
        for kind, reason, note in self._doubts(key):
            wish = getattr(self.wishes, kind)
            if wish == "refuse":
                return Verdict("Refused", Part(reason))
            if wish == "prompt":
                verdict = replace(verdict, asks=(*verdict.asks, kind))
            notes.append(note)
        verdict = replace(verdict, note="; ".join(notes) or None)
        if consent.no.intersection(verdict.asks):
            return Verdict("Refused", "declined")
        return replace(verdict, asks=()) if consent.to.issuperset(verdict.asks) else verdict

    def _doubts(self, key: Key) -> list[tuple[str, str, str]]:
        """R12, R13, R14: the kind, a part of the reason to refuse, and the note."""
        unit, found = self.company.units[key], []
        customer = self.company.documents[self.here].customer
        if unit.customer and customer and unit.customer != customer:
            found.append(("other_customer", unit.customer, f"other customer: {unit.customer}"))
        today = datetime.fromisoformat(self.source.at).astimezone().date().isoformat()
        until = unit.returnable_until
        if until and until < today:
            found.append(("late_return", "return", f"late: returnable until {until}"))
        expected = [
            serial for number, item, serial in self.company.expected if (number, item) == (self.here, key[1])
        ]
        if expected and key[0] not in expected:
            found.append(("unexpected", "expect", "unexpected"))
        return found

    @property
    def _asks_to_add(self) -> bool:
        """R7; on a document that nobody announced, no item is a surprise (M8)."""
        return self.wishes.prompt_when_not_on_document and not self.company.documents[self.here].unannounced

    def _give_back(self, lines: dict[int, Line], quantity: int = 1) -> Verdict:
        """R6, R7 and R9, for a unit or a count; `lines`: the regular ones."""
        if not lines:  # R7
            return Verdict("Added", asks=("add_item",) if self._asks_to_add else ())
        credited = {number: self.company.credited(self.here, number) for number in lines}
        fit = [number for number, line in lines.items() if credited[number] < line.requested]
        number = (fit or list(lines))[0]  # R6
        room = sum(line.announced - credited[each] for each, line in lines.items())
        if lines[number].added or quantity <= room or self.wishes.over_quantity == "allow":
            return Verdict("Assigned", line=number)
        if self.wishes.over_quantity == "refuse":
            return Verdict("Refused", "above the requested quantity")  # R9
        return Verdict("Assigned", line=number, asks=("over_quantity",))

    def _take_away(self, key: Key, lines: dict[int, Line]) -> Verdict:
        """R8."""
        line = next((number for number, line in lines.items() if line.negative), None)
        back = self._came_back(key)
        if self.wishes.negative == "refuse":
            where = f": it came back on {back['document']}" if back else ""
            return Verdict("Refused", f"not in an out area{where}")
        asks = ("add_item",) if not lines and self._asks_to_add else ()
        if self.wishes.negative == "allow":
            return Verdict("Negative", line=line, asks=asks)
        note = f"came back on {back['document']}" if back else f"ours already: {self.company.units[key].area}"
        return Verdict("Negative", line=line, asks=(*asks, "negative"), note=note)

    def _came_back(self, key: Key) -> Move | None:
        """Return the Save that put the unit where it is; None: it was something else."""
        for move in reversed(self.company.moves):
            if (move["serial_number"], move["item"]) == key and move["from_area"] != move["to_area"]:
                return move if move["event"] == "Booked" else None
        return None

    def _treat(
        self,
        keys: list[Key],
        consent: Consent = UNASKED,
        of: tuple[str, str, str] | None = None,
        declined: Asked | None = None,
    ) -> None:
        """Process all units, or ask and change nothing; `declined`: the question that got a No."""
        before = copy.deepcopy((self.company.lines, self.company.attached)), self.upcoming, self.is_used
        rows, events, own_rows = len(self.rows), len(self.events), self.own_rows
        firsts: dict[str, Key] = {}
        asked: Key | None = None
        taken = []
        for key in keys:
            verdict = self._judge(key, consent)
            if verdict.asks:
                asked = asked or key
                firsts = dict.fromkeys(verdict.asks, key) | firsts
                verdict = replace(verdict, asks=())
            if verdict.attaches and declined is not None and self._is_declined(key, declined):
                self._refuse(self.no, key)
            elif verdict.reason == "declined":
                self._refuse(self._declined(), key)
            elif verdict.attaches:
                self._attach(key, verdict, self.source.id if of else "")
                taken.append(key)
            else:
                self._row(verdict.action, verdict.reason, key)
        if asked is not None:
            # What the first units would change decides what is to be asked about the others.
            (self.company.lines, self.company.attached), self.upcoming, self.is_used = before
            del self.rows[rows:], self.events[events:]
            self.own_rows = own_rows
            self._ask_about(asked, firsts, of)
        elif of:
            self._tell_range(of, taken)

    def _tell_range(self, of: tuple[str, str, str], taken: list[Key]) -> None:
        """M2: the end is told as a whole."""
        prefix, start = tail(of[1])
        first, last = int(start), int(tail(of[2])[1])
        known = {key[0] for key in self._between(of)}
        gaps: list[list[str]] = []
        is_gap = False
        for number in range(first, last + 1):
            serial = f"{prefix}{number:0{len(start)}}"
            if serial in known:
                is_gap = False
                continue
            if not is_gap:
                gaps.append([])
            gaps[-1].append(serial)
            is_gap = True
        spans = [gap[0] if len(gap) == 1 else f"{gap[0]} to {gap[-1]}" for gap in gaps]
        size = last - first + 1
        others = sum(len(gap) for gap in gaps[MAX_NAMED:])
        more = [f"and {others} more are unknown"] if others else []
        if left := len(known) - len(taken):
            more.append(f"{left} {'was' if left == 1 else 'were'} skipped or refused")
        says = "\n".join([f"{len(taken)} of {size} retrieved", *spans[:MAX_NAMED], *more])
        self.events.append(("range", says, len(taken) == size))

    def _is_declined(self, key: Key, question: Asked) -> bool:
        """Whether a No to adding the item declines a unit that meanwhile would need no consent."""
        if "add_item" not in question.concerns:
            return False
        this = self.company.areas[self.company.units[key].area].type
        return this == "out" or question.on_no_line

    def _asked(self, question: Asked) -> Key:
        return question.candidates[0][:2]

    def _ask_about(self, key: Key, firsts: dict[str, Key], of: tuple[str, str, str] | None) -> None:
        kind, *also = [each for each in CONCERNS if each in firsts]
        one = (*key, self.company.units[key].area, None)
        asked = Asked(
            kind,
            self._says(firsts, of),
            self.here,
            self.source,
            candidates=(one,),
            range=of,
            also=tuple(also),
            on_no_line=not self.company.lines_of(self.here, key[1]),
        )
        self._ask(asked)

    def _says(self, firsts: dict[str, Key], of: tuple[str, str, str] | None) -> str:
        """Return what a question about units must say; `firsts`: the first unit of each concern."""
        item = next(iter(firsts.values()))[1]
        if list(firsts) == ["add_item"]:
            return f"Item {item} is not on {self.here}. Add it?"
        if list(firsts) == ["over_quantity"]:
            return item
        parts = [f"Item {item} is not on {self.here}"] if "add_item" in firsts else []
        for kind, key in firsts.items():
            unit = self.company.units[key]
            if kind not in ("add_item", "over_quantity"):
                parts.append(key[0])
            if of is None and kind == "other_customer":
                parts += [f"sold to {unit.customer}", self.company.documents[self.here].customer]
            elif of is None and kind == "negative":
                back = self._came_back(key)
                parts.append(f"{key[0]} is in {unit.area}, ours")
                if back:
                    on = datetime.fromisoformat(back["at"]).astimezone()
                    parts[-1:] = [f"it came back on {back['document']} on {on.day} {on:%b}"]
        parts.append("Does the customer take" if "negative" in firsts else "all the same?")
        return "\n".join(parts)

    def _attach(self, key: Key, verdict: Verdict, range_: str = "") -> None:
        line = verdict.line
        if line is None:
            line = self._add_line(key[1], negative=verdict.action == "Negative")
        row = self.settings.name, len(self.rows) + 1
        upcoming = self.using
        self.company.attached[self.here, *key] = Attached(
            line, row, upcoming.reason, upcoming.condition, range=range_
        )
        is_regular = not self.company.lines[self.here, line].negative
        self._row(
            verdict.action,
            None,
            key,
            too_many=self._put(line) if is_regular else 0,
            note=verdict.note,
            reason_code=upcoming.reason,
            condition=upcoming.condition,
        )
        self._forget_upcoming(key[0])

    def _forget_upcoming(self, unit: str = "") -> None:
        """Use up what was scanned for the unit, or for a count."""
        if self.is_used or self.using == Upcoming():
            return
        self.is_used, self.upcoming = True, Upcoming()
        if unit and self.using.quantity is not None:
            self.events.append(("quantity not used", self.using.quantity, unit))

    def _add_line(self, item: str, *, negative: bool = False) -> int:
        line = 1 + max(
            (number for document, number in self.company.lines if document == self.here), default=0
        )
        self.company.lines[self.here, line] = Line(item, 0, negative, added=True)
        return line

    def _put(self, number: int) -> int:
        """R9: let the requested quantity of an order follow; return how many are too many."""
        line = self.company.lines[self.here, number]
        if line.added:
            return 0
        above = self.company.credited(self.here, number) - line.requested
        if self.company.documents[self.here].kind == "credit_order" and above > 0:
            line.requested += above
            line.raised += above
        lines = self.company.lines_of(self.here, line.item, regular=True)
        announced = {n: each for n, each in lines.items() if not each.added}
        credited = sum(self.company.credited(self.here, each) for each in announced)
        return max(0, credited - sum(each.announced for each in announced.values()))

    def _take(self, number: int) -> None:
        """Undo `_put` after something was taken off, and drop a line that retrieval added if it is empty."""
        place = self.here, number
        line = self.company.lines[place]
        lower = min(line.raised, max(0, line.requested - self.company.credited(*place)))
        line.requested -= lower
        line.raised -= lower
        counted = any((each.document, each.line) == place for each in self.company.counts.values())
        if line.added and not self.company.on_line(*place) and not counted:
            del self.company.lines[place]

    # M6, counts

    def _countable(self, says: Says) -> str:
        """Return the counted item that a label without a serial number names."""
        fault, ours = self._ours(says)
        known = set(ours.items)
        known |= {code for code, item in self.company.items.items() if says.gtin and item.gtin == says.gtin}
        item = known.pop() if len(known) == 1 and not (fault or says.sscc or says.nothing) else ""
        return item if self._is_counted(item) else ""

    def _is_counted(self, item: str) -> bool:
        return bool(item) and self.wishes.count_items and self.company.items[item].tracking == "none"

    def _count_or_take_off(self, item: str, mode: str) -> None:
        if mode != "detach":
            self._count(item)
            return
        counts = [
            (row, each)
            for row, each in self.company.counts.items()
            if (each.document, each.item) == (self.here, item)
        ]
        free = [row for row, each in counts if each.receipt is None]
        if free:
            self._take_off_count(free[-1])
        elif counts:
            self._refuse_item(Part("is booked already"), item)
        else:
            self._refuse_item(f"not on {self.document}", item)

    def _count(self, item: str, consent: Consent = UNASKED, quantity: int | None = None) -> None:
        count = quantity or self.using.quantity or 1
        verdict = self._give_back(self.company.lines_of(self.here, item, regular=True), count)
        if verdict.reason is not None:
            self._refuse_item(verdict.reason, item, count)
        elif not consent.to.issuperset(verdict.asks):
            says = f"Item {item} is not on {self.here}" if verdict.asks == ("add_item",) else item
            one = (("", item, "", None),)
            self._ask(Asked(verdict.asks[0], says, self.here, self.source, candidates=one, quantity=count))
        else:
            line = verdict.line or self._add_line(item)
            upcoming = self.using
            row = self.settings.name, len(self.rows) + 1
            self.company.counts[row] = Counted(
                self.here,
                line,
                item,
                count,
                is_stated=upcoming.quantity is not None,
                reason=upcoming.reason,
                condition=upcoming.condition,
            )
            self._row_of_count(row, count)
            self._forget_upcoming()

    def _row_of_count(self, row: tuple[str, int], more: int) -> None:
        each = self.company.counts[row]
        self._row(
            "Counted",
            too_many=self._put(each.line),
            item=each.item,
            description=self.company.items[each.item].description,
            quantity=more,
            reason_code=each.reason,
            condition=each.condition,
        )

    def _refuse_item(self, reason: str, item: str, quantity: int = 1) -> None:
        description = self.company.items[item].description
        self._row("Refused", reason, item=item, description=description, quantity=quantity)

    def _quantity(self, argument: str) -> None:
        """QTY, before a scan or after a count."""
        count = self._scanned_last()
        number = int(argument) if argument.isdecimal() else 0
        if not self.wishes.count_items or not 0 < number <= MAX_QUANTITY:
            self._refuse_command("")
        elif not isinstance(count, Counted):
            self.upcoming = replace(self.upcoming, quantity=number)
        elif count.is_stated:
            self._count_more(number)
        elif number == 1:
            count.is_stated = True
            self._refuse_command(f"{count.quantity:,} {count.item}")
        else:
            self._count_more(number - 1, frozenset({"quantity"}))

    def _count_more(self, more: int, consent: frozenset[str] = frozenset()) -> None:
        """Add to the newest count, which QTY is about."""
        newest = self._newest()
        assert newest is not None
        row, count = newest
        assert isinstance(count, Counted)
        verdict = self._give_back(self.company.lines_of(self.here, count.item, regular=True), more)
        if verdict.reason is not None:
            self._refuse_item(verdict.reason, count.item, more)
        elif consent.issuperset(("quantity", *verdict.asks)):
            count.is_stated = True
            count.quantity += more
            self._row_of_count(row, more)
        else:
            is_again = "quantity" not in consent
            says = f"{count.quantity:,} {count.item}" if is_again else count.item
            one = (("", count.item, "", None),)
            asked = Asked("quantity", says, self.here, self.source, candidates=one, quantity=more)
            self._ask(replace(asked, also=verdict.asks))

    def _answer_about_count(self, question: Asked, *, yes: bool) -> None:
        item, newest = self._asked(question)[1], self._newest()
        assert question.quantity is not None
        if not yes:
            self._refuse_item(self.no, item, question.quantity)
        elif question.kind != "quantity":
            self._count(item, Consent(question.concerns), question.quantity)
        elif newest and isinstance(newest[1], Counted) and newest[1].item == item:
            self._count_more(question.quantity, question.concerns)
        else:
            self._refuse(f"there is no count of {item} to add to")

    # M7, reasons and conditions

    def _describe(self, what: str, code: str) -> None:
        last = self._scanned_last()
        known = self.company.reasons if what == "reason" else self.company.conditions
        if getattr(self.wishes, what) == "off":
            self._refuse_command("")
        elif code not in known:
            self._refuse_command("\n".join(known))
        elif last and getattr(last, what) is None:
            setattr(last, what, code)
        else:
            more: dict[str, Any] = {what: code}
            self.upcoming = replace(self.upcoming, **more)

    def _undescribed(self) -> list[str]:
        """Return what a Save must not book, at most 20 of them."""
        for what in ("reason", "condition"):
            if getattr(self.wishes, what) == "required":
                found = [
                    key[1]
                    for key, each in self.company.attached.items()
                    if key[0] == self.here and each.receipt is None and getattr(each, what) is None
                    if not self.company.lines[self.here, each.line].negative
                ]
                found += [
                    each.item
                    for each in self.company.counts.values()
                    if each.document == self.here and each.receipt is None and getattr(each, what) is None
                ]
                if found:
                    return found if len(found) <= MAX_NAMED else [""]
        return []

    def _scanned_last(self) -> Attached | Counted | None:
        """Return what the station's newest row is about, if that is on the document and not booked."""
        row = self.rows[-1] if self.rows else None
        if self.document is None or row is None or row["session"] != len(self.sessions):
            return None
        if row["action"] == "Counted":
            newest = self._newest()
            count = newest[1] if newest else None
            return count if isinstance(count, Counted) and count.item == row["item"] else None
        unit = self.company.attached.get((self.here, row["serial_number"], row["item"]))
        return unit if unit and unit.receipt is None else None

    def _newest(self) -> tuple[tuple[str, int], Attached | Counted] | None:
        """Return what this session attached or counted last and is not booked, and its row."""
        on: list[tuple[str, Attached | Counted, tuple[str, int]]] = [
            (key[0], each, each.row) for key, each in self.company.attached.items()
        ]
        on += [(each.document, each, row) for row, each in self.company.counts.items()]
        mine = [
            (row, each)
            for document, each, row in on
            if document == self.document
            and each.receipt is None
            and row[0] == self.settings.name
            and self.rows[row[1] - 1]["session"] == len(self.sessions)
        ]
        return max(mine, key=lambda found: found[0], default=None)

    # Prompts

    def _answer(self, how: str) -> None:
        question, yes = self.question, how == "yes"
        if how == "later" and (question is None or question.kind != "incomplete"):
            self._refuse_command("there is nothing to answer with LATER")
        elif question is None:
            if how != "timeout":
                self._refuse_command("there is no question to answer")
        elif question.kind in ("choice", "document") and yes:
            self._refuse_command("choose one of the list, or NO")
        else:
            self._settle(question, how)
            if question.kind in OF_DOCUMENT:
                self._do_asked(question, how)
            elif question.quantity is not None:
                self._answer_about_count(question, yes=yes)
            elif question.range:
                self._answer_about_range(question, yes=yes)
            elif question.generating:
                self._make(self._asked(question)[1], Consent(question.concerns) if yes else NO_TO_ALL)
            else:
                self._answer_about_unit(question, yes=yes)

    def _answer_about_range(self, question: Asked, *, yes: bool) -> None:
        of = question.range
        assert of is not None
        if question.kind == "range_size" and not yes:
            self._refuse(self.no)
        elif question.kind == "range_size":
            # Consent to the size doesn't cover the units, which may raise further questions.
            self._treat(self._between(of), UNASKED, of)
        else:
            consent = Consent(question.concerns) if yes else NO_TO_ALL
            self._treat(self._between(of), consent, of, None if yes else question)

    def _answer_about_unit(self, question: Asked, *, yes: bool) -> None:
        """The answer holds for the label's other units of the item, too."""
        if yes:
            key = self._asked(question)
            self._treat([key], consent_about(key[1], self._answers(question, yes=True)))
        else:
            unit = self._asked(question) if len(question.candidates) == 1 else question.unit
            self._refuse(self._declined(), unit)
        self._work_on(question, self._answers(question, yes=yes))

    def _answers(self, question: Asked, *, yes: bool) -> tuple[Answer, ...]:
        before = question.rest.answers if question.rest else ()
        if question.kind in ("choice", "document"):
            return before
        return (*before, (self._asked(question)[1], question.concerns, yes))

    def _do_asked(self, question: Asked, how: str) -> None:
        """Carry out a Yes or LATER to a question about the document; a No changes nothing."""
        if how not in ("yes", "later"):
            return
        if question.kind == "incomplete":
            self._save(is_final=how == "yes", agreed=question.says)
        else:
            self._open(question.documents[0])

    def _work_on(self, question: Asked, answers: tuple[Answer, ...]) -> None:
        """Process the rest of the label, unless the same serial number raises another question."""
        if question.kind != "document" and question.rest and self.question is None:
            self._work(replace(question.rest, answers=answers))

    def _declined(self) -> str:
        return f"{self.no}: {self.rest.number}" if self.rest else self.no

    def _settle(self, question: Asked, how: str) -> None:
        self.question = None
        self.rest = question.rest
        self.no = "nobody answered" if how == "timeout" else "declined"
        self.events.append(("answered", how))
        if question.rest:
            # A quantity was dropped by the label's first unit.
            self.using = replace(question.rest.details, quantity=self.upcoming.quantity)
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
        elif self._is_rescanned(question):
            self._answer("yes")
        else:
            self._refuse("answer first")  # P2

    def _is_rescanned(self, question: Asked) -> bool:
        code, scan = self.source, question.scan
        return (
            question.kind not in ("choice", "document", "incomplete")
            and self.wishes.confirm_by_rescan
            and (code.text, code.identifier) == (scan.text, scan.identifier)
        )

    def _choose_place(self, text: str) -> None:
        question = self.question
        if question is None or question.kind not in ("choice", "document"):
            self._refuse_command("there is nothing to choose from")
            return
        size = len(question.candidates if question.kind == "choice" else question.documents)
        if text not in [str(place) for place in range(1, size + 1)]:
            self._refuse_command(f"choose a number from 1 to {size}")
        elif question.kind == "document":
            self._open_asked(question, question.documents[int(text) - 1])
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
            self._treat([key], consent_about(key[1], self._answers(question, yes=True)))
        self._work_on(question, self._answers(question, yes=True))

    def _cancel(self, _argument: str) -> None:
        if self.question is not None:
            self._answer("no")
        elif self.mode or self.upcoming != Upcoming():
            self._set_mode("")
            self.upcoming = Upcoming()
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
            self._treat(self._between(of), UNASKED, of)

    def _between(self, of: tuple[str, str, str]) -> list[Key]:
        item, first, last = of
        (prefix, start), (_, end) = tail(first), tail(last)
        found = []
        for key in self.company.units:
            rest = key[0][len(prefix) :]
            numbered = key[0].startswith(prefix) and len(rest) == len(start) and not rest.strip(string.digits)
            is_known = key[1] == item and not self.company.units[key].retired
            if is_known and numbered and int(start) <= int(rest) <= int(end):
                found.append(key)
        return sorted(found)

    # M4, taking units off a document

    def _detach_one(self, number: str, found: list[Key]) -> None:
        on = [key for key in found if self.company.holder(key) == self.document]
        booked = [key for key in found if (self.here, *key) in self.company.attached and key not in on]
        if not on:
            key = (booked or found)[0]
            self._refuse(Part("is booked already") if booked else f"not on {self.document}", key)
        elif len(on) > 1:
            self._ask_which(number, on, detaching=True)
        else:
            self._detach(on[0])

    def _detach(self, key: Key) -> None:
        attached = self.company.attached.get((self.here, *key))
        if attached is None:
            self._refuse(f"not on {self.document}", key)
        elif attached.receipt is not None:
            self._refuse(Part("is booked already"), key)
        else:
            del self.company.attached[self.here, *key]
            self._row("Detached", None, key)
            self._take(attached.line)

    def _take_off_count(self, row: tuple[str, int]) -> None:
        count = self.company.counts.pop(row)
        description = self.company.items[count.item].description
        self._row("Detached", item=count.item, description=description, quantity=count.quantity)
        self._take(count.line)

    def _undo(self) -> None:
        newest = self._newest()
        if newest is None:
            self._refuse_command("there is nothing to undo")
        elif isinstance(newest[1], Counted):
            self._take_off_count(newest[0])
        else:
            for key in self._taken_with(newest[1]):
                self._detach(key)

    def _taken_with(self, attached: Attached) -> list[Key]:
        """Return the unit, or the units of its range that are still on the document, the last first."""
        found = [
            (each.row, key[1:])
            for key, each in self.company.attached.items()
            if key[0] == self.document and each.receipt is None
            if each is attached or (each.range and each.range == attached.range)
        ]
        return [key for _, key in sorted(found, reverse=True)]

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

    def _make(self, item: str, consent: Consent = UNASKED) -> None:
        """Judge a unit without a number, which is removed again if it is not attached."""
        area, where = self._sold_area()
        known = self.company.areas.get(area)
        if consent.no:
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
                says = f"Item {item} is not on {self.here}" if verdict.asks == ("add_item",) else item
                one = (("", item, area, None),)
                kind, *also = verdict.asks
                asked = Asked(kind, says, self.here, self.source, candidates=one, generating=True)
                self._ask(replace(asked, also=tuple(also)))
            elif verdict.reason is None:
                self._attach_made(item, area, verdict)
            else:
                self._refuse_unmade(verdict.reason, item)

    def _sold_area(self) -> tuple[str, str]:
        """Return the area (D3), and where it is set."""
        home, default = self._home(), self._default()
        own, there = self.settings.sold, self.company.places[home].sold
        if own:
            return own, "station.stock_areas.sold"
        return self._booking_area("sold"), f"sold_area of location {home if there else default}"

    def _attach_made(self, item: str, area: str, verdict: Verdict) -> None:
        prefix = self.settings.prefix.replace("{location}", self._home())
        units = self.company.units
        found = {key for key, unit in units.items() if not unit.retired}
        borne = {key[0] for key in found} | {units[key].mfr for key in found}
        last = self.company.series.get(prefix, 0)
        for number in range(last + 1, 10**self.settings.digits):
            text = f"{prefix}{number:0{self.settings.digits}}"
            if text not in {key[0] for key in units} and not any(self._same(each, text) for each in borne):
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

    def _open(self, number: str, *, asking: bool = False) -> None:
        reason = self._cannot_open(number)
        if reason:
            self._refuse_command(reason)
        elif asking and self._is_left_undone():
            says = f"{self._progress()}\nopen {number}?"
            asked = Asked("switch_document", says, self.here, self.source, documents=(number,))
            self._ask(asked)  # D11
        else:
            if self.document is not None:
                self._end("replaced")  # D1
            self._set_mode("")
            self.sessions.append(
                {
                    "document": number,
                    "operator": self.operator,
                    "opened_at": self.source.at,
                    "ended_at": None,
                    "why": None,
                    "receipt": None,
                },
            )
            self.events.append(("opened", len(self.sessions), number, self.operator))

    def _cannot_open(self, number: str) -> str:
        document = self.company.documents.get(number)
        if number == self.document:
            return f"{number} is open already"
        if document is None:
            return "is unknown"
        if document.status not in OPEN:
            return f"{number} is {document.status}"  # R11
        if self.wishes.own_location_only and document.location != self._home():
            return f"another location: {document.location}"  # R11
        return ""

    def _is_left_undone(self) -> bool:
        if self.document is None or self.wishes.switch_document == "allow":
            return False
        is_begun = any(key[0] == self.here for key in self.company.attached)
        is_begun |= any(each.document == self.here for each in self.company.counts.values())
        return is_begun and not self._is_complete()

    # M8, which document?

    def _open_by_unit(self, says: Says) -> None:
        wanted = self._documents_of(says) if self.wishes.open_by_unit else []
        if not wanted:
            self._refuse("no document open")  # R1
        elif len(wanted) == 1:
            self._open_and_take(wanted[0], says)
        else:
            _, ours = self._ours(says)
            found = self._bearers(ours.numbers[0], ours, self.wishes.lookup)
            asked = Asked("document", says.numbers[0], "", self.source, documents=tuple(wanted), label=says)
            self._ask(replace(asked, unit=found[0] if len(found) == 1 else None))

    def _open_and_take(self, number: str, says: Says) -> None:
        self._open(number)
        self._use_upcoming()
        self._retrieve(says)

    def _documents_of(self, says: Says) -> list[str]:
        """Return the documents that expect the label's first unit, else its customer's that lack its item."""
        fault, ours = self._ours(says)
        if fault or not ours.numbers:
            return []
        found = self._bearers(ours.numbers[0], ours, self.wishes.lookup)
        numbers = [number for number in sorted(self.company.documents) if not self._cannot_open(number)]
        expect = [n for n in numbers if any((n, key[1], key[0]) in self.company.expected for key in found)]
        return expect or [n for n in numbers if any(self._lacks(n, key) for key in found)]

    def _lacks(self, number: str, key: Key) -> bool:
        customer = self.company.units[key].customer
        lines = self.company.lines_of(number, key[1], regular=True)
        lacking = sum(line.requested - self.company.credited(number, each) for each, line in lines.items())
        return (
            customer != ""
            and customer == self.company.documents[number].customer
            and self.company.holder(key) is None
            and lacking > 0
        )

    def _open_asked(self, question: Asked, number: str) -> None:
        self._settle(question, number)
        reason = self._cannot_open(number)
        if reason:
            self._refuse(reason)
        else:
            assert question.label is not None
            self._open_and_take(number, question.label)

    def _new(self) -> None:
        if not self.wishes.unannounced_returns:
            self._refuse_command("")
        elif self.document is not None:
            self._refuse_command(f"close {self.document} first")
        else:
            self._set_mode("new")

    def _make_document(self, says: Says) -> None:
        """Make a document for the unit's customer, and take the unit."""
        if not says.numbers:
            self._refuse(f"scan the serial number: {self._only(says)}")
            return
        fault, ours = self._ours(says)
        found = [] if fault else self._bearers(ours.numbers[0], ours, self.wishes.lookup)
        barred = [self._barred(key) for key in found]
        free = [key for key, bar in zip(found, barred, strict=True) if bar is None]
        back = [key for key in free if self.company.areas[self.company.units[key].area].type == "out"]
        customers = sorted({self.company.units[key].customer for key in back})
        if not found:
            self._refuse(fault or self._unknown(ours.numbers[0], ours, self.wishes.lookup))
        elif barred[0] is not None and not free:
            self._row(barred[0].action, barred[0].reason, found[0])
        elif not back:
            self._refuse("not in an out area", free[0])
        elif len(customers) > 1:
            self._refuse("units of several customers bear this number: scan the unit's other number")
        else:
            last = self.company.series.get(DOCUMENT_PREFIX, 0) + 1
            self.company.series[DOCUMENT_PREFIX] = last
            number = f"{DOCUMENT_PREFIX}{last:0{DOCUMENT_DIGITS}}"
            made = Document("credit_memo", self._home(), customer=customers[0], unannounced=True)
            self.company.documents[number] = made
            self._open_and_take(number, says)

    def _end(self, why: str, receipt: int | None = None) -> None:
        """End the session (D2), which resets the mode and refuses what an open question is about."""
        self.events.append(("closed", len(self.sessions), self.document, why))
        if self.question is not None:
            self._drop(self.question, why)
        self.sessions[-1] |= {"ended_at": self.source.at, "why": why, "receipt": receipt}
        self.question = None
        self._set_mode("")
        self.upcoming = Upcoming()
        if self.wishes.sign_off_at == "document" and self.operator is not None:
            self._sign_off("document")

    def _drop(self, question: Asked, why: str) -> None:
        """Refuse the question's serial number and the waiting ones, as scanned (P3)."""
        if question.kind in OF_DOCUMENT:
            return
        source, scan = self.source, question.scan
        self.source = replace(source, scanner=scan.scanner, text=scan.text)
        is_made = question.generating or question.quantity is not None
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
            self._refuse(f"{question.document} is {why}: {does or number}", None if is_made else key)
            key = None
        self.source, self.own_rows = source, 0

    def _save(self, *, is_final: bool = True, agreed: str = "") -> None:
        """D3, D6, D7; `agreed`: the numbers that the worker agreed to, which hold only as long as they do."""
        if names := self._undescribed():
            self._refuse_command("\n".join(names))
            return
        targets = self._targets()
        if isinstance(targets, str):
            self._refuse_command(targets)
        elif self._needs_no_question() or self.wishes.save_incomplete == "allow":
            self._book_all(targets, is_final=True)
        elif agreed == self._save_says() and not is_final and not self._has_unbooked():
            self._end("closed")
        elif agreed == self._save_says():
            self._book_all(targets, is_final=is_final)
        elif self.wishes.save_incomplete == "refuse":
            self._refuse_command(self._save_says())
        else:
            self._ask(Asked("incomplete", self._save_says(), self.here, self.source))

    def _save_says(self) -> str:
        unanswered = self._unanswered()
        names = [each if len(each) <= MAX_NAME else f"{each[:MAX_NAME]}…" for each in unanswered]
        shown = ["".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in name) for name in names]
        return "\n".join([self._progress(), *shown[:MAX_NAMED]])

    def _unanswered(self) -> list[str]:
        """Return what this session refused for want of an answer, and did not process later."""
        mine = [row for row in self.rows if row["session"] == len(self.sessions)]

        def is_open(row: dict[str, Any]) -> bool:
            return (row["reason"] or "").split(":")[0] in ("answer first", "nobody answered")

        found = {}
        for place, row in enumerate(mine):
            by = "serial_number" if row["serial_number"] else "text"
            later = [each for each in mine[place + 1 :] if each[by] == row[by]]
            if is_open(row) and all(is_open(each) for each in later):
                found[row["serial_number"] or row["text"]] = True
        return list(found)

    def _has_unbooked(self) -> bool:
        units = (each.receipt for key, each in self.company.attached.items() if key[0] == self.here)
        counts = (each.receipt for each in self.company.counts.values() if each.document == self.here)
        return any(receipt is None for receipt in (*units, *counts))

    def _targets(self) -> list[tuple[str, list[Key]]] | str:
        """Return the units to book and their area, empty if they stay; or why they can't be booked."""
        regular, negative = self._units_on(negative=False), self._units_on(negative=True)
        if self.company.documents[self.here].kind == "credit_order":
            area = self._booking_area("credit_orders")
            fault = self._unsuitable("credit_orders", area, "out") if area and regular + negative else ""
            return fault or [(area, regular + negative)]
        returned, sold = self._booking_area("returned"), self._booking_area("sold")
        fault = self._unsuitable("returned", returned, "stock") if regular else ""
        if not fault and negative:
            fault = self._unsuitable("sold", sold, "out")
        own = [(self._own_area(key) or returned, [key]) for key in regular]
        return fault or [*own, (sold, negative)]

    def _unsuitable(self, name: str, area: str, kind: str) -> str:
        """Return why nothing can be booked into an area."""
        if not area:
            return f"set station.stock_areas.{name}"
        is_known = area in self.company.areas and self.company.areas[area].type == kind
        return "" if is_known else f"stock area {area} for {name}"

    def _own_area(self, key: Key) -> str:
        """Return the area that the unit's condition names (M7)."""
        return self.company.conditions.get(self.company.attached[self.here, *key].condition or "", "")

    def _book_all(self, targets: list[tuple[str, list[Key]]], *, is_final: bool) -> None:
        receipt = self._add_receipt(is_final=is_final)
        moved = sum(self._book(key, area, receipt) for area, keys in targets for key in keys)
        for each in self.company.counts.values():
            if each.document == self.here and each.receipt is None:
                each.receipt = receipt
        self.company.documents[self.here].status = "saved" if is_final else "backorder"
        self.events.append(("saved", self.here, moved, receipt, not is_final))
        self._end("saved" if is_final else "later", receipt)

    def _add_receipt(self, *, is_final: bool) -> int | None:
        number = self.company.next_receipt(self.here)
        made = Receipt(self.source.at, self.settings.name, len(self.sessions), self.operator, is_final)
        self.company.receipts[self.here, number] = made
        return number

    def _quantities(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """Return what is requested, credited, and taken away of each item."""
        requested: dict[str, int] = {}
        credited: dict[str, int] = {}
        away: dict[str, int] = {}
        for (document, number), line in sorted(self.company.lines.items()):
            if document == self.here and line.negative:
                away[line.item] = away.get(line.item, 0) - self.company.credited(document, number)
            elif document == self.here:
                requested[line.item] = requested.get(line.item, 0) + line.requested
                credited[line.item] = credited.get(line.item, 0) + self.company.credited(document, number)
        return requested, credited, away

    def _needs_no_question(self) -> bool:
        """D6; of an unannounced return, nobody knows what is missing or too many (M8)."""
        _, credited, away = self._quantities()
        is_unannounced = self.company.documents[self.here].unannounced
        is_done = is_unannounced and any(credited.values()) and not any(away.values())
        return not self._unanswered() and (self._is_complete() or is_done)

    def _is_complete(self) -> bool:
        requested, credited, away = self._quantities()
        return any(credited.values()) and requested == credited and not any(away.values())

    def _progress(self) -> str:
        """Return the numbers that D6 and D11 tell."""
        requested, credited, away = self._quantities()
        if not any((*requested.values(), *credited.values(), *away.values())):
            return f"{self.here}: nothing is on it"
        here = sum(min(credited[item], count) for item, count in requested.items())
        is_announced = any(requested.values())
        are_here = f"{here} of {sum(requested.values())} are here"
        parts = [f"{self.here}: {are_here if is_announced else 'nothing was announced'}"]
        lacking = [f"{n - credited[item]} {item}" for item, n in requested.items() if n > credited[item]]
        above = [f"{credited[item] - n} {item}" for item, n in requested.items() if n < credited[item]]
        taken = [f"{n} {item}" for item, n in away.items() if n]
        above_name = "Too many" if is_announced else "Here"
        for name, items in (("Missing", lacking), (above_name, above), ("Taken away", taken)):
            if items:
                parts.append(f"{name}: {', '.join(items)}")
        return "\n".join(parts)

    def _units_on(self, *, negative: bool) -> list[Key]:
        """Return the units that are to be booked."""
        return [
            (serial, item)
            for (document, serial, item), each in self.company.attached.items()
            if document == self.here
            and each.receipt is None
            and self.company.lines[document, each.line].negative is negative
        ]

    def _booking_area(self, name: str) -> str:
        places = self.company.places
        own = getattr(self.settings, name), getattr(places[self._home()], name)
        return str(own[0] or own[1] or getattr(places[self._default()], name))

    def _book(self, key: Key, area: str, receipt: int | None) -> bool:
        unit, attached = self.company.units[key], self.company.attached[self.here, *key]
        attached.receipt, attached.booked = receipt, (unit.area, area or unit.area)
        return self._move("Booked", self.here, key, area or unit.area, receipt=receipt)

    def _move(self, event: str, document: str, key: Key, area: str, *, receipt: int | None = None) -> bool:
        """Move a unit; return whether its area changed, without which only a release is a row."""
        unit = self.company.units[key]
        start, unit.area = unit.area, area
        if start == area and event != "Released":
            return False
        attached = self.company.attached[document, *key]
        told = {"reason_code": attached.reason, "condition": attached.condition} if event == "Booked" else {}
        self._add_move(event, document, key, start, receipt=receipt, to_area=area, **told)
        return True

    def _add_move(self, event: str, document: str, key: Key, start: str, **more: Any) -> None:
        move = {
            "at": self.source.at,
            "document": document,
            "event": event,
            "serial_number": key[0],
            "item": key[1],
            "quantity": 1,
            "from_area": start,
            "to_area": start,
            "operator": self.operator,
            "session": len(self.sessions) if event == "Booked" else None,
            "receipt": None,
            "from_item": None,
            "note": None,
            "reason_code": None,
            "condition": None,
            **more,
        }
        self.moves.append(move)
        self.company.moves.append(move)

    def _reopen_document(self, number: str) -> None:
        """D8."""
        standing = self.company.standing(number)
        if not standing:
            self._refuse_command("")
            return
        receipt = max(standing)
        booked = {
            key: e for key, e in self.company.attached.items() if (key[0], e.receipt) == (number, receipt)
        }
        gone = [
            key[1]
            for key, each in booked.items()
            if self.company.units[key[1:]].area != each.booked[1]
            or self.company.units[key[1:]].retired
            or self.company.holder(key[1:])
            or self._is_booked_again(key, self.company.receipts[number, receipt].at)
        ]
        if gone:
            self._refuse_command("\n".join(gone) if len(gone) <= MAX_NAMED else "")
            return
        moved = 0
        for key, each in booked.items():
            moved += self._move("Reopened", number, key[1:], each.booked[0], receipt=receipt)
            each.receipt = None
        for count in self.company.counts.values():
            if (count.document, count.receipt) == (number, receipt):
                count.receipt = None
        self.company.receipts[number, receipt].reopened_at = self.source.at
        self.company.documents[number].status = "backorder" if len(standing) > 1 else "open"
        self.events.append(("reopened", number, receipt, moved))

    def _is_booked_again(self, key: tuple[str, str, str], since: str) -> bool:
        """Whether another document booked the unit since, maybe back into the same area."""
        return any(
            (move["event"], move["serial_number"], move["item"]) == ("Booked", *key[1:])
            and move["document"] != key[0]
            and move["at"] >= since
            and not self.company.receipts[move["document"], move["receipt"]].reopened_at
            for move in self.company.moves
        )

    def _cancel_document(self, number: str) -> None:
        """D4."""
        document = self.company.documents.get(number)
        if document is None or document.status not in OPEN:
            self._refuse_command(f"{number} is {document.status if document else 'unknown'}")
            return
        if document.status == "backorder":
            self._refuse_command("is booked")
            return
        keys = [key for key in self.company.attached if key[0] == number]
        for key in keys:
            self._move("Released", number, key[1:], self.company.units[key[1:]].area)
            del self.company.attached[key]
        self._release_counts(number)
        document.status = "cancelled"
        self.events.append(("cancelled", number, len(keys)))
        if self.document == number:
            self._end("cancelled")

    def _release_counts(self, number: str) -> None:
        released: dict[str, int] = {}
        for row, each in list(self.company.counts.items()):
            if each.document == number:
                released[each.item] = released.get(each.item, 0) + each.quantity
                del self.company.counts[row]
        for item, quantity in released.items():
            self._add_move("Released", number, ("", item), "", quantity=quantity)

    # D5, who works here

    @property
    def _needs_badge(self) -> bool:
        return self.wishes.operator == "required" and self.operator is None

    def _badge(self, code: str) -> None:
        if code in self.company.operators:
            self.operator, self.seen_at = code, self.source.at
            self.events.append(("operator", code))
        else:
            self._refuse_command(f"badge {code} is unknown")

    def _sign_off_by_command(self) -> None:
        if self.operator is None:
            self._refuse_command("")
        else:
            self._sign_off("signoff")

    def _sign_off(self, why: str) -> None:
        self.events.append(("signed off", self.operator, why))
        self.operator = None


def tail(number: str) -> tuple[str, str]:
    """Split a number into its beginning and its final digits."""
    prefix = number.rstrip(string.digits)
    return prefix, number[len(prefix) :]


def consent_about(item: str, answers: tuple[Answer, ...]) -> Consent:
    """Return what a label's answers mean for another unit of the item; what got a Yes stays allowed."""
    yes = frozenset(kind for of, kinds, is_yes in answers if of == item and is_yes for kind in kinds)
    no = frozenset(kind for of, kinds, is_yes in answers if of == item and not is_yes for kind in kinds)
    return Consent(yes, no - yes)
