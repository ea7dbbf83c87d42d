"""The real retrieval and the model process the same entries; the states are compared after each."""

from __future__ import annotations

import itertools
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, text

from station.repository.checking import findings
from station.repository.database import open_engine
from station.repository.schema import upgrade
from station.source import timestamp
from tests.rules import model, model_station, world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from station.events import Event

GTINS = {"A": "09521000001015", "B": "09521000001022"}
NUMBERS = [*(f"S0{n}" for n in range(1, 8)), "S10", "s02", "S0X", "S002", "T03", "X"]
MFR_NUMBERS = ["M1", "M1", "m1", "M2", "S02", "S04"]
PLACES_IN_POOL = st.integers(0, 60)
TAILED = st.sampled_from(["S01", "S01", "S02", "S03", "S05", "S07", "S10", "s02", "T03", "X"])

AREAS = {
    "STOCK": model.Area("stock", "MAIN"),
    "BACK": model.Area("stock", "MAIN"),
    "SOLD": model.Area("out", "MAIN"),
    "LENT": model.Area("out", "MAIN"),
    "SHELF": model.Area("stock", "SHOP"),
    "GONE": model.Area("out", "SHOP"),
}
SITES = st.sampled_from(["SOLD", "SOLD", "SOLD", "LENT", "STOCK", "GONE", "SHELF"])
DOCUMENTS = {
    "CM-1": model.Document("credit_memo", "MAIN"),
    "CM-2": model.Document("credit_memo", "MAIN"),
    "CO-1": model.Document("credit_order", "MAIN"),
    "CO-2": model.Document("credit_order", "SHOP"),
    "CM-3": model.Document("credit_memo", "SHOP"),
    "CM-4": model.Document("credit_memo", "MAIN", "saved"),
    "CM-5": model.Document("credit_memo", "MAIN", "cancelled"),
    "CM-6": model.Document("credit_memo", "MAIN"),
    "CM-7": model.Document("credit_memo", "MAIN"),
    "CO-8": model.Document("credit_order", "MAIN"),
    "CO-9": model.Document("credit_order", "SHOP"),
}
NUMBERS_OF_DOCUMENTS = st.sampled_from([*DOCUMENTS, "CM-1", "CM-2", "CO-1", "CM-99"])
TRACKINGS = st.sampled_from([*["serialized"] * 4, "auto_serialized", "none"])
RETURNED = st.sampled_from(["BACK", "BACK", "STOCK", "BACK", "", "SOLD", "NOWHERE"])
OUTSIDE = st.sampled_from(["SOLD", "LENT", "LENT", "GONE", "", "BACK"])
KEYS = st.tuples(st.sampled_from(NUMBERS), st.sampled_from("AAABBC"))
CUSTOMERS = st.sampled_from(["", "Acme", "Acme", "Birch"])
# The first scan is on 23 November.
DAYS = st.sampled_from([None, None, None, "2026-11-21", "2026-11-22", "2026-11-23", "2027-01-01"])
UNITS = st.dictionaries(
    KEYS,
    st.builds(
        model.Unit,
        SITES,
        st.none() | st.sampled_from(MFR_NUMBERS),
        customer=CUSTOMERS,
        returnable_until=DAYS,
        retired=st.sampled_from([*[False] * 9, True]),
    ),
    min_size=5,
    max_size=25,
)
EXPECTED = st.sets(
    st.tuples(
        st.sampled_from(["CM-1", "CM-1", "CM-2", "CO-1", "CM-3"]),
        st.sampled_from("AAB"),
        st.sampled_from(NUMBERS),
    ),
    max_size=6,
)
REASONS = {"WRONG": "Wrong item", "BROKEN": "Arrived broken"}
CONDITIONS = {"NEW": "", "USED": "STOCK", "SCRAP": "SHELF"}
LINES = st.lists(st.tuples(st.sampled_from("AAABC"), st.integers(0, 3)), max_size=4)
PLACES = st.builds(model.Place, returned=RETURNED, sold=OUTSIDE, credit_orders=OUTSIDE)
SHOPS = st.builds(model.Place, returned=st.sampled_from(["SHELF", "STOCK", ""]), sold=st.just("GONE"))
ASKS = st.sampled_from(["prompt", "prompt", "allow", "refuse"])
DETAILS = st.sampled_from(["off", "optional", "optional", "optional", "required"])
WISHES = st.builds(
    model.Wishes,
    lookup=st.sampled_from(
        [*[("serial", "mfr_serial")] * 4, *[("mfr_serial", "serial")] * 2, ("serial",), ("mfr_serial",)]
    ),
    own_location_only=st.sampled_from([False, False, True]),
    prompt_when_not_on_document=st.booleans(),
    over_quantity=st.sampled_from(["allow", "prompt", "refuse"]),
    fold_case=st.booleans(),
    unknown_item_code=st.sampled_from(["refuse", "ignore"]),
    confirm_by_rescan=st.booleans(),
    range_confirm_above=st.sampled_from([1000, 1000, 4, 2]),
    negative=ASKS,
    other_customer=ASKS,
    late_return=ASKS,
    unexpected=ASKS,
    save_incomplete=st.sampled_from(["prompt", "prompt", "prompt", "allow", "refuse"]),
    count_items=st.sampled_from([True, True, True, False]),
    open_by_unit=st.booleans(),
    unannounced_returns=st.sampled_from([True, True, False]),
    reason=DETAILS,
    condition=DETAILS,
    operator=st.sampled_from(["optional", "optional", "required"]),
    operator_timeout_min=st.sampled_from([0, 0, 5]),
    sign_off_at=st.sampled_from(["never", "never", "document"]),
    switch_document=st.sampled_from(["prompt", "prompt", "allow"]),
)
SETTINGS = st.builds(
    model.Settings,
    name=st.just(""),
    location=st.sampled_from(["", "MAIN", "SHOP"]),
    returned=st.just("") | RETURNED,
    sold=st.just("") | OUTSIDE,
    credit_orders=st.just("") | OUTSIDE,
    wishes=WISHES,
    # Short series, with some numbers already in use.
    prefix=st.sampled_from(["{location}-", "S0", "S0", "M"]),
    digits=st.sampled_from([6, 1, 1]),
)
WHICH = st.sampled_from([0, 0, 0, 1])


