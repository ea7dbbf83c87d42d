"""New settings reach the desk through its queue, in order with the scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from station.config.settings import (
    HouseFormat,
    LabelSettings,
    Preferences,
    RuleSettings,
    StationSettings,
)
from station.events import QuestionAnswered, Reconfigured
from station.repository.database import is_sqlite
from station.repository.scan_path import SqlRepository
from station.source import stamp
from station.worker.entries import Scanned
from tests.running import wait_until
from tests.stations import Awaited, Seat, at_work, fill, query, seat

if TYPE_CHECKING:
    from sqlalchemy import Engine


def settings(house_format: tuple[HouseFormat, ...] = (), **preferences: Any) -> Reconfigured:
    return Reconfigured(
        settings=RuleSettings(
            station=StationSettings(name="dock-1"),
            preferences=Preferences(**preferences),
            house_format=house_format,
        ),
        scanners=("left",),
    )


def test_earlier_scans_follow_the_old_settings_and_later_ones_the_new(engine: Engine) -> None:
    fill(engine)
    here = seat(engine, preferences=Preferences(negative="refuse", prompt_when_not_on_document=False))
    # All is queued before the desk starts: it would fit into one transaction.
    here.post("CM-1", "C0000", "C0001")
    here.desk.post(settings(negative="allow", prompt_when_not_on_document=False))
    here.post("C0002", "C0003")
    here.desk.post(settings(negative="refuse", prompt_when_not_on_document=False))
    last = here.post("C0004")[-1]
    with at_work(here):
        last.outcome()

    assert here.told == [
        ("Refused", "C0000"),
        ("Refused", "C0001"),
        ("Negative", "C0002"),
        ("Negative", "C0003"),
        ("Refused", "C0004"),
    ]


class Noting(SqlRepository):
    """Records its calls."""

    def __init__(self, engine: Engine, station: str) -> None:
        super().__init__(engine, station)
        self.noted: list[str] = []

    def begin(self) -> None:
        self.noted.append("begin")
        super().begin()

    def commit(self) -> None:
        super().commit()
        self.noted.append("commit")

    def look_up(self, *, fold_case: bool) -> None:
        self.noted.append("settings")
        super().look_up(fold_case=fold_case)


def test_settings_never_change_within_a_transaction(engine: Engine) -> None:
    fill(engine)
    repository = Noting(engine, "dock-1")
    here = Seat(repository)
    here.post("CM-1", "A0000")
    here.desk.post(settings())
    last = here.post("A0001", "A0002")[-1]
    with at_work(here):
        last.outcome()

    assert repository.noted == ["begin", "commit", "settings", "begin", "commit"]


def test_from_then_on_the_stations_formats_are_tried_after_the_scanners(engine: Engine) -> None:
    fill(engine)
    here = seat(engine)
    own = LabelSettings(house_format=(HouseFormat(prefix="L"),))
    with at_work(here):
        here.scan("CM-1")
        assert _scan(here, "LA0000", own) == [("Assigned", "A0000")]
        assert _scan(here, "SA0001", own) == [("Refused", None)]
        here.desk.post(settings((HouseFormat(prefix="S"),)))
        assert _scan(here, "LA0002", own) == [("Assigned", "A0002")]
        assert _scan(here, "SA0003", own) == [("Assigned", "A0003")]
        assert _scan(here, "SA0004", None) == [("Assigned", "A0004")]
        here.desk.post(settings())
        assert _scan(here, "SA0005", own) == [("Refused", None)]


def _scan(here: Seat, text: str, own: LabelSettings | None) -> list[tuple[str, str | None]]:
    """Return action and serial number of each resulting row."""
    before = len(here.rows)
    awaited = Awaited()
    here.desk.post(Scanned(stamp(text, "left"), own), awaited.take)
    awaited.outcome()
    return [(str(row.action), row.serial_number) for row in here.rows[before:]]


def test_an_open_question_expires_by_the_new_limit(engine: Engine) -> None:
    fill(engine)
    here = seat(engine)
    with at_work(here):
        here.scan("CM-1")
        here.scan("B0000")
        here.desk.post(settings(prompt_timeout_s=1))
        wait_until(lambda: any(isinstance(event, QuestionAnswered) for event in here.events), "an answer")
    assert [event.answer for event in here.events if isinstance(event, QuestionAnswered)] == ["timeout"]


def test_with_fold_case_set_numbers_are_found_in_any_case_and_fast(engine: Engine) -> None:
    fill(engine)
    here = seat(engine)
    with at_work(here):
        here.scan("CM-1")
        here.scan("a0000")
        here.desk.post(settings(fold_case=True))
        here.scan("a0001")
        assert _folded_indexes(engine) == {"ix_folded_serial_number", "ix_folded_mfr_serial_number"}
        here.desk.post(settings())
        here.scan("a0002")
    assert here.told == [("Refused", "a0000"), ("Assigned", "a0001"), ("Refused", "a0002")]


def _folded_indexes(engine: Engine) -> set[str]:
    table, name = ("sqlite_master", "name") if is_sqlite(engine) else ("pg_indexes", "indexname")
    return {row[0] for row in query(engine, f"SELECT {name} FROM {table} WHERE {name} LIKE 'ix_folded%'")}
