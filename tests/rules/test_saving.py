"""Saving, receipts and reopening (D3, D4, D6 to D8), through a whole station on a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from station.app.station import Station
from station.config.settings import AreaSettings, GenerateSettings
from station.events import DocumentReopened, DocumentSaved, QuestionAnswered
from station.questions import QuestionKind
from station.source import now, stamp
from station.worker.entries import Commanded, Scanned
from tests.rules.hall import Hall, Worker, summary
from tests.stations import execute, query

PROC_1 = "CM-6: 1 of 2 are here. Missing: 1 PROC"

D6: dict[str, tuple[str, str, str, list[str]]] = {
    # The preference; what is scanned on CM-6 (2 PROC); the answer; the result of the last one.
    "complete: booked at once": ("prompt", "P01 P02", "", ["saved CM-6: 2 moved", "closed CM-6: saved"]),
    "complete: booked at once, refuse": (
        "refuse",
        "P01 P02",
        "",
        ["saved CM-6: 2 moved", "closed CM-6: saved"],
    ),
    "missing: asked": ("prompt", "P01", "", [f"? {PROC_1}"]),
    "missing: refused": ("refuse", "P01", "", [f"! {PROC_1}"]),
    "missing: allowed": ("allow", "P01", "", ["saved CM-6: 1 moved", "closed CM-6: saved"]),
    "missing, Yes: saved": ("prompt", "P01", ">yes", ["saved CM-6: 1 moved", "closed CM-6: saved"]),
    "missing, LATER: a part is booked": (
        "prompt",
        "P01",
        ">later",
        ["saved CM-6: 1 moved", "closed CM-6: later"],
    ),
    "missing, No: nothing happens": ("prompt", "P01", ">no", []),
    "missing, CANCEL: nothing happens": ("prompt", "P01", ">cancel", []),
    "missing, a scan: answer first": ("prompt", "P01", "P02", ["Refused: answer first"]),
    "missing, SAVE again: answer first": ("prompt", "P01", ">save", ["! answer first"]),
    "too many": (
        "prompt",
        "P01 P02 P03",
        "",
        ["? CM-6: 2 of 2 are here. Too many: 1 PROC"],
    ),
    "one item missing, another added": (
        "prompt",
        "P01 C1 >yes",
        "",
        ["? CM-6: 1 of 2 are here. Missing: 1 PROC. Too many: 1 CASE"],
    ),
    "taken away": (
        "prompt",
        "P01 P02 P10",
        "",
        ["? CM-6: 2 of 2 are here. Taken away: 1 PROC"],
    ),
    "nothing at all": ("prompt", "", "", ["? CM-6: 0 of 2 are here. Missing: 2 PROC"]),
    "nothing at all, refused": ("refuse", "", "", ["! CM-6: 0 of 2 are here. Missing: 2 PROC"]),
    "nothing at all, allowed": ("allow", "", "", ["saved CM-6: 0 moved", "closed CM-6: saved"]),
    "answered beforehand, Yes": (
        "prompt",
        "P01",
        ">save|yes",
        ["saved CM-6: 1 moved", "closed CM-6: saved"],
    ),
    "answered beforehand, LATER": (
        "prompt",
        "P01",
        ">save|later",
        ["saved CM-6: 1 moved", "closed CM-6: later"],
    ),
    "answered beforehand, LATER, but complete": (
        "prompt",
        "P01 P02",
        ">save|later",
        ["saved CM-6: 2 moved", "closed CM-6: saved"],
    ),
    "answered beforehand, LATER, allowed": (
        "allow",
        "P01",
        ">save|later",
        ["saved CM-6: 1 moved", "closed CM-6: later"],
    ),
    "answered beforehand, LATER, refused": ("refuse", "P01", ">save|later", [f"! {PROC_1}"]),
    "answered beforehand, No": (
        "prompt",
        "P01",
        ">save|no",
        [f"! {PROC_1}; add --yes to save it without the rest, or --later if the rest comes later"],
    ),
    "LATER without a question": ("prompt", "P01", ">later", ["! there is nothing to answer with LATER"]),
}


@pytest.fixture
def dock(hall: Hall) -> Hall:
    """The company with CM-6 over two PROC."""
    execute(
        hall.engine,
        "INSERT INTO documents (number, kind, location, status) "
        "VALUES ('CM-6', 'credit_memo', 'MAIN', 'open')",
        "INSERT INTO lines (document, number, item, requested, negative, added) "
        "VALUES ('CM-6', 1, 'PROC', 2, false, false)",
        "INSERT INTO conditions (code, text, stock_area) VALUES ('BROKEN', '', 'STOCK'), ('FINE', '', '')",
    )
    return hall


def at_dock(hall: Hall, name: str = "dock-1", **preferences: Any) -> Worker:
    """Start a station that asks about incomplete documents, unless it is told otherwise."""
    return hall.worker(name, **{"save_incomplete": "prompt"} | preferences)


def status(hall: Hall, document: str = "CM-6") -> str:
    return str(query(hall.engine, f"SELECT status FROM documents WHERE number = '{document}'")[0][0])


@pytest.mark.parametrize("case", D6)
def test_d6_a_save_looks_first(dock: Hall, case: str) -> None:
    preference, scans, answer, expected = D6[case]
    worker = at_dock(dock, save_incomplete=preference, negative="allow")
    steps = [">open CM-6", *scans.split()]
    is_alone = answer.startswith(">save|") or case.startswith("LATER")
    for step in [*steps, *([] if is_alone else [">save"]), *([answer] if answer else [])]:
        told = worker.say(step.replace("|", " "))
    assert told == expected
    saved = {"saved", "later"} & {line.partition(": ")[2] for line in told}
    assert status(dock) == {"saved": "saved", "later": "backorder"}.get("".join(saved), "open")
    assert bool(query(dock.engine, "SELECT * FROM receipts")) is bool(saved)


def test_d6_a_document_without_lines_and_units_is_asked_about_too(dock: Hall) -> None:
    assert at_dock(dock).scan(">open CM-2", ">save") == ["? CM-2: nothing is on it"]


def test_d6_an_unannounced_return_has_nothing_to_ask_about(dock: Hall) -> None:
    execute(dock.engine, "UPDATE documents SET unannounced = true WHERE number = 'CM-2'")
    worker = at_dock(dock, prompt_when_not_on_document=False)
    assert worker.scan(">open CM-2", ">save") == ["? CM-2: nothing is on it"]
    assert worker.scan(">no", "C1", ">save") == ["saved CM-2: 1 moved", "closed CM-2: saved"]


def test_d6_a_no_leaves_no_row_and_the_worker_goes_on(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", ">save")
    answered = worker.station.command("no", "touch").events
    assert [type(event) for event in answered] == [QuestionAnswered]
    assert worker.scan("P02") == ["Assigned P02"]
    assert worker.scan(">save") == ["saved CM-6: 2 moved", "closed CM-6: saved"]
    assert query(dock.engine, "SELECT action FROM history ORDER BY number") == [("Assigned",), ("Assigned",)]


def test_d6_the_code_that_raised_the_question_never_confirms_it(dock: Hall) -> None:
    worker = at_dock(dock, confirm_by_rescan=True)
    worker.scan(">open CM-6", ">save")
    assert worker.scan("save") == ["Refused: answer first"]
    assert worker.scan(">no", "$$SAVE", "$$SAVE") == ["! answer first"]


def test_d6_the_question_outlives_a_restart_and_a_time_limit_answers_no(dock: Hall) -> None:
    at_dock(dock).scan(">open CM-6", "P01", ">save")
    dock.leave()
    worker = at_dock(dock)
    assert worker.scan(">later") == ["saved CM-6: 1 moved", "closed CM-6: later"]


def test_d6_what_was_refused_for_want_of_an_answer_is_named(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", ">save")
    assert worker.scan("P02", "P02") == ["Refused: answer first"]
    # It came after the worker had read the question.
    assert worker.scan(">later") == [f"? {PROC_1}. Left without an answer: P02"]
    assert worker.scan(">no", "P02", ">save") == ["saved CM-6: 2 moved", "closed CM-6: saved"]


def test_d6_a_complete_document_is_not_saved_unasked_while_a_unit_is_unanswered(dock: Hall) -> None:
    worker = at_dock(dock)
    # D1's item is not on it: a question, which the other two meet.
    assert worker.scan(">open CM-6", "P01", "P02", "D1")[-1].startswith("? Item")
    worker.scan("P03", "x" * 50)
    assert worker.scan(">no", ">save")[-1] == (
        f"? CM-6: 2 of 2 are here. Left without an answer: P03, {'x' * 40}…"
    )
    assert worker.scan(">yes") == ["saved CM-6: 2 moved", "closed CM-6: saved"]


def test_d6_a_unit_that_the_time_limit_declined_is_unanswered_and_one_declined_by_hand_is_not(
    dock: Hall,
) -> None:
    worker = at_dock(dock, prompt_timeout_s=60)
    began = now()
    for text in ("CM-6", "P01", "P02", "D1"):
        worker.station.post_and_wait(Scanned(stamp(text, "left", began)))
    late = Commanded(stamp("save", "touch", began + timedelta(seconds=61)))
    assert summary(worker.station.post_and_wait(late).events) == [
        "Refused D1: nobody answered",
        "? CM-6: 2 of 2 are here. Left without an answer: D1",
    ]
    assert worker.scan(">no", "D1", ">no", ">save")[-1] == "closed CM-6: saved"


def test_m7_a_booked_move_has_what_was_scanned_after_the_unit(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", ">reason BROKEN", ">condition NEW", "P02", ">save")
    assert query(dock.engine, "SELECT serial_number, reason_code, condition FROM moves ORDER BY 1") == [
        ("P01", "BROKEN", "NEW"),
        ("P02", None, None),
    ]


def test_d7_nothing_new_is_no_receipt(dock: Hall) -> None:
    worker = at_dock(dock)
    assert worker.scan(">open CM-6", ">save", ">later")[-1] == "closed CM-6: closed"
    assert status(dock) == "open"
    worker.scan(">open CM-6", "P01", ">save", ">later", ">open CM-6", ">save")
    assert worker.scan(">later") == ["closed CM-6: closed"]
    assert status(dock) == "backorder"
    assert query(dock.engine, "SELECT count(*) FROM receipts") == [(1,)]


def test_d6_an_answer_holds_only_for_the_numbers_that_the_worker_read(dock: Hall) -> None:
    one, other = at_dock(dock, "dock-1"), at_dock(dock, "dock-2")
    one.scan(">open CM-6", ">save")
    other.scan(">open CM-6", "P01")
    assert one.scan(">later") == [f"? {PROC_1}"]
    other.scan("P02")
    assert one.scan(">later") == ["saved CM-6: 2 moved", "closed CM-6: saved"]
    assert status(dock) == "saved"


def test_d6_a_question_about_a_document_that_ended_elsewhere_leaves_no_row(dock: Hall) -> None:
    one, other = at_dock(dock, "dock-1"), at_dock(dock, "dock-2")
    one.scan(">open CM-6", "P01", ">save")
    other.scan(">open CM-6", ">save", ">yes")
    assert one.scan(">yes") == ["closed CM-6: saved", "! there is no question to answer"]
    assert query(dock.engine, "SELECT action FROM history") == [("Assigned",)]


@pytest.mark.parametrize(
    ("yes", "later", "expected"), [(True, True, "backorder"), (True, False, "saved"), (False, False, "open")]
)
def test_d6_an_automatic_answer_may_be_that_the_rest_comes_later(
    dock: Hall, expected: str, *, yes: bool, later: bool
) -> None:
    config = dock.config("dock-1", "", AreaSettings(), GenerateSettings(), save_incomplete="prompt")
    with Station(config, live=False, auto_answer=yes, rest_comes_later=later) as station:
        station.command("open CM-6", "replay")
        station.post_and_wait(Scanned(stamp("P01", "replay")))
        station.command("save", "replay")
    assert status(dock) == expected


def test_d7_the_rest_comes_later_in_numbered_receipts(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", ">save")
    booked = worker.station.command("later", "touch").events
    assert DocumentSaved("CM-6", 1, 1, later=True) in booked
    assert (status(dock), dock.area("P01", "PROC")) == ("backorder", "BACK")

    assert worker.scan(">open CM-6") == ["opened CM-6"]
    assert worker.scan("P02") == ["Assigned P02"]
    assert dock.lines("CM-6") == ["PROC 2/2"]
    assert worker.scan(">save") == ["saved CM-6: 1 moved", "closed CM-6: saved"]
    assert status(dock) == "saved"
    assert query(dock.engine, "SELECT number, session, final FROM receipts ORDER BY 1") == [
        (1, 1, False),
        (2, 2, True),
    ]
    assert query(dock.engine, "SELECT serial_number, receipt, session FROM moves ORDER BY 1") == [
        ("P01", 1, 1),
        ("P02", 2, 2),
    ]
    assert query(dock.engine, "SELECT number, ended_why, receipt FROM sessions ORDER BY 1") == [
        (1, "later", 1),
        (2, "saved", 2),
    ]
    assert query(dock.engine, "SELECT serial_number, receipt FROM history ORDER BY number") == [
        ("P01", None),
        ("P02", 2),
    ]


def test_d7_the_last_save_may_book_nothing(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", ">save", ">later", ">open CM-6")
    assert worker.scan(">save") == [f"? {PROC_1}"]
    assert worker.scan(">yes") == ["saved CM-6: 0 moved", "closed CM-6: saved"]


def test_d7_what_is_booked_stays_on_the_document(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", ">save", ">later", ">open CM-6")
    assert worker.scan(">undo") == ["! there is nothing to undo"]
    assert worker.scan(">detach", "P01") == ["Refused P01: is booked already (receipt 1)"]
    assert worker.scan(">cancel-document CM-6") == [
        "! a part of document CM-6 is booked: save it without the rest, or reopen it first"
    ]
    assert worker.scan("P02") == ["Assigned P02"]
    assert worker.scan(">undo") == ["Detached P02"]
    assert dock.attached("CM-6") == ["P01"]


def test_d7_an_undo_spares_what_another_station_has_booked_meanwhile(dock: Hall) -> None:
    one, other = at_dock(dock, "dock-1"), at_dock(dock, "dock-2")
    one.scan(">open CM-6", "P01")
    other.scan(">open CM-6", ">save", ">later")
    assert one.scan(">undo") == ["! there is nothing to undo"]
    assert one.scan("P02") == ["Assigned P02"]
    assert one.scan(">save") == ["saved CM-6: 1 moved", "closed CM-6: saved"]


def test_d7_a_booked_unit_is_free_for_other_documents(dock: Hall) -> None:
    worker = at_dock(dock, negative="allow")
    worker.scan(">open CM-6", "P01", ">save", ">later", ">open CM-1")
    assert worker.scan("P01") == ["Negative P01"]


def test_m7_a_save_books_units_into_the_area_of_their_condition(dock: Hall) -> None:
    worker = at_dock(dock, negative="allow", save_incomplete="allow")
    worker.scan(">open CM-6", "P01", "P02", "P03", "P10")
    execute(
        dock.engine,
        "UPDATE attachments SET condition = 'BROKEN' WHERE serial_number IN ('P02', 'P10')",
        "UPDATE attachments SET condition = 'FINE' WHERE serial_number = 'P03'",
    )
    assert worker.scan(">save") == ["saved CM-6: 4 moved", "closed CM-6: saved"]
    assert [dock.area(unit, "PROC") for unit in ("P01", "P02", "P03", "P10")] == [
        "BACK",
        "STOCK",
        "BACK",
        "SOLD",
    ]
    assert query(dock.engine, "SELECT serial_number, to_area FROM moves ORDER BY 1") == [
        ("P01", "BACK"),
        ("P02", "STOCK"),
        ("P03", "BACK"),
        ("P10", "SOLD"),
    ]


@pytest.mark.parametrize(
    ("area", "says"),
    [
        (
            "SOLD",
            (
                "stock area SOLD for BROKEN is of type out, not of type stock: "
                "correct the stock area of condition BROKEN"
            ),
        ),
        ("NO", "stock area NO for BROKEN is unknown: correct the stock area of condition BROKEN"),
    ],
)
def test_m7_the_area_of_a_condition_must_be_a_stock_area(dock: Hall, area: str, says: str) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", "P02")
    execute(
        dock.engine,
        "UPDATE attachments SET condition = 'BROKEN'",
        f"UPDATE conditions SET stock_area = '{area}' WHERE code = 'BROKEN'",
    )
    assert worker.scan(">save") == [f"! {says}"]


def test_d3_a_missing_area_is_reported_before_the_worker_is_asked(dock: Hall) -> None:
    execute(dock.engine, "UPDATE locations SET returned_area = ''")
    (told,) = at_dock(dock).scan(">open CM-6", "P01", ">save")
    assert told.startswith("! no stock area for returned goods is set")


def test_d4_a_cancel_releases_what_was_counted(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01")
    _count(dock, 5)
    assert worker.scan(">cancel-document CM-6") == ["cancelled CM-6: 1 released", "closed CM-6: cancelled"]
    assert query(dock.engine, "SELECT * FROM counts") == []
    assert query(dock.engine, "SELECT event, serial_number, item, quantity FROM moves ORDER BY number") == [
        ("Released", "", "CABLE", 5),
        ("Released", "P01", "PROC", 1),
    ]


def _count(hall: Hall, quantity: int) -> None:
    """Count cables onto CM-6, as M6 does."""
    execute(
        hall.engine,
        "INSERT INTO lines (document, number, item, requested, negative, added) "
        "VALUES ('CM-6', 2, 'CABLE', 5, false, false)",
        "INSERT INTO history "
        "(station, number, id, at, session, document, action, item, scanner, text, quantity) "
        "SELECT 'dock-1', max(number) + 1, 'count', max(at), 1, 'CM-6', 'Counted', 'CABLE', 'left', 'CABLE', "
        f"{quantity} FROM history",
        "INSERT INTO counts (document, line, item, history_id, quantity, stated) "
        f"VALUES ('CM-6', 2, 'CABLE', 'count', {quantity}, true)",
    )


def test_d7_a_receipt_has_what_was_counted(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01")
    _count(dock, 3)
    assert worker.scan(">save") == ["? CM-6: 4 of 7 are here. Missing: 1 PROC, 2 CABLE"]
    worker.scan(">later")
    assert query(dock.engine, "SELECT quantity, receipt FROM counts") == [(3, 1)]
    worker.scan(">reopen-document CM-6")
    assert query(dock.engine, "SELECT quantity, receipt FROM counts") == [(3, None)]


def test_d8_a_reopened_document_is_as_before_its_save(dock: Hall) -> None:
    worker = at_dock(dock, negative="allow")
    worker.scan(">open CM-6", "P01", "P02", "P10", ">save", ">yes")
    (event,) = worker.station.command("reopen-document CM-6", "office").events
    assert event == DocumentReopened("CM-6", 1, 3)
    assert status(dock) == "open"
    assert [dock.area(unit, "PROC") for unit in ("P01", "P02", "P10")] == ["SOLD", "SOLD", "STOCK"]
    moves = "SELECT event, serial_number, from_area, to_area, receipt, session FROM moves ORDER BY number"
    assert query(dock.engine, moves)[3:] == [
        ("Reopened", "P01", "BACK", "SOLD", 1, None),
        ("Reopened", "P02", "BACK", "SOLD", 1, None),
        ("Reopened", "P10", "SOLD", "STOCK", 1, None),
    ]
    assert worker.scan(">open CM-6") == ["opened CM-6"]
    assert worker.scan(">detach", "P10") == ["Detached P10"]
    assert worker.scan(">save") == ["saved CM-6: 2 moved", "closed CM-6: saved"]
    assert query(dock.engine, "SELECT number, reopened_at IS NULL FROM receipts ORDER BY 1") == [
        (1, False),
        (2, True),
    ]
    assert worker.scan(">reopen-document CM-6") == []
    assert status(dock) == "open"


def test_d8_receipts_are_undone_one_by_one_the_newest_first(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", ">save", ">later", ">open CM-6", "P02", ">save")
    worker.scan(">reopen-document CM-6")
    assert (status(dock), dock.area("P01", "PROC"), dock.area("P02", "PROC")) == ("backorder", "BACK", "SOLD")
    worker.scan(">reopen-document CM-6")
    assert (status(dock), dock.area("P01", "PROC")) == ("open", "SOLD")
    assert worker.scan(">reopen-document CM-6") == ["! document CM-6 is open: there is no Save to undo"]


def test_d8_a_backorder_that_a_station_works_on_can_be_reopened(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", ">save", ">later", ">open CM-6", "P02")
    assert worker.scan(">reopen-document CM-6") == []
    assert worker.scan(">undo") == ["Detached P02"]
    assert worker.scan(">detach", "P01") == ["Detached P01"]


MOVED_ON = (
    "! document CM-6 can't be reopened: 1 unit has moved on, was changed by the office or is on another "
    "document: P01"
)


def test_d8_a_unit_that_has_moved_on_is_named(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", "P02", ">save")
    execute(dock.engine, "UPDATE serial_numbers SET stock_area = 'SHELF' WHERE serial_number = 'P01'")
    assert worker.scan(">reopen-document CM-6") == [MOVED_ON]
    assert (status(dock), dock.area("P02", "PROC")) == ("saved", "BACK")
    execute(dock.engine, "UPDATE serial_numbers SET stock_area = 'BACK' WHERE serial_number = 'P01'")
    assert worker.scan(">reopen-document CM-6") == []


def test_d8_a_unit_on_another_open_document_is_named(dock: Hall) -> None:
    worker = at_dock(dock, negative="allow")
    worker.scan(">open CM-6", "P01", "P02", ">save", ">open CM-1", "P01")
    assert worker.scan(">reopen-document CM-6") == [MOVED_ON]
    worker.scan(">undo")
    assert worker.scan(">reopen-document CM-6") == []


def test_d8_a_unit_that_came_back_again_belongs_to_the_later_document(dock: Hall) -> None:
    worker = at_dock(dock, save_incomplete="allow")
    worker.scan(">open CM-6", "P01", "P02", ">save")
    execute(dock.engine, "UPDATE serial_numbers SET stock_area = 'SOLD' WHERE serial_number = 'P01'")
    worker.scan(">open CM-1", "P01", ">save")
    assert dock.area("P01", "PROC") == "BACK"
    assert worker.scan(">reopen-document CM-6") == [MOVED_ON]
    worker.scan(">reopen-document CM-1", ">open CM-1", ">detach", "P01")
    execute(dock.engine, "UPDATE serial_numbers SET stock_area = 'BACK' WHERE serial_number = 'P01'")
    assert worker.scan(">reopen-document CM-6") == []


def test_d8_at_most_twenty_units_are_named(dock: Hall) -> None:
    execute(
        dock.engine,
        *(
            f"INSERT INTO serial_numbers (serial_number, item, stock_area) VALUES ('Z{n}', 'PROC', 'SOLD')"
            for n in range(10, 35)
        ),
    )
    worker = at_dock(dock, save_incomplete="allow")
    worker.scan(">open CM-6", *(f"Z{n}" for n in range(10, 35)), ">save")
    execute(dock.engine, "UPDATE serial_numbers SET stock_area = 'SHELF' WHERE serial_number LIKE 'Z%'")
    (told,) = worker.scan(">reopen-document CM-6")
    assert "25 units have moved on" in told
    assert told.endswith("Z28, Z29, …")


def test_d8_a_unit_that_a_save_left_in_its_area_must_still_be_there(dock: Hall) -> None:
    execute(dock.engine, "UPDATE lines SET requested = 1 WHERE document = 'CO-1'")
    worker = at_dock(dock)
    assert worker.scan(">open CO-1", "P01", ">save") == ["saved CO-1: 0 moved", "closed CO-1: saved"]
    execute(dock.engine, "UPDATE serial_numbers SET stock_area = 'SHELF' WHERE serial_number = 'P01'")
    assert worker.scan(">reopen-document CO-1") == [MOVED_ON.replace("CM-6", "CO-1")]
    execute(dock.engine, "UPDATE serial_numbers SET stock_area = 'SOLD' WHERE serial_number = 'P01'")
    assert worker.scan(">reopen-document CO-1") == []


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("CM-99", "document CM-99 is unknown"),
        ("CM-1", "document CM-1 is open: there is no Save to undo"),
        ("CM-4", "document CM-4 was not saved by a station, so none can reopen it"),
        ("CM-5", "document CM-5 is cancelled"),
    ],
)
def test_d8_a_document_without_a_save_is_not_reopened(dock: Hall, document: str, says: str) -> None:
    assert at_dock(dock).scan(f">reopen-document {document}") == [f"! {says}"]


def test_d8_a_retired_unit_has_moved_on(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", "P02", ">save")
    execute(dock.engine, "UPDATE serial_numbers SET retired = true WHERE serial_number = 'P01'")
    assert worker.scan(">reopen-document CM-6") == [MOVED_ON]
    assert status(dock) == "saved"


def test_d8_an_archived_document_is_not_reopened(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", "P02", ">save")
    execute(dock.engine, "INSERT INTO archived_documents VALUES ('CM-6', '2024-01')")
    assert worker.scan(">reopen-document CM-6") == ["! document CM-6 is in the archive and can't be reopened"]


def test_d8_the_office_does_not_wait_for_an_answer_at_the_dock(dock: Hall) -> None:
    worker = at_dock(dock)
    worker.scan(">open CM-6", "P01", "P02", ">save", ">open CM-1", ">save")
    question = worker.station.desk.state().question
    assert question is not None
    assert question.kind is QuestionKind.INCOMPLETE
    worker.station.command("reopen-document CM-6", "office")
    assert status(dock) == "open"
    assert worker.station.desk.state().question == question
