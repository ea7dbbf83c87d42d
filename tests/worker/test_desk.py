"""The desk: commit before feedback, batches, failures that stay alone, a busy database, and time limits."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from station.config.settings import Preferences, RuleSettings
from station.errors import ConflictError, DatabaseBusyError, DatabaseError
from station.events import (
    CommandRefused,
    DatabaseChanged,
    Event,
    HistoryAdded,
    LabelNotPrinted,
    LabelRead,
    QuestionAnswered,
    QuestionRaised,
    Reconfigured,
    ScanFailed,
    ScannerChanged,
    ScannerState,
    ScanRejected,
    SessionClosed,
)
from station.outcomes import Tone
from station.repository import database
from station.repository.database import open_engine
from station.repository.scan_path import SqlRepository
from station.repository.schema import upgrade
from station.source import now, stamp, uuid7
from station.worker import batch
from station.worker import desk as desks
from station.worker.entries import IdempotencyKey, Scanned, StoredResponse, tone_of
from station.worker.handler import RequestHandler
from tests.running import PATIENCE_S, wait_until
from tests.stations import (
    Awaited,
    Seat,
    assert_all_is_well,
    at_work,
    attached,
    execute,
    fill,
    query,
    seat,
    serials,
    station,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from station.history import HistoryRow
    from station.worker.entries import Entry, Outcome, Request

TIMED = Preferences(prompt_timeout_s=1, signed_commands=False)


@pytest.fixture
def company(engine: Engine) -> Engine:
    fill(engine)
    return engine


@pytest.fixture
def embedded(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """SQLite with a short busy timeout."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    yield engine
    engine.dispose()


# Commit, then notify


def test_the_row_is_committed_before_anybody_is_notified(company: Engine) -> None:
    seen: list[tuple[str, bool]] = []

    def look(who: str, row_id: str) -> None:
        seen.append((who, bool(query(company, f"SELECT 1 FROM history WHERE id = '{row_id}'"))))

    def hear(outcome: Outcome) -> None:
        look("done", _row_id(outcome.events[0]))

    with station(company) as here:
        here.command("open CM-1")
        here.bus.subscribe(lambda event: look("subscriber", _row_id(event)))
        for serial in serials("A", 5):
            here.desk.post(Scanned(stamp(serial, "left")), hear)
        here.scan("A0010")
    assert seen == [("subscriber", True), ("done", True)] * 5 + [("subscriber", True)]


def _row_id(event: Event) -> str:
    assert isinstance(event, HistoryAdded)
    return event.row.id


def test_feedback_comes_in_the_order_of_scanning(company: Engine) -> None:
    order: list[str] = []
    here = seat(company)

    def hear(outcome: Outcome) -> None:
        (event,) = outcome.events
        assert isinstance(event, HistoryAdded)
        order.append(event.row.text)

    for serial in serials("A"):
        here.desk.post(Scanned(stamp(serial, "left")), hear)
    with at_work(here):
        pass
    assert order == serials("A")
    assert [row.text for row in here.rows] == serials("A")


def test_the_outcome_says_what_the_worker_hears(company: Engine) -> None:
    with station(company) as here:
        tones = [here.scan("A0001").tone, here.command("open CM-1").tone]
        tones += [here.scan(each).tone for each in ("A0001", "A0001", "B0001", "A0002")]
        tones += [here.command(each).tone for each in ("yes", "yes", "undo", "detach", "save")]
    assert tones == [
        Tone.REFUSED,
        Tone.GOOD,
        Tone.GOOD,
        Tone.ATTENTION,
        Tone.QUESTION,
        Tone.REFUSED,
        Tone.GOOD,
        Tone.REFUSED,
        Tone.ATTENTION,
        Tone.ATTENTION,
        Tone.GOOD,
    ]


# Batches


class Counting(SqlRepository):
    begun = 0

    def begin(self) -> None:
        self.begun += 1
        super().begin()


def test_queued_entries_are_committed_together(company: Engine) -> None:
    with station(company) as here:
        here.command("open CM-1")
    repository = Counting(company, "dock-1")
    here = Seat(repository)
    scans = [*serials("A"), *[f"X{n}" for n in range(desks.BATCH + 40)]]
    here.post(*scans)
    with at_work(here):
        pass
    assert [row.text for row in here.rows] == scans
    assert repository.begun == 2
    assert len(attached(company)) == len(serials("A"))


