"""Labels with a GTIN, item codes or several serial numbers (R2, R3, P2, M2 to M4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from station.config.settings import HouseFormat, LabelSettings
from station.source import now, stamp
from station.worker.entries import Scanned
from tests.rules.hall import CASE_GTIN, PROC_GTIN, Hall, summary
from tests.rules.model import Settings, Wishes
from tests.rules.world import Dock

if TYPE_CHECKING:
    from collections.abc import Iterator

ADD = "? Item {} is not on CM-1. Add it?"
MORE = "({} more on this label)"


def gs1(number: str, gtin: str | None = None) -> str:
    """A GS1-128 label."""
    return f"]C1{'01' + gtin if gtin else ''}21{number}"


def envelope(*fields: str) -> str:
    """A label of ISO/IEC 15434, format 06."""
    return f"[)>\x1e06\x1d{chr(0x1D).join(fields)}\x1e\x04"


def serials(*numbers: str) -> str:
    return envelope(*(f"S{number}" for number in numbers))


ONLY = "Refused: scan the serial number: this is only the item"
UNKNOWN = "Refused: unknown serial number"

TABLE: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    # Preferences; the scans; the result of the last one.
    "R2: a GTIN narrows the item": ({}, ["CM-1", gs1("S1", PROC_GTIN)], ["Assigned S1"]),
    "R2: a GTIN that is another item's rejects the serial number": (
        {},
        ["CM-1", gs1("P01", CASE_GTIN)],
        [f"{UNKNOWN}: P01 is of item PROC, the label says GTIN {CASE_GTIN}"],
    ),
    "R2: a GTIN that is nobody's rejects it too": (
        {},
        ["CM-1", gs1("M1", "04006381333931")],
        [f"{UNKNOWN}: M1 is of item MEM, which has no GTIN here; the label says GTIN 04006381333931"],
    ),
    "R2: with a GTIN an unknown number is unknown": ({}, ["CM-1", gs1("P99", PROC_GTIN)], [UNKNOWN]),
    "R2: a GS1 label without a GTIN is its serial number": ({}, ["CM-1", gs1("P01")], ["Assigned P01"]),
    "R2: plain text that looks like GS1 is plain text": ({}, ["CM-1", "]C021P01"], [UNKNOWN]),
    "R2: an item code narrows the item": ({}, ["CM-1", envelope("1PPROC", "SS1")], ["Assigned S1"]),
    "R2: an item code of another item rejects the serial number": (
        {},
        ["CM-1", envelope("1PCASE", "SP01")],
        [f"{UNKNOWN}: P01 is of item PROC, the label says item code CASE"],
    ),
    "R2: of a customer's and a supplier's code one is ours": (
        {},
        ["CM-1", envelope("PX-1", "1PPROC", "SP01")],
        ["Assigned P01"],
    ),
    "R2: a label of two items names none": (
        {},
        ["CM-1", envelope("PCASE", "1PPROC", "SP01")],
        ["Refused: the label names several items: CASE and PROC"],
    ),
    "R2: an item code that is nobody's is refused": (
        {},
        ["CM-1", envelope("1PX-1", "SP01")],
        ["Refused: unknown item code on the label: X-1"],
    ),
    "R2: or ignored, by preference": (
        {"unknown_item_code": "ignore"},
        ["CM-1", envelope("1PX-1", "SP01")],
        ["Assigned P01"],
    ),
    "R2: another item's code is refused whatever the preference": (
        {"unknown_item_code": "ignore"},
        ["CM-1", envelope("1PCASE", "SP01")],
        [f"{UNKNOWN}: P01 is of item PROC, the label says item code CASE"],
    ),
    "R2: a GTIN and an item code must be of one item": (
        {},
        ["CM-1", envelope("1PCASE", f"8P{PROC_GTIN}", "SP01")],
        [f"Refused: the label contradicts itself: it says item CASE and GTIN {PROC_GTIN}"],
    ),
    "R2: the manufacturer's number too is narrowed": (
        {},
        ["CM-1", envelope("1PMEM", "SP01")],
        ["Assigned M4"],
    ),
    "R2: an item's code alone asks for the serial number": (
        {},
        ["CM-1", "PROC"],
        ["Refused: scan the serial number: PROC is only the item PROC"],
    ),
    "R2: so does its GTIN, typed or printed": (
        {},
        ["CM-1", PROC_GTIN[1:]],
        [f"Refused: scan the serial number: {PROC_GTIN[1:]} is only the item PROC"],
    ),
    "R2: so does an article's bar code": ({}, ["CM-1", f"]E0{PROC_GTIN[1:]}"], [f"{ONLY} PROC"]),
    "R2: so does a GS1 label without a serial number": (
        {},
        ["CM-1", f"]C101{CASE_GTIN}10LOT"],
        [f"{ONLY} CASE"],
    ),
    "R2: an unknown item is reported as such": (
        {},
        ["CM-1", "]E04006381333931"],
        ["Refused: scan the serial number: this is only the GTIN 04006381333931, unknown here"],
    ),
    "R2: an item's label in the envelope": ({}, ["CM-1", envelope("1PPROC", "Q5")], [f"{ONLY} PROC"]),
    "R2: a shipping label says what it is": (
        {},
        ["CM-1", "]C100106141411928374657"],
        ["Refused: scan the serial number: this is a shipping label, SSCC 106141411928374657"],
    ),
    "R1: comes first for what names no unit": ({}, ["PROC"], ["Refused: no document open"]),
    "P2: what names no unit answers nothing": (
        {},
        ["CM-1", "C1", f"]E0{CASE_GTIN[1:]}"],
        ["Refused: answer first"],
    ),
    "M3: what names no unit leaves the mode as it is": (
        {},
        ["CM-1", "$$MFG", f"]E0{PROC_GTIN[1:]}", "P01"],
        ["Assigned M4"],
    ),
    # Several serial numbers
    "a label with several is retrieved one after the other": (
        {"negative": "allow"},
        ["CM-1", serials("P01", "P99", "P02", "P10")],
        ["Assigned P01", f"{UNKNOWN}: P99", "Assigned P02", "Negative P10"],
    ),
    "each is treated by the rules as they stand then": (
        {"over_quantity": "refuse"},
        ["CM-1", "P05", serials("P01", "P05", "P02", "P03")],
        [
            "Assigned P01",
            "Skipped P05: already on CM-1",
            "Assigned P02",
            "Refused P03: above the requested quantity",
        ],
    ),
    "its item code is for all of them": (
        {},
        ["CM-1", envelope("1PPROC", "SP01", "SS1", "SM1")],
        [
            "Assigned P01",
            "Assigned S1",
            f"{UNKNOWN}: M1 is of item MEM, the label says item code PROC",
        ],
    ),
    "a question keeps those behind it waiting": (
        {},
        ["CM-1", serials("P01", "C1", "P02")],
        ["Assigned P01", f"{ADD.format('CASE')} {MORE.format(1)}"],
    ),
    "Yes goes on with them": (
        {},
        ["CM-1", serials("P01", "C1", "P02", "C2"), "$$YES"],
        ["Added C1", "Assigned P02", "Assigned C2"],
    ),
    "No holds for all of the label's units of the item": (
        {},
        ["CM-1", serials("C1", "P01", "C2"), "$$NO"],
        ["Refused C1: declined: C1", "Assigned P01", "Refused C2: declined: C2"],
    ),
    "so does CANCEL": (
        {},
        ["CM-1", serials("C1", "P01", "F-D1"), "$$CANCEL"],
        ["Refused C1: declined: C1", "Assigned P01", f"{UNKNOWN}: F-D1"],
    ),
    "the question about the last of them says nothing of others": (
        {},
        ["CM-1", serials("P01", "C1")],
        ["Assigned P01", ADD.format("CASE")],
    ),
    "No to the last of them says which too": (
        {},
        ["CM-1", serials("P01", "C1"), "$$NO"],
        ["Refused C1: declined: C1"],
    ),
    "a choice says how many wait": (
        {},
        ["CM-1", serials("F-M", "P01", "P02")],
        [f"? Several units bear F-M. Which one is it? {MORE.format(2)}"],
    ),
    "No to a label with one serial number says no more than that": (
        {},
        ["CM-1", serials("C1"), "$$NO"],
        ["Refused C1: declined"],
    ),
    "another item is asked about in its turn": (
        {},
        ["CM-1", serials("C1", "D1", "C2"), "$$NO"],
        ["Refused C1: declined: C1", f"{ADD.format('DISK')} {MORE.format(1)}"],
    ),
    "its answer leaves the first as it was": (
        {},
        ["CM-1", serials("C1", "D1", "C2"), "$$NO", "$$YES"],
        ["Added D1", "Refused C2: declined: C2"],
    ),
    "a full line is asked about once": (
        {"over_quantity": "prompt"},
        ["CM-1", "P01", "P02", "P03", serials("P04", "P05", "P06"), "$$YES"],
        ["Assigned P04", "Assigned P05", "Assigned P06"],
    ),
    "a choice goes on with those behind it": (
        {},
        ["CM-1", serials("F-M", "P01"), ">choose 2"],
        ["Assigned M2", "Assigned P01"],
    ),
    "a choice that nobody makes goes on too": (
        {},
        ["CM-1", serials("F-M", "P01"), "$$NO"],
        ["Refused: declined: F-M", "Assigned P01"],
    ),
    "a last choice that nobody makes says which number it was": (
        {},
        ["CM-1", serials("P01", "F-M"), "$$NO"],
        ["Refused: declined: F-M"],
    ),
    "a question after a choice keeps them waiting still": (
        {},
        ["CM-1", serials("S1", "P01"), ">choose 1", "$$YES"],
        ["Added S1", "Assigned P01"],
    ),
    "what was answered holds for a unit that is chosen later": (
        {},
        ["CM-1", serials("C1", "F-C0", "P01"), "$$NO", ">choose 1"],
        ["Refused C2: declined: F-C0", "Assigned P01"],
    ),
    "also when that is the last of the label": (
        {},
        ["CM-1", serials("C1", "F-C0"), "$$NO", ">choose 1"],
        ["Refused C2: declined: F-C0"],
    ),
    # Labels without a serial number
    "R2: a label that names nothing is refused with its reason": (
        {},
        ["CM-1", "]C110LOT1"],
        ["Refused: scan the serial number: the label holds no serial number (GS1 element string)"],
    ),
    "R2: so is one that names only a part": (
        {},
        ["CM-1", "]C1250P01"],
        [
            (
                "Refused: scan the serial number: AI 250 is the secondary serial number of a part, and AI 21 "
                "is missing"
            )
        ],
    ),
    "R2: so is one in a format that isn't read": (
        {},
        ["CM-1", "[)>\x1e07\x1dP01\x1e\x04"],
        ["Refused: scan the serial number: format 07 is not supported"],
    ),
    "R1: comes first for a label that names nothing": ({}, ["]C110LOT1"], ["Refused: no document open"]),
    "P2: a label that names nothing answers nothing": (
        {},
        ["CM-1", "C1", "]C110LOT1"],
        ["Refused: answer first"],
    ),
    "P2: nor one in a format that isn't read": (
        {},
        ["CM-1", "C1", "[)>\x1e07\x1dP01\x1e\x04"],
        ["Refused: answer first"],
    ),
    "M3: what names nothing leaves the mode as it is": (
        {},
        ["CM-1", "$$MFG", "]C110LOT1", "P01"],
        ["Assigned M4"],
    ),
    "a command that is none stays a command": (
        {},
        ["CM-1", "C1", "$$NONSENSE"],
        ['! unknown command "NONSENSE"'],
    ),
    "a reason shows no control characters": (
        {},
        ["CM-1", envelope("1PX\x1c1", "SP01")],
        ["Refused: unknown item code on the label: X\\u001C1"],
    ),
    "P1: a label with several picks none of a choice": (
        {},
        ["CM-1", "F-M", serials("M1", "M9")],
        ["Refused: answer first"],
    ),
    "P2: it answers nothing": ({}, ["CM-1", "C1", serials("C1", "C2")], ["Refused: answer first"]),
    "P2: the very label again is a Yes by preference": (
        {"confirm_by_rescan": True},
        ["CM-1", serials("C1", "C2"), serials("C1", "C2")],
        ["Added C1", "Assigned C2"],
    ),
    "P2: the same text under another symbology is another code": (
        {"confirm_by_rescan": True},
        ["CM-1", "]C0C1", "]A0C1"],
        ["Refused: answer first"],
    ),
    "M2: it is no end of a range": (
        {},
        ["CM-1", "$$RANGE", serials("P01", "P03")],
        ["Refused: range: the label bears several serial numbers"],
    ),
    "M2: nor the last": (
        {},
        ["CM-1", "$$RANGE", "P01", serials("P02", "P03")],
        ["Refused: range: the label bears several serial numbers"],
    ),
    "M3: MFG is for all of it": (
        {},
        ["CM-1", "$$MFG", serials("P01", "F02")],
        ["Assigned M4", "Assigned P02"],
    ),
    "M3: also behind a question": (
        {},
        ["CM-1", "$$MFG", serials("F-C1", "P01"), ">choose 1", "$$YES"],
        ["Added C1", "Assigned M4"],
    ),
    "M4: DETACH is for all of it": (
        {},
        ["CM-1", "P01", "P02", "$$DETACH", serials("P01", "P03", "P02")],
        ["Detached P01", "Refused P03: not on CM-1", "Detached P02"],
    ),
    "M4: also behind a choice": (
        {},
        ["CM-1", "M1", "M2", "P01", "$$DETACH", serials("F-M", "P01"), ">choose 1"],
        ["Detached M1", "Detached P01"],
    ),
    "M4: UNDO takes off the last of it": ({}, ["CM-1", serials("P01", "P02"), "$$UNDO"], ["Detached P02"]),
    "D2: what waits behind a question goes with the session": (
        {},
        ["CM-1", serials("C1", "P01"), "$$NO", "$$CLOSE", "CM-1", "P01"],
        ["Skipped P01: already on CM-1"],
    ),
}


@pytest.mark.parametrize("rule", TABLE)
def test_the_decision_table_of_labels(hall: Hall, rule: str) -> None:
    preferences, texts, expected = TABLE[rule]
    worker = hall.worker(**preferences)
    for text in texts[:-1]:
        worker.post(text)
    assert worker.say(texts[-1]) == expected


def test_p3_serial_numbers_that_wait_for_an_answer_survive_a_restart(hall: Hall) -> None:
    hall.worker().scan("CM-1", serials("C1", "P01", "C2"))
    hall.leave()
    assert hall.attached("CM-1") == []
    assert hall.worker().scan("$$YES") == ["Added C1", "Assigned P01", "Assigned C2"]


def test_p3_the_symbology_identifier_survives_a_restart_with_the_question(hall: Hall) -> None:
    label = gs1("C1", CASE_GTIN)
    hall.worker(confirm_by_rescan=True).scan("CM-1", label)
    hall.leave()
    worker = hall.worker(confirm_by_rescan=True)
    assert worker.scan(label[3:]) == ["Refused: answer first"]
    assert worker.scan(label) == ["Added C1"]


def test_p4_the_time_limit_names_the_number_it_declined(hall: Hall) -> None:
    station = hall.worker(prompt_timeout_s=60).station
    began = now()
    for text in ("CM-1", serials("C1", "P01")):
        station.post_and_wait(Scanned(stamp(text, "left", began)))
    outcome = station.post_and_wait(Scanned(stamp("P02", "left", began + timedelta(seconds=61))))
    assert summary(outcome.events) == ["Refused C1: nobody answered: C1", "Assigned P01", "Assigned P02"]


GONE = "CM-1 is {}: open another document and {} again"


@pytest.mark.parametrize(
    ("end", "status"), [(">cancel-document CM-1", "cancelled"), ("CM-1 $$SAVE", "saved")], ids=str
)
def test_p3_waiting_serial_numbers_are_refused_by_name_when_the_document_is_gone(
    hall: Hall, end: str, status: str
) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2", save_incomplete="allow")
    one.scan("CM-1", serials("P01", "C1", "P02", "D1"))
    other.scan(*([end] if end.startswith(">") else end.split()))
    assert one.scan("P03") == [
        f"closed CM-1: {status}",
        f"Refused C1: {GONE.format(status, 'scan C1')}",
        f"Refused: {GONE.format(status, 'scan P02')}",
        f"Refused: {GONE.format(status, 'scan D1')}",
        "Refused: no document open",
    ]
    rows = hall.state()["stations"]["dock-1"]["rows"]
    label = serials("P01", "C1", "P02", "D1")
    assert [(row["document"], row["session"], row["text"]) for row in rows] == [
        *[("CM-1", 1, label)] * 4,
        (None, None, "P03"),
    ]


@pytest.mark.parametrize(
    ("before", "says"),
    [
        pytest.param(["C1"], "Refused C1: " + GONE.format("saved", "scan C1"), id="a unit"),
        pytest.param(["F-M"], "Refused: " + GONE.format("saved", "scan F-M"), id="a choice"),
        pytest.param(
            [serials("P01", "F-M")], "Refused: " + GONE.format("saved", "scan F-M"), id="a choice of several"
        ),
        pytest.param(
            ["$$RANGE", "C1", "C3"], "Refused: " + GONE.format("saved", "scan C1 to C3"), id="a range"
        ),
        pytest.param(["M1", "M2", "$$DETACH", "F-M"], "Refused: CM-1 is saved: F-M", id="taking off"),
        pytest.param(
            ["$$GENERATE CASE"],
            "Refused: " + GONE.format("saved", "GENERATE CASE"),
            id="a unit without a number",
        ),
    ],
)
def test_p3_the_subject_of_a_question_is_refused_when_the_document_is_gone(
    hall: Hall, before: list[str], says: str
) -> None:
    one, other = hall.worker("dock-1"), hall.worker("dock-2", save_incomplete="allow")
    one.scan("CM-1", *before)
    other.scan("CM-1", "$$SAVE")
    assert one.scan("$$YES") == ["closed CM-1: saved", says, "! there is no question to answer"]


def test_p3_the_refusals_are_in_the_transaction_that_finds_the_document_gone(hall: Hall, dock: Dock) -> None:
    label = stamp(serials("C1", "P01"), "left")
    dock.do(lambda: dock.scanned(label))
    hall.worker("dock-2").scan(">cancel-document CM-1")
    again = stamp("P02", "left")
    dock.do(lambda: dock.scanned(again), crash=True)
    assert hall.state()["stations"]["dock-1"]["rows"] == []
    dock.do(lambda: dock.scanned(again))
    rows = hall.state()["stations"]["dock-1"]["rows"]
    assert [(row["action"], row["text"]) for row in rows] == [
        ("Refused", label.text),
        ("Refused", label.text),
        ("Refused", "P02"),
    ]


def test_a_row_shows_no_control_characters_but_keeps_the_labels_text(hall: Hall) -> None:
    label = "[)>\x1e07\x1d\x1e\x04"
    hall.worker().scan("CM-1", label)
    (row,) = hall.state()["stations"]["dock-1"]["rows"]
    assert row["reason"].isprintable()
    assert row["text"] == label


def test_a_label_with_several_is_one_transaction(hall: Hall, dock: Dock) -> None:
    source = stamp(serials("P01", "P02", "P03"), "left")
    assert summary(dock.do(lambda: dock.scanned(source), crash=True)) == [
        "Assigned P01",
        "Assigned P02",
        "Assigned P03",
    ]
    assert hall.attached("CM-1") == []
    dock.do(lambda: dock.scanned(source))
    assert hall.attached("CM-1") == ["P01", "P02", "P03"]
    assert dock.repository.is_applied(source.id)


def test_a_rejected_label_leaves_no_row_and_fails_loudly(hall: Hall, dock: Dock) -> None:
    (event,) = dock.do(lambda: dock.scanned(stamp("21A\x1d21B", "left", symbology_identifier="]C1")))
    assert (type(event).__name__, event.reason) == (  # type: ignore[union-attr]
        "ScanRejected",
        "AI 21 appears twice, as A and as B: scan again; if it repeats, the label is wrong",
    )
    assert hall.state()["stations"]["dock-1"]["rows"] == []


def test_a_scanners_own_settings_apply_to_its_scans(hall: Hall) -> None:
    station = hall.worker().station
    station.post_and_wait(Scanned(stamp("CM-1", "left")))
    house = LabelSettings(house_format=(HouseFormat(pattern="(?P<item>[A-Z]+)/(?P<serial>.+)"),))
    label = stamp("PROC/S1", "left")
    assert summary(station.post_and_wait(Scanned(label, house)).events) == ["Assigned S1"]
    always = LabelSettings(gs1="always")
    assert summary(station.post_and_wait(Scanned(stamp("21P01", "left"), always)).events) == ["Assigned P01"]
    assert summary(station.post_and_wait(Scanned(stamp("21P02", "left"))).events) == [UNKNOWN]


@pytest.fixture
def dock(hall: Hall) -> Iterator[Dock]:
    dock = Dock(hall.engine, Settings("dock-1", wishes=Wishes()))
    dock.do(lambda: dock.scanned(stamp("CM-1", "left")))
    yield dock
    dock.stop()