@st.composite
def companies(draw: st.DrawFn) -> model.Company:
    lines = {
        (document, number): model.Line(item, requested)
        for document in ("CM-1", "CM-2", "CO-1", "CM-6", "CM-3")
        for number, (item, requested) in enumerate(draw(LINES), start=1)
    }
    documents = {number: replace(document) for number, document in DOCUMENTS.items()}
    for document in documents.values():
        document.customer = draw(CUSTOMERS)
    return model.Company(
        places={"MAIN": replace(draw(PLACES), default=True), "SHOP": draw(SHOPS)},
        areas=AREAS,
        items={code: model.Item(draw(TRACKINGS), GTINS.get(code), f"The {code}") for code in "ABC"},
        units=draw(UNITS),
        documents=documents,
        lines=lines,
        operators={"E1": "Ines", "E2": "Jonas"},
        expected=draw(EXPECTED),
        reasons=REASONS,
        conditions=CONDITIONS,
    )


class Retrieving(RuleBasedStateMachine):
    """Two stations on one company; `make_engine` returns an empty database with the schema."""

    make_engine: Callable[[], Engine]

    def __init__(self) -> None:
        super().__init__()
        self.engine = type(self).make_engine()
        self.steps = itertools.count()
        self.late = timedelta()
        self.docks: list[world.Dock] = []
        self.models: list[model_station.Station] = []

    @initialize(company=companies(), each=st.lists(SETTINGS, min_size=2, max_size=2), opens=st.booleans())
    def begin(self, company: model.Company, each: list[model.Settings], opens: bool) -> None:  # noqa: FBT001
        world.write(self.engine, company)
        for number, setting in enumerate(each, start=1):
            named = replace(setting, name=f"dock-{number}")
            self.docks.append(world.Dock(self.engine, named))
            self.models.append(model_station.Station(company, named))
        self.compare()
        for which in range(1 + opens):
            self.command(which, "open", "CM-1")

    def teardown(self) -> None:
        for dock in self.docks:
            dock.stop()
        found = list(findings(self.engine)) if self.docks else []
        self.engine.dispose()
        assert found == []

    # Rules

    def pool(self, place: int) -> str:
        """Return a unit's number, or sometimes an unknown one."""
        units = sorted(self.models[0].company.units.items())
        known = [key[0] for key, _ in units] + [unit.mfr for _, unit in units if unit.mfr] + ["S99", "m2"]
        return known[place % len(known)]

    def at_work(self, which: int) -> None:
        """Mostly answer the open question, and open a document if none is open."""
        station = self.models[which]
        if station.wishes.operator == "required" and station.operator is None and next(self.steps) % 8:
            self.command(which, "badge", "E1")
        if station.question and (answer := ["yes", "choose 1", "choose 2", "no", ""][next(self.steps) % 5]):
            self.command(which, *answer.split())
        for number, document in list(station.company.documents.items()):
            if station.is_at_work:
                return
            if document.status in model.OPEN:
                self.command(which, "open", number)

    @rule(which=WHICH, place=PLACES_IN_POOL)
    def serial_number(self, which: int, place: int) -> None:
        self.at_work(which)
        self.scan(which, self.pool(place))

    @rule(which=WHICH, places=st.lists(PLACES_IN_POOL, min_size=2, max_size=5))
    def serial_numbers(self, which: int, places: list[int]) -> None:
        self.at_work(which)
        for place in places:
            self.scan(which, self.pool(place))

    @rule(which=WHICH, place=PLACES_IN_POOL, item=st.sampled_from("AAABB?"))
    def serial_number_with_gtin(self, which: int, place: int, item: str) -> None:
        self.at_work(which)
        self.scan(which, self.pool(place), GTINS.get(item, "00000000000000"))

    @rule(
        which=WHICH,
        places=st.lists(PLACES_IN_POOL, min_size=1, max_size=5),
        gtin=st.sampled_from([None, None, None, *GTINS.values()]),
        items=st.lists(st.sampled_from("AABBC?"), max_size=2, unique=True),
        word=st.sampled_from(["", "", "", "", "detach", "mfg", "range", "generate"]),
    )
    def a_label_with_several(
        self, which: int, places: list[int], gtin: str | None, items: list[str], word: str
    ) -> None:
        self.at_work(which)
        if word:
            self.command(which, word)
        numbers = tuple(dict.fromkeys(self.pool(place) for place in places))
        self.label(which, model.Says(numbers, gtin, tuple(items)))

    @rule(
        which=WHICH,
        places=st.lists(PLACES_IN_POOL, min_size=2, max_size=5),
        answers=st.lists(st.sampled_from(["yes", "yes", "no", "choose 1", "choose 2"]), max_size=4),
    )
    def a_label_with_several_and_answers(self, which: int, places: list[int], answers: list[str]) -> None:
        self.at_work(which)
        self.label(which, model.Says(tuple(dict.fromkeys(self.pool(place) for place in places))))
        for answer in answers:
            self.command(which, *answer.split())

    @rule(
        which=WHICH,
        item=st.sampled_from("ABC"),
        places=st.lists(st.integers(0, 9), min_size=2, max_size=4, unique=True),
        answers=st.sampled_from([["no"], ["no", "no"], ["yes"], ["yes", "no"], ["choose 1", "no"]]),
    )
    def a_label_of_one_item(self, which: int, item: str, places: list[int], answers: list[str]) -> None:
        known = sorted(key[0] for key in self.models[0].company.units if key[1] == item) or ["S99"]
        self.at_work(which)
        self.label(which, model.Says(tuple(dict.fromkeys(known[place % len(known)] for place in places))))
        for answer in answers:
            self.command(which, *answer.split())

    @rule(
        which=WHICH,
        says=st.sampled_from(
            [
                model.Says((), GTINS["A"]),
                model.Says((), "00000000000000"),
                model.Says((), None, ("A",)),
                model.Says((), GTINS["B"], ("A", "?")),
                model.Says((), sscc="106141412345678908"),
                model.Says((), nothing="the label holds no serial number (GS1 element string)"),
            ]
        ),
        word=st.sampled_from(["", "", "generate"]),
    )
    def a_label_of_no_unit(self, which: int, says: model.Says, word: str) -> None:
        if word:
            self.at_work(which)
            self.command(which, word)
        self.label(which, says)

    @rule(
        which=WHICH,
        item=st.sampled_from(["A", "A", "B", "C", GTINS["A"], GTINS["B"][1:], "S01"]),
        times=st.integers(1, 4),
        answers=st.lists(st.sampled_from(["yes", "yes", "no"]), max_size=2),
    )
    def a_unit_to_be_numbered(self, which: int, item: str, times: int, answers: list[str]) -> None:
        for _time in range(times):
            self.at_work(which)
            self.command(which, "generate", item)
            for answer in answers:
                self.command(which, answer)

    @rule(which=WHICH, item=st.sampled_from(["A", "B", GTINS["B"], "S01"]), then=PLACES_IN_POOL)
    def an_item_to_be_numbered(self, which: int, item: str, then: int) -> None:
        self.at_work(which)
        self.command(which, "generate")
        self.scan(which, item)
        self.scan(which, self.pool(then))

    @rule(which=WHICH, text=st.sampled_from(["A", "B", "9521000001015", "09521000001022", "95210015"]))
    def an_item_by_its_code(self, which: int, text: str) -> None:
        self.scan(which, text)

    @rule(which=WHICH, first=TAILED, last=TAILED, item=st.sampled_from([None, None, None, "A", "B"]))
    def a_range(self, which: int, first: str, last: str, item: str | None) -> None:
        self.at_work(which)
        self.command(which, "range")
        self.scan(which, first, GTINS.get(item or ""))
        self.scan(which, last, GTINS.get(item or ""))

    @rule(which=WHICH, item=st.sampled_from("AAB"), places=st.tuples(PLACES_IN_POOL, PLACES_IN_POOL))
    def a_range_of_units(self, which: int, item: str, places: tuple[int, int]) -> None:
        known = sorted(key[0] for key in self.models[0].company.units if key[1] == item) or ["S99"]
        self.at_work(which)
        self.command(which, "range")
        for place in sorted(place % len(known) for place in places):
            self.scan(which, known[place])

    @rule(which=WHICH, word=st.sampled_from(["detach", "mfg"]), place=PLACES_IN_POOL)
    def one_for_a_mode(self, which: int, word: str, place: int) -> None:
        self.at_work(which)
        self.command(which, word)
        self.scan(which, self.pool(place))

    @rule(which=WHICH, place=PLACES_IN_POOL)
    def something_off_again(self, which: int, place: int) -> None:
        self.at_work(which)
        on = sorted(
            key[1] for key in self.models[0].company.attached if key[0] == self.models[which].document
        )
        self.command(which, "detach")
        self.scan(which, on[place % len(on)] if on else self.pool(place))

    @rule(
        which=WHICH,
        word=st.sampled_from(["range", "mfg", "detach", "generate", "undo", "undo", "undo", "history"]),
    )
    def a_command(self, which: int, word: str) -> None:
        self.command(which, word)

    @rule(
        which=WHICH,
        word=st.sampled_from(["close", "save", "save", "open", "open", "open", "badge", "cancel-document"]),
        number=NUMBERS_OF_DOCUMENTS,
        code=st.sampled_from(["E1", "E2", "E9"]),
    )
    def a_larger_command(self, which: int, word: str, number: str, code: str) -> None:
        arguments = {"close": "", "save": "", "badge": code}
        self.command(which, word, arguments.get(word, number))

    @rule(
        which=WHICH,
        places=st.lists(PLACES_IN_POOL, min_size=2, max_size=6),
        end=st.sampled_from(["save", "save", "cancel-document", "close"]),
    )
    def a_whole_session(self, which: int, places: list[int], end: str) -> None:
        for place in places:
            self.at_work(which)
            self.scan(which, self.pool(place))
        self.command(which, "no")
        document = self.models[which].document or "CM-1"
        self.command(which, end, document if end == "cancel-document" else "")
        self.command(which, "open", document)
        self.command(which, "undo")

    @rule(which=WHICH, number=NUMBERS_OF_DOCUMENTS, place=PLACES_IN_POOL)
    def a_document_and_a_serial_number(self, which: int, number: str, place: int) -> None:
        self.anything(which, number)
        self.scan(which, self.pool(place))

    @precondition(lambda self: any(each.question for each in self.models))
    @rule(text=st.sampled_from(["yes", "yes", "no", "cancel", "timeout", "choose 1", "choose 2", "choose 9"]))
    def an_answer(self, text: str) -> None:
        which = next(which for which, each in enumerate(self.models) if each.question)
        self.command(which, *text.split())

    @precondition(lambda self: any(each.question for each in self.models))
    @rule(place=st.integers(0, 4))
    def an_answer_by_scan(self, place: int) -> None:
        which = next(which for which, each in enumerate(self.models) if each.question)
        question = self.models[which].question
        assert question is not None
        texts = [candidate[0] for candidate in question.candidates if candidate[0]] + [question.scan.text]
        texts += question.documents
        self.anything(which, texts[place % len(texts)])

    @precondition(lambda self: any(each.question for each in self.models))
    @rule(place=PLACES_IN_POOL, yes=st.sampled_from(["yes", "no"]))
    def an_answer_after_somebody_else(self, place: int, yes: str) -> None:
        which = next(which for which, each in enumerate(self.models) if each.question)
        question = self.models[which].question
        assert question is not None
        self.command(1 - which, "open", question.document or "CM-1")
        items = {candidate[1] for candidate in question.candidates}
        alike = sorted(key[0] for key in self.models[0].company.units if key[1] in items) or ["S99"]
        self.scan(1 - which, alike[place % len(alike)])
        self.command(1 - which, "yes")
        self.command(which, yes)

    @rule(which=WHICH)
    def a_restart(self, which: int) -> None:
        self.docks[which].stop()
        self.docks[which].start()

    @rule(which=WHICH, place=PLACES_IN_POOL)
    def a_crash_before_the_commit(self, which: int, place: int) -> None:
        dock, source = self.docks[which], world.source_of(self.source(self.pool(place)))
        dock.do(lambda: dock.scanned(source), crash=True)
        self.compare()

    # Steps

    def source(self, text: str, identifier: str | None = None) -> model.Scan:
        step = next(self.steps)
        at = datetime(2026, 11, 23, 5, tzinfo=UTC) + timedelta(milliseconds=step) + self.late
        return model.Scan(f"{step:032}", timestamp(at), f"scanner-{step % 3}", text, identifier)

    def scan(self, which: int, number: str, gtin: str | None = None) -> None:
        says = model.Says((number,), gtin, is_plain=gtin is None)
        source = self.source(f"01{gtin}21{number}", "]C1") if gtin else self.source(number)
        self.step(which, source, lambda dock: dock.scanned, lambda m: m.scan(source, says))

    def anything(self, which: int, text: str) -> None:
        """Scan a command, a document's number or a serial number."""
        if text.startswith("$$"):
            word, _, argument = text[2:].partition(" ")
        elif re.fullmatch("C[OM]-[0-9]+", text):
            word, argument = "open", text
        else:
            self.scan(which, text)
            return
        source = self.source(text)
        self.step(
            which,
            source,
            lambda dock: dock.scanned,
            lambda m: m.command(source, word.lower(), argument, scanned=True),
        )

    def label(self, which: int, says: model.Says) -> None:
        """Scan a label of ISO/IEC 15434 with these contents, or of GS1 if necessary."""
        fields = [f"1P{code}" for code in says.items[:1]] + [f"P{code}" for code in says.items[1:]]
        fields += [f"8P{says.gtin}"] if says.gtin else []
        fields += [f"S{number}" for number in says.numbers]
        if says.sscc:
            source = self.source(f"00{says.sscc}", "]C1")
        elif says.nothing:
            source = self.source("10LOT", "]C1")
        else:
            source = self.source(f"[)>\x1e06\x1d{chr(0x1D).join(fields)}\x1e\x04")
        self.step(which, source, lambda dock: dock.scanned, lambda m: m.scan(source, says))

    def command(self, which: int, word: str, argument: str = "") -> None:
        source = self.source(f"{word} {argument}".strip())
        self.step(
            which,
            source,
            lambda dock: dock.expired if word == "timeout" else dock.commanded,
            lambda m: m.command(source, word, argument),
        )

    def step(
        self,
        which: int,
        scan: model.Scan,
        serve: Callable[[world.Dock], Callable[..., list[Event]]],
        predict: Callable[[model_station.Station], list[tuple[Any, ...]]],
    ) -> None:
        dock, source = self.docks[which], world.source_of(scan)
        events = dock.do(lambda: serve(dock)(source))
        actual = [each for event in events if (each := world.plain(event)) is not None]
        expected = predict(self.models[which])
        assert [world.shortened(*pair) for pair in zip(actual, expected, strict=False)] == expected
        assert len(actual) == len(expected)
        # I4: the scan's id is its first row's.
        assert dock.repository.is_applied(scan.id) is bool(self.models[which].own_rows)
        self.compare()

    def compare(self) -> None:
        state = world.read(self.engine)
        assert state["company"] == self.models[0].company.state()
        for each in self.models:
            found, expected = state["stations"][each.settings.name], each.state()
            found["question"] = world.shortened_question(found["question"], expected["question"])
            assert found == expected


