"""Reasons and conditions of units (M7), through a whole station on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select

from station.events import HistoryAdded, UnitDescribed, UpcomingChanged
from station.questions import Upcoming
from station.repository import tables
from station.repository.database import reading, transaction
from tests.rules.test_counting import events, row
from tests.rules.test_labels import envelope

if TYPE_CHECKING:
    from tests.rules.hall import Hall, Worker


@pytest.fixture(autouse=True)
def lists(hall: Hall) -> None:
    """The office's lists; CM-1 announces two CABLE."""
    with transaction(hall.engine) as connection:
        for table in (tables.reasons, tables.conditions):
            connection.execute(delete(table))
        connection.execute(
            insert(tables.reasons),
            [{"code": "DOA", "text": "Dead on arrival"}, {"code": "WRONG", "text": "Wrong item"}],
        )
        connection.execute(
            insert(tables.conditions),
            [
                {"code": "NEW", "text": "As new", "stock_area": ""},
                {"code": "BROKEN", "text": "Broken", "stock_area": ""},
            ],
        )
        connection.execute(
            insert(tables.lines),
            {
                "document": "CM-1",
                "number": 4,
                "item": "CABLE",
                "requested": 2,
                "negative": False,
                "added": False,
            },
        )


TABLE: dict[str, tuple[list[str], list[str]]] = {
    # The scans after CM-1; reason and condition of each unit and count.
    "after the unit": (["P01", "$$REASON DOA"], ["P01: DOA -"]),
    "before the unit": (["$$REASON DOA", "P01"], ["P01: DOA -"]),
    "both, before and after": (["$$CONDITION NEW", "P01", "$$REASON DOA"], ["P01: DOA NEW"]),
    "both before": (["$$CONDITION NEW", "$$REASON DOA", "P01"], ["P01: DOA NEW"]),
    "both after": (["P01", "$$CONDITION NEW", "$$REASON DOA"], ["P01: DOA NEW"]),
    "it holds for one unit": (["$$REASON DOA", "P01", "P02"], ["P01: DOA -", "P02: - -"]),
    "a second one is for the next unit": (
        ["P01", "$$REASON DOA", "$$REASON WRONG", "P02"],
        ["P01: DOA -", "P02: WRONG -"],
    ),
    "always before": (
        ["$$REASON DOA", "P01", "$$REASON WRONG", "P02"],
        ["P01: DOA -", "P02: WRONG -"],
    ),
    "always after": (
        ["P01", "$$REASON DOA", "P02", "$$REASON WRONG"],
        ["P01: DOA -", "P02: WRONG -"],
    ),
    "the last one before the unit counts": (["$$REASON DOA", "$$REASON WRONG", "P01"], ["P01: WRONG -"]),
    "a unit that was refused gets none": (
        ["P01", "P99", "$$REASON DOA", "P02"],
        ["P01: - -", "P02: DOA -"],
    ),
    "and leaves it to the next": (["$$REASON DOA", "P99", "P01"], ["P01: DOA -"]),
    "a unit that was detached gets none": (["P01", "P02", "$$UNDO", "$$REASON DOA"], ["P01: - -"]),
    "a unit on the document gets it when it is scanned again": (
        ["P01", "P02", "P01", "$$REASON DOA"],
        ["P01: DOA -", "P02: - -"],
    ),
    "one on another document does not": (
        ["CM-2", "M1", "$$YES", "CM-1", "M1", "$$REASON DOA"],
        ["M1: - -"],
    ),
    "a unit of an earlier session does not": (["P01", "$$CLOSE", "CM-1", "$$REASON DOA"], ["P01: - -"]),
    "through a question": (["$$REASON DOA", "C1", "$$YES"], ["C1: DOA -"]),
    "a declined unit leaves it": (["$$REASON DOA", "C1", "$$NO", "P01"], ["P01: DOA -"]),
    "all units of a label": (["$$REASON DOA", envelope("SP01", "SP02")], ["P01: DOA -", "P02: DOA -"]),
    "even after a question about one of them": (
        ["$$REASON DOA", envelope("SP01", "SC1", "SP02"), "$$YES", "P03"],
        ["C1: DOA -", "P01: DOA -", "P02: DOA -", "P03: - -"],
    ),
    "and if it is declined": (
        ["$$REASON DOA", envelope("SP01", "SC1"), "$$NO", "P03"],
        ["P01: DOA -", "P03: - -"],
    ),
    "all units of a range": (
        ["$$REASON DOA", "$$RANGE", "P01", "P03", "P04"],
        ["P01: DOA -", "P02: DOA -", "P03: DOA -", "P04: - -"],
    ),
    "a generated unit": (["$$CONDITION BROKEN", "$$GENERATE PROC"], ["MAIN-000001: - BROKEN"]),
    "a count, before": (["$$REASON DOA", "CABLE"], ["1 CABLE: DOA -"]),
    "a count, after": (["CABLE", "$$REASON DOA"], ["1 CABLE: DOA -"]),
    "a count with a quantity": (["$$QTY 2", "$$REASON DOA", "CABLE"], ["2 CABLE: DOA -"]),
    "a count whose quantity follows": (
        ["$$REASON DOA", "CABLE", "$$REASON WRONG", "$$QTY 2", "P01"],
        ["2 CABLE: DOA -", "P01: WRONG -"],
    ),
    "CANCEL drops it": (["$$REASON DOA", "$$CANCEL", "P01"], ["P01: - -"]),
    "so does the end of the session": (["$$REASON DOA", "$$CLOSE", "CM-1", "P01"], ["P01: - -"]),
}


