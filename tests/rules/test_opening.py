"""Which document a unit is for (M8), through a whole station on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from station.config.settings import GenerateSettings, Preferences
from station.events import ModeChanged
from station.questions import Mode
from station.repository import tables
from station.repository.database import reading, transaction
from tests.rules.hall import summary
from tests.rules.test_counting import events, row
from tests.rules.test_labels import envelope
from tests.stations import station

if TYPE_CHECKING:
    from tests.rules.hall import Hall, Worker

NO_DOCUMENT = ["Refused: no document open"]
WHICH = "? {} may be for {}. Which document is it?"
ONE = "CM-90000001"


@pytest.fixture(autouse=True)
def customers(hall: Hall) -> None:
    """CM-1 and CO-1 are Acme's and announce PROC, CM-2 is Birch's; CM-2 and CM-3 expect units by number."""
    customer_of = {"CM-1": "Acme", "CO-1": "Acme", "CM-2": "Birch"}
    units = {
        "P01": "Acme",
        "P02": "Acme",
        "P03": "Birch",
        "P05": "Acme",
        "C1": "Acme",
        "C2": "Birch",
        "D1": "Cedar",
    }
    units |= {"P10": "Acme", "M1": "Acme", "M2": "Birch", "S1": "Cedar", "W1": "Cedar"}
    with transaction(hall.engine) as connection:
        for number, customer in customer_of.items():
            its = tables.documents.c.number == number
            connection.execute(tables.documents.update().where(its).values(customer=customer))
        for number, customer in units.items():
            its = tables.serial_numbers.c.serial_number == number
            connection.execute(tables.serial_numbers.update().where(its).values(customer=customer))
        connection.execute(
            insert(tables.expected_units),
            [
                {"document": document, "item": item, "serial_number": number}
                for document, item, number in (
                    ("CM-2", "PROC", "P04"),
                    ("CM-2", "PROC", "P05"),
                    ("CM-3", "PROC", "P05"),
                    ("CM-3", "DISK", "D1"),
                    ("CM-4", "PROC", "P06"),
                    ("CM-2", "PROC", "P07"),
                    ("CM-3", "PROC", "P07"),
                )
            ],
        )


BY_UNIT: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    # Preferences; the scans; the result of the last one.
    "by default nothing is opened": ({"open_by_unit": False}, ["P04"], NO_DOCUMENT),
    "the document that expects it": (
        {"prompt_when_not_on_document": False},
        ["P04"],
        ["opened CM-2", "Added P04"],
    ),
    "before those of its customer": ({}, ["P05"], [WHICH.format("P05", "CM-2 or CM-3")]),
    "the rules apply to it": ({}, ["P04"], ["opened CM-2", "? Item PROC is not on CM-2. Add it?"]),
    "a manufacturer's number too": ({}, ["F04"], ["opened CM-2", "? Item PROC is not on CM-2. Add it?"]),
    "its customer's, if it lacks the item": ({}, ["M1"], ["opened CM-1", "Assigned M1"]),
    "several of its customer": ({}, ["P01"], [WHICH.format("P01", "CM-1 or CO-1")]),
    "not one that has all of the item": (
        {},
        ["CM-1", "P02", "P08", "P09", "$$CLOSE", "P01"],
        ["opened CO-1", "Assigned P01"],
    ),
    "none of its customer has the item": ({}, ["C1"], NO_DOCUMENT),
    "its customer has none": ({}, ["S1"], NO_DOCUMENT),
    "its customer is not known": ({}, ["P08"], NO_DOCUMENT),
    "a saved document is no longer meant": ({}, ["P06"], NO_DOCUMENT),
    "an unknown number": ({}, ["P99"], NO_DOCUMENT),
    "an item": ({}, ["CABLE"], NO_DOCUMENT),
    "a unit on a document is for no other": ({}, ["CM-2", "M1", "$$YES", "$$CLOSE", "M1"], NO_DOCUMENT),
    "unless that expects it": (
        {"prompt_when_not_on_document": False},
        ["CM-2", "P04", "$$CLOSE", "P04"],
        ["opened CM-2", "Skipped P04: already on CM-2"],
    ),
    "R5: a document of another location is not meant": (
        {"own_location_only": True, "prompt_when_not_on_document": False},
        ["P07"],
        ["opened CM-2", "Added P07"],
    ),
    "R5: an expecting one elsewhere leaves it to the customer's": (
        {"own_location_only": True},
        ["D1"],
        NO_DOCUMENT,
    ),
    "with a document open nothing changes": ({}, ["CM-1", "P04"], ["Assigned P04"]),
    "a label with several follows the first": (
        {},
        [envelope("SM1", "SP02")],
        ["opened CM-1", "Assigned M1", "Assigned P02"],
    ),
    "chosen by touch": ({}, ["P01", ">choose 2"], ["opened CO-1", "Assigned P01"]),
    "chosen by the document's number": ({}, ["P01", "CO-1"], ["opened CO-1", "Assigned P01"]),
    "chosen by command": ({}, ["P01", "$$OPEN CM-1"], ["opened CM-1", "Assigned P01"]),
    "P2: another document's number chooses nothing": ({}, ["P01", "CM-2"], ["! answer first"]),
    "P2: nor does another unit": ({}, ["P01", "P02"], ["Refused: answer first"]),
    "P2: nor does the same code again": (
        {"confirm_by_rescan": True},
        ["P01", "P01"],
        ["Refused: answer first"],
    ),
    "Yes chooses nothing": ({}, ["P01", "$$YES"], ["! choose one of the list, or NO"]),
    "a place that isn't listed": ({}, ["P01", ">choose 3"], ["! choose a number from 1 to 2"]),
    "No refuses it": ({}, ["P01", "$$NO"], ["Refused P01: declined"]),
}


@pytest.mark.parametrize(("preferences", "scans", "expected"), BY_UNIT.values(), ids=list(BY_UNIT))
def test_m8_a_unit_opens_its_document(
    hall: Hall, preferences: dict[str, Any], scans: list[str], expected: list[str]
) -> None:
    assert _worker(hall, **{"open_by_unit": True, **preferences}).scan(*scans) == expected


def _worker(hall: Hall, **preferences: Any) -> Worker:
    """Start a station on which other rules ask nothing."""
    allowed = dict.fromkeys(
        ("other_customer", "late_return", "unexpected", "negative", "save_incomplete"), "allow"
    )
    settings: dict[str, Any] = {
        "signed_commands": False,
        "switch_document": "allow",
        **allowed,
        **preferences,
    }
    return hall.worker(settings.pop("name", "dock-1"), **settings)


def test_the_whole_label_waits_for_the_choice(hall: Hall) -> None:
    worker = _worker(hall, open_by_unit=True)
    assert worker.scan(envelope("SP01", "SP02")) == [WHICH.format("P01", "CM-1 or CO-1")]
    assert worker.scan("CO-1") == ["opened CO-1", "Assigned P01", "Assigned P02"]


def test_a_document_that_is_gone_at_the_choice_refuses_the_unit(hall: Hall) -> None:
    worker, other = _worker(hall, open_by_unit=True), _worker(hall, name="dock-2")
    worker.scan("P01")
    other.scan(">cancel-document CM-1")
    assert worker.scan(">choose 1") == ["Refused: document CM-1 is cancelled"]
    assert worker.scan("P01") == ["opened CO-1", "Assigned P01"]


def test_an_automatic_yes_chooses_the_first(hall: Hall) -> None:
    preferences = Preferences(open_by_unit=True, signed_commands=False)
    with station(hall.engine, auto_answer=True, preferences=preferences) as seat:
        assert summary(seat.scan("P01").events)[-2:] == ["opened CM-1", "Assigned P01"]


def test_p3_the_choice_survives_a_restart(hall: Hall) -> None:
    _worker(hall, open_by_unit=True).scan("P01")
    hall.leave()
    assert _worker(hall, open_by_unit=True).scan(">choose 1") == ["opened CM-1", "Assigned P01"]


def test_the_row_belongs_to_the_session_and_the_scan(hall: Hall) -> None:
    worker = _worker(hall, open_by_unit=True)
    worker.scan("P01")
    attached = row(worker, ">choose 2")
    assert (attached.document, attached.session, attached.text) == ("CO-1", 1, "P01")


def test_a_reason_may_come_before_the_unit_that_opens_its_document(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(insert(tables.reasons), {"code": "DOA", "text": "Dead on arrival"})
    worker = _worker(hall, open_by_unit=True)
    worker.scan("$$REASON DOA", "P01")
    assert row(worker, ">choose 1").reason_code == "DOA"


def test_more_documents_than_can_be_shown_are_not_asked_about(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(
            insert(tables.documents),
            [
                {
                    "number": f"CM-1{number:02}",
                    "kind": "credit_memo",
                    "customer": "Acme",
                    "location": "MAIN",
                    "status": "open",
                }
                for number in range(19)
            ],
        )
        connection.execute(
            insert(tables.lines),
            [
                {
                    "document": f"CM-1{number:02}",
                    "number": 1,
                    "item": "PROC",
                    "requested": 1,
                    "negative": False,
                    "added": False,
                }
                for number in range(19)
            ],
        )
    assert _worker(hall, open_by_unit=True).scan("P01") == [
        "Refused: more than 20 documents may be meant: scan the document's number first"
    ]


# NEW

NEW: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "the next unit's customer gets a document": ({}, ["$$NEW", "D1"], [f"opened {ONE}", "Added D1"]),
    "R7 asks about no item of it": ({}, ["$$NEW", "D1", "C1"], ["Added C1"]),
    "the number counts up": (
        {},
        ["$$NEW", "D1", "$$CLOSE", "$$NEW", "C1"],
        ["opened CM-90000002", "Added C1"],
    ),
    "it holds for one unit": ({}, ["$$NEW", "D1", "$$CLOSE", "C1"], NO_DOCUMENT),
    "it comes before open by unit": (
        {"open_by_unit": True},
        ["$$NEW", "P04"],
        [f"opened {ONE}", "Added P04"],
    ),
    "a unit whose customer is not known": ({}, ["$$NEW", "P08"], [f"opened {ONE}", "Added P08"]),
    "a label with several": (
        {},
        ["$$NEW", envelope("SP01", "SP02")],
        [f"opened {ONE}", "Added P01", "Assigned P02"],
    ),
    "by default it is refused": (
        {"unannounced_returns": False},
        ["$$NEW"],
        ["! unannounced returns are not taken here: set preferences.unannounced_returns"],
    ),
    "with a document open it is refused": ({}, ["CM-1", "$$NEW"], ["! close CM-1 first"]),
    "P2: a question comes first": ({}, ["CM-1", "C1", "$$NEW"], ["! answer first"]),
    "an unknown number": ({}, ["$$NEW", "P99"], ["Refused: unknown serial number"]),
    "after which it still holds": ({}, ["$$NEW", "P99", "D1"], [f"opened {ONE}", "Added D1"]),
    "an item": ({}, ["$$NEW", "CABLE"], ["Refused: scan the serial number: CABLE is only the item CABLE"]),
    "CANCEL ends it": ({}, ["$$NEW", "$$CANCEL", "D1"], NO_DOCUMENT),
    "so does a document's number": ({}, ["$$NEW", "CM-1", "$$CLOSE", "D1"], NO_DOCUMENT),
    "R4: a unit that is on a document": (
        {},
        ["CM-1", "P01", "$$CLOSE", "$$NEW", "P01"],
        ["Skipped P01: already on CM-1"],
    ),
    "R5: a unit elsewhere": (
        {"own_location_only": True},
        ["$$NEW", "M3"],
        ["Refused M3: stock area of another location: GONE of SHOP"],
    ),
    "R8: a unit that is ours": ({}, ["$$NEW", "P10"], ["Refused P10: not in an out area"]),
    "R10: a unit of an item without serial numbers": (
        {},
        ["$$NEW", "W1"],
        ["Refused W1: item is not serialized"],
    ),
    "R3: units of several customers": (
        {},
        ["$$NEW", "F-M"],
        ["Refused: units of several customers bear this number: scan the unit's other number"],
    ),
    "R3: several units of one": (
        {},
        ["$$NEW", "S1"],
        [f"opened {ONE}", "? Several units bear S1. Which one is it?"],
    ),
}


@pytest.mark.parametrize(("preferences", "scans", "expected"), NEW.values(), ids=list(NEW))
def test_m8_new(hall: Hall, preferences: dict[str, Any], scans: list[str], expected: list[str]) -> None:
    assert _worker(hall, **{"unannounced_returns": True, **preferences}).scan(*scans) == expected


def test_the_new_document_is_marked_and_belongs_to_customer_and_station(hall: Hall) -> None:
    worker = hall.worker(location="SHOP", signed_commands=False, unannounced_returns=True)
    assert events(worker, "$$NEW") == (ModeChanged(Mode.NEW),)
    worker.scan("D1")
    with reading(hall.engine) as connection:
        its = tables.documents.c.number == ONE
        (made,) = connection.execute(select(tables.documents).where(its)).mappings()
    assert dict(made) == {
        "number": ONE,
        "kind": "credit_memo",
        "customer": "Cedar",
        "location": "SHOP",
        "status": "open",
        "reference": "",
        "unannounced": True,
    }


def test_it_is_saved_like_any_other(hall: Hall) -> None:
    worker = _worker(hall, unannounced_returns=True)
    worker.scan("$$NEW", "D1")
    assert worker.scan("$$SAVE") == [f"saved {ONE}: 1 moved", f"closed {ONE}: saved"]
    assert hall.area("D1", "DISK") == "BACK"


def test_a_number_that_is_used_already_is_skipped(hall: Hall) -> None:
    taken = {"kind": "credit_memo", "location": "MAIN", "status": "saved"}
    with transaction(hall.engine) as connection:
        connection.execute(
            insert(tables.documents), [taken | {"number": number} for number in (ONE, "CM-90000003")]
        )
    worker = _worker(hall, unannounced_returns=True)
    assert worker.scan("$$NEW", "D1")[0] == "opened CM-90000002"
    assert worker.scan("$$CLOSE", "$$NEW", "C1")[0] == "opened CM-90000004"


def test_two_stations_never_make_the_same_number(hall: Hall) -> None:
    one, other = (_worker(hall, name=name, unannounced_returns=True) for name in ("dock-1", "dock-2"))
    one.scan("$$NEW")
    other.scan("$$NEW")
    assert one.scan("D1")[0] == f"opened {ONE}"
    assert other.scan("C1")[0] == "opened CM-90000002"


@pytest.mark.parametrize(
    ("numbering", "expected"),
    [
        (GenerateSettings(document_prefix="CM-77", document_digits=2), "opened CM-7701"),
        (
            GenerateSettings(document_prefix="R-"),
            (
                "Refused: a document's number like R-0000000 would not be read as one: "
                "set generate.document_prefix"
            ),
        ),
    ],
)
def test_the_number_is_configurable(hall: Hall, numbering: GenerateSettings, expected: str) -> None:
    worker = hall.worker(numbering=numbering, signed_commands=False, unannounced_returns=True)
    assert worker.scan("$$NEW", "D1")[0] == expected


def test_used_up_numbers_are_refused_with_the_setting(hall: Hall) -> None:
    numbering = GenerateSettings(document_prefix="CM-7", document_digits=1)
    worker = hall.worker(numbering=numbering, signed_commands=False, unannounced_returns=True)
    taken = {"kind": "credit_memo", "location": "MAIN", "status": "saved"}
    with transaction(hall.engine) as connection:
        connection.execute(
            insert(tables.documents), [taken | {"number": f"CM-7{number}"} for number in range(1, 10)]
        )
    assert worker.scan("$$NEW", "D1") == [
        "Refused: the documents' numbers CM-70 to CM-79 are used up: set generate.document_prefix"
    ]


def test_a_station_without_a_location_makes_no_document(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(tables.locations.update().values(is_default=False))
    worker = hall.worker(signed_commands=False, unannounced_returns=True)
    assert worker.scan("$$NEW", "D1") == [
        "Refused: the station's location is unknown: set station.location to the code of a location"
    ]