def test_a_single_scan_is_not_delayed(company: Engine) -> None:
    repository = Counting(company, "dock-1")
    with at_work(Seat(repository)) as here:
        for number in range(3):
            here.scan(f"X{number}")
    assert repository.begun == 3


def test_notices_alone_do_not_use_the_database_and_keep_their_order_among_scans(company: Engine) -> None:
    repository = Counting(company, "dock-1")
    rejected = ScanRejected(now(), "left", "cut", b"SN")
    gone = ScannerChanged("left", ScannerState.DISCONNECTED, "away")
    here = Seat(repository)
    here.desk.post(rejected)
    here.post("X1")
    here.desk.post(gone)
    with at_work(here):
        wait_until(lambda: gone in here.events)
        here.desk.post(rejected)
    assert [type(each) for each in here.events[1:3]] == [HistoryAdded, LabelRead]
    assert [here.events[0], *here.events[3:]] == [rejected, gone, rejected]
    assert repository.begun == 1


# An entry that fails


class Faulty(RequestHandler):
    """A bug, after half of the work is done."""

    def handle(self, request: Request) -> list[Event]:
        events = super().handle(request)
        if request.source.text == "A0002":
            raise ZeroDivisionError("a fault")
        return events


class FaultySeat(Seat):
    def request_handler(self, settings: RuleSettings) -> RequestHandler:
        return Faulty(self.repository, settings, uuid7)


def test_an_entry_that_fails_inside_a_batch_fails_alone(company: Engine) -> None:
    with station(company) as first:
        first.command("open CM-1")
    here = FaultySeat(SqlRepository(company, "dock-1"))
    awaited = here.post("A0001", "A0002", "A0003")
    with at_work(here):
        here.scan("A0004")
    assert here.told == [
        ("Assigned", "A0001"),
        ("failed", "A0002"),
        ("Assigned", "A0003"),
        ("Assigned", "A0004"),
    ]
    failed = awaited[1].outcome()
    assert failed.tone is Tone.REFUSED
    (event,) = failed.events
    assert isinstance(event, ScanFailed)
    assert "a fault" in event.reason
    assert attached(company) == [("CM-1", f"A000{n}") for n in (1, 3, 4)]
    assert_all_is_well(company)


def test_a_failing_subscriber_does_not_stop_scanning(company: Engine) -> None:
    def fail(event: Event) -> None:
        raise ZeroDivisionError(repr(event))

    heard: list[Event] = []
    with station(company) as here:
        here.bus.subscribe(fail)
        awaited = here.post("X1", "X2")
        here.bus.subscribe(heard.append)
        here.desk.post(ScannerChanged("left", ScannerState.CONNECTED, "there"))
        wait_until(lambda: len(here.events) == 3)
        assert here.desk.is_alive
    assert [row.text for row in here.rows] == ["X1", "X2"]
    assert awaited
    assert query(company, "SELECT text FROM history ORDER BY number") == [("X1",), ("X2",)]


def test_the_worker_hears_the_outcome_even_if_a_subscriber_fails(company: Engine) -> None:
    def fail(event: Event) -> None:
        raise ZeroDivisionError(repr(event))

    with station(company) as here:
        here.command("open CM-1")
        here.bus.subscribe(fail)
        (awaited,) = here.post("A0001")
        wait_until(lambda: len(here.rows) == 1)
        wait_until(lambda: awaited.outcomes)
        assert awaited.outcomes[0].tone is Tone.GOOD


# An unavailable database


def _health(here: Seat) -> list[bool]:
    return [event.ok for event in here.events if isinstance(event, DatabaseChanged)]