def described(hall: Hall) -> list[str]:
    """Return each unit and count with its reason and condition."""
    with reading(hall.engine) as connection:
        units = [(each.serial_number, each) for each in connection.execute(select(tables.attachments)).all()]
        counts = [
            (f"{each.quantity} {each.item}", each) for each in connection.execute(select(tables.counts)).all()
        ]
    return sorted(
        f"{name}: {each.reason_code or '-'} {each.condition or '-'}" for name, each in [*units, *counts]
    )


@pytest.mark.parametrize(("scans", "expected"), TABLE.values(), ids=list(TABLE))
def test_m7_reasons_and_conditions(hall: Hall, scans: list[str], expected: list[str]) -> None:
    hall.worker(signed_commands=False).scan("CM-1", *scans)
    assert described(hall) == expected


REFUSALS: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    # Preferences; the scans; the result of the last one.
    "an unknown reason": (
        {},
        ["CM-1", "$$REASON BAD"],
        ["! reason BAD is unknown; the reasons are DOA, WRONG"],
    ),
    "an unknown condition": (
        {},
        ["CM-1", "$$CONDITION DOA"],
        ["! condition DOA is unknown; the conditions are BROKEN, NEW"],
    ),
    "case counts": ({}, ["CM-1", "$$REASON doa"], ["! reason doa is unknown; the reasons are DOA, WRONG"]),
    "a reason by preference": (
        {"reason": "off"},
        ["CM-1", "$$REASON DOA"],
        ['! reasons are not used here: set preferences.reason to "optional" or "required"'],
    ),
    "a condition by preference": (
        {"condition": "off"},
        ["CM-1", "$$CONDITION NEW"],
        ['! conditions are not used here: set preferences.condition to "optional" or "required"'],
    ),
    "a reason without a code": (
        {},
        ["CM-1", "$$REASON"],
        ["! the command REASON must be followed by a reason's code"],
    ),
    "R1: without a document": ({}, ["$$REASON DOA"], ["! no document open"]),
    "P2: while a question is open": ({}, ["CM-1", "C1", "$$REASON DOA"], ["! answer first"]),
}


@pytest.mark.parametrize(("preferences", "scans", "expected"), REFUSALS.values(), ids=list(REFUSALS))
def test_m7_refusals(hall: Hall, preferences: dict[str, Any], scans: list[str], expected: list[str]) -> None:
    assert hall.worker(signed_commands=False, **preferences).scan(*scans) == expected
    assert described(hall) == []


