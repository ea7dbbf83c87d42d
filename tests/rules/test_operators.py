"""Who works at the station (D5), and which document (D11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from station.events import HistoryAdded, OperatorSignedOff
from station.source import stamp
from station.worker.entries import Commanded, Scanned
from tests.rules.hall import summary

if TYPE_CHECKING:
    from station.events import Event
    from tests.rules.hall import Hall, Worker

AT = datetime(2100, 11, 23, 5, tzinfo=UTC)
"""In the future: questions expire by the times of the entries, not by the clock."""
BADGE_FIRST = "scan your badge first"


def _events(worker: Worker, text: str, minutes: float = 0, program: str | None = None) -> list[Event]:
    """What happens when a text is scanned, or a command touched if it begins with ``>``, at that minute."""
    source = replace(stamp(text.removeprefix(">"), "left", AT + timedelta(minutes=minutes)), program=program)
    entry = Commanded(source) if text.startswith(">") else Scanned(source)
    return list(worker.station.post_and_wait(entry).events)


def _operator(worker: Worker, text: str, minutes: float = 0, program: str | None = None) -> str | None:
    """The operator in the row of a scan."""
    rows = [e.row for e in _events(worker, text, minutes, program) if isinstance(e, HistoryAdded)]
    return rows[-1].operator


def _signed_off(events: list[Event]) -> list[str]:
    return [event.why for event in events if isinstance(event, OperatorSignedOff)]


def test_d5_an_operator_stays_until_signoff_or_another_badge(hall: Hall) -> None:
    worker = hall.worker()
    worker.scan("$$BADGE E1", "CM-1")
    assert _operator(worker, "P01") == "E1"
    worker.scan("$$BADGE E2")
    assert _operator(worker, "P02") == "E2"
    assert _signed_off(_events(worker, "$$SIGNOFF")) == ["signoff"]
    assert _operator(worker, "P03") is None
    assert worker.scan("$$SIGNOFF") == ["! nobody is signed on"]


def test_d5_a_badge_without_a_code_says_how_to_sign_off(hall: Hall) -> None:
    worker = hall.worker()
    assert worker.scan("$$BADGE") == [
        "! the command BADGE must be followed by an operator's code; SIGNOFF signs off"
    ]


def test_d5_nobody_signs_off_while_a_question_is_open(hall: Hall) -> None:
    worker = hall.worker()
    worker.scan("$$BADGE E1", "CM-1", "D1")
    assert worker.scan("$$SIGNOFF") == ["! answer first"]


def test_d5_without_a_badge_nothing_is_booked_if_one_is_required(hall: Hall) -> None:
    worker = hall.worker(operator="required")
    assert worker.scan("CM-1") == ["opened CM-1"]
    assert worker.scan("P01") == [f"Refused: {BADGE_FIRST}"]
    for command in ("$$SAVE", "$$UNDO", "$$DETACH", "$$RANGE", "$$GENERATE CASE", ">save", ">choose 1"):
        assert worker.scan(command) == [f"! {BADGE_FIRST}"]
    assert hall.attached("CM-1") == []
    worker.scan("$$BADGE E1")
    assert worker.scan("P01") == ["Assigned P01"]


def test_d5_a_question_waits_for_the_badge_that_its_answer_needs(hall: Hall) -> None:
    worker = hall.worker(operator="required", operator_timeout_min=5)
    for text in ("$$BADGE E1", "CM-1", "D1"):
        _events(worker, text)
    assert _signed_off(_events(worker, ">yes", minutes=10)) == ["timeout"]
    assert hall.attached("CM-1") == []
    _events(worker, "$$BADGE E2", minutes=10)
    assert _operator(worker, "$$YES", minutes=10) == "E2"
    assert hall.attached("CM-1") == ["D1"]


def test_d5_a_document_that_is_chosen_for_a_unit_needs_a_badge(hall: Hall) -> None:
    hall.expect("CM-1", "PROC", "P01")
    hall.expect("CM-2", "PROC", "P01")
    worker = hall.worker(operator="required", operator_timeout_min=5, open_by_unit=True)
    for text in ("$$BADGE E1", "P01"):
        _events(worker, text)
    assert summary(_events(worker, "CM-1", minutes=10)) == [f"! {BADGE_FIRST}"]
    _events(worker, "$$BADGE E2", minutes=10)
    assert summary(_events(worker, "CM-1", minutes=10)) == ["opened CM-1", "Assigned P01"]


def test_d5_a_save_that_brings_its_answer_needs_a_badge_too(hall: Hall) -> None:
    worker = hall.worker(operator="required", save_incomplete="prompt")
    worker.scan("CM-1")
    assert worker.scan(">save yes") == [f"! {BADGE_FIRST}"]


def test_d5_a_time_limit_answers_without_a_badge(hall: Hall) -> None:
    worker = hall.worker(operator="required", operator_timeout_min=1, prompt_timeout_s=60)
    for text in ("$$BADGE E1", "CM-1", "D1"):
        _events(worker, text)
    rows = [e.row for e in _events(worker, "P01", minutes=3) if isinstance(e, HistoryAdded)]
    assert [row.reason for row in rows] == ["nobody answered", BADGE_FIRST]


def test_d5_an_operator_is_signed_off_after_minutes_without_a_scan(hall: Hall) -> None:
    worker = hall.worker(operator_timeout_min=5)
    for text in ("$$BADGE E1", "CM-1"):
        _events(worker, text)
    assert _operator(worker, "P01", minutes=4) == "E1"
    assert _operator(worker, "P02", minutes=9) == "E1"
    events = _events(worker, "P03", minutes=14.1)
    assert isinstance(events[0], OperatorSignedOff)
    assert _signed_off(events) == ["timeout"]
    assert _operator(worker, "P04", minutes=14.2) is None


def test_d5_a_program_does_not_keep_the_operator_signed_on(hall: Hall) -> None:
    worker = hall.worker(operator_timeout_min=5)
    for text in ("$$BADGE E1", "CM-1"):
        _events(worker, text)
    assert _operator(worker, "P01", minutes=4, program="erp") == "erp"
    assert _operator(worker, "P02", minutes=6) is None


def test_d5_the_limit_survives_a_restart(hall: Hall) -> None:
    worker = hall.worker(operator_timeout_min=5)
    for text in ("$$BADGE E1", "CM-1"):
        _events(worker, text)
    hall.leave()
    assert _signed_off(_events(hall.worker(operator_timeout_min=5), "P01", minutes=6)) == ["timeout"]


@pytest.mark.parametrize("end", ["$$CLOSE", "CO-1", ">cancel-document CM-1"])
def test_d5_an_operator_may_be_signed_off_with_each_document(hall: Hall, end: str) -> None:
    worker = hall.worker(sign_off_at="document")
    worker.scan("$$BADGE E1", "CM-1")
    assert _signed_off(_events(worker, end)) == ["document"]
    worker.scan("CO-1")
    assert _operator(worker, "P01") is None


def test_d5_what_a_program_posts_names_the_program(hall: Hall) -> None:
    worker = hall.worker(operator="required")
    worker.scan("$$BADGE E1", "CM-1")
    assert _operator(worker, "P01", program="erp") == "erp"
    _events(worker, "D1", program="erp")
    # The one who answers consents.
    assert _operator(worker, ">yes") == "E1"
    worker.scan("$$SIGNOFF")
    assert _operator(worker, "P02", program="erp") == "erp"


# D11: which document


def _begun(hall: Hall, **preferences: Any) -> Worker:
    worker = hall.worker(**{"switch_document": "prompt"} | preferences)
    worker.scan("CM-1", "P01")
    return worker


ASKED = "? CM-1: 1 of 8 are here. Missing: 2 PROC, 5 MEM. Leave it and open CM-2?"


@pytest.mark.parametrize("code", ["CM-2", "$$OPEN CM-2"])
def test_d11_another_documents_number_asks_while_the_open_one_is_not_complete(hall: Hall, code: str) -> None:
    worker = _begun(hall)
    assert worker.scan(code) == [ASKED]
    assert worker.scan("P02") == ["Refused: answer first"]
    assert worker.scan("$$NO") == []
    assert worker.scan("P02") == ["Assigned P02"]
    worker.scan(code)
    assert worker.scan("$$YES") == ["closed CM-1: replaced", "opened CM-2"]
    assert hall.attached("CM-1") == ["P01", "P02"]


def test_d11_a_touch_opens_another_document_at_once(hall: Hall) -> None:
    worker = _begun(hall)
    assert worker.scan(">open CM-2") == ["closed CM-1: replaced", "opened CM-2"]


def test_d11_a_preference_switches_unasked(hall: Hall) -> None:
    worker = _begun(hall, switch_document="allow")
    assert worker.scan("CM-2") == ["closed CM-1: replaced", "opened CM-2"]


def test_d11_a_document_with_nothing_attached_or_complete_is_left_unasked(hall: Hall) -> None:
    worker = hall.worker(switch_document="prompt")
    worker.scan("CM-2")
    assert worker.scan("CM-1") == ["closed CM-2: replaced", "opened CM-1"]
    worker.scan("P01", "P02", "P03")
    assert worker.scan("CM-2")[0].startswith("? CM-1: 3 of 8 are here")


def test_d11_a_document_that_can_not_be_opened_raises_no_question(hall: Hall) -> None:
    worker = _begun(hall)
    assert worker.scan("CM-99") == ["! document CM-99 is unknown"]
    assert worker.scan("CM-4") == ["! document CM-4 is saved"]
    assert worker.scan("CM-1") == ["! CM-1 is open already"]


def test_d11_the_same_number_again_confirms_only_by_preference(hall: Hall) -> None:
    worker = _begun(hall)
    worker.scan("CM-2")
    assert worker.scan("CM-2") == ["! answer first"]
    hall.leave()
    worker = hall.worker(confirm_by_rescan=True)
    assert worker.scan("CM-2") == ["closed CM-1: replaced", "opened CM-2"]


def test_d11_the_question_goes_with_its_document(hall: Hall) -> None:
    worker = _begun(hall)
    worker.scan("CM-2")
    other = hall.worker("dock-2")
    other.scan(">cancel-document CM-1")
    assert worker.scan(">yes") == ["closed CM-1: cancelled", "! there is no question to answer"]
    assert worker.scan("CM-2") == ["opened CM-2"]


def test_d11_the_question_outlives_a_restart(hall: Hall) -> None:
    worker = _begun(hall)
    worker.scan("CM-2")
    hall.leave()
    worker = hall.worker()
    assert worker.scan("$$YES") == ["closed CM-1: replaced", "opened CM-2"]
