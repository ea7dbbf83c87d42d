"""The terminal display in other languages: everything except data is translated."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from station.events import (
    CommandRefused,
    DatabaseChanged,
    HistoryAdded,
    LabelRead,
    ModeChanged,
    QuestionRaised,
    ScannerChanged,
    ScannerState,
    ScanRejected,
)
from station.i18n.catalogues import language
from station.outcomes import Action
from station.outputs.display.client import StationLink
from station.questions import Mode, QuestionKind
from station.source import stamp
from station.terminal.app import Lost, NotSent, Watch
from station.terminal.banner_widget import Banner
from tests.i18n.pseudo import pseudo
from tests.terminal.dock import AT, Dock, assigned, put_question, question, refused, set_station
from tests.terminal.pilots import screen_of, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from station.i18n.catalogues import Language

DATA = re.compile(
    r"CM-1001|Acme|PROC-1|DISK-1|Processor|Disk|SOLD|SN-\d+|M-1|dock-1|MAIN|left|Ines Wolter|E07|\$\$YES"
    r"|F\d|\^Q|http://127\.0\.0\.1:\d+|CASE-1"
)


def _play(
    station: Dock, speaking: Language, scenario: Callable[[Pilot[None]], Awaitable[None]], width: int = 160
) -> None:
    async def run() -> None:
        async with Watch(StationLink(station.url), speaking).run_test(size=(width, 60)) as pilot:
            await until(pilot, lambda: "CM-1001" in screen_of(pilot))
            await scenario(pilot)

    asyncio.run(run())


def _english(pilot: Pilot[None]) -> set[str]:
    """Words on the screen that are neither data nor translated."""
    return set(re.findall(r"[A-Za-z]{2,}", DATA.sub(" ", screen_of(pilot))))


def test_everything_except_data_is_translated(station: Dock) -> None:
    set_station(station.engine, operator="E07")

    async def scenario(pilot: Pilot[None]) -> None:
        async def shows(text: str) -> None:
            await until(pilot, lambda: text in screen_of(pilot))
            assert _english(pilot) == set(), text

        assert _english(pilot) == set()
        for number, action in enumerate(Action):
            row = structs.replace(assigned(f"SN-{number}"), action=action)
            station.bus.publish(HistoryAdded(row))
            await shows(f"SN-{number}")
        station.bus.publish(HistoryAdded(refused("SN-9", "already on CM-1001")))
        await shows("SN-9")
        station.bus.publish(ScanRejected(AT, "left", "the label is empty", b""))
        station.bus.publish(ScannerChanged("left", ScannerState.FAILED, ""))
        station.bus.publish(CommandRefused("$$YES", "there is no question to answer"))
        await shows("$$YES")
        station.bus.publish(ScannerChanged("left", ScannerState.CONNECTED, ""))
        for mode in Mode:
            set_station(station.engine, mode=mode.value, range_first="SN-7")
            station.bus.publish(ModeChanged(mode))
            await pilot.pause(0.3)
            assert _english(pilot) == set(), mode
        await shows("✔ ")

    _play(station, pseudo(), scenario)


@pytest.mark.parametrize(
    "kind", [QuestionKind.ADD_ITEM, QuestionKind.CHOICE, QuestionKind.INCOMPLETE, QuestionKind.DOCUMENT]
)
def test_a_question_and_its_answers_are_translated(station: Dock, kind: QuestionKind) -> None:
    asked = question(kind)
    if kind is QuestionKind.CHOICE:
        blocked = structs.replace(asked.candidates[1], blocked_reason="already on CM-1001")
        text = "Several units bear M-1. Which one is it?"
        asked = replace(asked, text=text, candidates=(asked.candidates[0], blocked))
    if kind is QuestionKind.DOCUMENT:
        asked = replace(asked, documents=("CM-1001",))
    put_question(station.engine, asked)

    async def scenario(pilot: Pilot[None]) -> None:
        station.bus.publish(QuestionRaised(asked))
        await until(pilot, lambda: "SN-7" in screen_of(pilot))
        assert _english(pilot) == set()

    _play(station, pseudo(), scenario)


def test_problems_are_translated(station: Dock) -> None:
    async def scenario(pilot: Pilot[None]) -> None:
        pilot.app.post_message(Lost(f"{station.url}: the station does not answer: 111"))
        await until(pilot, lambda: station.url in screen_of(pilot))
        assert _english(pilot) == set()
        pilot.app.post_message(NotSent("SN-1", f"{station.url}: there is no connection"))
        await until(pilot, lambda: "SN-1" in screen_of(pilot))
        assert _english(pilot) == set()
        station.bus.publish(
            DatabaseChanged(ok=False, detail="CM-1001: the disk is full, nothing was stored; free some space")
        )
        await until(pilot, lambda: "✖" in screen_of(pilot))
        assert _english(pilot) == set()

    _play(station, pseudo(), scenario)


def test_how_a_label_was_read_stays_english_for_the_it_department(station: Dock) -> None:
    async def scenario(pilot: Pilot[None]) -> None:
        station.bus.publish(LabelRead(stamp("SN-1", "left"), None))
        await pilot.press("f7")
        await until(pilot, lambda: "plain text" in screen_of(pilot))
        assert "Last label" not in screen_of(pilot)

    _play(station, pseudo(), scenario)


SEEN = {
    "es": (
        *("RECHAZADO", "SN-9   ya está en CM-1001"),
        *("El artículo CASE-1 no está en CM-1001. ¿Añadirlo?", "s", "[S] Sí"),
    ),
    "de": (
        *("ABGELEHNT", "SN-9   schon auf CM-1001"),
        *("Artikel CASE-1 steht nicht auf CM-1001. Hinzufügen?", "j", "[J] Ja"),
    ),
    "fr": (
        *("REFUSÉ", "SN-9   déjà sur CM-1001"),
        *("L'article CASE-1 n'est pas sur CM-1001. L'ajouter ?", "o", "[O] Oui"),
    ),
}
"""The banner's word and text of a refusal; a question, its key for Yes, and its button."""


@pytest.mark.parametrize("code", SEEN)
def test_an_outcome_and_a_question_in_each_language(station: Dock, code: str) -> None:
    word, reason, asks, key, button = SEEN[code]
    asked = question()

    async def scenario(pilot: Pilot[None]) -> None:
        station.bus.publish(HistoryAdded(refused("SN-9", "already on CM-1001")))
        await until(pilot, lambda: reason in screen_of(pilot))
        assert pilot.app.query_one(Banner).content.word == word
        put_question(station.engine, asked)
        station.bus.publish(QuestionRaised(asked))
        await until(pilot, lambda: asks in screen_of(pilot) and button in screen_of(pilot))
        # The language's own key answers, as the English one does.
        await pilot.press(key)
        await until(pilot, lambda: ("Commanded", "yes") in station.inbox.texts)

    _play(station, language(code), scenario)


@pytest.mark.full
@pytest.mark.parametrize("code", ["en", *SEEN])
@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_keys_are_never_cut(station: Dock, code: str, width: int) -> None:
    async def scenario(pilot: Pilot[None]) -> None:
        last = screen_of(pilot).splitlines()[-2:]
        keys = " ".join(last)
        speaking = language(code)
        for key, word in (("F2", "History"), ("F6", "Mfr"), ("F9", "Close"), ("^Q", "Quit")):
            assert f"{key} {speaking.text(word)}" in keys

    _play(station, language(code), scenario, width)
