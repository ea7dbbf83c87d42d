"""Generating serial numbers for units without one (M5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from station.config.settings import AreaSettings, GenerateSettings, HouseFormat, LabelSettings
from station.events import HistoryAdded, SerialGenerated
from station.repository import tables
from station.repository.database import reading, transaction
from station.source import stamp
from station.worker.entries import Commanded, Scanned
from tests.rules.hall import CASE_GTIN, PROC_GTIN, Hall, summary
from tests.rules.model import Settings
from tests.rules.test_labels import envelope, gs1, serials
from tests.rules.world import Dock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.events import Event

ADD = "? Item CASE is not on CM-1. Add it?"
SCAN = "Refused: scan the item's code or GTIN:"
ONE = "MAIN-000001"

TABLE: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    # Preferences; the scans; the result of the last one.
    "the next scan is an item's code": ({}, ["CM-1", "$$GENERATE", "PROC"], [f"Assigned {ONE}"]),
    "or its GTIN": ({}, ["CM-1", "$$GENERATE", PROC_GTIN[1:]], [f"Assigned {ONE}"]),
    "or its article's bar code": ({}, ["CM-1", "$$GENERATE", f"]E0{PROC_GTIN[1:]}"], [f"Assigned {ONE}"]),
    "or a GS1 label of the item": ({}, ["CM-1", "$$GENERATE", f"]C101{PROC_GTIN}10LOT"], [f"Assigned {ONE}"]),
    "or an envelope with its code": ({}, ["CM-1", "$$GENERATE", envelope("1PPROC")], [f"Assigned {ONE}"]),
    "or with a customer's code and ours": (
        {},
        ["CM-1", "$$GENERATE", envelope("PX-1", "1PPROC")],
        [f"Assigned {ONE}"],
    ),
    "the item may stand behind the command": ({}, ["CM-1", "$$GENERATE PROC"], [f"Assigned {ONE}"]),
    "so may its GTIN": ({}, ["CM-1", f"$$GENERATE {PROC_GTIN}"], [f"Assigned {ONE}"]),
    "it can be typed": ({}, ["CM-1", ">generate PROC"], [f"Assigned {ONE}"]),
    "of an item that numbers itself too": ({}, ["CM-1", "$$GENERATE MEM"], [f"Assigned {ONE}"]),
    "it holds for one scan": (
        {},
        ["CM-1", "$$GENERATE", "PROC", "PROC"],
        ["Refused: scan the serial number: PROC is only the item PROC"],
    ),
    "the number counts up": ({}, ["CM-1", "$$GENERATE PROC", "$$GENERATE MEM"], ["Assigned MAIN-000002"]),
    "the unit is one like any other": (
        {},
        ["CM-1", "$$GENERATE PROC", ONE],
        [f"Skipped {ONE}: already on CM-1"],
    ),
    # Scans that name no item
    "what is no item's code is refused": (
        {},
        ["CM-1", "$$GENERATE", "P01"],
        [f"{SCAN} no item here has the code or GTIN P01"],
    ),
    "behind the command too": (
        {},
        ["CM-1", "$$GENERATE P01"],
        [f"{SCAN} no item here has the code or GTIN P01"],
    ),
    "a GTIN that is nobody's is refused": (
        {},
        ["CM-1", "$$GENERATE", "]E04006381333931"],
        [f"{SCAN} no item here has the GTIN 04006381333931"],
    ),
    "an item code that is nobody's is refused": (
        {},
        ["CM-1", "$$GENERATE", envelope("1PX-1")],
        [f"{SCAN} unknown item code on the label: X-1"],
    ),
    "also where such are ignored": (
        {"unknown_item_code": "ignore"},
        ["CM-1", "$$GENERATE", envelope("1PX-1")],
        [f"{SCAN} no item here has the item code X-1"],
    ),
    "a label that contradicts itself is refused": (
        {},
        ["CM-1", "$$GENERATE", envelope("1PCASE", f"8P{PROC_GTIN}")],
        [f"{SCAN} the label contradicts itself: it says item CASE and GTIN {PROC_GTIN}"],
    ),
    "even when its item has no GTIN to contradict": (
        {},
        ["CM-1", "$$GENERATE", envelope("1PMEM", f"8P{PROC_GTIN}")],
        [f"{SCAN} the label contradicts itself: it says item MEM and GTIN {PROC_GTIN}"],
    ),
    "a label of a unit is refused": (
        {},
        ["CM-1", "$$GENERATE", gs1("P01", PROC_GTIN)],
        [f"{SCAN} this label bears a serial number: to retrieve it, CANCEL and scan it again"],
    ),
    "so is one of several": (
        {},
        ["CM-1", "$$GENERATE", serials("P01", "P02")],
        [f"{SCAN} this label bears a serial number: to retrieve it, CANCEL and scan it again"],
    ),
    "a serial number that is an item's code is none in a label that says serial number": (
        {},
        ["CM-1", "$$GENERATE", gs1("PROC")],
        [f"{SCAN} this label bears a serial number: to retrieve it, CANCEL and scan it again"],
    ),
    "a shipping label is refused": (
        {},
        ["CM-1", "$$GENERATE", "]C100106141411928374657"],
        [f"{SCAN} this is a shipping label, SSCC 106141411928374657"],
    ),
    "a label that names nothing is refused": (
        {},
        ["CM-1", "$$GENERATE", "]C110LOT"],
        [f"{SCAN} this label names no item"],
    ),
    "after what is no item the next scan is one still": (
        {},
        ["CM-1", "$$GENERATE", "P01", "PROC"],
        [f"Assigned {ONE}"],
    ),
    "also after a wrong one behind the command": (
        {},
        ["CM-1", "$$GENERATE P01", "PROC"],
        [f"Assigned {ONE}"],
    ),
    "CANCEL ends it": ({}, ["CM-1", "$$GENERATE", "$$CANCEL", "P01"], ["Assigned P01"]),
    # The rules
    "R1: it needs a document": ({}, ["$$GENERATE"], ["! no document open"]),
    "R1: an item needs one too": ({}, ["$$GENERATE PROC"], ["Refused: no document open"]),
    "R7: an item that is not on the document is asked about": ({}, ["CM-1", "$$GENERATE CASE"], [ADD]),
    "R7: Yes numbers the unit and adds it": ({}, ["CM-1", "$$GENERATE CASE", "$$YES"], [f"Added {ONE}"]),
    "R7: No numbers none": ({}, ["CM-1", "$$GENERATE CASE", "$$NO"], ["Refused: declined"]),
    "R7: a No takes no number": (
        {},
        ["CM-1", "$$GENERATE CASE", "$$NO", "$$GENERATE PROC"],
        [f"Assigned {ONE}"],
    ),
    "R7: without prompting it is added": (
        {"prompt_when_not_on_document": False},
        ["CM-1", "$$GENERATE CASE"],
        [f"Added {ONE}"],
    ),
    "R8: it comes back, whatever stock area is ours": (
        {"negative": "refuse"},
        ["CM-1", "$$GENERATE PROC"],
        [f"Assigned {ONE}"],
    ),
    "R9: above the requested quantity is asked about": (
        {"over_quantity": "prompt"},
        ["CM-1", "P01", "P02", "P03", "$$GENERATE PROC"],
        ["? The line of PROC on CM-1 is full. Credit more than requested?"],
    ),
    "R9: Yes assigns it": (
        {"over_quantity": "prompt"},
        ["CM-1", "P01", "P02", "P03", "$$GENERATE PROC", "$$YES"],
        [f"Assigned {ONE}"],
    ),
    "R9: it can be refused": (
        {"over_quantity": "refuse"},
        ["CM-1", "P01", "P02", "P03", "$$GENERATE PROC"],
        ["Refused: above the requested quantity"],
    ),
    "R10: an item without serial numbers is refused": (
        {},
        ["CM-1", "$$GENERATE CABLE"],
        ["Refused: item is not serialized"],
    ),
    "P2: it waits": ({}, ["CM-1", "C1", "$$GENERATE"], ["! answer first"]),
    "P2: with an item it is refused": ({}, ["CM-1", "C1", "$$GENERATE PROC"], ["Refused: answer first"]),
    "P2: an item scanned meanwhile answers nothing": (
        {},
        ["CM-1", "$$GENERATE", "CASE", "CASE"],
        ["Refused: answer first"],
    ),
    "P2: the very code again is a Yes by preference": (
        {"confirm_by_rescan": True},
        ["CM-1", "$$GENERATE", "CASE", "CASE"],
        [f"Added {ONE}"],
    ),
    "P2: the very command too": (
        {"confirm_by_rescan": True},
        ["CM-1", "$$GENERATE CASE", "$$GENERATE CASE"],
        [f"Added {ONE}"],
    ),
    "M2: it ends a range half-way": (
        {},
        ["CM-1", "$$RANGE", "P01", "$$GENERATE PROC", "P02"],
        ["Assigned P02"],
    ),
    "M4: UNDO takes the unit off": ({}, ["CM-1", "$$GENERATE PROC", "$$UNDO"], [f"Detached {ONE}"]),
    "M4: it keeps its number, which attaches it again": (
        {},
        ["CM-1", "$$GENERATE PROC", "$$UNDO", ONE],
        [f"Assigned {ONE}"],
    ),
    "M4: no number is given twice": (
        {},
        ["CM-1", "$$GENERATE PROC", "$$UNDO", "$$GENERATE PROC"],
        ["Assigned MAIN-000002"],
    ),
    "D4: a cancelled document leaves the unit its number": (
        {},
        ["CM-1", "$$GENERATE PROC", ">cancel-document CM-1", "CO-1", ONE],
        [f"Assigned {ONE}"],
    ),
}


@pytest.mark.parametrize("rule", TABLE)
def test_the_decision_table_of_generate(hall: Hall, rule: str) -> None:
    preferences, texts, expected = TABLE[rule]
    worker = hall.worker(**preferences)
    for text in texts[:-1]:
        worker.post(text)
    assert worker.say(texts[-1]) == expected


# Storage and events


def test_a_generated_unit_counts_as_sold_and_is_credited_and_booked_like_any_other(hall: Hall) -> None:
    worker = hall.worker()
    worker.scan("CM-1", "$$GENERATE", "PROC")
    assert (hall.area(ONE, "PROC"), hall.attached("CM-1")) == ("SOLD", [ONE])
    assert hall.lines("CM-1") == ["PROC 1/1", "MEM 0/5", "PROC 0/2"]
    worker.scan("$$SAVE")
    assert hall.area(ONE, "PROC") == "BACK"
    (row,) = hall.state()["stations"]["dock-1"]["rows"]
    assert {key: row[key] for key in ("action", "serial_number", "item", "stock_area", "text")} == {
        "action": "Assigned",
        "serial_number": ONE,
        "item": "PROC",
        "stock_area": "SOLD",
        "text": "PROC",
    }


def test_a_question_or_refusal_creates_no_unit(hall: Hall) -> None:
    before = hall.state()["company"]["areas"]
    worker = hall.worker(over_quantity="refuse")
    worker.scan("CM-1", "P01", "P02", "P03", "$$GENERATE PROC", "$$GENERATE CASE", "$$NO", "$$GENERATE CABLE")
    assert worker.scan("$$GENERATE CASE") == [ADD]
    assert hall.state()["company"]["areas"] == before


def test_a_refused_or_declined_unit_has_a_row_with_the_item_and_no_number(hall: Hall) -> None:
    hall.worker().scan("CM-1", "$$GENERATE CABLE", "$$GENERATE CASE", "$$NO")
    rows = hall.state()["stations"]["dock-1"]["rows"]
    assert [
        (row["item"], row["description"], row["serial_number"], row["stock_area"], row["reason"])
        for row in rows
    ] == [
        ("CABLE", "Cable", None, None, "item is not serialized"),
        ("CASE", "Case", None, None, "declined"),
    ]


def test_the_label_printer_is_notified_after_the_row(hall: Hall) -> None:
    worker = hall.worker()
    worker.scan("CM-1", "$$GENERATE CASE")
    events = worker.station.post_and_wait(Scanned(stamp("$$YES", "left"))).events
    row = next(event.row for event in events if isinstance(event, HistoryAdded))
    assert events[-1] == SerialGenerated(
        row_id=row.id,
        document="CM-1",
        serial_number=ONE,
        item="CASE",
        description="Case",
        gtin=CASE_GTIN,
    )
    assert row.serial_number == ONE


def test_no_label_is_printed_for_a_unit_that_was_not_created(hall: Hall) -> None:
    worker = hall.worker()
    heard: list[Event] = []
    worker.station.bus.subscribe(heard.append)
    worker.scan("CM-1", "P01", "$$GENERATE CASE", "$$NO", "$$GENERATE CABLE", "$$GENERATE X")
    assert [event for event in heard if isinstance(event, SerialGenerated)] == []


def test_p3_the_question_survives_a_restart_and_the_yes_assigns_the_number(hall: Hall) -> None:
    hall.worker("dock-1").scan("CM-1", "$$GENERATE CASE")
    hall.leave()
    hall.worker("dock-2").scan("CM-2", "$$GENERATE PROC", "$$YES")
    assert hall.worker("dock-1").scan("$$YES") == ["Added MAIN-000002"]


def test_p3_the_mode_survives_a_restart(hall: Hall) -> None:
    hall.worker().scan("CM-1", "$$GENERATE")
    hall.leave()
    assert hall.worker().scan("PROC") == [f"Assigned {ONE}"]


def test_the_rules_are_applied_at_the_time_of_the_yes(hall: Hall) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2")
    one.scan("CM-1", "$$GENERATE CASE")
    other.scan("CM-1", "C1", "$$YES")
    assert one.scan("$$YES") == [f"Assigned {ONE}"]
    assert hall.lines("CM-1")[-1] == "CASE 2/0 added"


def test_i3_a_crash_before_the_commit_creates_no_unit_and_uses_no_number(hall: Hall) -> None:
    dock = Dock(hall.engine, Settings("dock-1"))
    try:
        dock.do(lambda: dock.scanned(stamp("CM-1", "left")))
        command = stamp("$$GENERATE PROC", "left")
        assert summary(dock.do(lambda: dock.scanned(command), crash=True)) == [f"Assigned {ONE}"]
        assert (ONE, "PROC") not in hall.state()["company"]["areas"]
        assert summary(dock.do(lambda: dock.scanned(command))) == [f"Assigned {ONE}"]
        assert dock.repository.is_applied(command.id)
    finally:
        dock.stop()


def test_a_label_in_house_format_may_name_the_item(hall: Hall) -> None:
    station = hall.worker().station
    house = LabelSettings(house_format=(HouseFormat(prefix="ITEM:", pattern="(?P<item>.+)"),))
    for text in ("CM-1", "$$GENERATE"):
        station.post_and_wait(Scanned(stamp(text, "left")))
    outcome = station.post_and_wait(Scanned(stamp("ITEM:PROC", "left"), house))
    assert summary(outcome.events) == [f"Assigned {ONE}"]


# The area it comes from


def _no_sold_area(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(tables.locations.update().values(sold_area=""))


def test_the_area_is_the_stations_then_the_locations_then_the_default_locations(hall: Hall) -> None:
    hall.worker("dock-1", "SHOP").scan("CM-1", "$$GENERATE PROC")
    assert hall.area("SHOP-000001", "PROC") == "SOLD"
    with transaction(hall.engine) as connection:
        shop = tables.locations.c.code == "SHOP"
        connection.execute(tables.locations.update().where(shop).values(sold_area="GONE"))
    hall.worker("dock-2", "SHOP").scan("CM-1", "$$GENERATE PROC")
    assert hall.area("SHOP-000002", "PROC") == "GONE"
    hall.worker("dock-3", "SHOP", AreaSettings(sold="EXPECTED")).scan("CM-1", "$$GENERATE PROC")
    assert hall.area("SHOP-000003", "PROC") == "EXPECTED"


def test_without_an_area_for_sold_goods_it_is_refused_with_the_setting(hall: Hall) -> None:
    _no_sold_area(hall)
    assert hall.worker().scan("CM-1", "$$GENERATE CASE") == [
        (
            "Refused: no stock area for sold goods is set: set station.stock_areas.sold, or sold_area of the "
            "location or of the default location"
        )
    ]


def test_an_area_of_ours_is_refused_with_the_setting(hall: Hall) -> None:
    assert hall.worker(areas=AreaSettings(sold="STOCK")).scan("CM-1", "$$GENERATE PROC") == [
        (
            "Refused: stock area STOCK for sold is of type stock, not of type out: "
            "correct station.stock_areas.sold"
        )
    ]


def test_no_unit_is_created_if_the_area_disappears_before_the_yes(hall: Hall) -> None:
    worker = hall.worker()
    worker.scan("CM-1", "$$GENERATE CASE")
    _no_sold_area(hall)
    (said,) = worker.scan("$$YES")
    assert said.startswith("Refused: no stock area for sold goods is set")
    assert hall.attached("CM-1") == []


def test_r5_an_area_of_another_location_is_refused_by_preference(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(tables.documents.update().values(location="SHOP"))
    worker = hall.worker(location="SHOP", own_location_only=True)
    assert worker.scan("CM-1", "$$GENERATE PROC") == ["Refused: stock area of another location: SOLD of MAIN"]


# The number


def _units(hall: Hall, numbers: Iterable[str], **values: str) -> None:
    unit = {"item": "DISK", "stock_area": "SOLD", "mfr_serial_number": None}
    with transaction(hall.engine) as connection:
        rows = [{**unit, "serial_number": number, **values} for number in numbers]
        connection.execute(insert(tables.serial_numbers), rows)


@pytest.mark.parametrize(
    ("numbering", "expected"),
    [
        pytest.param(GenerateSettings(prefix="N", digits=3), "N001", id="no location"),
        pytest.param(GenerateSettings(prefix="R/{location}.", digits=1), "R/MAIN.1", id="around it"),
        pytest.param(GenerateSettings(digits=12), "MAIN-000000000001", id="wide"),
    ],
)
def test_the_format_is_configurable(hall: Hall, numbering: GenerateSettings, expected: str) -> None:
    assert hall.worker(numbering=numbering).scan("CM-1", "$$GENERATE PROC") == [f"Assigned {expected}"]


def test_serial_numbers_in_use_are_skipped(hall: Hall) -> None:
    _units(hall, (f"MAIN-{number:06}" for number in range(1, 1501) if number != 701))
    assert hall.worker("dock-1").scan("CM-1", "$$GENERATE PROC") == ["Assigned MAIN-000701"]
    assert hall.worker("dock-2").scan("CM-1", "$$GENERATE PROC") == ["Assigned MAIN-001501"]
    _units(hall, ["MAIN-001502", "MAIN-1503"])
    assert hall.worker("dock-3").scan("CM-1", "$$GENERATE PROC") == ["Assigned MAIN-001503"]


def test_manufacturers_numbers_in_use_are_skipped(hall: Hall) -> None:
    _units(hall, ["D8"], mfr_serial_number=ONE)
    assert hall.worker().scan("CM-1", "$$GENERATE PROC") == ["Assigned MAIN-000002"]


def test_numbers_in_use_in_other_case_are_skipped_if_case_is_ignored(hall: Hall) -> None:
    _units(hall, ["main-000001"])
    assert hall.worker("dock-1").scan("CM-1", "$$GENERATE PROC") == [f"Assigned {ONE}"]
    _units(hall, ["main-000002"])
    worker = hall.worker("dock-2", fold_case=True)
    assert worker.scan("CM-1", "$$GENERATE PROC") == ["Assigned MAIN-000003"]


def test_a_used_up_series_is_refused_with_the_setting(hall: Hall) -> None:
    worker = hall.worker(numbering=GenerateSettings(prefix="N", digits=1))
    worker.scan("CM-1", *(["$$GENERATE PROC"] * 8))
    assert worker.scan("$$GENERATE PROC") == ["Assigned N9"]
    assert worker.scan("$$GENERATE PROC") == [
        "Refused: the serial numbers N0 to N9 are used up: set generate.digits or generate.prefix"
    ]
    assert hall.worker("dock-2", numbering=GenerateSettings(prefix="N", digits=2)).scan(
        "CM-1", "$$GENERATE PROC"
    ) == ["Assigned N10"]


def test_a_number_that_would_open_a_document_or_give_a_command_is_not_assigned(hall: Hall) -> None:
    with transaction(hall.engine) as connection:
        connection.execute(insert(tables.locations), {"code": "CM", "name": "CM", "is_default": False})
    assert hall.worker("dock-1", "CM").scan("CM-1", "$$GENERATE PROC") == [
        "Refused: a serial number like CM-000000 would be read as a document's number: set generate.prefix"
    ]
    assert hall.worker("dock-2", command_prefix="MAIN").scan("CM-1", "MAINGENERATE PROC") == [
        "Refused: a serial number like MAIN-000000 would be read as a command: set generate.prefix"
    ]


def test_each_location_counts_for_itself_and_all_its_stations_together(hall: Hall) -> None:
    first, second, shop = hall.worker("dock-1"), hall.worker("dock-2"), hall.worker("dock-3", "SHOP")
    assert first.scan("CM-1", "$$GENERATE PROC") == [f"Assigned {ONE}"]
    assert second.scan("CM-1", "$$GENERATE PROC") == ["Assigned MAIN-000002"]
    assert shop.scan("CM-1", "$$GENERATE PROC") == ["Assigned SHOP-000001"]
    with reading(hall.engine) as connection:
        series = connection.execute(select(tables.number_series)).all()
    assert sorted(map(tuple, series)) == [("MAIN-", 2), ("SHOP-", 1)]


def test_a_touch_generates_as_a_scan_does(hall: Hall) -> None:
    station = hall.worker().station
    station.post_and_wait(Scanned(stamp("CM-1", "left")))
    station.post_and_wait(Commanded(stamp("generate", "touch")))
    outcome = station.post_and_wait(Scanned(stamp("PROC", "display")))
    assert summary(outcome.events) == [f"Assigned {ONE}"]