class Returning(Retrieving):
    """The same with customers, expected units, counts, reasons, receipts and operators."""

    @rule(
        which=WHICH,
        item=st.sampled_from("ABC"),
        before=st.sampled_from(["", "", "5", "2", "10001", "x"]),
        after=st.lists(st.sampled_from(["1", "2", "3", "10000", "0"]), max_size=2),
        answer_then=st.tuples(
            st.sampled_from(["yes", "no", ""]), st.sampled_from(["", "", "undo", "undo", "detach"])
        ),
    )
    def a_count(
        self, which: int, item: str, before: str, after: list[str], answer_then: tuple[str, str]
    ) -> None:
        items = self.models[0].company.items
        counted = next((code for code, each in items.items() if each.tracking == "none"), item)
        answer, then = answer_then
        self.at_work(which)
        if before:
            self.command(which, "qty", before)
        self.scan(which, counted)
        if answer:
            self.command(which, answer)
        for number in after:
            self.command(which, "qty", number)
        if after and answer:
            self.command(which, answer)
        if then:
            self.command(which, then)
        if then == "detach":
            self.scan(which, counted)

    @rule(
        which=WHICH,
        what=st.sampled_from(["reason", "condition"]),
        code=st.sampled_from([*REASONS, *CONDITIONS, "?"]),
        place=PLACES_IN_POOL,
        again=st.sampled_from(["WRONG", "USED", "", ""]),
    )
    def a_unit_with_a_detail(self, which: int, what: str, code: str, place: int, again: str) -> None:
        self.at_work(which)
        self.command(which, what, code)
        self.scan(which, self.pool(place))
        if again:
            self.command(which, "reason" if again in REASONS else "condition", again)

    @rule(which=WHICH, reason=st.sampled_from([*REASONS]), condition=st.sampled_from([*CONDITIONS]))
    def details_of_all(self, which: int, reason: str, condition: str) -> None:
        """Give what is on the document its details, as a required one demands it, by scanning it again."""
        station = self.models[which]
        self.at_work(which)
        for key, each in list(station.company.attached.items()):
            if key[0] == station.document and each.receipt is None and not (each.reason and each.condition):
                self.command(which, "detach")
                self.scan(which, key[1])
                self.command(which, "reason", reason)
                self.command(which, "condition", condition)
                self.scan(which, key[1])
                self.command(which, "yes")

    @rule(
        which=WHICH,
        places=st.lists(PLACES_IN_POOL, max_size=3),
        answer=st.sampled_from(["yes", "later", "later", "later", "no", "timeout", "cancel", "choose 1", ""]),
        number=NUMBERS_OF_DOCUMENTS,
        then=st.sampled_from(["reopen-document", "reopen-document", "cancel-document", "open", ""]),
    )
    def a_save(self, which: int, places: list[int], answer: str, number: str, then: str) -> None:
        for place in places:
            self.at_work(which)
            self.scan(which, self.pool(place))
        self.command(which, "no")
        number = self.models[which].document or number
        self.command(which, "save")
        if answer:
            self.command(which, *answer.split())
        if then:
            self.command(which, then, number)

    @rule(which=WHICH, number=NUMBERS_OF_DOCUMENTS)
    def a_reopening(self, which: int, number: str) -> None:
        self.command(which, "reopen-document", number)

    @rule(
        which=WHICH,
        text=st.sampled_from(["$$SAVE", "$$SAVE", "$$UNDO", "$$YES", "$$LATER", "CM-2", "CO-1", "$$SIGNOFF"]),
        times=st.integers(1, 2),
    )
    def a_code_of_the_sheet(self, which: int, text: str, times: int) -> None:
        for _time in range(times):
            self.anything(which, text)

    @rule(which=WHICH, item=st.sampled_from("AAB"), places=st.tuples(PLACES_IN_POOL, PLACES_IN_POOL))
    def a_range_and_back(self, which: int, item: str, places: tuple[int, int]) -> None:
        self.a_range_of_units(which, item, places)
        self.command(which, "yes")
        self.command(which, "undo")

    @rule(
        which=WHICH,
        place=PLACES_IN_POOL,
        answer=st.sampled_from(["choose 1", "choose 2", "yes", "no", "CM-1", "CM-2", ""]),
    )
    def a_unit_for_any_document(self, which: int, place: int, answer: str) -> None:
        if self.models[which].document:
            self.command(which, "no")
            self.command(which, "close")
        self.scan(which, self.pool(place))
        if answer.startswith("C"):
            self.anything(which, answer)
        elif answer:
            self.command(which, *answer.split())

    @rule(which=WHICH, place=PLACES_IN_POOL, answer=st.sampled_from(["yes", "no", "cancel"]))
    def an_unannounced_return(self, which: int, place: int, answer: str) -> None:
        """Only with a number that one unit bears: which of several is chosen before there is a document."""
        company = self.models[0].company
        borne = [key[0].lower() for key in company.units]
        borne += [unit.mfr.lower() for unit in company.units.values() if unit.mfr]
        known = [each for each in sorted(borne) if borne.count(each) == 1]
        alone = [key[0] for key in sorted(company.units) if key[0].lower() in known] or ["S99"]
        if self.models[which].document:
            self.command(which, "close")
        self.command(which, "new")
        if not self.models[which].question:
            self.scan(which, alone[place % len(alone)])
            self.command(which, answer)

    @rule(
        which=WHICH,
        minutes=st.sampled_from([0, 0, 7]),
        word=st.sampled_from(["badge", "badge", "signoff", "new"]),
    )
    def a_shift(self, which: int, minutes: int, word: str) -> None:
        """Longer than the operator's timeout: it doesn't matter whether an expiry counts as work."""
        self.late += timedelta(minutes=minutes)
        self.command(which, word, "E2" if word == "badge" else "")

    @precondition(lambda self: any(each.question for each in self.models))
    @rule()
    def an_answer_for_later(self) -> None:
        which = next(which for which, each in enumerate(self.models) if each.question)
        self.command(which, "later")


