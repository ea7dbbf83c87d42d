from __future__ import annotations

import asyncio
import io
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import pytest

from station.errors import UsageError
from station.events import (
    DatabaseChanged,
    HistoryAdded,
    HistoryAsked,
    LabelRead,
    QuestionAnswered,
    QuestionRaised,
    ScannerChanged,
    ScannerState,
    ScanRejected,
)
from station.i18n.catalogues import language
from station.outputs.display.client import StationLink
from station.questions import Mode, QuestionKind
from station.repository import tables
from station.repository.database import transaction
from station.source import stamp
from station.terminal.app import Lost, NewState, NotSent, Watch, run_watch
from station.terminal.banner_widget import Banner
from station.terminal.input_line import InputLine
from station.terminal.question import Asking
from station.terminal.tables import LineTable
from tests.terminal.dock import (
    Dock,
    assigned,
    put_question,
    question,
    refused,
    running,
    set_station,
)
from tests.terminal.pilots import screen_of, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from textual.pilot import Pilot


@asynccontextmanager
async def _watching(dock: Dock, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Pilot[None]]:
    app = Watch(StationLink(dock.url), language("en"))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "CM-1001" in screen_of(pilot))
        yield pilot


def _word(pilot: Pilot[None]) -> str:
    return pilot.app.query_one(Banner).content.word


def _run(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(scenario())


async def _type(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*text, "enter")


def _ask(dock: Dock, kind: QuestionKind = QuestionKind.ADD_ITEM) -> None:
    asked = question(kind)
    put_question(dock.engine, asked)
    dock.bus.publish(QuestionRaised(asked))


def test_typed_text_is_posted_as_a_scan_and_its_outcome_fills_the_banner(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            await _type(pilot, "SN-1")
            await until(pilot, lambda: _word(pilot) == "ASSIGNED")
            assert pilot.app.query_one(Banner).content.lines[0] == "SN-1"
            assert "✔ Assigned" in screen_of(pilot)
            assert station.inbox.texts == [("Scanned", "SN-1")]

    _run(scenario)


def test_two_labels_typed_without_a_pause_stay_two(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            await pilot.press(*"SN-1", "enter", *"SN-2", "enter", "enter")
            await until(pilot, lambda: len(station.inbox.entries) == 2)
            assert [text for _, text in station.inbox.texts] == ["SN-1", "SN-2"]
            assert pilot.app.query_one(InputLine).value == ""

    _run(scenario)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60), (40, 12)])
def test_document_lines_history_and_scanners_are_visible(station: Dock, size: tuple[int, int]) -> None:
    async def scenario() -> None:
        async with _watching(station, size) as pilot:
            station.bus.publish(HistoryAdded(refused("SN-9", "unknown serial number")))
            station.bus.publish(ScannerChanged("left", ScannerState.FAILED, "no such port"))
            wanted = ["left failed", "✖ Refused", "└ unknown serial number", "Serial # / command"]
            if size[0] >= 80:
                wanted += ["PROC-1", "to come", "credit memo", "F4 Undo", "Action", "Serial number"]
                wanted += ["Mfr", "Item", "Description", "Stock area"]
            await until(pilot, lambda: all(text in screen_of(pilot) for text in wanted))

    _run(scenario)


@pytest.mark.parametrize(("key", "command"), [("y", "yes"), ("n", "no"), ("escape", "cancel"), ("N", "no")])
def test_p1_a_question_is_answered_by_a_single_key(station: Dock, key: str, command: str) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            _ask(station)
            await until(pilot, lambda: "ANSWER FIRST" in screen_of(pilot))
            assert "Item CASE-1 is not on CM-1001. Add it?" in screen_of(pilot)
            assert "[Y] Yes" in screen_of(pilot)
            assert _word(pilot) == "ANSWER"
            await pilot.press(key)
            await until(pilot, lambda: station.inbox.texts == [("Commanded", command)])
            assert pilot.app.query_one(InputLine).value == ""

    _run(scenario)


