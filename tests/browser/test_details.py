"""Details of units and signing off by touch, and questions with other answers than Yes and No."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from station.events import HistoryAdded, QuestionRaised
from station.questions import QuestionKind
from station.repository.database import open_engine
from station.repository.schema import upgrade
from tests.browser.kiosk import open_page
from tests.running import wait_until
from tests.stations import execute
from tests.terminal.dock import (
    attach,
    fill,
    open_session,
    put_question,
    question,
    running,
    set_station,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from station.questions import Question
    from tests.browser.kiosk import SeenPage
    from tests.terminal.dock import Dock

pytestmark = pytest.mark.full

SIZES = {"screen": (1024, 600), "phone": (390, 844)}
OUTSIDE = "() => document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture
def dock(sqlite_url: str) -> Iterator[Dock]:
    """CM-1001 is open, and the office has reasons and conditions."""
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    open_session(engine)
    execute(engine, "INSERT INTO reasons VALUES ('BROKEN', 'Arrived broken'), ('WRONG', 'Wrong item')")
    execute(engine, "INSERT INTO conditions VALUES ('SCRATCHED', 'Scratched', '')")
    set_station(engine, operator="E07")
    with running(engine) as started:
        started.inbox.answers = lambda _source: ()
        yield started
    engine.dispose()


@pytest.fixture(params=SIZES)
def seen(request: pytest.FixtureRequest, browser: Browser, dock: Dock) -> Iterator[SeenPage]:
    page = open_page(browser, dock.url, *SIZES[request.param])
    expect(page.find("#number")).to_have_text("CM-1001")
    yield page
    page.page.context.close()
    assert page.errors == []


def _gave(dock: Dock, *commands: str) -> None:
    wait_until(lambda: dock.inbox.texts == [("Commanded", each) for each in commands])


def _ask(dock: Dock, asked: Question) -> None:
    put_question(dock.engine, asked)
    dock.bus.publish(QuestionRaised(asked))


def test_m6_m7_details_are_given_by_touch(seen: SeenPage, dock: Dock) -> None:
    for touched in (
        [".codes[data-command=reason] button >> nth=0"],
        [".codes[data-command=condition] button >> nth=0"],
        [f".keypad button >> text='{key}'" for key in ("1", "2", "Set")],
        ["#signoff"],
    ):
        seen.press("#details-open")
        assert not seen.page.evaluate(OUTSIDE)
        for selector in touched:
            seen.press(f"#details {selector}")
        expect(seen.find("#details")).to_be_hidden()
    _gave(dock, "reason BROKEN", "condition SCRATCHED", "qty 12", "signoff")


def test_a_label_typed_while_details_are_open_is_scanned(seen: SeenPage, dock: Dock) -> None:
    seen.press("#details-open")
    seen.type("PR400001\n")
    expect(seen.find("#details")).to_be_hidden()
    wait_until(lambda: dock.inbox.texts == [("Scanned", "PR400001")])


def test_m6_m7_what_is_set_for_the_next_unit_is_shown_until_escape(seen: SeenPage, dock: Dock) -> None:
    expect(seen.find("#upcoming")).to_be_hidden()
    set_station(dock.engine, next_quantity=12, next_reason="BROKEN")
    dock.keeper.changes.add()
    expect(seen.find("#upcoming")).to_have_text("next unit: 12 ×  BROKEN")  # noqa: RUF001 - a sign
    seen.page.keyboard.press("Escape")
    _gave(dock, "cancel")


@pytest.mark.parametrize("answer", ["yes", "later", "no"])
def test_d6_a_save_that_is_not_complete_has_three_answers(seen: SeenPage, dock: Dock, answer: str) -> None:
    text = "CM-1001: 6 of 16 are here. Missing: 6 SSD-1T, 4 MEM-32. Too many: 1 MON-27"
    _ask(dock, replace(question(QuestionKind.INCOMPLETE), text=text, candidates=()))
    seen.asks(text)
    expect(seen.find("#asking .answer button span:not(.keys)")).to_have_text(
        ["Save, the rest does not come", "Save, the rest comes later", "Go on scanning"]
    )
    assert not seen.page.evaluate(OUTSIDE)
    for each in seen.find("#asking .answer").all():
        expect(each).to_be_in_viewport(ratio=1)
    seen.press(f"#asking .{answer} button")
    _gave(dock, answer)


def test_m8_a_document_is_chosen_by_touch(seen: SeenPage, dock: Dock) -> None:
    asked = replace(question(QuestionKind.DOCUMENT), text="Which document?", documents=("CM-1", "CM-2"))
    _ask(dock, asked)
    seen.asks("Which document?")
    seen.press("#asking .choices button >> nth=1")
    _gave(dock, "choose 2")


def test_r9_too_many_sound_and_look_like_attention(seen: SeenPage, dock: Dock) -> None:
    attach(dock.engine, "SN-1", 1, "PROC-1", 1)
    dock.bus.publish(HistoryAdded(attach(dock.engine, "SN-2", 1, "PROC-1", 2), 1))
    seen.shows("Assigned", "SN-2", "1 too many")
    expect(seen.find("#banner")).to_have_attribute("data-tone", "attention")
    expect(seen.find("#progress")).to_have_text("1 of 2 are here, 1 too many")
    seen.hears_at_last("attention")
    assert seen.heard == ["attention"]
