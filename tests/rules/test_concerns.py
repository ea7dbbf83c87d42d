"""What the station asks about a unit (R8, R9, R12 to R14), and how a range ends (M2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import insert

from station.events import HistoryAdded, RangeRetrieved
from station.outcomes import Tone
from station.questions import Answered, Question, QuestionKind
from station.repository import tables
from station.repository.database import transaction
from station.source import stamp, timestamp
from station.worker.entries import Scanned
from tests.rules.hall import Hall, summary
from tests.rules.test_labels import serials

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.events import Event

TAKE = "Does the customer take it away?"
ALL_THE_SAME = "Take it all the same?"
ACME = "was sold to Acme; CM-1 is Birch's"
LATE = "was returnable until 31 May 2020"
OTHERS = "CO-1 expects other units of PROC"

TABLE: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    # Preferences; labels in order (``>``: a touch; ``|``: a space); the result of the last one, with the note
    # of its row in brackets.
    "R8: a unit that is ours is asked about": ({}, "CM-1 P10", [f"? P10 is in STOCK, ours. {TAKE}"]),
    "R8: Yes makes it negative": ({}, "CM-1 P10 $$YES", ["Negative P10 [ours already: STOCK]"]),
    "R8: No refuses it": ({}, "CM-1 P10 $$NO", ["Refused P10: declined"]),
    "R8: with the item on no line that is named too": (
        {},
        "CM-1 C6",
        [f"? Item CASE is not on CM-1. C6 is in STOCK, ours. {TAKE}"],
    ),
    "R8: one Yes is for both": ({}, "CM-1 C6 $$YES", ["Negative C6 [ours already: STOCK]"]),
    "R8: each unit is asked about": ({}, "CM-1 C6 $$YES C7", [f"? C7 is in STOCK, ours. {TAKE}"]),
    "R8: allowed, it is negative at once, without a note": (
        {"negative": "allow"},
        "CM-1 P10",
        ["Negative P10"],
    ),
    "R8: refused, it is refused": ({"negative": "refuse"}, "CM-1 P10", ["Refused P10: not in an out area"]),
    "R9: a unit too many is counted": ({}, "CM-1 P04 P06 P07 P08", ["Assigned P08 (1 too many)"]),
    "R9: so is the next one": ({}, "CM-1 P04 P06 P07 P08 P09", ["Assigned P09 (2 too many)"]),
    "R9: a full line is not too many": ({}, "CM-1 P04 P06 P07", ["Assigned P07"]),
    "R9: an added line has none too many": ({}, "CM-1 C1 $$YES C3", ["Assigned C3"]),
    "R9: one that was asked about is counted too": (
        {"over_quantity": "prompt"},
        "CM-1 P04 P06 P07 P08 $$YES",
        ["Assigned P08 (1 too many)"],
    ),
    "R12: a unit of another customer is asked about": ({}, "CM-1 P01", [f"? P01 {ACME}. {ALL_THE_SAME}"]),
    "R12: Yes takes it and notes it": ({}, "CM-1 P01 $$YES", ["Assigned P01 [other customer: Acme]"]),
    "R12: No refuses it": ({}, "CM-1 P01 $$NO", ["Refused P01: declined"]),
    "R12: allowed, it is taken and noted": (
        {"other_customer": "allow"},
        "CM-1 P01",
        ["Assigned P01 [other customer: Acme]"],
    ),
    "R12: refused, it is refused": (
        {"other_customer": "refuse"},
        "CM-1 P01",
        ["Refused P01: other customer: Acme"],
    ),
    "R12: a document without a customer is not checked": ({}, "CM-2 P01 $$YES", ["Added P01"]),
    "R12: a unit without a customer is not checked": ({}, "CM-1 P04", ["Assigned P04"]),
    "R12: the same customer is fine": ({}, "CM-1 P03", ["Assigned P03"]),
    "R12: customers are compared exactly": (
        {},
        "CM-1 M1",
        [f"? M1 was sold to birch; CM-1 is Birch's. {ALL_THE_SAME}"],
    ),
    "R13: a late unit is asked about": ({}, "CM-1 P05", [f"? P05 {LATE}. {ALL_THE_SAME}"]),
    "R13: Yes takes it and notes it": (
        {},
        "CM-1 P05 $$YES",
        ["Assigned P05 [late: returnable until 2020-05-31]"],
    ),
    "R13: No refuses it": ({}, "CM-1 P05 $$NO", ["Refused P05: declined"]),
    "R13: allowed, it is taken and noted": (
        {"late_return": "allow"},
        "CM-1 P05",
        ["Assigned P05 [late: returnable until 2020-05-31]"],
    ),
    "R13: refused, it is refused": (
        {"late_return": "refuse"},
        "CM-1 P05",
        ["Refused P05: late: returnable until 2020-05-31"],
    ),
    "R13: one that may still come back is fine": ({}, "CM-1 P06", ["Assigned P06"]),
    "R14: a unit that isn't expected is asked about": (
        {},
        "CO-1 P07",
        [f"? {OTHERS}, not P07. {ALL_THE_SAME}"],
    ),
    "R14: Yes takes it and notes it": ({}, "CO-1 P07 $$YES", ["Assigned P07 [unexpected]"]),
    "R14: No refuses it": ({}, "CO-1 P07 $$NO", ["Refused P07: declined"]),
    "R14: allowed, it is taken and noted": (
        {"unexpected": "allow"},
        "CO-1 P07",
        ["Assigned P07 [unexpected]"],
    ),
    "R14: refused, it is refused": ({"unexpected": "refuse"}, "CO-1 P07", [f"Refused P07: {OTHERS}"]),
    "R14: an expected one is fine": ({}, "CO-1 P08", ["Assigned P08"]),
    "R14: a document that names none expects any": ({}, "CM-1 P07", ["Assigned P07"]),
    "R14: of an item that it doesn't name it expects any": ({}, "CO-1 C1 $$YES", ["Added C1"]),
    "R14: a unit that we number is none of them": (
        {},
        "CO-1 $$GENERATE|PROC",
        [f"? {OTHERS}. {ALL_THE_SAME}"],
    ),
    "R7 and R12 are one question": (
        {},
        "CM-1 C2",
        [f"? Item CASE is not on CM-1. C2 {ACME}. {ALL_THE_SAME}"],
    ),
    "R7 and R12: one Yes is for both": ({}, "CM-1 C2 $$YES", ["Added C2 [other customer: Acme]"]),
    "R9 and R13 are one question": (
        {"over_quantity": "prompt"},
        "CM-1 P04 P06 P07 P05",
        [f"? The line of PROC on CM-1 is full. P05 {LATE}. {ALL_THE_SAME}"],
    ),
    "R8, R12 and R13 are one question": (
        {},
        "CM-1 M5",
        [f"? M5 is in STOCK, ours. M5 {ACME}. M5 {LATE}. {TAKE}"],
    ),
    "R8, R12 and R13: one Yes is for all": (
        {},
        "CM-1 M5 $$YES",
        [
            "Negative M5 [ours already: STOCK; other customer: Acme; late: returnable until 2020-05-31]",
        ],
    ),
    "R12 and R13: a refusal comes before the question": (
        {"late_return": "refuse"},
        "CM-1 M5",
        ["Refused M5: late: returnable until 2020-05-31"],
    ),
    "R4 comes first": ({}, "CM-1 P01 $$YES P01", ["Skipped P01: already on CM-1"]),
    "P2: another label answers nothing": ({}, "CM-1 P01 P02", ["Refused: answer first"]),
    "M2: a range is one question with the counts": (
        {},
        "CM-1 $$RANGE P01 P06",
        [f"? P01 {ACME} (and 1 unit more). P05 {LATE}. Take them all the same?"],
    ),
    "M2: Yes takes all": (
        {},
        "CM-1 $$RANGE P01 P03 $$YES",
        [
            "Assigned P01 [other customer: Acme]",
            "Assigned P02 [other customer: Acme]",
            "Assigned P03",
            "(3 of 3 retrieved)",
        ],
    ),
    "M2: No takes those that needed no answer": (
        {},
        "CM-1 $$RANGE P01 P03 $$NO",
        [
            "Refused P01: declined",
            "Refused P02: declined",
            "Assigned P03",
            "(1 of 3 retrieved; 2 were skipped or refused)",
        ],
    ),
    "M2: a range in both directions is one question": (
        {},
        "CM-1 $$RANGE P07 P10",
        [f"? P10 is in STOCK, ours. {TAKE}"],
    ),
    "M2: a range whose item is not there names that first": (
        {},
        "CM-1 $$RANGE C1 C3",
        [f"? Item CASE is not on CM-1. C2 {ACME}. Take them all the same?"],
    ),
    "M2: UNDO takes the whole range off": (
        {},
        "CM-1 P04 $$RANGE P06 P08 $$UNDO",
        ["Detached P08", "Detached P07", "Detached P06"],
    ),
    "M2: the next UNDO takes off what was there before": (
        {},
        "CM-1 P04 $$RANGE P06 P08 $$UNDO $$UNDO",
        ["Detached P04"],
    ),
    "M2: after another unit UNDO takes off that one": (
        {},
        "CM-1 $$RANGE P06 P07 P04 $$UNDO",
        ["Detached P04"],
    ),
    "M2: UNDO takes off what is left of a range": (
        {},
        "CM-1 $$RANGE P06 P08 $$DETACH P08 $$UNDO",
        ["Detached P07", "Detached P06"],
    ),
}
SEVERAL: dict[str, tuple[list[str], list[str]]] = {
    # Labels with several serial numbers, or answers; the result of the last one.
    "a Yes is for all units of the item on the label": (
        [serials("P01", "P02", "P04"), "$$YES"],
        ["Assigned P01 [other customer: Acme]", "Assigned P02 [other customer: Acme]", "Assigned P04"],
    ),
    "so is a No": (
        [serials("P01", "P04", "P02"), "$$NO"],
        ["Refused P01: declined: P01", "Assigned P04", "Refused P02: declined: P02"],
    ),
    "what the question did not name is asked about": (
        [serials("P01", "P05"), "$$YES"],
        ["Assigned P01 [other customer: Acme]", f"? P05 {LATE}. {ALL_THE_SAME}"],
    ),
    "a No to something else leaves a Yes as it was": (
        [serials("P01", "P05", "P02"), "$$YES", "$$NO"],
        ["Refused P05: declined: P05", "Assigned P02 [other customer: Acme]"],
    ),
}


@pytest.fixture
def known(hall: Hall) -> Hall:
    """The hall, whose office knows more about its units and documents."""
    hall.customer("CM-1", "Birch")
    hall.customer("CM-2", "")
    for number in ("P01", "P02"):
        hall.unit(number, "PROC", customer="Acme")
    hall.unit("P03", "PROC", customer="Birch")
    hall.unit("P05", "PROC", returnable_until="2020-05-31")
    hall.unit("P06", "PROC", returnable_until="2999-12-31")
    hall.unit("C2", "CASE", customer="Acme")
    hall.unit("M1", "MEM", customer="birch")
    hall.unit("M5", "MEM", customer="Acme", returnable_until="2020-05-31")
    hall.expect("CO-1", "PROC", "P08", "P99")
    return hall


def _noted(events: Iterable[Event]) -> list[str]:
    """Summarize events, with what is unusual about a row."""
    lines = []
    for event in events:
        for line in summary([event]):
            text = line
            if isinstance(event, HistoryAdded):
                text += f" [{event.row.note}]" if event.row.note else ""
                text += f" ({event.too_many} too many)" if event.too_many else ""
            lines.append(text)
    return lines


@pytest.mark.parametrize("rule", TABLE)
def test_the_decision_table_of_concerns(known: Hall, rule: str) -> None:
    preferences, texts, expected = TABLE[rule]
    worker = known.worker(**preferences)
    *before, last = (text.replace("|", " ") for text in texts.split(" "))
    for text in before:
        worker.post(text)
    assert _noted(worker.outcome(last).events) == expected


@pytest.mark.parametrize("rule", SEVERAL)
def test_the_decision_table_of_concerns_on_labels_with_several(known: Hall, rule: str) -> None:
    texts, expected = SEVERAL[rule]
    worker = known.worker()
    worker.scan("CM-1")
    for text in texts[:-1]:
        worker.post(text)
    assert _noted(worker.outcome(texts[-1]).events) == expected


# What was seen at docks before these rules


def _came_back(hall: Hall, at: datetime) -> None:
    """Return P04 on CM-1 at a time, and save that."""
    station = hall.worker("dock-9", save_incomplete="allow").station
    for text in ("CM-1", "P04", "$$SAVE"):
        station.post_and_wait(Scanned(stamp(text, "left", at)))
    assert hall.area("P04", "PROC") == "BACK"


def test_r8_a_unit_that_came_back_already_is_never_booked_out_by_one_silent_scan(known: Hall) -> None:
    _came_back(known, datetime(2024, 11, 20, 12, tzinfo=UTC))
    worker = known.worker()
    worker.scan("CO-1")
    outcome = worker.outcome("P04")
    assert outcome.tone is Tone.QUESTION
    assert summary(outcome.events) == [
        f"? P04 is ours already: it came back on CM-1 on 20 Nov 2024. {OTHERS}, not P04. {TAKE}"
    ]
    assert known.attached("CO-1") == []
    answered = _noted(worker.outcome("$$YES").events)
    assert answered == ["Negative P04 [came back on CM-1; unexpected]"]


def test_r8_the_day_has_no_year_if_it_is_this_year(known: Hall) -> None:
    _came_back(known, datetime(2026, 1, 2, 12, tzinfo=UTC))
    station = known.worker().station
    later = datetime(2026, 12, 31, 12, tzinfo=UTC)
    station.post_and_wait(Scanned(stamp("CO-1", "left", later)))
    (said,) = summary(station.post_and_wait(Scanned(stamp("P04", "left", later))).events)
    assert said.startswith("? P04 is ours already: it came back on CM-1 on 2 Jan. ")


def test_r8_a_refusal_names_the_document_it_came_back_on(known: Hall) -> None:
    _came_back(known, datetime(2024, 11, 20, 12, tzinfo=UTC))
    said = known.worker(negative="refuse").scan("CO-1", "P04")
    assert said == ["Refused P04: not in an out area: it came back on CM-1"]


def test_r8_a_unit_that_something_else_moved_since_did_not_come_back_on_a_document(known: Hall) -> None:
    _came_back(known, datetime(2024, 11, 20, 12, tzinfo=UTC))
    move = {
        "station": "dock-9",
        "at": timestamp(datetime(2025, 1, 1, tzinfo=UTC)),
        "serial_number": "P04",
        "item": "PROC",
        "event": "Imported",
    }
    moves = [
        {**move, "number": 2, "from_area": "BACK", "to_area": "SOLD"},
        {**move, "number": 3, "from_area": "SOLD", "to_area": "BACK"},
    ]
    with transaction(known.engine) as connection:
        connection.execute(insert(tables.moves), moves)
    (said,) = known.worker().scan("CO-1", "P04")
    assert said.startswith("? P04 is in BACK, ours. ")


def test_m2_a_range_with_a_gap_says_so_and_is_not_a_plain_good_one(known: Hall) -> None:
    worker = known.worker()
    worker.scan("CM-1", "$$RANGE", "P013")
    with transaction(known.engine) as connection:
        rows = [{"serial_number": f"P01{n}", "item": "PROC", "stock_area": "SOLD"} for n in (4, 5, 7, 8)]
        connection.execute(insert(tables.serial_numbers), rows)
    outcome = worker.outcome("P018")
    told = [event for event in outcome.events if isinstance(event, RangeRetrieved)]
    assert told == [RangeRetrieved("5 of 6 retrieved; P016 is unknown", is_whole=False)]
    assert outcome.events[-1] == told[0]
    assert outcome.tone is Tone.ATTENTION


def test_m2_a_whole_range_is_a_good_one(known: Hall) -> None:
    worker = known.worker()
    worker.scan("CM-1", "$$RANGE", "P06")
    assert worker.outcome("P08").tone is Tone.GOOD


def test_m2_a_retired_unit_is_unknown(known: Hall) -> None:
    known.unit("P07", "PROC", retired=True)
    worker = known.worker()
    assert worker.scan("CM-1", "P07") == ["Refused: unknown serial number"]
    assert worker.scan("$$RANGE", "P06", "P08") == [
        "Assigned P06",
        "Assigned P08",
        "(2 of 3 retrieved; P07 is unknown)",
    ]


def test_r9_a_unit_too_many_is_not_a_plain_good_scan(known: Hall) -> None:
    worker = known.worker()
    worker.scan("CM-1", "P04", "P06", "P07")
    outcome = worker.outcome("P08")
    assert outcome.tone is Tone.ATTENTION
    assert _noted(outcome.events) == ["Assigned P08 (1 too many)"]


def test_r12_a_unit_of_another_customer_is_not_taken_silently(known: Hall) -> None:
    worker = known.worker()
    worker.scan("CM-1")
    assert worker.outcome("P01").tone is Tone.QUESTION
    assert known.attached("CM-1") == []
    worker.scan("$$YES")
    (row,) = known.state()["stations"]["dock-1"]["rows"]
    assert (row["action"], row["note"]) == ("Assigned", "other customer: Acme")


# Over quantity on credit orders


def test_r9_on_an_order_the_requested_quantity_follows_and_goes_back(known: Hall) -> None:
    known.update(tables.lines, {"document": "CO-1", "number": 1}, requested=2)
    worker = known.worker(unexpected="allow")
    worker.scan("CO-1", "P04", "P06", "P07")
    assert known.lines("CO-1") == ["PROC 3/3"]
    assert _noted(worker.outcome("P08").events) == ["Assigned P08 (2 too many)"]
    assert known.lines("CO-1") == ["PROC 4/4"]
    worker.scan("$$UNDO", "$$DETACH", "P04")
    assert known.lines("CO-1") == ["PROC 2/2"]
    worker.scan("$$UNDO")
    assert known.lines("CO-1") == ["PROC 1/2"]


def test_r9_on_a_memo_the_requested_quantity_stays(known: Hall) -> None:
    known.worker().scan("CM-1", "P04", "P06", "P07", "P08")
    assert known.lines("CM-1") == ["PROC 2/1", "MEM 0/5", "PROC 2/2"]


# Over time


def test_what_is_new_since_the_question_is_asked_about(known: Hall) -> None:
    worker = known.worker()
    assert worker.scan("CM-1", "P05") == [f"? P05 {LATE}. {ALL_THE_SAME}"]
    known.unit("P05", "PROC", customer="Acme")
    assert worker.scan("$$YES") == [f"? P05 {ACME}. P05 {LATE}. {ALL_THE_SAME}"]
    answered = _noted(worker.outcome("$$YES").events)
    assert answered == ["Assigned P05 [other customer: Acme; late: returnable until 2020-05-31]"]


def test_what_no_longer_applies_is_not_noted(known: Hall) -> None:
    worker = known.worker()
    worker.scan("CM-1", "P05")
    known.unit("P05", "PROC", returnable_until=None)
    assert _noted(worker.outcome("$$YES").events) == ["Assigned P05"]


def test_what_is_new_in_a_range_since_the_question_is_asked_about(known: Hall) -> None:
    worker = known.worker()
    worker.scan("CM-1", "$$RANGE", "P01", "P04")
    known.unit("P04", "PROC", returnable_until="2020-05-31")
    assert worker.scan("$$YES") == [f"? P01 {ACME} (and 1 unit more). P04 {LATE}. Take them all the same?"]
    assert known.attached("CM-1") == []


def test_r13_the_last_day_is_the_stations_local_day(known: Hall) -> None:
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    today = at.astimezone().date()
    station = known.worker().station
    station.post_and_wait(Scanned(stamp("CM-1", "left", at)))
    known.unit("P04", "PROC", returnable_until=today.isoformat())
    outcome = station.post_and_wait(Scanned(stamp("P04", "left", at)))
    assert summary(outcome.events) == ["Assigned P04"]
    known.unit("P07", "PROC", returnable_until=(today - timedelta(days=1)).isoformat())
    outcome = station.post_and_wait(Scanned(stamp("P07", "left", at)))
    assert summary(outcome.events) == [f"? P07 was returnable until 31 May. {ALL_THE_SAME}"]


def test_p3_the_question_survives_a_restart_with_all_that_it_names(known: Hall) -> None:
    known.worker().scan("CM-1", "M5")
    known.leave()
    question = known.worker().station.desk.state().question
    assert question is not None
    assert question.kinds == (QuestionKind.NEGATIVE, QuestionKind.OTHER_CUSTOMER, QuestionKind.LATE_RETURN)


def test_p3_m2_undo_takes_a_range_off_after_a_restart_too(known: Hall) -> None:
    known.worker().scan("CM-1", "P04", "$$RANGE", "P06", "P08")
    known.leave()
    worker = known.worker()
    assert worker.scan("$$UNDO") == ["Detached P08", "Detached P07", "Detached P06"]
    assert known.attached("CM-1") == ["P04"]


def test_p3_a_question_of_the_earlier_version_is_understood() -> None:
    stored = {
        "kind": "add_item",
        "text": "Item CASE is not on CM-1. Add it? (1 more on this label)",
        "document": "CM-1",
        "source": {"id": "1", "at": "2026-11-23T05:00:00Z", "scanner": "left", "text": "C1"},
        "mode": "",
        "candidates": [],
        "on_no_line": True,
        "rest": {"serials": ["P01"], "several": True, "number": "C1", "consents": [["DISK", True]]},
    }
    question = msgspec.json.decode(msgspec.json.encode(stored), type=Question)
    assert question.kinds == (QuestionKind.ADD_ITEM,)
    assert question.rest is not None
    earlier = (QuestionKind.ADD_ITEM, QuestionKind.OVER_QUANTITY)
    assert question.rest.consents == (Answered("DISK", is_yes=True, kinds=earlier),)


# Receipts


def test_r4_d7_a_unit_that_a_receipt_of_this_document_booked_is_skipped(known: Hall) -> None:
    worker = known.worker()
    worker.scan("CM-1", "P04", "P06", "$$CLOSE")
    known.update(tables.documents, {"number": "CM-1"}, status="backorder")
    known.update(tables.attachments, {"document": "CM-1", "serial_number": "P04"}, receipt=1)
    receipt = {"document": "CM-1", "number": 1, "station": "dock-1", "final": False}
    with transaction(known.engine) as connection:
        connection.execute(insert(tables.receipts), [receipt | {"at": timestamp(datetime.now(UTC))}])
    assert worker.scan("CM-1", "P04") == ["Skipped P04: already on CM-1 (receipt 1)"]
    assert worker.scan("P06") == ["Skipped P06: already on CM-1"]
    assert worker.scan("P07") == ["Assigned P07"]