def test_nothing_is_lost_while_another_process_holds_the_database(embedded: Engine) -> None:
    with station(embedded) as here:
        here.command("open CM-1")
        with closing(sqlite3.connect(str(embedded.url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            awaited = here.post(*serials("A"))
            wait_until(lambda: _health(here) == [False])
            assert not any(each.outcomes for each in awaited)
            other.execute("ROLLBACK")
        for each in awaited:
            # There are more than the line requests.
            assert each.outcome().tone in {Tone.GOOD, Tone.ATTENTION}
    assert _health(here) == [False, True]
    assert [row.text for row in here.rows] == serials("A")
    assert len(attached(embedded)) == len(serials("A"))
    assert_all_is_well(embedded)


def test_nothing_is_lost_when_the_server_ends_the_connection(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    fill(engine)
    with station(engine) as here:
        here.command("open CM-1")
        for number in range(3):
            execute(
                engine,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()",
            )
            assert here.scan(f"A000{number}").tone is Tone.GOOD
    assert _health(here) == [False, True] * 3
    assert [serial for _, serial in attached(engine)] == ["A0000", "A0001", "A0002"]
    engine.dispose()


class Full(SqlRepository):
    """A repository on a disk that is sometimes full, but always readable."""

    is_full = False

    def record(self, row: HistoryRow) -> None:
        self._need_room()
        super().record(row)

    def mark(self, source_id: str) -> None:
        self._need_room()
        super().mark(source_id)

    def _need_room(self) -> None:
        if self.is_full:
            raise DatabaseError("the disk is full")


def test_a_database_that_refuses_fails_the_scan_loudly_and_the_next_one_is_booked(company: Engine) -> None:
    repository = Full(company, "dock-1")
    with at_work(Seat(repository)) as here:
        here.command("open CM-1")
        repository.is_full = True
        assert here.scan("A0001").tone is Tone.REFUSED
        repository.is_full = False
        assert here.scan("A0002").tone is Tone.GOOD
    assert _health(here) == [False, True]
    assert here.told == [("failed", "A0001"), ("Assigned", "A0002")]
    assert attached(company) == [("CM-1", "A0002")]
    assert_all_is_well(company)


def test_scans_that_other_stations_are_always_faster_than_fail_in_the_end(company: Engine) -> None:
    class Beaten(SqlRepository):
        is_beaten = False

        def commit(self) -> None:
            if self.is_beaten:
                raise ConflictError("another station was faster")
            super().commit()

    repository = Beaten(company, "dock-1")
    with at_work(Seat(repository)) as here:
        repository.is_beaten = True
        for awaited in here.post("A0001", "A0002"):
            assert awaited.outcome().tone is Tone.REFUSED
        repository.is_beaten = False
    assert here.told == [("failed", "A0001"), ("failed", "A0002")]


def test_a_scan_fails_for_the_first_reason_though_going_back_fails_too(company: Engine) -> None:
    class Torn(SqlRepository):
        is_torn = False

        def commit(self) -> None:
            if self.is_torn:
                raise DatabaseError("the disk is full")
            super().commit()

        def roll_back(self) -> None:
            super().roll_back()
            if self.is_torn:
                raise DatabaseBusyError("the connection is lost")

    repository = Torn(company, "dock-1")
    with at_work(Seat(repository)) as here:
        repository.is_torn = True
        here.scan("A0001")
        repository.is_torn = False
    assert [event.reason for event in here.events if isinstance(event, ScanFailed)] == ["the disk is full"]


def test_a_recovered_database_is_noticed_without_a_scan(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "PROBE_PAUSE_S", 0.05)

    repository = Full(company, "dock-1")
    repository.is_full = True
    with at_work(Seat(repository)) as here:
        assert here.scan("A0001").tone is Tone.REFUSED
        repository.is_full = False
        wait_until(lambda: _health(here) == [False, True])


def test_an_entry_that_writes_nothing_does_not_report_a_full_disk_as_healthy(company: Engine) -> None:
    gone = ScannerChanged("left", ScannerState.DISCONNECTED, "away")
    posted = Scanned(stamp("A0001", "display"), once=IdempotencyKey("digest", lambda _outcome: "response"))
    repository = Full(company, "dock-1")
    with at_work(Seat(repository)) as here:
        here.command("open CM-1")
        _become(here, posted)
        repository.is_full = True
        assert here.scan("A0002").tone is Tone.REFUSED
        _become(here, gone)
        assert _become(here, posted).before == StoredResponse("digest", "response")
        assert _health(here) == [False]
        repository.is_full = False
        assert here.scan("A0002").tone is Tone.GOOD
    assert _health(here) == [False, True]


def _become(here: Seat, entry: Entry) -> Outcome:
    """Post an entry and return its outcome."""
    awaited = Awaited()
    here.desk.post(entry, awaited.take)
    return awaited.outcome()


class Doubtful(SqlRepository):
    """A repository whose commits sometimes succeed unnoticed."""

    doubts = 0

    def commit(self) -> None:
        super().commit()
        if self.doubts:
            self.doubts -= 1
            raise DatabaseBusyError("the connection broke")


@pytest.fixture
def doubtful(company: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Seat, Doubtful]]:
    monkeypatch.setattr(batch, "BUSY_PAUSE_S", 0.01)
    repository = Doubtful(company, "dock-1")
    with at_work(Seat(repository)) as here:
        here.command("open CM-1")
        yield here, repository
    assert_all_is_well(company)


def test_a_scan_whose_commit_succeeded_unnoticed_is_booked_once(
    company: Engine, doubtful: tuple[Seat, Doubtful]
) -> None:
    here, repository = doubtful
    repository.doubts = 2
    here.scan("A0001")
    here.scan("A0002")
    assert query(company, "SELECT action, text FROM history ORDER BY number") == [
        ("Assigned", "A0001"),
        ("Assigned", "A0002"),
    ]
    assert _health(here) == [False, True] * 2


def test_a_scan_whose_commit_succeeded_unnoticed_is_heard_and_shown(
    doubtful: tuple[Seat, Doubtful],
) -> None:
    here, repository = doubtful
    repository.doubts = 1
    assert here.scan("A0001").tone is Tone.GOOD
    assert here.told == [("Assigned", "A0001")]


def test_a_question_whose_commit_succeeded_unnoticed_is_asked_once(
    company: Engine, doubtful: tuple[Seat, Doubtful]
) -> None:
    here, repository = doubtful
    repository.doubts = 1
    here.scan("B0001")
    assert query(company, "SELECT action, reason FROM history") == []
    here.command("yes")
    assert query(company, "SELECT action, text FROM history") == [("Added", "B0001")]


def test_a_ranges_first_number_whose_commit_succeeded_unnoticed_is_not_its_last(
    company: Engine, doubtful: tuple[Seat, Doubtful]
) -> None:
    here, repository = doubtful
    here.command("range")
    repository.doubts = 1
    here.scan("A0001")
    assert attached(company) == []
    here.scan("A0003")
    assert [serial for _, serial in attached(company)] == ["A0001", "A0002", "A0003"]


def test_a_command_whose_commit_succeeded_unnoticed_is_not_refused(
    company: Engine, doubtful: tuple[Seat, Doubtful]
) -> None:
    here, repository = doubtful
    here.scan("A0001")
    repository.doubts = 1
    outcome = here.command("save")
    assert not any(isinstance(event, CommandRefused) for event in outcome.events)
    assert query(company, "SELECT status FROM documents WHERE number = 'CM-1'") == [("saved",)]


def test_a_scan_that_is_answered_at_once_and_succeeded_unnoticed_is_booked_once(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BUSY_PAUSE_S", 0.01)
    repository = Doubtful(company, "dock-1")
    with at_work(Seat(repository, auto_answer=True)) as here:
        here.command("open CM-1")
        repository.doubts = 1
        here.scan("B0001")
    assert query(company, "SELECT action, text FROM history") == [("Added", "B0001")]


def test_a_command_that_ends_a_question_and_succeeded_unnoticed_is_followed_once(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BUSY_PAUSE_S", 0.01)
    repository = Doubtful(company, "dock-1")
    with at_work(Seat(repository, preferences=TIMED, live=False)) as here:
        here.command("open CM-1")
        here.desk.post(Scanned(stamp("B0001", "left", now() - timedelta(hours=1))))
        wait_until(lambda: any(isinstance(event, QuestionRaised) for event in here.events))
        repository.doubts = 1
        outcome = here.command("open CM-2")
    assert not any(isinstance(event, CommandRefused) for event in outcome.events)


# P4


def _answers(here: Seat) -> list[str]:
    return [event.answer for event in here.events if isinstance(event, QuestionAnswered)]


def test_work_that_the_office_ended_ends_without_a_scan(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "LOOK_PAUSE_S", 0.05)
    with station(company) as here:
        here.command("open CM-1")
        here.scan("B0001")
        assert here.desk.state().question is not None
        execute(company, "UPDATE sessions SET ended_why = 'changed' WHERE ended_at IS NULL")
        wait_until(lambda: any(isinstance(event, SessionClosed) for event in here.events))
        (closed,) = [event for event in here.events if isinstance(event, SessionClosed)]
        assert (closed.document, closed.why, tone_of(closed)) == ("CM-1", "changed", Tone.ATTENTION)
        assert here.desk.state().question is None
        wait_until(lambda: here.rows)
        (row,) = here.rows
        assert row.reason == "CM-1 was changed by the office: open another document and scan B0001 again"


def test_an_expired_question_is_answered_no(company: Engine) -> None:
    with station(company, preferences=TIMED) as here:
        here.command("open CM-1")
        assert here.scan("B0001").tone is Tone.QUESTION
        wait_until(lambda: here.rows)
        assert here.scan("A0001").tone is Tone.GOOD
    assert _answers(here) == ["timeout"]
    assert [(row.action, row.reason, row.text) for row in here.rows] == [
        ("Refused", "nobody answered", "B0001"),
        ("Assigned", None, "A0001"),
    ]


def test_an_expired_question_is_answered_no_after_a_restart(company: Engine) -> None:
    with station(company) as here:
        here.command("open CM-1")
        here.scan("B0001")
    with station(company, preferences=TIMED) as again:
        wait_until(lambda: again.rows)
    assert _answers(again) == ["timeout"]
    assert attached(company) == []


def test_an_answer_in_time_counts_and_the_next_question_has_its_own_time(company: Engine) -> None:
    with station(company, preferences=Preferences(prompt_timeout_s=3600)) as here:
        here.command("open CM-1")
        here.scan("B0001")
        here.command("yes")
        here.scan("C0001")
        here.command("no")
    assert _answers(here) == ["yes", "no"]


def test_an_expiry_that_can_not_be_booked_is_not_retried_in_a_busy_loop(company: Engine) -> None:
    class Full(SqlRepository):
        tries = 0

        def commit(self) -> None:
            self.tries += 1
            raise DatabaseError("the disk is full")

    with station(company) as here:
        here.command("open CM-1")
        here.scan("B0001")
    repository = Full(company, "dock-1")
    with at_work(Seat(repository, preferences=TIMED)):
        wait_until(lambda: repository.tries)
        threading.Event().wait(1)
    assert repository.tries < 10


def test_a_recordings_questions_expire_by_its_own_times_and_not_by_the_clock(company: Engine) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    with station(company, preferences=TIMED, live=False) as here:
        here.command("open CM-1")
        for text, at_s in (("B0001", 0.0), ("$$YES", 0.9), ("C0001", 10.0), ("A0001", 11.5), ("B0002", 12.0)):
            here.desk.post(Scanned(stamp(text, "left", start + timedelta(seconds=at_s))))
            threading.Event().wait(0.1)
    assert _answers(here) == ["yes", "timeout"]
    assert [(row.action, row.text) for row in here.rows] == [
        ("Added", "B0001"),
        ("Refused", "C0001"),
        ("Assigned", "A0001"),
        ("Assigned", "B0002"),
    ]


# Automatic answers


def test_every_question_is_answered_at_once_if_configured(company: Engine) -> None:
    scans = ["B0001", "A0001", "C0001"]
    actions = {}
    for memo, yes in (("CM-1", False), ("CM-2", True)):
        with station(company, auto_answer=yes) as here:
            here.command(f"open {memo}")
            for each in scans:
                here.scan(each)
                assert here.desk.state().question is None
            if not yes:
                here.command("undo")
        actions[yes] = [action for action, _ in here.told]
    assert actions == {
        False: ["Refused", "Assigned", "Refused", "Detached"],
        True: ["Added", "Assigned", "Negative"],
    }


@pytest.mark.parametrize(("yes", "serial"), [(True, "A0002"), (False, None)])
def test_a_choice_is_answered_with_the_first_unit_that_can_be_chosen(
    company: Engine, serial: str | None, *, yes: bool
) -> None:
    execute(company, "UPDATE serial_numbers SET mfr_serial_number = 'LOT' WHERE serial_number < 'A0004'")
    execute(company, "UPDATE serial_numbers SET mfr_serial_number = NULL WHERE serial_number = 'A0000'")
    with station(company) as other:
        other.command("open CM-2")
        other.scan("A0001")
    with station(company, "dock-2", auto_answer=yes) as here:
        here.command("open CM-1")
        here.scan("LOT")
    (row,) = here.rows
    assert (row.serial_number, row.reason) == (serial, None if yes else "declined")
    assert any(isinstance(event, QuestionRaised) for event in here.events)


# Stopping


def test_stopping_processes_the_queue(company: Engine) -> None:
    here = seat(company)
    here.desk.start()
    scans = [f"X{number}" for number in range(3 * desks.BATCH)]
    awaited = here.post(*scans)
    here.desk.stop()
    assert not here.desk.is_alive
    assert all(each.outcomes for each in awaited)
    assert [row[0] for row in query(company, "SELECT text FROM history ORDER BY number")] == scans


def test_stopping_while_the_database_is_locked_ends_and_reports_what_is_not_booked(embedded: Engine) -> None:
    with closing(sqlite3.connect(str(embedded.url.database), isolation_level=None)) as other:
        with station(embedded) as here:
            here.command("open CM-1")
            other.execute("BEGIN IMMEDIATE")
            (awaited,) = here.post("A0001")
            wait_until(lambda: _health(here))
        other.execute("ROLLBACK")
    assert awaited.outcome().tone is Tone.REFUSED
    assert here.told == [("failed", "A0001")]
    assert attached(embedded) == []


def test_a_subscriber_may_post_even_if_the_queue_is_full(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the label printer does, in the desk's thread, for labels that it can't print."""
    monkeypatch.setattr(desks, "QUEUE", 2)
    here = Seat(SqlRepository(company, "dock-1"))
    notices = [LabelNotPrinted(f"label {number}") for number in range(5)]

    def post_all(event: Event) -> None:
        if isinstance(event, HistoryAdded):
            for each in notices:
                here.desk.post(each)

    here.bus.subscribe(post_all)
    with at_work(here):
        here.scan("X1")
        wait_until(lambda: notices[-1] in here.events)
    assert [each for each in here.events if isinstance(each, LabelNotPrinted)] == notices


class Breaking(SqlRepository):
    """A repository with a bug that ends the desk's thread as soon as it may continue."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.has_begun, self.may_continue = threading.Event(), threading.Event()

    def begin(self) -> None:
        self.has_begun.set()
        self.may_continue.wait(PATIENCE_S)
        raise ZeroDivisionError("a fault")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_desk_that_has_ended_even_if_its_queue_is_full(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "QUEUE", 2)
    repository = Breaking(company, "dock-1")
    here = Seat(repository)
    here.desk.start()
    awaited = here.post("X0")
    assert repository.has_begun.wait(PATIENCE_S)
    awaited += here.post("X1", "X2")
    blocked = threading.Thread(target=lambda: awaited.extend(here.post("X3", "X4", "X5")), daemon=True)
    blocked.start()
    repository.may_continue.set()
    blocked.join(PATIENCE_S)
    assert not blocked.is_alive(), "hangs"
    wait_until(lambda: not here.desk.is_alive)
    together(here.desk.stop)
    awaited += here.post("X6")
    reasons = {
        event.reason for each in awaited for event in each.outcome().events if isinstance(event, ScanFailed)
    }
    assert reasons == {"internal error: the desk has ended"}
    assert {each.outcome().tone for each in awaited} == {Tone.REFUSED}
    assert sorted(here.told) == [("failed", f"X{number}") for number in range(7)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_was_committed_is_reported_though_the_new_settings_end_the_desk(company: Engine) -> None:
    class Failing(SqlRepository):
        def look_up(self, *, fold_case: bool) -> None:
            raise ZeroDivisionError(fold_case)

    here = Seat(Failing(company, "dock-1"))
    (scanned,) = here.post("X1")
    here.desk.post(Reconfigured(settings=RuleSettings(), scanners=()))
    here.desk.start()
    assert scanned.outcome().tone is Tone.REFUSED
    wait_until(lambda: not here.desk.is_alive)
    here.desk.stop()
    assert here.told == [("Refused", "X1")]


def test_a_station_has_the_same_state_after_a_restart(company: Engine) -> None:
    with station(company) as here:
        here.command("open CM-1")
        here.command("range")
        here.scan("A0001")
    with station(company) as again:
        assert again.desk.state().range_first == "A0001"
        again.scan("A0003")
        again.scan("B0001")
    with station(company) as last:
        question = last.desk.state().question
        assert question is not None
        assert question.text == "Item B is not on CM-1. Add it?"
        last.command("yes")
    assert [serial for _, serial in attached(company)] == ["A0001", "A0002", "A0003", "B0001"]


def test_a_recovered_database_is_noticed_while_a_question_is_open(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "PROBE_PAUSE_S", 0.05)

    repository = Full(company, "dock-1")
    with at_work(Seat(repository, preferences=Preferences(prompt_timeout_s=3600))) as here:
        here.command("open CM-1")
        assert here.scan("B0001").tone is Tone.QUESTION
        repository.is_full = True
        assert here.command("yes").tone is Tone.REFUSED
        repository.is_full = False
        wait_until(lambda: _health(here) == [False, True])