def test_an_empty_list_is_said_to_be_empty(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(tables.reasons.delete())
        connection.execute(tables.conditions.delete())
    worker = hall.worker(signed_commands=False)
    assert worker.scan("CM-1", "$$REASON DOA") == [
        "! reason DOA is unknown: the office's list of reasons is empty"
    ]
    assert worker.scan("$$CONDITION NEW") == [
        "! condition NEW is unknown: the office's list of conditions is empty"
    ]


def test_of_many_codes_twenty_are_named(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(
            insert(tables.reasons), [{"code": f"R{number:02}", "text": "R"} for number in range(25)]
        )
    (said,) = hall.worker(signed_commands=False).scan("CM-1", "$$REASON BAD")
    assert said.endswith("R17, R18 and 7 more")


def test_the_row_has_what_was_scanned_before_and_the_event_what_was_scanned_after(hall: Hall) -> None:
    worker = hall.worker(signed_commands=False)
    worker.scan("CM-1")
    assert events(worker, "$$REASON DOA") == (UpcomingChanged(Upcoming(reason_code="DOA")),)
    attached = row(worker, "P01")
    assert (attached.reason_code, attached.condition) == ("DOA", None)
    assert events(worker, "$$CONDITION NEW") == (UnitDescribed("CM-1", "P01", "PROC", "DOA", "NEW"),)
    worker.say("$$CONDITION BROKEN")
    counted = row(worker, "CABLE")
    assert (counted.reason_code, counted.condition) == (None, "BROKEN")
    assert events(worker, "$$REASON DOA") == (UnitDescribed("CM-1", None, "CABLE", "DOA", "BROKEN"),)
    more = row(worker, "$$QTY 2")
    assert (more.quantity, more.reason_code, more.condition) == (1, "DOA", "BROKEN")
    back = row(worker, "$$UNDO")
    assert (back.reason_code, back.condition) == (None, None)


def test_the_tone_after_a_described_unit_is_that_of_the_unit(hall: Hall) -> None:
    worker = hall.worker(signed_commands=False)
    worker.scan("CM-1", "$$REASON DOA")
    (only,) = events(worker, "P01")
    assert isinstance(only, HistoryAdded)


def test_p3_what_was_scanned_for_the_next_unit_survives_a_restart(hall: Hall) -> None:
    hall.worker(signed_commands=False).scan("CM-1", "$$REASON DOA")
    hall.leave()
    hall.worker(signed_commands=False).scan("P01")
    hall.leave()
    hall.worker(signed_commands=False).scan("$$CONDITION NEW")
    assert described(hall) == ["P01: DOA NEW"]


# Save


def _worker(hall: Hall, **preferences: Any) -> Worker:
    return hall.worker(signed_commands=False, save_incomplete="allow", negative="allow", **preferences)


def test_save_names_the_units_without_a_required_reason(hall: Hall) -> None:
    worker = _worker(hall, reason="required")
    worker.scan("CM-1", "P02", "P01", "$$REASON DOA", "P03", "CABLE")
    assert worker.scan("$$SAVE") == [
        (
            "! these units have no reason: P02, P03; scan each again, then its reason; no reason was given "
            "for 1 CABLE; scan DETACH and the item, then count again and scan the reason"
        )
    ]
    worker.scan("P02", "$$REASON DOA", "P03", "$$REASON DOA")
    worker.scan("$$DETACH", "CABLE", "$$REASON WRONG", "CABLE")
    assert worker.scan("$$SAVE") == ["saved CM-1: 3 moved", "closed CM-1: saved"]


def test_save_names_the_units_without_a_required_condition(hall: Hall) -> None:
    worker = _worker(hall, condition="required")
    worker.scan("CM-1", "P01", "$$REASON DOA")
    assert worker.scan("$$SAVE") == [
        "! these units have no condition: P01; scan each again, then its condition"
    ]
    assert worker.scan("P01", "$$CONDITION NEW", "$$SAVE")[0] == "saved CM-1: 1 moved"


def test_save_names_both(hall: Hall) -> None:
    worker = _worker(hall, condition="required", reason="required")
    assert worker.scan("CM-1", "P01", "$$SAVE") == [
        (
            "! these units have no reason: P01; scan each again, then its reason; "
            "these units have no condition: P01; scan each again, then its condition"
        )
    ]


def test_save_names_twenty_units(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(
            insert(tables.serial_numbers),
            [
                {"serial_number": f"X{number:02}", "item": "PROC", "stock_area": "SOLD"}
                for number in range(25)
            ],
        )
    worker = _worker(hall, reason="required")
    worker.scan("CM-1", *(f"X{number:02}" for number in range(25)))
    (said,) = worker.scan("$$SAVE")
    assert "X18, X19 and 5 more; scan" in said


def test_a_unit_that_the_customer_takes_away_needs_no_reason(hall: Hall) -> None:
    worker = _worker(hall, reason="required", condition="required")
    assert worker.scan("CM-1", "P10", "$$SAVE")[0] == "saved CM-1: 1 moved"


def test_optional_reasons_may_be_missing(hall: Hall) -> None:
    assert _worker(hall).scan("CM-1", "P01", "$$SAVE")[0] == "saved CM-1: 1 moved"
