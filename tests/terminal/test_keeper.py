from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec import structs
from sqlalchemy import event as sql_event
from sqlalchemy import insert, update

from station.config.settings import Preferences
from station.errors import DatabaseError
from station.events import (
    CommandRefused,
    DatabaseChanged,
    DocumentReopened,
    DocumentSaved,
    HistoryAdded,
    HistoryAsked,
    LabelRead,
    ModeChanged,
    OperatorChanged,
    OperatorSignedOff,
    QuestionAnswered,
    QuestionRaised,
    RangeRetrieved,
    ScannerChanged,
    ScannerState,
    ScanRejected,
    SessionClosed,
    SessionOpened,
    UnitDescribed,
    UpcomingChanged,
)
from station.i18n.catalogues import language
from station.labels.explain import Step
from station.outcomes import Tone
from station.outputs.display.keeper import ENTRIES, DisplayStateKeeper
from station.outputs.display.messages import answer, entry_in
from station.outputs.display.state import OperatorShown, UpcomingShown, entry_shown
from station.questions import Mode, Upcoming
from station.repository.database import open_engine, transaction
from station.repository.tables import documents, expected_units
from station.repository.view import SqlSight, View
from station.source import stamp
from station.worker.entries import Outcome
from tests.stations import execute
from tests.terminal.dock import (
    AT,
    DOCK,
    assigned,
    attach,
    line,
    open_session,
    put_question,
    question,
    record,
    refused,
    set_station,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from station.events import Event


def _keeper(engine: Engine) -> DisplayStateKeeper:
    return DisplayStateKeeper(View(engine, DOCK), DOCK, "MAIN", ["left", "right"])


def test_a_station_that_the_database_does_not_know_yet_is_idle(engine: Engine) -> None:
    state = _keeper(engine).state()
    assert (state.station, state.location, state.document, state.history) == (DOCK, "MAIN", None, ())
    assert state.database.ok


def test_a_question_of_a_newer_version_is_shown_as_a_database_problem(company: Engine) -> None:
    execute(
        company,
        f"""INSERT INTO questions (station, body) VALUES ('{DOCK}', '{{"kind": "of later"}}')""",
    )
    database = _keeper(company).state().database
    assert not database.ok
    assert f"this version can't read the question of station {DOCK}" in database.detail


def test_m7_the_offices_reasons_and_conditions_are_listed_unless_they_are_off(company: Engine) -> None:
    execute(company, "INSERT INTO reasons (code, text) VALUES ('BROKEN', 'Arrived broken'), ('ABC', 'Other')")
    execute(company, "INSERT INTO conditions (code, text) VALUES ('NEW', 'As new')")
    state = _keeper(company).state()
    assert [(each.code, each.text) for each in state.reasons] == [
        ("ABC", "Other"),
        ("BROKEN", "Arrived broken"),
    ]
    assert [each.code for each in state.conditions] == ["NEW"]
    assert state.commands == ("qty",)
    preferences = Preferences(reason="off", condition="off", count_items=False, unannounced_returns=True)
    state = DisplayStateKeeper(View(company, DOCK), DOCK, "MAIN", preferences=preferences).state()
    assert (state.reasons, state.conditions, state.commands) == ((), (), ("new",))


def test_m6_m7_what_was_scanned_for_the_next_unit_is_shown(company: Engine) -> None:
    keeper = _keeper(company)
    assert keeper.state().upcoming == UpcomingShown()
    set_station(company, next_quantity=5, next_reason="BROKEN")
    keeper.on_event(UpcomingChanged(Upcoming(5, "BROKEN")))
    assert keeper.state().upcoming == UpcomingShown(quantity=5, reason_code="BROKEN")
    notice = keeper.state().notice
    assert notice is not None
    assert (notice.text, notice.tone) == (
        "For the next unit: quantity 5 and reason BROKEN",
        Tone.ATTENTION,
    )
    keeper.on_event(HistoryAdded(assigned("SN-1")))
    keeper.on_event(UpcomingChanged(Upcoming()))
    assert keeper.state().notice is None
    keeper.on_event(UpcomingChanged(Upcoming(5)))
    keeper.on_event(UpcomingChanged(Upcoming()))
    assert keeper.state().notice is None


def test_d6_the_progress_counts_requested_units_that_are_here(company: Engine) -> None:
    """Too many of one item don't stand in for another."""
    open_session(company)
    for number in range(1, 4):
        attach(company, f"SN-{number}", 1, "PROC-1", number)
    document = _keeper(company).state().document
    assert document is not None
    progress = document.progress
    assert (progress.here, progress.requested) == (1, 2)
    assert (progress.missing, progress.too_many) == ({"DISK-1": 1}, {"PROC-1": 2})


def test_r14_expected_serial_numbers_that_are_not_here_are_listed_on_the_items_first_line(
    company: Engine,
) -> None:
    open_session(company)
    with transaction(company) as connection:
        line(connection, 3, "PROC-1", requested=1)
        for serial_number in ("SN-1", "SN-2", "SN-3"):
            connection.execute(
                insert(expected_units).values(document="CM-1001", item="PROC-1", serial_number=serial_number)
            )
    attach(company, "SN-2", 1, "PROC-1", 1)
    document = _keeper(company).state().document
    assert document is not None
    assert [(each.missing, each.missing_count) for each in document.lines] == [
        (("SN-1", "SN-3"), 2),
        ((), 0),
        ((), 0),
    ]


def test_d7_a_backorder_shows_its_status_and_the_receipt_that_scans_are_for(company: Engine) -> None:
    open_session(company)
    document = _keeper(company).state().document
    assert document is not None
    assert document.receipt is None
    execute(
        company, "UPDATE documents SET status = 'backorder', reference = 'RMA-7' WHERE number = 'CM-1001'"
    )
    execute(
        company,
        "INSERT INTO receipts (document, number, at, station, final)"
        f" VALUES ('CM-1001', 2, '2026-11-23T05:00:00.000Z', '{DOCK}', false)",
    )
    document = _keeper(company).state().document
    assert document is not None
    assert (document.status, document.receipt, document.reference) == ("backorder", 3, "RMA-7")


@pytest.mark.parametrize(
    ("events", "text", "tone"),
    [
        (
            [RangeRetrieved("5 of 6 retrieved; SD100014 is unknown", is_whole=False)],
            "5 of 6 retrieved; SD100014 is unknown",
            Tone.ATTENTION,
        ),
        (
            [UnitDescribed("CM-1001", "SN-1", "PROC-1", "BROKEN", None)],
            "SN-1: the reason is BROKEN",
            Tone.GOOD,
        ),
        (
            [UnitDescribed("CM-1001", None, "CABLE", None, "USED")],
            "CABLE: the condition is USED",
            Tone.GOOD,
        ),
        (
            [UnitDescribed("CM-1001", "SN-1", "PROC-1", "BROKEN", "USED")],
            "SN-1: the reason is BROKEN, the condition USED",
            Tone.GOOD,
        ),
        (
            [DocumentSaved("CM-1001", 3, 2, later=True), SessionClosed(1, "CM-1001", "later")],
            "CM-1001: receipt 2 is booked, 3 units moved; the rest comes later",
            Tone.GOOD,
        ),
        (
            [DocumentReopened("CM-1001", 1, 2)],
            "CM-1001: its last Save is undone, 2 units moved back",
            Tone.ATTENTION,
        ),
        ([OperatorSignedOff("E07", "signoff")], "Operator E07 is signed off", Tone.ATTENTION),
        (
            [OperatorSignedOff("E07", "timeout")],
            "Operator E07 is signed off: nothing was scanned for too long",
            Tone.ATTENTION,
        ),
        (
            [ModeChanged(Mode.NEW)],
            "New document: scan a unit; its customer gets it",
            Tone.ATTENTION,
        ),
    ],
)
def test_what_happened_is_told_in_a_sentence(
    company: Engine, events: list[Event], text: str, tone: Tone
) -> None:
    keeper = _keeper(company)
    for event in events:
        keeper.on_event(event)
    notice = keeper.state().notice
    assert notice is not None
    assert (notice.text, notice.tone) == (text, tone)


def test_m2_a_whole_range_leaves_its_rows_in_view(company: Engine) -> None:
    keeper = _keeper(company)
    keeper.on_event(HistoryAdded(assigned("SN-1")))
    keeper.on_event(RangeRetrieved("6 of 6 retrieved", is_whole=True))
    assert keeper.state().notice is None


def test_r9_the_answer_to_a_post_says_how_many_are_too_many() -> None:
    told = answer(Outcome((HistoryAdded(assigned("SN-1"), 8),)))
    assert (told.tone, told.messages) == (Tone.ATTENTION, ("PROC-1: 8 too many",))


def test_the_notes_of_a_row_are_translated_one_by_one() -> None:
    entry = structs.replace(entry_shown(assigned("SN-1")), note="already on CM-1; Acme")
    assert entry_in(language("de"), entry).note == "schon auf CM-1; Acme"


def test_credited_is_counted_and_the_marks_follow_from_it(company: Engine) -> None:
    open_session(company)
    with transaction(company) as connection:
        line(connection, 3, "CASE-1", added=True)
        line(connection, 4, "DISK-1", negative=True)
    for number, (serial, at_line, item) in enumerate(
        [("A", 1, "PROC-1"), ("B", 1, "PROC-1"), ("C", 3, "CASE-1"), ("D", 4, "DISK-1"), ("E", 4, "DISK-1")],
        start=1,
    ):
        attach(company, serial, at_line, item, number)
    document = _keeper(company).state().document
    assert document is not None
    assert [
        (each.number, each.credited, each.over, each.added, each.negative) for each in document.lines
    ] == [
        (1, 2, True, False, False),
        (2, 0, False, False, False),
        (3, 1, False, True, False),
        (4, -2, False, False, True),
    ]
    assert document.lines[0].description == "Processor"


def test_operator_mode_and_question_are_read_from_the_database(company: Engine) -> None:
    open_session(company)
    set_station(company, operator="E07", mode="range_last", range_first="SN-1")
    asked = question()
    put_question(company, asked)
    state = _keeper(company).state()
    assert state.operator is not None
    assert (state.operator.code, state.operator.name) == ("E07", "Ines Wolter")
    assert (state.mode, state.range_first) == (Mode.RANGE_LAST, "SN-1")
    assert state.question is not None
    assert (state.question.text, state.question.since) == (asked.text, "2026-11-23T05:00:00.812Z")
    assert state.question.candidates[0].serial_number == "SN-7"


def test_p3_after_a_restart_the_worker_sees_an_open_question_first(company: Engine) -> None:
    open_session(company)
    record(company, 1, assigned("SN-1"))
    put_question(company, question())
    notice = _keeper(company).state().notice
    assert notice is not None
    assert notice.tone is Tone.QUESTION


def test_after_a_restart_the_session_shows_the_same_entries_and_counts(company: Engine) -> None:
    open_session(company, 7)
    keeper = _keeper(company)
    record(company, 1, assigned("OLD", session=6))
    for number, row in enumerate(
        [assigned("SN-1", session=7), assigned("SN-2", session=7), refused("X", "unknown", session=7)],
        start=2,
    ):
        record(company, number, row)
        keeper.on_event(HistoryAdded(row))
    before, after = keeper.state(), _keeper(company).state()
    assert after.history == before.history
    assert [entry.text for entry in after.history] == ["X", "SN-2", "SN-1"]
    assert after.counts == before.counts == {"Assigned": 2, "Refused": 1}
    assert after.history[0].at == "2026-11-23T05:00:00.812Z"


def test_the_list_is_bounded_and_the_counts_are_not(company: Engine) -> None:
    keeper = _keeper(company)
    for number in range(ENTRIES + 3):
        keeper.on_event(HistoryAdded(assigned(str(number))))
    state = keeper.state()
    assert len(state.history) == ENTRIES
    assert state.history[0].serial_number == str(ENTRIES + 2)
    assert state.counts == {"Assigned": ENTRIES + 3}


@pytest.mark.parametrize("event", [SessionClosed(1, "CM-1001", "closed"), SessionOpened(2, "CO-2001", None)])
def test_d2_the_list_ends_with_its_session(company: Engine, event: SessionClosed | SessionOpened) -> None:
    keeper = _keeper(company)
    keeper.on_event(HistoryAdded(assigned("SN-1")))
    keeper.on_event(event)
    assert (keeper.state().history, keeper.state().counts) == ((), {})


def test_a_rejected_scan_is_an_entry_of_the_list(company: Engine) -> None:
    keeper = _keeper(company)
    keeper.on_event(ScanRejected(AT, "left", "frame too long", b"\x1b[2J"))
    (entry,) = keeper.state().history
    assert (entry.action, entry.reason, entry.scanner, entry.text) == (
        "Rejected",
        "frame too long",
        "left",
        None,
    )


def test_the_notice_is_the_last_event_unless_an_entry_followed_it(company: Engine) -> None:
    keeper = _keeper(company)
    keeper.on_event(CommandRefused("save", "no document is open"))
    notice = keeper.state().notice
    assert notice is not None
    assert (notice.text, notice.tone) == ("save: no document is open", Tone.REFUSED)
    keeper.on_event(HistoryAdded(assigned("SN-1")))
    assert keeper.state().notice is None


def test_an_answered_question_and_a_finished_mode_leave_no_notice_behind(company: Engine) -> None:
    keeper = _keeper(company)
    asked = question()
    for begin, end in (
        (QuestionRaised(asked), QuestionAnswered(asked, "no")),
        (ModeChanged(Mode.DETACH), ModeChanged(Mode.ATTACH)),
    ):
        keeper.on_event(begin)
        assert keeper.state().notice is not None
        keeper.on_event(end)
        assert keeper.state().notice is None


def test_d3_saving_shows_how_many_units_moved_though_the_session_ends_after_it(company: Engine) -> None:
    keeper = _keeper(company)
    for event in (
        DocumentSaved("CM-1001", 3, 1),
        ModeChanged(Mode.ATTACH),
        SessionClosed(1, "CM-1001", "saved"),
    ):
        keeper.on_event(event)
    notice = keeper.state().notice
    assert notice is not None
    assert notice.text == "CM-1001 is saved, 3 units moved"


def test_scanner_states_and_requests_for_the_history_are_kept(company: Engine) -> None:
    keeper = _keeper(company)
    keeper.on_event(ScannerChanged("left", ScannerState.CONNECTED, "/dev/ttyACM0"))
    keeper.on_event(HistoryAsked())
    state = keeper.state()
    assert [(each.name, each.state) for each in state.scanners] == [
        ("left", ScannerState.CONNECTED),
        ("right", ScannerState.DISCONNECTED),
    ]
    assert state.history_asked == 1


def test_the_version_rises_with_each_event_and_waiting_clients_are_woken(company: Engine) -> None:
    keeper = _keeper(company)
    before = keeper.state().version
    woken: list[str] = []
    assert keeper.changes.call(lambda: woken.append("once"), before)
    keeper.on_event(HistoryAsked())
    keeper.on_event(HistoryAsked())
    assert woken == ["once"]
    assert keeper.state().version > before
    assert not keeper.changes.call(lambda: woken.append("too late"), before)


class _Overtaken:
    """A reader with a race: `then` runs after the database is read and before the result is returned."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.then: Callable[[], None] = lambda: None

    def look(self, seen: object = None) -> SqlSight:
        sight = self.view.look(seen)
        then, self.then = self.then, lambda: None
        then()
        return sight

    def __getattr__(self, name: str) -> object:
        return getattr(self.view, name)


def test_a_change_during_a_read_leads_to_another_read_at_once(company: Engine) -> None:
    reader = _Overtaken(View(company, DOCK))
    keeper = DisplayStateKeeper(reader, DOCK, "MAIN")  # type: ignore[arg-type]

    def sign_on() -> None:
        set_station(company, operator="E07")
        keeper.on_event(OperatorChanged("E07", "Ines Wolter"))

    reader.then = sign_on
    state = keeper.state()
    assert state.operator is None
    # A client that waits for a change after this version gets the missing one at once.
    assert state.version < keeper.changes.version
    assert keeper.state().operator == OperatorShown(code="E07", name="Ines Wolter")


@contextmanager
def _statements(engine: Engine) -> Iterator[list[str]]:
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        ran.append(statement)

    sql_event.listen(engine, "before_cursor_execute", note)
    yield ran
    sql_event.remove(engine, "before_cursor_execute", note)


def test_a_second_read_without_a_change_reads_no_table_and_no_label(company: Engine) -> None:
    labels: list[LabelRead] = []

    def explained(label: LabelRead) -> list[Step]:
        labels.append(label)
        return [Step("text", label.source.text)]

    open_session(company)
    keeper = DisplayStateKeeper(View(company, DOCK), DOCK, "MAIN", explain=explained)
    keeper.on_event(LabelRead(stamp("SN-1", "left"), None))
    keeper.on_event(HistoryAdded(assigned("SN-1")))
    keeper.on_event(HistoryAdded(assigned("SN-2")))
    state = keeper.state()
    with _statements(company) as ran:
        again, short = keeper.state(), keeper.state(1)
    assert not any("FROM" in statement for statement in ran)
    assert len(labels) == 1
    assert again == state
    assert short == structs.replace(state, history=state.history[:1])
    # A new version is composed again.
    keeper.on_event(HistoryAsked())
    assert (keeper.state().history_asked, len(labels)) == (1, 2)


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["this process", "another"])
def test_writes_of_others_are_seen_though_the_station_did_nothing(
    company: Engine, *, is_elsewhere: bool
) -> None:
    open_session(company)
    keeper = _keeper(company)
    for customer in ("Best", "Central", "Dexter"):
        before = keeper.state()
        engine = open_engine(company.url.render_as_string(hide_password=False)) if is_elsewhere else company
        with transaction(engine) as connection:
            connection.execute(update(documents).values(customer=customer))
        if is_elsewhere:
            engine.dispose()
        state = keeper.state()
        assert state.document is not None
        assert (state.document.customer, state.version) == (customer, before.version)


class _Unplugged:
    """A database whose cable can be unplugged."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.is_plugged = False

    def look(self, seen: object = None) -> SqlSight:
        if not self.is_plugged:
            raise DatabaseError("the cable is cut")
        return self.view.look(seen)

    def __getattr__(self, name: str) -> object:
        return getattr(self.view, name)


def test_without_a_database_the_state_shows_it_and_recovers_with_the_sessions_entries(
    company: Engine,
) -> None:
    open_session(company)
    record(company, 1, assigned("SN-1"))
    reader = _Unplugged(View(company, DOCK))
    keeper = DisplayStateKeeper(reader, DOCK, "MAIN")  # type: ignore[arg-type]
    keeper.on_event(ScanRejected(AT, "left", "noise", b""))
    state = keeper.state()
    assert (state.database.ok, state.database.detail) == (False, "the cable is cut")
    reader.is_plugged = True
    well = keeper.state()
    assert well.database.ok
    assert well.version > state.version
    assert [entry.action for entry in well.history] == ["Rejected", "Assigned"]
    assert well.counts == {"Assigned": 1, "Rejected": 1}
    reader.is_plugged = False
    gone = keeper.state()
    assert (gone.database.ok, gone.history, gone.document) == (False, well.history, well.document)


def test_the_desks_report_on_the_database_counts_though_reading_works(company: Engine) -> None:
    keeper = _keeper(company)
    keeper.on_event(DatabaseChanged(ok=False, detail="disk full"))
    assert not keeper.state().database.ok
    keeper.on_event(DatabaseChanged(ok=True, detail=""))
    assert keeper.state().database.ok
