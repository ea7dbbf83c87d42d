"""Each rule by its number, through a whole station on a real database."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from station.config.settings import AreaSettings, Preferences, RuleSettings, StationSettings
from station.errors import DatabaseBusyError
from station.events import Bus, Event, HistoryAdded, QuestionAnswered
from station.repository import tables
from station.repository.database import transaction
from station.repository.scan_path import SqlRepository
from station.source import stamp, uuid7
from station.worker.desk import Desk
from station.worker.entries import Scanned
from station.worker.handler import RequestHandler
from tests.rules import world
from tests.rules.hall import CASE_GTIN, PROC_GTIN, Hall, summary
from tests.rules.model import Settings, Wishes
from tests.rules.world import Dock
from tests.running import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

CASE = "Item CASE is not on {}. Add it?"

TABLE: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    # Preferences; labels in order (``>``: a touch; ``|``: a space); the result of the last one.
    "R1: without a document a scan is refused": ({}, "P01", ["Refused: no document open"]),
    "R1: after a close a scan is refused": ({}, "CM-1 $$CLOSE P01", ["Refused: no document open"]),
    "R2: a text that no unit bears is refused": ({}, "CM-1 P99", ["Refused: unknown serial number"]),
    "R2: a number that begins like another is another": ({}, "CM-1 P0", ["Refused: unknown serial number"]),
    "R2: a number that goes on is another": ({}, "CM-1 P011", ["Refused: unknown serial number"]),
    "R2: leading zeros count": ({}, "CM-1 P1", ["Refused: unknown serial number"]),
    "R2: upper and lower case differ": ({}, "CM-1 p01", ["Refused: unknown serial number"]),
    "R2: case is folded by preference, the scan's": ({"fold_case": True}, "CM-1 p01", ["Assigned P01"]),
    "R2: case is folded by preference, the unit's": ({"fold_case": True}, "CM-1 P12", ["Assigned p12"]),
    "R2: case is folded in the manufacturer's": ({"fold_case": True}, "CM-1 f09", ["Assigned P09"]),
    "R2: spaces are not trimmed": ({}, "CM-1 P01|", ["Refused: unknown serial number"]),
    "R2: our number comes first": ({}, "CM-1 P01", ["Assigned P01"]),
    "R2: the manufacturer's comes second": ({}, "CM-1 F01", ["Assigned P01"]),
    "R2: the order is a preference": ({"lookup": ["mfr_serial", "serial"]}, "CM-1 P01", ["Assigned M4"]),
    "R2: the second of the order is asked too": (
        {"lookup": ["mfr_serial", "serial"]},
        "CM-1 P02",
        ["Assigned P02"],
    ),
    "R2: by one of them only": (
        {"lookup": ["mfr_serial"]},
        "CM-1 P02",
        ["Refused: unknown serial number"],
    ),
    "R3: several units that can be taken are a choice": (
        {},
        "CM-1 F-M",
        ["? Several units bear F-M. Which one is it?"],
    ),
    "R3: our own number too can be a choice": ({}, "CM-1 S1", ["? Several units bear S1. Which one is it?"]),
    "R3: the only one that can be taken is taken": ({}, "CM-1 M1 M3 F-M", ["Assigned M2"]),
    "R3: R5 leaves only one": ({"own_location_only": True}, "CM-1 M1 F-M", ["Assigned M2"]),
    "R3: when none can be taken the first says why": (
        {"own_location_only": True},
        "CM-1 M1 M2 F-M",
        ["Skipped M1: already on CM-1"],
    ),
    "R3: the worker picks by touch": ({}, "CM-1 F-M >choose|2", ["Assigned M2"]),
    "R3: the worker cancels": ({}, "CM-1 F-M $$CANCEL", ["Refused: declined"]),
    "R3: Yes chooses nothing": ({}, "CM-1 F-M $$YES", ["! choose one of the list, or NO"]),
    "R3: what is turned away is listed but can't be picked": (
        {},
        "CM-1 M1 F-M >choose|1",
        ["! M1 can't be chosen: already on CM-1"],
    ),
    "R3: a place that isn't listed can't be picked": (
        {},
        "CM-1 F-M >choose|4",
        ["! choose a number from 1 to 3"],
    ),
    "R4: a unit on this document is skipped": ({}, "CM-1 P01 P01", ["Skipped P01: already on CM-1"]),
    "R4: a unit on another open document is skipped": (
        {"switch_document": "allow"},
        "CM-1 P01 CO-1 P01",
        ["Skipped P01: already on CM-1"],
    ),
    "R4: a unit on a saved document is not": (
        {"save_incomplete": "allow"},
        "CO-1 P01 $$SAVE CM-1 P01",
        ["Assigned P01"],
    ),
    "R5: a unit elsewhere is refused by preference": (
        {"own_location_only": True},
        "CM-1 P11",
        ["Refused P11: stock area of another location: GONE of SHOP"],
    ),
    "R5: a unit elsewhere is taken by default": ({}, "CM-1 P11", ["Assigned P11"]),
    "R5: comes before R8": (
        {"own_location_only": True, "negative": "refuse"},
        "CM-1 W2",
        ["Refused W2: stock area of another location: SHELF of SHOP"],
    ),
    "R6: a unit from an out area is assigned": ({}, "CM-1 P01", ["Assigned P01"]),
    "R7: an item that is not on the document is asked about": ({}, "CM-1 C1", ["? " + CASE.format("CM-1")]),
    "R7: Yes adds it": ({}, "CM-1 C1 $$YES", ["Added C1"]),
    "R7: No refuses it": ({}, "CM-1 C1 $$NO", ["Refused C1: declined"]),
    "R7: without prompting it is added": ({"prompt_when_not_on_document": False}, "CM-1 C1", ["Added C1"]),
    "R7: the next unit of an added item is assigned": ({}, "CM-1 C1 $$YES C2", ["Assigned C2"]),
    "R8: a unit from a stock area is negative": ({"negative": "allow"}, "CM-1 P10", ["Negative P10"]),
    "R8: with the item on no line it is asked about": (
        {"negative": "allow"},
        "CM-1 C6",
        ["? " + CASE.format("CM-1")],
    ),
    "R8: Yes makes it negative": ({"negative": "allow"}, "CM-1 C6 $$YES", ["Negative C6"]),
    "R8: No refuses it": ({"negative": "allow"}, "CM-1 C6 $$NO", ["Refused C6: declined"]),
    "R8: a negative line is a line": ({"negative": "allow"}, "CM-1 C6 $$YES C7", ["Negative C7"]),
    "R8: a negative line is none for what comes back": (
        {"negative": "allow"},
        "CM-1 C6 $$YES C1",
        ["? " + CASE.format("CM-1")],
    ),
    "R8: without prompting it is negative at once": (
        {"prompt_when_not_on_document": False, "negative": "allow"},
        "CM-1 C6",
        ["Negative C6"],
    ),
    "R8: negative quantities can be refused": (
        {"negative": "refuse"},
        "CM-1 P10",
        ["Refused P10: not in an out area"],
    ),
    "R9: above the requested quantity is allowed": ({}, "CM-1 P01 P02 P03 P04", ["Assigned P04"]),
    "R9: it can be refused": (
        {"over_quantity": "refuse"},
        "CM-1 P01 P02 P03 P04",
        ["Refused P04: above the requested quantity"],
    ),
    "R9: it can be asked about": (
        {"over_quantity": "prompt"},
        "CM-1 P01 P02 P03 P04",
        ["? The line of PROC on CM-1 is full. Credit more than requested?"],
    ),
    "R9: Yes assigns it": ({"over_quantity": "prompt"}, "CM-1 P01 P02 P03 P04 $$YES", ["Assigned P04"]),
    "R9: No refuses it": (
        {"over_quantity": "prompt"},
        "CM-1 P01 P02 P03 P04 $$NO",
        ["Refused P04: declined"],
    ),
    "R9: a line that retrieval added has no quantity to exceed": (
        {"over_quantity": "refuse"},
        "CM-1 C1 $$YES C2",
        ["Assigned C2"],
    ),
    "R10: an item without serial numbers is refused": ({}, "CM-1 W1", ["Refused W1: item is not serialized"]),
    "R10: it isn't asked about in a stock area either": (
        {},
        "CM-1 W2",
        ["Refused W2: item is not serialized"],
    ),
    "R11: a saved document can't be opened": ({}, "CM-4", ["! document CM-4 is saved"]),
    "R11: a cancelled document can't be opened": ({}, "CM-5", ["! document CM-5 is cancelled"]),
    "R11: a document that isn't there can't be opened": ({}, "CM-9", ["! document CM-9 is unknown"]),
    "R11: one of another location can be opened by default": ({}, "CM-3", ["opened CM-3"]),
    "R11: one of another location can't when only one's own counts": (
        {"own_location_only": True},
        "CM-3",
        ["! document CM-3 is of another location: SHOP"],
    ),
    "P1: NO, by a bar code": ({}, "CM-1 C1 $$NO", ["Refused C1: declined"]),
    "P1: YES, by touch": ({}, "CM-1 C1 >yes", ["Added C1"]),
    "P1: CANCEL is a No": ({}, "CM-1 C1 $$CANCEL", ["Refused C1: declined"]),
    "P1: a choice is answered by the wanted serial number": ({}, "CM-1 F-M M2", ["Assigned M2"]),
    "P1: a choice isn't answered by one that can't be picked": (
        {},
        "CM-1 M1 F-M M1",
        ["Refused: answer first"],
    ),
    "P1: a choice isn't answered by one that isn't listed": ({}, "CM-1 F-M P01", ["Refused: answer first"]),
    "P1: an answer needs a question": ({}, "CM-1 $$YES", ["! there is no question to answer"]),
    "P1: a choice needs a question": ({}, "CM-1 >choose|1", ["! there is nothing to choose from"]),
    "P1: only a list is chosen from": ({}, "CM-1 C1 >choose|1", ["! there is nothing to choose from"]),
    "P2: a scan answers nothing": ({}, "CM-1 C1 P01", ["Refused: answer first"]),
    "P2: the same code again answers nothing": ({}, "CM-1 C1 C1", ["Refused: answer first"]),
    "P2: the same code again is a Yes by preference": (
        {"confirm_by_rescan": True},
        "CM-1 C1 C1",
        ["Added C1"],
    ),
    "P2: another code isn't, whatever the preference": (
        {"confirm_by_rescan": True},
        "CM-1 C1 C2",
        ["Refused: answer first"],
    ),
    "P2: after a scan that answered nothing the question stands": ({}, "CM-1 C1 P01 $$YES", ["Added C1"]),
    "P2: a document is not opened meanwhile": ({}, "CM-1 C1 CM-2", ["! answer first"]),
    "P2: CLOSE waits": ({}, "CM-1 C1 $$CLOSE", ["! answer first"]),
    "P2: SAVE waits": ({}, "CM-1 C1 $$SAVE", ["! answer first"]),
    "P2: UNDO waits": ({}, "CM-1 P01 C1 $$UNDO", ["! answer first"]),
    "P2: RANGE waits": ({}, "CM-1 C1 $$RANGE", ["! answer first"]),
    "P2: a badge waits": ({}, "CM-1 C1 $$BADGE|E1", ["! answer first"]),
    "P2: the office does not wait": ({}, "CM-1 C1 >cancel-document|CM-2", ["cancelled CM-2: 0 released"]),
    "M1: a serial number is retrieved": ({}, "CM-1 P01", ["Assigned P01"]),
    "M2: a range is retrieved in one go": (
        {},
        "CM-1 $$RANGE P01 P03",
        ["Assigned P01", "Assigned P02", "Assigned P03", "(3 of 3 retrieved)"],
    ),
    "M2: each of it is treated by the rules": (
        {"over_quantity": "refuse", "negative": "allow"},
        "CM-1 P09 $$RANGE P08 P10",
        [
            "Assigned P08",
            "Skipped P09: already on CM-1",
            "Negative P10",
            "(2 of 3 retrieved; 1 was skipped or refused)",
        ],
    ),
    "M2: the first names a unit": ({}, "CM-1 $$RANGE P00", ["Refused: unknown serial number"]),
    "M2: a first that names none ends the mode": ({}, "CM-1 $$RANGE P00 P01", ["Assigned P01"]),
    "M2: the last names a unit": ({}, "CM-1 $$RANGE P01 P99", ["Refused: unknown serial number"]),
    "M2: the ends are our own numbers": ({}, "CM-1 $$RANGE F01", ["Refused: unknown serial number"]),
    "M2: same item": (
        {},
        "CM-1 $$RANGE P01 M1",
        ["Refused: range: first and last are of different items"],
    ),
    "M2: same prefix": (
        {},
        "CM-1 $$RANGE P01 Q14",
        ["Refused: range: first and last begin differently"],
    ),
    "M2: equal width": (
        {},
        "CM-1 $$RANGE P01 P013",
        ["Refused: range: first and last end in numbers of different width"],
    ),
    "M2: numeric last part": (
        {},
        "CM-1 $$RANGE P01 LAST",
        ["Refused: range: LAST does not end in a number"],
    ),
    "M2: first to last": ({}, "CM-1 $$RANGE P02 P01", ["Refused: range: first is above last"]),
    "M2: which item must be clear": ({}, "CM-1 $$RANGE S1 S1", ["Refused: range: ambiguous"]),
    "M2: one prompt an item": ({}, "CM-1 $$RANGE C1 C3", ["? " + CASE.format("CM-1")]),
    "M2: one Yes for all": (
        {},
        "CM-1 $$RANGE C1 C3 $$YES",
        ["Added C1", "Assigned C2", "Assigned C3", "(3 of 3 retrieved)"],
    ),
    "M2: one No for all": (
        {},
        "CM-1 $$RANGE C1 C3 $$NO",
        [
            "Refused C1: declined",
            "Refused C2: declined",
            "Refused C3: declined",
            "(0 of 3 retrieved; 3 were skipped or refused)",
        ],
    ),
    "M2: a long one asks first, with the count": (
        {"range_confirm_above": 6},
        "CM-1 $$RANGE P01 P07",
        ["? P01 to P07 has 7 serial numbers. Retrieve them all?"],
    ),
    "M2: No to a long one": (
        {"range_confirm_above": 6},
        "CM-1 $$RANGE P01 P07 $$NO",
        ["Refused: declined"],
    ),
    "M2: Yes to a long one": (
        {"range_confirm_above": 1},
        "CM-1 $$RANGE P01 P02 $$YES",
        ["Assigned P01", "Assigned P02", "(2 of 2 retrieved)"],
    ),
    "M2: Yes to a long one says nothing about its item": (
        {"range_confirm_above": 1},
        "CM-1 $$RANGE C1 C2 $$YES",
        ["? " + CASE.format("CM-1")],
    ),
    "M2: one that is just long enough asks nothing": (
        {"range_confirm_above": 2},
        "CM-1 $$RANGE P01 P02",
        ["Assigned P01", "Assigned P02", "(2 of 2 retrieved)"],
    ),
    "M2: CANCEL ends it": ({}, "CM-1 $$RANGE P01 $$CANCEL P02", ["Assigned P02"]),
    "M2: it needs a document": ({}, "$$RANGE", ["! no document open"]),
    "M3: MFG looks for the manufacturer's number only": ({}, "CM-1 $$MFG P01", ["Assigned M4"]),
    "M3: our own number is none then": ({}, "CM-1 $$MFG P02", ["Refused: unknown serial number"]),
    "M3: it holds for one scan": ({}, "CM-1 $$MFG F01 P02", ["Assigned P02"]),
    "M3: it needs a document": ({}, "$$MFG", ["! no document open"]),
    "M4: DETACH takes the next one off": ({}, "CM-1 P01 $$DETACH P01", ["Detached P01"]),
    "M4: it holds for one scan": ({}, "CM-1 P01 $$DETACH P01 P01", ["Assigned P01"]),
    "M4: what is not on the document stays": ({}, "CM-1 $$DETACH P01", ["Refused P01: not on CM-1"]),
    "M4: what is on another document stays": (
        {"switch_document": "allow"},
        "CM-1 P01 CO-1 $$DETACH P01",
        ["Refused P01: not on CO-1"],
    ),
    "M4: what is unknown can't be taken off": (
        {},
        "CM-1 $$DETACH P99",
        ["Refused: unknown serial number"],
    ),
    "M4: by the manufacturer's number": ({}, "CM-1 P01 $$DETACH F01", ["Detached P01"]),
    "M4: of several the one on the document": ({}, "CM-1 M2 $$DETACH F-M", ["Detached M2"]),
    "M4: of several on the document one is chosen": (
        {},
        "CM-1 M1 M2 $$DETACH F-M",
        ["? Several units bear F-M. Which one is it?"],
    ),
    "M4: the chosen one goes": ({}, "CM-1 M1 M2 $$DETACH F-M M2", ["Detached M2"]),
    "M4: UNDO takes off the last one": ({}, "CM-1 P01 P02 $$UNDO", ["Detached P02"]),
    "M4: UNDO again takes off the one before": ({}, "CM-1 P01 P02 $$UNDO $$UNDO", ["Detached P01"]),
    "M4: UNDO passes over what was skipped": ({}, "CM-1 P01 P01 $$UNDO", ["Detached P01"]),
    "M4: UNDO takes off a negative one": ({"negative": "allow"}, "CM-1 P10 $$UNDO", ["Detached P10"]),
    "M4: UNDO needs something": ({}, "CM-1 $$UNDO", ["! there is nothing to undo"]),
    "M4: UNDO is of this session": ({}, "CM-1 P01 $$CLOSE CM-1 $$UNDO", ["! there is nothing to undo"]),
    "M4: UNDO needs a document": ({}, "$$UNDO", ["! no document open"]),
    "D1: a document is opened by its number": ({}, "CM-1", ["opened CM-1"]),
    "D1: by a command": ({}, "$$OPEN|CM-1", ["opened CM-1"]),
    "D1: on the display": ({}, ">open|CM-1", ["opened CM-1"]),
    "D1: another one closes the first": ({}, "CM-1 CM-2", ["closed CM-1: replaced", "opened CM-2"]),
    "D1: one that can't be opened closes nothing": ({}, "CM-1 CM-4 P01", ["Assigned P01"]),
    "D1: the open one is open": ({}, "CM-1 CM-1", ["! CM-1 is open already"]),
    "D2: CLOSE ends the session": ({}, "CM-1 $$CLOSE", ["closed CM-1: closed"]),
    "D2: CLOSE ends the mode": ({}, "CM-1 $$RANGE P01 $$CLOSE CM-1 P02", ["Assigned P02"]),
    "D2: CLOSE needs a document": ({}, "$$CLOSE", ["! no document open"]),
    "D3: SAVE books and ends the session": (
        {"negative": "allow", "save_incomplete": "allow"},
        "CM-1 P01 P10 $$SAVE",
        ["saved CM-1: 2 moved", "closed CM-1: saved"],
    ),
    "D3: SAVE needs a document": ({}, "$$SAVE", ["! no document open"]),
    "D4: a cancelled document releases its units": (
        {},
        "CM-1 P01 P02 >cancel-document|CM-1",
        ["cancelled CM-1: 2 released", "closed CM-1: cancelled"],
    ),
    "D4: they can be retrieved again": (
        {},
        "CM-1 P01 >cancel-document|CM-1 CO-1 P01",
        ["Assigned P01"],
    ),
    "D4: a saved one can't be cancelled": ({}, ">cancel-document|CM-4", ["! document CM-4 is saved"]),
    "D4: an unknown one can't be cancelled": ({}, ">cancel-document|CM-9", ["! document CM-9 is unknown"]),
    "D5: a badge that nobody has is refused": ({}, "$$BADGE|E9", ["! badge E9 is unknown"]),
}


@pytest.mark.parametrize("rule", TABLE)
def test_the_decision_table(hall: Hall, rule: str) -> None:
    preferences, texts, expected = TABLE[rule]
    worker = hall.worker(**preferences)
    *before, last = (text.replace("|", " ") for text in texts.split(" "))
    for text in before:
        worker.post(text)
    assert worker.say(last) == expected


# Effects on lines


def test_r6_the_first_line_with_room_is_credited_otherwise_the_first(hall: Hall) -> None:
    hall.worker().scan("CM-1", "P01", "P02")
    assert hall.lines("CM-1") == ["PROC 1/1", "MEM 0/5", "PROC 1/2"]
    hall.leave()
    hall.worker().scan("P03", "P04")
    assert hall.lines("CM-1") == ["PROC 2/1", "MEM 0/5", "PROC 2/2"]


def test_r7_an_added_line_requests_nothing(hall: Hall) -> None:
    hall.worker().scan("CM-2", "C1", "$$YES", "C2")
    assert hall.lines("CM-2") == ["CASE 2/0 added"]


def test_r8_each_unit_lowers_the_negative_line_by_one(hall: Hall) -> None:
    hall.worker(negative="allow").scan("CM-1", "P10", "M5", "C6", "$$YES", "C7")
    assert hall.lines("CM-1") == [
        "PROC 0/1",
        "MEM 0/5",
        "PROC 0/2",
        "PROC -1/0 added",
        "MEM -1/0 added",
        "CASE -2/0 added",
    ]


def test_m4_a_line_that_retrieval_added_is_deleted_with_its_last_unit(hall: Hall) -> None:
    worker = hall.worker(negative="allow")
    worker.scan("CM-1", "C1", "$$YES", "C2", "P10", "$$UNDO", "$$UNDO")
    assert hall.lines("CM-1") == ["PROC 0/1", "MEM 0/5", "PROC 0/2", "CASE 1/0 added"]
    worker.scan("$$DETACH", "C1", "P01", "$$UNDO")
    assert hall.lines("CM-1") == ["PROC 0/1", "MEM 0/5", "PROC 0/2"]


def test_m2_a_question_in_the_middle_of_a_range_leaves_no_changes(hall: Hall) -> None:
    worker = hall.worker(over_quantity="prompt")
    worker.scan("CM-1", "$$RANGE", "P01", "P05")
    assert hall.attached("CM-1") == []
    assert worker.scan("$$NO") == [
        "Assigned P01",
        "Assigned P02",
        "Assigned P03",
        "Refused P04: declined",
        "Refused P05: declined",
        "(3 of 5 retrieved; 2 were skipped or refused)",
    ]


def test_m2_the_question_counts_the_units_that_a_yes_would_retrieve(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        stray = {"serial_number": "C1A", "item": "CASE", "stock_area": "SOLD"}
        numbered = [{**stray, "serial_number": f"C{number}"} for number in (10, 50)]
        connection.execute(insert(tables.serial_numbers), [stray, *numbered])
    worker = hall.worker(range_confirm_above=10)
    assert worker.scan("CM-1", "$$RANGE", "C10", "C50") == [
        "? C10 to C50 has 2 serial numbers. Retrieve them all?"
    ]


# GTINs


@pytest.mark.parametrize(
    ("gtin", "number", "expected"),
    [
        (PROC_GTIN, "S1", "Assigned S1"),
        (CASE_GTIN, "S1", "? Item CASE is not on CM-1. Add it?"),
        (
            CASE_GTIN,
            "P01",
            f"Refused: unknown serial number: P01 is of item PROC, the label says GTIN {CASE_GTIN}",
        ),
        (
            "00000000000000",
            "S1",
            "Refused: unknown serial number: S1 is of item CASE, the label says GTIN 00000000000000",
        ),
        (
            CASE_GTIN,
            "F01",
            f"Refused: unknown serial number: F01 is of item PROC, the label says GTIN {CASE_GTIN}",
        ),
        (CASE_GTIN, "P99", "Refused: unknown serial number"),
        (PROC_GTIN, "F01", "Assigned P01"),
    ],
)
def test_r2_with_a_gtin_only_units_of_its_item_count(
    gtin_dock: Dock, gtin: str, number: str, expected: str
) -> None:
    _gtin_scan(gtin_dock, "CM-1", None)
    assert _gtin_scan(gtin_dock, number, gtin) == [expected]


def test_r2_p1_a_choice_is_answered_by_the_wanted_number_with_its_gtin(gtin_dock: Dock) -> None:
    _gtin_scan(gtin_dock, "CM-1", None)
    assert _gtin_scan(gtin_dock, "S1", None) == ["? Several units bear S1. Which one is it?"]
    assert _gtin_scan(gtin_dock, "S1", PROC_GTIN) == ["Assigned S1"]


def test_r2_p1_a_choice_is_not_answered_by_an_equal_number_of_another_product(gtin_dock: Dock) -> None:
    _gtin_scan(gtin_dock, "CM-1", None)
    assert _gtin_scan(gtin_dock, "F-M", None) == ["? Several units bear F-M. Which one is it?"]
    assert _gtin_scan(gtin_dock, "M1", CASE_GTIN) == ["Refused: answer first"]


def test_r2_m2_a_range_by_labels_with_gtins_is_of_their_item(gtin_dock: Dock) -> None:
    _gtin_scan(gtin_dock, "CM-1", None)
    _gtin_scan(gtin_dock, "$$RANGE", None)
    assert _gtin_scan(gtin_dock, "P01", CASE_GTIN) == [
        f"Refused: unknown serial number: P01 is of item PROC, the label says GTIN {CASE_GTIN}"
    ]
    _gtin_scan(gtin_dock, "$$RANGE", None)
    _gtin_scan(gtin_dock, "S1", PROC_GTIN)
    assert _gtin_scan(gtin_dock, "S1", PROC_GTIN) == ["Assigned S1", "(1 of 1 retrieved)"]


def test_r2_m2_the_gtin_of_the_first_settles_the_item_of_a_range(gtin_dock: Dock) -> None:
    _gtin_scan(gtin_dock, "CM-1", None)
    _gtin_scan(gtin_dock, "$$RANGE", None)
    _gtin_scan(gtin_dock, "S1", CASE_GTIN)
    expected = ["Refused: range: first and last are of different items"]
    assert _gtin_scan(gtin_dock, "P01", None) == expected


def test_m4_detach_reads_an_ambiguous_number_as_retrieval_would(hall: Hall) -> None:
    worker = hall.worker()
    worker.scan("CM-1", "M4")
    assert worker.scan("$$DETACH", "P01") == ["Refused P01: not on CM-1"]
    assert hall.attached("CM-1") == ["M4"]


def test_p2_rescanning_the_same_code_is_a_yes_for_a_label_with_a_gtin_too(gtin_dock: Dock) -> None:
    _gtin_scan(gtin_dock, "CM-1", None)
    assert _gtin_scan(gtin_dock, "C1", CASE_GTIN) == ["? Item CASE is not on CM-1. Add it?"]
    assert _gtin_scan(gtin_dock, "C1", None) == ["Refused: answer first"]
    assert _gtin_scan(gtin_dock, "C1", CASE_GTIN) == ["Added C1"]


@pytest.fixture
def gtin_dock(hall: Hall) -> Iterator[Dock]:
    dock = Dock(hall.engine, Settings("dock-1", wishes=Wishes(confirm_by_rescan=True)))
    yield dock
    dock.stop()


def _gtin_scan(dock: Dock, text: str, gtin: str | None) -> list[str]:
    source = stamp(text, "left")
    if gtin is not None:
        source = stamp(f"01{gtin}21{text}", "left", symbology_identifier="]C1")
    return summary(dock.do(lambda: dock.scanned(source)))


# Prompts over time


def test_p3_the_same_question_is_open_after_a_restart(hall: Hall) -> None:
    worker = hall.worker()
    worker.scan("CM-1", "C1")
    before = worker.station.desk.state().question
    hall.leave()
    worker = hall.worker()
    assert worker.station.desk.state().question == before
    assert before is not None
    assert worker.scan("P01") == ["Refused: answer first"]
    assert worker.scan("$$YES") == ["Added C1"]


def test_p3_a_mode_survives_a_restart_too(hall: Hall) -> None:
    hall.worker().scan("CM-1", "$$RANGE", "P01")
    hall.leave()
    assert hall.worker().scan("P02") == ["Assigned P01", "Assigned P02", "(2 of 2 retrieved)"]


def test_p4_a_question_is_answered_no_after_its_time(hall: Hall) -> None:
    worker = hall.worker(prompt_timeout_s=1)
    heard: list[Event] = []
    worker.station.bus.subscribe(heard.append)
    worker.scan("CM-1", "C1")
    wait_until(lambda: any(isinstance(event, HistoryAdded) for event in heard))
    assert summary(heard)[-1] == "Refused C1: nobody answered"
    assert [event.answer for event in heard if isinstance(event, QuestionAnswered)] == ["timeout"]
    assert worker.scan("P01") == ["Assigned P01"]


def test_p4_a_question_that_expired_while_the_station_was_off_is_answered_no(hall: Hall) -> None:
    hall.worker().scan("CM-1", "C1")
    hall.leave()
    time.sleep(1.1)
    worker = hall.worker(prompt_timeout_s=1)
    wait_until(lambda: hall.state()["stations"]["dock-1"]["rows"])
    assert worker.scan("P01") == ["Assigned P01"]
    (row, _) = hall.state()["stations"]["dock-1"]["rows"]
    assert (row["action"], row["reason"], row["text"]) == ("Refused", "nobody answered", "C1")


def test_p1_the_row_of_an_answer_records_the_scan_that_raised_the_question(hall: Hall) -> None:
    worker = hall.worker()
    worker.scan("CM-1", "C1")
    worker.scan(">yes")
    (row,) = hall.state()["stations"]["dock-1"]["rows"]
    assert (row["text"], row["scanner"]) == ("C1", "left")


# Several stations


def test_i1_a_unit_that_another_station_attached_meanwhile_is_skipped(hall: Hall) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2")
    one.scan("CM-1", "C1")
    other.scan("CM-2", "C1", "$$YES")
    assert one.scan("$$YES") == ["Skipped C1: already on CM-2"]


def test_r7_no_attaches_nothing_even_if_the_item_was_added_to_the_document_meanwhile(hall: Hall) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2")
    one.scan("CM-1", "C1")
    other.scan("CM-1", "C2", "$$YES")
    assert one.scan("$$NO") == ["Refused C1: declined"]


def test_r7_no_to_a_range_attaches_nothing_even_if_the_item_was_added_meanwhile(hall: Hall) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2")
    one.scan("CM-1", "$$RANGE", "C1", "C2")
    other.scan("CM-1", "C3", "$$YES")
    assert one.scan("$$NO") == [
        "Refused C1: declined",
        "Refused C2: declined",
        "(0 of 2 retrieved; 2 were skipped or refused)",
    ]


def test_r8_no_to_a_range_takes_nothing_away_even_if_the_item_was_added_meanwhile(
    hall: Hall,
) -> None:
    one, other = (hall.worker(name, negative="allow") for name in ("dock-1", "dock-2"))
    one.scan("CM-1", "$$RANGE", "C6", "C6")
    other.scan("CM-1", "C7", "$$YES")
    assert one.scan("$$NO") == ["Refused C6: declined", "(0 of 1 retrieved; 1 was skipped or refused)"]


def test_d3_a_document_that_another_station_saved_is_no_longer_open(hall: Hall) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2", save_incomplete="allow")
    one.scan("CM-1", "C1")
    other.scan("CM-1", "$$SAVE")
    assert one.scan("$$YES") == [
        "closed CM-1: saved",
        "Refused C1: CM-1 is saved: open another document and scan C1 again",
        "! there is no question to answer",
    ]
    assert one.scan("P01") == ["Refused: no document open"]


def test_d4_a_document_that_another_station_cancelled_is_no_longer_open(hall: Hall) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2")
    one.scan("CM-1", "$$RANGE", "P01")
    other.scan(">cancel-document CM-1")
    assert one.scan("P02") == ["closed CM-1: cancelled", "Refused: no document open"]


def test_m4_undo_detaches_only_what_this_station_attached(hall: Hall) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2")
    one.scan("CM-1", "P01")
    other.scan("CM-1", "P02")
    assert one.scan("$$UNDO") == ["Detached P01"]
    assert hall.attached("CM-1") == ["P02"]


def test_m4_the_unit_on_the_document_is_detached_even_if_very_many_have_its_number(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        bearers = [
            {"serial_number": f"N{n:03}", "item": "PROC", "stock_area": "SOLD", "mfr_serial_number": "N/A"}
            for n in range(150)
        ]
        connection.execute(insert(tables.serial_numbers), bearers)
    worker = hall.worker()
    assert worker.scan("CM-1", "N/A") == ["Refused: more than 100 units bear this number"]
    assert worker.scan("N149", "$$DETACH", "N/A") == ["Detached N149"]


# Booking


def test_d3_a_memo_books_returned_units_to_returned_goods_and_negative_ones_to_sold_goods(hall: Hall) -> None:
    hall.worker(negative="allow", save_incomplete="allow").scan("$$BADGE E1", "CM-1", "P01", "P10", "$$SAVE")
    assert (hall.area("P01", "PROC"), hall.area("P10", "PROC")) == ("BACK", "SOLD")
    moves = hall.state()["stations"]["dock-1"]["moves"]
    assert sorted(
        (each["event"], each["from_area"], each["to_area"], each["operator"]) for each in moves
    ) == [
        ("Booked", "SOLD", "BACK", "E1"),
        ("Booked", "STOCK", "SOLD", "E1"),
    ]
    assert hall.state()["company"]["documents"]["CM-1"] == "saved"


def test_d3_an_order_leaves_its_units_where_they_are_if_no_area_is_set(hall: Hall) -> None:
    assert hall.worker(negative="allow", save_incomplete="allow").scan("CO-1", "P01", "P10", "$$SAVE") == [
        "saved CO-1: 0 moved",
        "closed CO-1: saved",
    ]
    assert (hall.area("P01", "PROC"), hall.area("P10", "PROC")) == ("SOLD", "STOCK")


def test_d3_an_order_books_its_units_to_the_area_for_credit_orders(hall: Hall) -> None:
    worker = hall.worker(
        areas=AreaSettings(credit_orders="EXPECTED"), negative="allow", save_incomplete="allow"
    )
    assert worker.scan("CO-1", "P01", "P10", "$$SAVE")[0] == "saved CO-1: 2 moved"
    assert (hall.area("P01", "PROC"), hall.area("P10", "PROC")) == ("EXPECTED", "EXPECTED")


def test_d3_a_unit_that_is_already_in_the_area_has_no_move(hall: Hall) -> None:
    worker = hall.worker(areas=AreaSettings(credit_orders="SOLD"), negative="allow", save_incomplete="allow")
    assert worker.scan("CO-1", "P01", "P10", "$$SAVE")[0] == "saved CO-1: 1 moved"


def _set_areas(hall: Hall, location: str, **areas: str) -> None:
    with transaction(hall.engine) as connection:
        table = tables.locations
        connection.execute(table.update().where(table.c.code == location).values(**areas))


def test_d3_the_areas_are_the_stations_then_the_locations_then_the_default_locations(hall: Hall) -> None:
    loose: dict[str, Any] = {"save_incomplete": "allow"}
    hall.worker("dock-1", "SHOP", **loose).scan("CM-1", "P01", "$$SAVE")
    assert hall.area("P01", "PROC") == "BACK"
    _set_areas(hall, "SHOP", returned_area="SHELF")
    hall.worker("dock-2", "SHOP", **loose).scan("CM-2", "P02", "$$YES", "$$SAVE")
    assert hall.area("P02", "PROC") == "SHELF"
    stock = AreaSettings(returned="STOCK")
    hall.worker("dock-3", "SHOP", stock, **loose).scan("CM-3", "P03", "$$YES", "$$SAVE")
    assert hall.area("P03", "PROC") == "STOCK"


@pytest.mark.parametrize(
    ("areas", "station_areas", "texts", "reason"),
    [
        pytest.param(
            {"returned_area": ""},
            AreaSettings(),
            ["P01"],
            "no stock area for returned goods is set: set station.stock_areas.returned, or returned_area of "
            "the location or of the default location",
            id="no area for returned goods",
        ),
        pytest.param(
            {"sold_area": ""},
            AreaSettings(),
            ["P10"],
            "no stock area for sold goods is set: set station.stock_areas.sold, or sold_area of the location "
            "or of the default location",
            id="no area for sold goods",
        ),
        pytest.param(
            {},
            AreaSettings(returned="SOLD"),
            ["P01"],
            "stock area SOLD for returned is of type out, not of type stock: "
            "correct station.stock_areas.returned",
            id="an area of the wrong type",
        ),
        pytest.param(
            {},
            AreaSettings(sold="NOWHERE"),
            ["P10"],
            "stock area NOWHERE for sold is unknown: correct station.stock_areas.sold",
            id="an area that isn't there",
        ),
    ],
)
def test_d3_a_memo_without_a_suitable_area_is_not_saved_and_names_the_setting(
    hall: Hall, areas: dict[str, str], station_areas: AreaSettings, texts: list[str], reason: str
) -> None:
    if areas:
        _set_areas(hall, "MAIN", **areas)
    worker = hall.worker(areas=station_areas, negative="allow", save_incomplete="allow")
    worker.scan("CM-1", *texts)
    assert worker.scan("$$SAVE") == [f"! {reason}"]
    assert hall.state()["company"]["documents"]["CM-1"] == "open"
    assert worker.scan("P02") == ["Assigned P02"]


def test_d3_an_area_that_is_not_needed_need_not_be_set(hall: Hall) -> None:
    _set_areas(hall, "MAIN", returned_area="", sold_area="")
    assert hall.worker(save_incomplete="allow").scan("CM-1", "$$SAVE")[0] == "saved CM-1: 0 moved"
    worker = hall.worker("dock-2", areas=AreaSettings(credit_orders="NOWHERE"), save_incomplete="allow")
    assert worker.scan("CO-1", "$$SAVE")[0] == "saved CO-1: 0 moved"


def test_d3_an_unknown_area_of_a_location_names_the_location(hall: Hall) -> None:
    _set_areas(hall, "MAIN", returned_area="NOWHERE")
    (said,) = hall.worker(save_incomplete="allow").scan("CM-1", "P01", "$$SAVE")
    assert "returned_area" in said
    assert "MAIN" in said


def test_d4_each_released_unit_has_a_row_in_its_history(hall: Hall) -> None:
    worker = hall.worker(negative="allow")
    worker.scan("CM-1", "P01", "P10")
    worker.scan(">cancel-document CM-1")
    moves = hall.state()["stations"]["dock-1"]["moves"]
    assert sorted((each["event"], each["serial_number"], each["to_area"]) for each in moves) == [
        ("Released", "P01", "SOLD"),
        ("Released", "P10", "STOCK"),
    ]


def test_d5_rows_and_sessions_name_the_operator_and_the_station(hall: Hall) -> None:
    hall.worker("dock-7", switch_document="allow").scan(
        "CM-1", "P01", "$$BADGE E1", "P02", "CM-2", "$$BADGE E2", "P03"
    )
    station = hall.state()["stations"]["dock-7"]
    assert [row["operator"] for row in station["rows"]] == [None, "E1"]
    assert [session["operator"] for session in station["sessions"]] == [None, "E1"]
    assert station["operator"] == "E2"


# Applied at most once


class ForgetfulRepository(SqlRepository):
    """A repository whose connection breaks once after a commit, before the response."""

    breaks = False
    committed: dict[str, Any] | None = None

    def commit(self) -> None:
        super().commit()
        if self.breaks:
            self.breaks = False
            self.committed = world.read(self._engine)
            raise DatabaseBusyError("the connection is gone")


@pytest.mark.parametrize(
    ("before", "text"),
    [
        pytest.param("CM-1", "P01", id="attached"),
        pytest.param("CM-1", "P99", id="refused"),
        pytest.param("CM-1", "C1", id="asked about"),
        pytest.param("CM-1 $$RANGE", "P01", id="first of a range"),
        pytest.param("CM-1 C1", "$$YES", id="answered"),
        pytest.param("CM-1 P01 P02", "$$UNDO", id="undone"),
        pytest.param("CM-1 P01", "$$SAVE", id="saved"),
    ],
)
def test_i4_an_entry_is_applied_once_if_its_commit_succeeded_unnoticed(
    hall: Hall, before: str, text: str
) -> None:
    repository = ForgetfulRepository(hall.engine, "dock-1")
    settings = RuleSettings(
        station=StationSettings(name="dock-1"),
        preferences=Preferences(confirm_by_rescan=True, save_incomplete="allow", signed_commands=False),
    )
    desk = Desk(repository, RequestHandler(repository, settings, uuid7), Bus())
    desk.start()
    try:
        for label in before.split():
            _serve(desk, label)
        repository.breaks = True
        _serve(desk, text)
    finally:
        desk.stop()
    assert repository.committed is not None
    assert hall.state() == repository.committed


def _serve(desk: Desk, text: str) -> None:
    done = threading.Event()
    desk.post(Scanned(stamp(text, "left")), lambda _outcome: done.set())
    assert done.wait(PATIENCE_S)