def _run(machine: type[Retrieving], examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        report_multiple_bugs=False,
        phases=(Phase.reuse, Phase.generate, Phase.shrink),
    )
    run_state_machine_as_test(machine, settings=chosen)


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory for all databases of a run; each is deleted when the next is created."""
    with TemporaryDirectory() as name:
        yield Path(name)


def on_sqlite(directory: Path) -> type[Retrieving]:
    template = directory / "template.db"
    engine = open_engine(f"sqlite:///{template}")
    upgrade(engine)
    engine.dispose()
    path = directory / "company.db"

    def make() -> Engine:
        for each in directory.glob("company.db*"):
            each.unlink()
        shutil.copy(template, path)
        return open_engine(f"sqlite:///{path}")

    class OnSqlite(Returning):
        make_engine = staticmethod(make)

    return OnSqlite


def on_postgresql(url: str) -> type[Retrieving]:
    """A database that is emptied for each example, which is faster than creating one."""

    def make() -> Engine:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            tables = connection.execute(
                text(
                    "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE schemaname = 'public'"
                    " AND tablename <> 'alembic_version'"
                )
            ).scalar_one()
            connection.execute(text(f"SET session_replication_role = replica; TRUNCATE {tables} CASCADE"))
            for name in ("serial_number", "mfr_serial_number"):
                connection.execute(text(f"DROP INDEX IF EXISTS ix_folded_{name}"))
        engine.dispose()
        return open_engine(url)

    class OnPostgresql(Returning):
        make_engine = staticmethod(make)

    return OnPostgresql


@pytest.mark.timeout(900)  # shrinking a failure takes minutes
def test_the_rules_hold_whatever_is_scanned_answered_and_interrupted_on_sqlite(directory: Path) -> None:
    _run(on_sqlite(directory), 40, 40)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_the_rules_hold_whatever_is_scanned_answered_and_interrupted_on_sqlite_at_length(
    directory: Path,
) -> None:
    _run(on_sqlite(directory), 80, 50)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_the_rules_hold_whatever_is_scanned_answered_and_interrupted_on_postgresql(postgres_url: str) -> None:
    _run(on_postgresql(postgres_url), 40, 40)