def test_p1_a_question_is_answered_by_touch_and_disappears_when_answered(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            _ask(station)
            await until(pilot, lambda: "[Y] Yes" in screen_of(pilot))
            await pilot.click("#yes")
            await until(pilot, lambda: station.inbox.texts == [("Commanded", "yes")])
            with transaction(station.engine) as connection:
                connection.execute(tables.questions.delete())
            station.bus.publish(QuestionAnswered(question(), "yes"))
            await until(pilot, lambda: not pilot.app.query_one(Asking).display)
            assert pilot.app.focused is pilot.app.query_one(InputLine)

    _run(scenario)


def test_p2_a_serial_number_that_begins_like_an_answer_is_not_an_answer(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            _ask(station)
            await until(pilot, lambda: "[Y] Yes" in screen_of(pilot))
            await _type(pilot, "yN1")
            await until(pilot, lambda: bool(station.inbox.entries))
            await pilot.pause(0.6)
            assert station.inbox.texts == [("Scanned", "yN1")]

    _run(scenario)


def test_r3_a_choice_is_made_by_number_or_by_the_serial_number(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            _ask(station, QuestionKind.CHOICE)
            await until(pilot, lambda: "SN-8  DISK-1  Disk  SOLD" in screen_of(pilot))
            assert "Which one is it?" in screen_of(pilot)
            assert "[Y] Yes" not in screen_of(pilot)
            await pilot.press("2")
            await until(pilot, lambda: station.inbox.texts == [("Commanded", "choose 2")])
            await _type(pilot, "SN-7")
            await until(pilot, lambda: station.inbox.texts[1:] == [("Scanned", "SN-7")])

    _run(scenario)


def test_function_keys_are_commands(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            for key in ("f3", "f4", "f5", "f6", "f8", "f9"):
                await pilot.press(key)
            wanted = ["detach", "undo", "range", "mfg", "save", "close"]
            await until(pilot, lambda: len(station.inbox.entries) == len(wanted))
            assert station.inbox.texts == [("Commanded", word) for word in wanted]

    _run(scenario)


def test_the_line_shows_what_the_next_serial_number_is_for(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            set_station(station.engine, mode=Mode.RANGE_LAST.value, range_first="SN-1")
            station.bus.publish(HistoryAsked())
            await until(pilot, lambda: "Range: last serial # (from SN-1)" in screen_of(pilot))
            await pilot.press("escape")
            await until(pilot, lambda: station.inbox.texts == [("Commanded", "cancel")])

    _run(scenario)


def test_how_the_last_label_was_read_is_shown_on_f7(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            await pilot.press("f7")
            await until(pilot, lambda: "Nothing was scanned yet" in screen_of(pilot))
            source = stamp("0109521000001015\x1d21SN-1", "left", symbology_identifier="]C1")
            station.bus.publish(LabelRead(source, None))
            await until(pilot, lambda: "serial number SN-1 of GTIN 09521000001015" in screen_of(pilot))
            screen = screen_of(pilot)
            assert "]C1: Code 128, GS1: FNC1 in first position" in screen
            assert "by left" in screen
            assert "\x1d" not in screen
            assert "PROC-1" not in screen
            station.bus.publish(ScanRejected(source.at, "left", "longer than 4096 bytes", b""))
            await until(pilot, lambda: "rejected: longer than 4096 bytes" in screen_of(pilot))
            await pilot.press("f7")
            await until(pilot, lambda: "PROC-1" in screen_of(pilot))

    _run(scenario)


def test_the_history_takes_the_place_of_the_lines_on_f2_and_when_the_worker_scans_for_it(
    station: Dock,
) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            await pilot.press("f2")
            await until(pilot, lambda: not pilot.app.query_one(LineTable).display)
            assert pilot.app.query_one(Banner).display
            station.bus.publish(HistoryAsked())
            await until(pilot, lambda: pilot.app.query_one(LineTable).display)

    _run(scenario)


def test_labels_are_shown_as_they_are_and_never_interpreted(station: Dock) -> None:
    nasty = "[red]SN[/red] [link=http://evil]x[/]\x1b[31m\u202e"

    async def scenario() -> None:
        async with _watching(station, (200, 60)) as pilot:
            set_station(station.engine, mode=Mode.RANGE_LAST.value, range_first="[red]first[/red]\x1b")
            station.bus.publish(HistoryAdded(refused(nasty, "[bold]unknown[/bold]")))
            station.bus.publish(ScannerChanged("[blink]left", ScannerState.FAILED, "\x07[b]bell"))
            wanted = (
                "[red]SN[/red] [link=http://evil]x[/]\\u001B[31m\\u202E",
                "└ [bold]unknown[/bold]",
                "(from [red]first[/red]\\u001B)",
                "[blink]left failed",
                "\\u0007[b]bell",
            )
            await until(pilot, lambda: all(text in screen_of(pilot) for text in wanted))
            screen = screen_of(pilot)
            assert not any(control in screen for control in "\x1b\x07\u202e")

    _run(scenario)


def test_a_question_shows_label_text_as_it_is(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            asked = question()
            object.__setattr__(asked, "text", "Add [red]it[/red]\x1b?")
            put_question(station.engine, asked)
            station.bus.publish(QuestionRaised(asked))
            await until(pilot, lambda: "Add [red]it[/red]\\u001B?" in screen_of(pilot))

    _run(scenario)


def test_without_a_database_no_old_outcome_looks_valid(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            station.bus.publish(HistoryAdded(assigned("SN-1")))
            station.bus.publish(DatabaseChanged(ok=False, detail="disk full"))
            await until(pilot, lambda: _word(pilot) == "DATABASE")
            assert "✖ database: disk full" in screen_of(pilot)

    _run(scenario)


def test_a_lost_station_is_reported_prominently_and_found_again(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            listen = station.url.removeprefix("http://")
            await asyncio.to_thread(station.server.stop)
            await until(pilot, lambda: _word(pilot) == "NOT LIVE")
            assert "No connection to the station since" in screen_of(pilot)
            await _type(pilot, "SN-1")
            await until(pilot, lambda: _word(pilot) == "NOT SENT")
            with running(station.engine, listen) as again:
                await until(pilot, lambda: again.keeper.changes._waiting != set())
                assert _word(pilot) == "NOT SENT"
                await _type(pilot, "SN-2")
                await until(pilot, lambda: _word(pilot) == "ASSIGNED")
                await asyncio.to_thread(again.server.stop)

    _run(scenario)


def test_it_quits_at_once_while_the_station_holds_its_request(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            await until(pilot, lambda: bool(station.keeper.changes._waiting))
            await pilot.press("ctrl+q")
        feed, sender = pilot.app._feed, pilot.app._sender  # type: ignore[attr-defined]
        for thread in (feed, sender):
            await asyncio.to_thread(thread.join, 60)
            assert not thread.is_alive()

    _run(scenario)


def test_messages_from_the_station_while_it_quits_do_no_harm(station: Dock) -> None:
    async def scenario() -> None:
        async with _watching(station) as pilot:
            app = cast("Watch", pilot.app)
            state = app._state
            assert state is not None
        app.on_new_state(NewState(state))
        app.on_lost(Lost("gone"))
        app.on_not_sent(NotSent("SN-1", "gone"))

    _run(scenario)


def test_without_a_terminal_it_reports_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(UsageError, match="needs a terminal"):
        run_watch(StationLink("http://127.0.0.1:1"), language("en"))
