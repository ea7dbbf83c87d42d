"""Counting items without serial numbers (M6), through a whole station on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from station.events import HistoryAdded
from station.repository import tables
from station.repository.database import reading, transaction
from station.source import stamp
from station.worker.entries import Commanded, Scanned
from tests.rules.hall import Hall, summary
from tests.rules.test_labels import envelope

if TYPE_CHECKING:
    from station.events import Event
    from station.history import HistoryRow
    from tests.rules.hall import Worker

GTIN = "09521000001039"
FULL = "? The line of CABLE on CM-1 is full. Credit more than requested?"
MORE = "? With {} more CABLE, CM-1 has more than requested. Count them all the same?"
ADD = "? Item PLUG is not on CM-1. Add it?"
DOCUMENT = "CM-1"


@pytest.fixture(autouse=True)
def cables(hall: Hall) -> None:
    """CM-1 announces three CABLE, and two on a later line; PLUG is on no document."""
    with transaction(hall.engine) as connection:
        connection.execute(tables.items.update().where(tables.items.c.code == "CABLE").values(gtin=GTIN))
        connection.execute(
            insert(tables.items), {"code": "PLUG", "description": "Plug", "gtin": None, "tracking": "none"}
        )
        line = {"document": DOCUMENT, "negative": False, "added": False, "item": "CABLE"}
        connection.execute(
            insert(tables.lines),
            [line | {"number": 4, "requested": 3}, line | {"number": 5, "requested": 2}],
        )


TABLE: dict[str, tuple[dict[str, Any], list[str], list[str], list[str]]] = {
    # Preferences; the scans after CM-1; the result of the last one; the counts that stand, by line.
    "the item's code counts one": ({}, ["CABLE"], ["Counted"], ["4: 1 CABLE"]),
    "so does its GTIN as text": ({}, [GTIN[1:]], ["Counted"], ["4: 1 CABLE"]),
    "and its article's bar code": ({}, [f"]E0{GTIN[1:]}"], ["Counted"], ["4: 1 CABLE"]),
    "and a GS1 label of it": ({}, [f"]C101{GTIN}10LOT"], ["Counted"], ["4: 1 CABLE"]),
    "and an envelope with its code": ({}, [envelope("1PCABLE")], ["Counted"], ["4: 1 CABLE"]),
    "each scan counts": ({}, ["CABLE", "CABLE"], ["Counted"], ["4: 1 CABLE", "4: 1 CABLE"]),
    "a full line leaves the next to the rest": (
        {},
        ["$$QTY 3", "CABLE", "CABLE"],
        ["Counted"],
        ["4: 3 CABLE", "5: 1 CABLE"],
    ),
    "R1: without a document it is refused": (
        {},
        ["$$CLOSE", "CABLE"],
        ["Refused: no document open"],
        [],
    ),
    "by preference nothing is counted": (
        {"count_items": False},
        ["CABLE"],
        ["Refused: scan the serial number: CABLE is only the item CABLE"],
        [],
    ),
    "nor with a bar code": (
        {"count_items": False},
        [f"]E0{GTIN[1:]}"],
        ["Refused: scan the serial number: this is only the item CABLE"],
        [],
    ),
    "nor with a quantity": (
        {"count_items": False},
        ["$$QTY 3"],
        ["! items are not counted here: set preferences.count_items"],
        [],
    ),
    "R10: a unit with a serial number of such an item stays refused": (
        {},
        ["W1"],
        ["Refused W1: item is not serialized"],
        [],
    ),
    "an item with serial numbers is not counted": (
        {},
        ["PROC"],
        ["Refused: scan the serial number: PROC is only the item PROC"],
        [],
    ),
    "R7: an item that is not on the document is asked about": ({}, ["PLUG"], [ADD], []),
    "R7: Yes counts it": ({}, ["PLUG", "$$YES"], ["Counted"], ["6: 1 PLUG"]),
    "R7: No doesn't": ({}, ["PLUG", "$$NO"], ["Refused: declined"], []),
    "R7: the quantity waits for the answer": ({}, ["$$QTY 4", "PLUG", "$$YES"], ["Counted"], ["6: 4 PLUG"]),
    "R7: without prompting it is counted": (
        {"prompt_when_not_on_document": False},
        ["PLUG"],
        ["Counted"],
        ["6: 1 PLUG"],
    ),
    "R7: the next one is counted at once": (
        {},
        ["PLUG", "$$YES", "PLUG"],
        ["Counted"],
        ["6: 1 PLUG", "6: 1 PLUG"],
    ),
    "R9: too many are counted": ({}, ["$$QTY 6", "CABLE"], ["Counted"], ["4: 6 CABLE"]),
    "R9: as many as are announced on all lines are not too many": (
        {"over_quantity": "refuse"},
        ["$$QTY 5", "CABLE"],
        ["Counted"],
        ["4: 5 CABLE"],
    ),
    "R9: they can be refused": (
        {"over_quantity": "refuse"},
        ["$$QTY 6", "CABLE"],
        ["Refused: above the requested quantity"],
        [],
    ),
    "R9: they can be asked about": ({"over_quantity": "prompt"}, ["$$QTY 6", "CABLE"], [MORE.format(6)], []),
    "R9: one more as well": (
        {"over_quantity": "prompt"},
        ["$$QTY 5", "CABLE", "CABLE"],
        [FULL],
        ["4: 5 CABLE"],
    ),
    "R9: Yes counts them": (
        {"over_quantity": "prompt"},
        ["$$QTY 6", "CABLE", "$$YES"],
        ["Counted"],
        ["4: 6 CABLE"],
    ),
    "R9: an item that nobody announced has no quantity to exceed": (
        {"over_quantity": "refuse"},
        ["$$QTY 9", "PLUG", "$$YES"],
        ["Counted"],
        ["6: 9 PLUG"],
    ),
    "P2: nothing else answers": ({}, ["PLUG", "CABLE"], ["Refused: answer first"], []),
    "P2: a quantity neither": ({}, ["PLUG", "$$QTY 2"], ["! answer first"], []),
    "P2: the same code confirms by preference": (
        {"confirm_by_rescan": True},
        ["PLUG", "PLUG"],
        ["Counted"],
        ["6: 1 PLUG"],
    ),
    # Quantities
    "a quantity before the scan": ({}, ["$$QTY 4", "CABLE"], ["Counted"], ["4: 4 CABLE"]),
    "it holds for one scan": ({}, ["$$QTY 2", "CABLE", "CABLE"], ["Counted"], ["4: 1 CABLE", "4: 2 CABLE"]),
    "the last one before the scan counts": ({}, ["$$QTY 4", "$$QTY 2", "CABLE"], ["Counted"], ["4: 2 CABLE"]),
    "a quantity after the scan": ({}, ["CABLE", "$$QTY 5"], ["Counted"], ["4: 5 CABLE"]),
    "of one, after the scan": ({}, ["CABLE", "$$QTY 1"], ["! 1 CABLE is counted already"], ["4: 1 CABLE"]),
    "two quantities are asked about": (
        {},
        ["CABLE", "$$QTY 2", "$$QTY 2"],
        ["? 2 CABLE are counted already. Count 2 more?"],
        ["4: 2 CABLE"],
    ),
    "before and after as well": (
        {},
        ["$$QTY 2", "CABLE", "$$QTY 2"],
        ["? 2 CABLE are counted already. Count 2 more?"],
        ["4: 2 CABLE"],
    ),
    "and after a quantity of one": (
        {},
        ["CABLE", "$$QTY 1", "$$QTY 2"],
        ["? 1 CABLE is counted already. Count 2 more?"],
        ["4: 1 CABLE"],
    ),
    "Yes adds them up": ({}, ["CABLE", "$$QTY 2", "$$QTY 2", "$$YES"], ["Counted"], ["4: 4 CABLE"]),
    "No leaves them": ({}, ["CABLE", "$$QTY 2", "$$QTY 2", "$$NO"], ["Refused: declined"], ["4: 2 CABLE"]),
    "R9: a quantity after the scan can be too many": (
        {"over_quantity": "refuse"},
        ["CABLE", "$$QTY 6"],
        ["Refused: above the requested quantity"],
        ["4: 1 CABLE"],
    ),
    "R9: it is asked about": (
        {"over_quantity": "prompt"},
        ["CABLE", "$$QTY 6"],
        [MORE.format(5)],
        ["4: 1 CABLE"],
    ),
    "R9: Yes sets it": (
        {"over_quantity": "prompt"},
        ["CABLE", "$$QTY 6", "$$YES"],
        ["Counted"],
        ["4: 6 CABLE"],
    ),
    "R9: both are one question": (
        {"over_quantity": "prompt"},
        ["$$QTY 4", "CABLE", "$$QTY 2"],
        ["? 4 CABLE are counted already, and with 2 more CM-1 has more than requested. Count them too?"],
        ["4: 4 CABLE"],
    ),
    "R9: one Yes answers both": (
        {"over_quantity": "prompt"},
        ["$$QTY 4", "CABLE", "$$QTY 2", "$$YES"],
        ["Counted"],
        ["4: 6 CABLE"],
    ),
    "a quantity after another unit is for the next count": (
        {},
        ["CABLE", "P01", "$$QTY 3", "CABLE"],
        ["Counted"],
        ["4: 1 CABLE", "4: 3 CABLE"],
    ),
    "so is one after something refused": (
        {},
        ["CABLE", "P99", "$$QTY 3", "CABLE"],
        ["Counted"],
        ["4: 1 CABLE", "4: 3 CABLE"],
    ),
    "a unit with a serial number is one": (
        {},
        ["$$QTY 3", "P01"],
        [
            "Assigned P01",
            "P01: quantity 3 not used",
        ],
        [],
    ),
    "after which it is gone": ({}, ["$$QTY 3", "P01", "CABLE"], ["Counted"], ["4: 1 CABLE"]),
    "a refused scan leaves it": ({}, ["$$QTY 3", "P99", "CABLE"], ["Counted"], ["4: 3 CABLE"]),
    "CANCEL drops it": ({}, ["$$QTY 3", "$$CANCEL", "CABLE"], ["Counted"], ["4: 1 CABLE"]),
    "so does the end of the session": (
        {},
        ["$$QTY 3", "$$CLOSE", "CM-1", "CABLE"],
        ["Counted"],
        ["4: 1 CABLE"],
    ),
    "up to 10,000": ({}, ["$$QTY 10000", "CABLE"], ["Counted"], ["4: 10000 CABLE"]),
    "not more": ({}, ["$$QTY 10001"], ["! a quantity must be a number from 1 to 10,000"], []),
    "not zero": ({}, ["$$QTY 0"], ["! a quantity must be a number from 1 to 10,000"], []),
    "not less": ({}, ["$$QTY -1"], ["! a quantity must be a number from 1 to 10,000"], []),
    "not a word": ({}, ["$$QTY ten"], ["! a quantity must be a number from 1 to 10,000"], []),
    "not other digits": ({}, ["$$QTY ٣"], ["! a quantity must be a number from 1 to 10,000"], []),
    "without one it is refused": (
        {},
        ["$$QTY"],
        ["! the command QTY must be followed by a quantity"],
        [],
    ),
    "R1: a quantity needs a document": ({}, ["$$CLOSE", "$$QTY 3"], ["! no document open"], []),
    # Taking back
    "UNDO takes the last count back": ({}, ["CABLE", "CABLE", "$$UNDO"], ["Detached"], ["4: 1 CABLE"]),
    "whole": ({}, ["CABLE", "$$QTY 2", "$$QTY 2", "$$YES", "$$UNDO"], ["Detached"], []),
    "then what came before": ({}, ["P01", "CABLE", "$$UNDO", "$$UNDO"], ["Detached P01"], []),
    "a unit that came later first": ({}, ["CABLE", "P01", "$$UNDO"], ["Detached P01"], ["4: 1 CABLE"]),
    "UNDO with nothing left": ({}, ["CABLE", "$$UNDO", "$$UNDO"], ["! there is nothing to undo"], []),
    "UNDO leaves an earlier session's": (
        {},
        ["CABLE", "$$CLOSE", "CM-1", "$$UNDO"],
        ["! there is nothing to undo"],
        ["4: 1 CABLE"],
    ),
    "DETACH and the item's code": ({}, ["CABLE", "P01", "$$DETACH", "CABLE"], ["Detached"], []),
    "DETACH and its bar code": ({}, ["CABLE", "$$DETACH", f"]E0{GTIN[1:]}"], ["Detached"], []),
    "DETACH takes the newest": (
        {},
        ["$$QTY 2", "CABLE", "CABLE", "$$DETACH", "CABLE"],
        ["Detached"],
        ["4: 2 CABLE"],
    ),
    "DETACH an earlier session's": (
        {},
        ["CABLE", "$$CLOSE", "CM-1", "$$DETACH", "CABLE"],
        ["Detached"],
        [],
    ),
    "DETACH with nothing counted": ({}, ["$$DETACH", "CABLE"], ["Refused: not on CM-1"], []),
    "DETACH holds for one scan": ({}, ["CABLE", "$$DETACH", "CABLE", "CABLE"], ["Counted"], ["4: 1 CABLE"]),
    # Other modes
    "MFG wants a manufacturer's serial number": (
        {},
        ["$$MFG", "CABLE"],
        ["Refused: scan the serial number: CABLE is only the item CABLE"],
        [],
    ),
    "RANGE wants a serial number": (
        {},
        ["$$RANGE", "CABLE"],
        ["Refused: scan the serial number: CABLE is only the item CABLE"],
        [],
    ),
    "GENERATE gives no serial numbers to such an item": (
        {},
        ["$$GENERATE", "CABLE"],
        ["Refused: item is not serialized"],
        [],
    ),
}


def counts(hall: Hall) -> list[str]:
    """Return line, quantity and item of each count that stands."""
    with reading(hall.engine) as connection:
        found = connection.execute(select(tables.counts)).all()
    return sorted(f"{row.line}: {row.quantity} {row.item}" for row in found)


def events(worker: Worker, text: str) -> tuple[Event, ...]:
    entry = Commanded(stamp(text[1:], "touch")) if text[0] == ">" else Scanned(stamp(text, "left"))
    return worker.station.post_and_wait(entry).events


def row(worker: Worker, text: str) -> HistoryRow:
    (found,) = [event.row for event in events(worker, text) if isinstance(event, HistoryAdded)]
    return found


@pytest.mark.parametrize(("preferences", "scans", "expected", "standing"), TABLE.values(), ids=list(TABLE))
def test_m6_counting(
    hall: Hall, preferences: dict[str, Any], scans: list[str], expected: list[str], standing: list[str]
) -> None:
    worker = hall.worker(signed_commands=False, **preferences)
    assert worker.scan(DOCUMENT, *scans) == expected
    assert counts(hall) == standing


def test_a_row_has_the_quantity_and_the_item_but_no_serial_number(hall: Hall) -> None:
    worker = hall.worker(signed_commands=False)
    worker.scan(DOCUMENT, "$$QTY 4")
    counted = row(worker, "CABLE")
    assert (counted.action, counted.quantity, counted.item, counted.description) == (
        "Counted",
        4,
        "CABLE",
        "Cable",
    )
    assert (counted.serial_number, counted.stock_area, counted.text) == (None, None, "CABLE")
    back = row(worker, "$$UNDO")
    assert (back.action, back.quantity, back.item, back.serial_number) == ("Detached", 4, "CABLE", None)


def test_a_quantity_after_the_scan_has_a_row_for_the_others(hall: Hall) -> None:
    worker = hall.worker(signed_commands=False)
    worker.scan(DOCUMENT, "CABLE")
    assert row(worker, "$$QTY 5").quantity == 4
    assert row(worker, "$$UNDO").quantity == 5


@pytest.mark.parametrize(
    ("scans", "too_many"),
    [
        pytest.param(["$$QTY 5", "CABLE"], 0, id="as announced"),
        pytest.param(["$$QTY 7", "CABLE"], 2, id="at once"),
        pytest.param(["$$QTY 5", "CABLE", "CABLE"], 1, id="one by one"),
        pytest.param(["CABLE", "$$QTY 6"], 1, id="afterwards"),
        pytest.param([">qty 9", "PLUG", ">yes"], 0, id="not announced at all"),
    ],
)
def test_r9_it_is_said_how_many_are_too_many(hall: Hall, scans: list[str], too_many: int) -> None:
    worker = hall.worker(signed_commands=False)
    worker.scan(DOCUMENT)
    for text in scans[:-1]:
        worker.say(text)
    (found,) = [event for event in events(worker, scans[-1]) if isinstance(event, HistoryAdded)]
    assert found.too_many == too_many


def test_a_line_that_counting_added_goes_with_its_last_count(hall: Hall) -> None:
    worker = hall.worker(signed_commands=False)
    worker.scan(DOCUMENT, "PLUG", "$$YES")
    assert hall.lines(DOCUMENT)[-1].startswith("PLUG")
    worker.say("PLUG")
    worker.say("$$UNDO")
    assert hall.lines(DOCUMENT)[-1].startswith("PLUG")
    worker.say("$$UNDO")
    assert not any(line.startswith("PLUG") for line in hall.lines(DOCUMENT))


def test_p3_a_question_and_a_quantity_survive_a_restart(hall: Hall) -> None:
    hall.worker(signed_commands=False).scan(DOCUMENT, "$$QTY 4", "PLUG")
    hall.leave()
    assert hall.worker(signed_commands=False).scan("$$YES") == ["Counted"]
    hall.leave()
    hall.worker(signed_commands=False).scan("P01", "$$QTY 2")
    hall.leave()
    assert hall.worker(signed_commands=False).scan("CABLE") == ["Counted"]
    assert counts(hall) == ["4: 2 CABLE", "6: 4 PLUG"]


def test_two_stations_count_onto_one_line(hall: Hall) -> None:
    one, other = (hall.worker(name, signed_commands=False, over_quantity="refuse") for name in ("a", "b"))
    one.scan(DOCUMENT, "$$QTY 3", "CABLE")
    other.scan(DOCUMENT, "$$QTY 2", "CABLE")
    assert one.scan("CABLE") == ["Refused: above the requested quantity"]
    assert other.scan("$$UNDO") == ["Detached"]
    assert one.scan("CABLE") == ["Counted"]
    assert counts(hall) == ["4: 3 CABLE", "5: 1 CABLE"]


def test_a_count_that_another_station_took_back_is_not_added_to(hall: Hall) -> None:
    worker, other = hall.worker(signed_commands=False), hall.worker("dock-2", signed_commands=False)
    worker.scan(DOCUMENT, "CABLE", "PLUG", "$$YES", "$$QTY 2", "$$QTY 3")
    other.scan(DOCUMENT, "$$DETACH", "PLUG")
    assert worker.scan("$$YES") == ["Refused: there is no count of PLUG to add to"]
    assert counts(hall) == ["4: 1 CABLE"]


def test_a_quantity_is_not_for_the_count_before_one_that_another_station_took_back(hall: Hall) -> None:
    worker, other = hall.worker(signed_commands=False), hall.worker("dock-2", signed_commands=False)
    worker.scan(DOCUMENT, "CABLE", "PLUG", "$$YES")
    other.scan(DOCUMENT, "$$DETACH", "PLUG")
    worker.scan("$$QTY 5")
    assert counts(hall) == ["4: 1 CABLE"]


def test_d7_a_booked_count_stays_on_the_document(hall: Hall) -> None:
    worker = hall.worker(save_incomplete="prompt")
    worker.scan(DOCUMENT, "CABLE", ">save", ">later", DOCUMENT)
    assert worker.scan("$$DETACH", "CABLE") == ["Refused: is booked already (receipt 1)"]
    assert worker.scan("CABLE", "$$DETACH", "CABLE") == ["Detached"]
    assert counts(hall) == ["4: 1 CABLE"]


def test_a_quantity_that_a_label_did_not_use_is_said_once(hall: Hall) -> None:
    worker = hall.worker(signed_commands=False)
    said = worker.scan(DOCUMENT, "$$QTY 3", envelope("SP01", "SD1"))
    assert said == ["Assigned P01", "P01: quantity 3 not used", "? Item DISK is not on CM-1. Add it?"]
    assert worker.scan("$$YES") == ["Added D1"]


def test_p3_a_document_that_is_gone_refuses_the_count_in_question(hall: Hall) -> None:
    worker, other = hall.worker(signed_commands=False), hall.worker("dock-2", signed_commands=False)
    worker.scan(DOCUMENT, "PLUG")
    other.say(f">cancel-document {DOCUMENT}")
    assert worker.scan("$$YES") == [
        "closed CM-1: cancelled",
        "Refused: CM-1 is cancelled: open another document and scan PLUG again",
        "! there is no question to answer",
    ]


def test_a_touch_counts_as_a_scan_does(hall: Hall) -> None:
    worker = hall.worker(signed_commands=False)
    worker.scan(DOCUMENT, "CABLE")
    assert summary(events(worker, ">qty 3")) == ["Counted"]
    assert counts(hall) == ["4: 3 CABLE"]
