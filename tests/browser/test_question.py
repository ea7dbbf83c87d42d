"""A question on the page: every way to answer it, and that nothing else closes it."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.kiosk import Floor, SeenPage

pytestmark = pytest.mark.full

ADD = "Item HEAD-BT is not on CM-1001. Add it?"
WHICH = "Several units bear LOT-2607-A. Which one is it?"


@pytest.fixture
def asked(seen: SeenPage, floor: Floor) -> SeenPage:
    floor.scan("CM-1001", "HB-0007")
    seen.asks(ADD)
    return seen


def test_it_shows_which_unit_it_is_about(asked: SeenPage) -> None:
    expect(asked.find("#question-about span")).to_have_text(
        ["HB-0007", "HEAD-BT", "Headset Bluetooth", "MAIN-SOLD"]
    )


def test_the_keys_that_answer_it_are_shown(asked: SeenPage) -> None:
    expect(asked.find("#asking .yes kbd")).to_have_text(["Y"])
    expect(asked.find("#asking .no kbd")).to_have_text(["N", "Esc"])


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (lambda seen, _floor: seen.press("#asking .yes button"), "Added"),
        (lambda seen, _floor: seen.press("#asking .no button"), "Refused"),
        (lambda seen, _floor: seen.page.keyboard.press("y"), "Added"),
        (lambda seen, _floor: seen.page.keyboard.press("N"), "Refused"),
        (lambda seen, _floor: seen.page.keyboard.press("Escape"), "Refused"),
        (lambda seen, _floor: seen.type("yes\n"), "Added"),
        (lambda _seen, floor: floor.scan("$$YES"), "Added"),
        (lambda _seen, floor: floor.scan("$$NO"), "Refused"),
        (lambda seen, _floor: seen.type("$$NO\n"), "Refused"),
    ],
    ids=[
        "yes touched",
        "no touched",
        "y",
        "n",
        "escape",
        "typed",
        "yes scanned",
        "no scanned",
        "wedge",
    ],
)
def test_it_is_answered_by_touch_key_and_bar_code(
    asked: SeenPage, floor: Floor, answer: Callable[[SeenPage, Floor], None], word: str
) -> None:
    answer(asked, floor)
    asked.asks_nothing()
    asked.shows(word, "HB-0007")


@pytest.mark.parametrize("prefix", ["$$", "CMD "])
def test_its_bar_codes_are_read_from_the_screen(
    floor: Floor, open_another: Callable[..., SeenPage], prefix: str
) -> None:
    floor.kill()
    floor.configure(preferences=f'command_prefix = "{prefix}"')
    floor.start()
    seen = open_another()
    floor.scan("CM-1001", "HB-0007")
    seen.asks(ADD)
    seen.find("#asking img").evaluate_all("images => Promise.all(images.map(each => each.decode()))")
    with Image.open(BytesIO(seen.page.screenshot())) as screen:
        read = {each.text for each in zxingcpp.read_barcodes(screen)}
    yes, no = sorted(read, key=lambda text: text.removeprefix(prefix), reverse=True)
    assert re.fullmatch(r"YES~[0-9A-Z]{4}", yes.removeprefix(prefix))
    assert re.fullmatch(r"NO~[0-9A-Z]{4}", no.removeprefix(prefix))
    floor.scan(f"{prefix}YES")
    seen.asks(ADD)
    floor.scan(yes)
    seen.asks_nothing()
    seen.shows("Added", "HB-0007")


def test_it_can_not_be_hidden_unanswered(asked: SeenPage, floor: Floor) -> None:
    floor.scan("$$NO")
    asked.asks_nothing()
    floor.scan("PS-75003")
    asked.asks("Item PSU-750 is not on CM-1001. Add it?")
    asked.page.evaluate("document.querySelector('#asking').close()")
    asked.asks("Item PSU-750 is not on CM-1001. Add it?")


def test_p2_scans_before_the_answer_are_reported_and_the_question_stays(
    asked: SeenPage, floor: Floor
) -> None:
    expect(asked.find("#asking .meanwhile")).to_be_hidden()
    floor.scan("PR400001")
    expect(asked.find("#asking .meanwhile")).to_have_text("Answer first PR400001 was not booked")
    asked.asks(ADD)
    asked.type("PR400002\n")
    expect(asked.find("#asking .meanwhile")).to_contain_text("PR400002")
    floor.scan("$$UNDO")
    expect(asked.find("#asking .meanwhile")).to_contain_text("$$UNDO: answer first")
    asked.asks(ADD)
    asked.hears_at_last("unanswered")


def test_a_label_half_typed_when_a_question_is_raised_stays_whole(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001")
    seen.shows("OK")
    seen.type("PR40")
    floor.scan("HB-0007")
    seen.asks(ADD)
    seen.type("0001\n")
    expect(seen.find("#asking .meanwhile")).to_contain_text("PR400001 was not booked")
    seen.type("PR40")
    floor.scan("$$YES")
    seen.asks_nothing()
    seen.type("0001\n")
    seen.shows("Assigned", "PR400001")


def test_a_glove_that_bounces_answers_one_question_only(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "HB-0007")
    seen.asks(ADD)
    seen.page.evaluate(
        "() => { const yes = document.querySelector('#asking .yes button'); yes.click(); yes.click(); }"
    )
    seen.shows("Added", "HB-0007")
    seen.page.wait_for_timeout(500)
    seen.shows("Added", "HB-0007")
    assert "refused" not in seen.heard


def test_its_focus_stays_in_it_and_not_on_a_button(asked: SeenPage) -> None:
    where = "() => [document.activeElement.tagName, document.activeElement.closest('#asking') !== null]"
    assert asked.page.evaluate(where) == ["INPUT", True]
    for _ in range(12):
        asked.page.keyboard.press("Tab")
        tag, is_inside = asked.page.evaluate(where)
        assert is_inside or tag == "BODY"


def test_a_page_that_is_opened_later_shows_the_question(asked: SeenPage) -> None:
    page = asked.page.context.new_page()
    page.goto(asked.page.url)
    expect(page.locator("#asking h2")).to_have_text(ADD)
    expect(page.locator("#asking .meanwhile")).to_be_hidden()


@pytest.fixture
def choosing(seen: SeenPage, floor: Floor) -> SeenPage:
    floor.scan("CM-1001", "ME710001", "LOT-2607-A")
    seen.asks(WHICH)
    return seen


@pytest.mark.parametrize(
    "pick",
    [
        lambda seen, _floor: seen.press("#asking .choices button >> nth=2"),
        lambda seen, _floor: seen.page.keyboard.press("3"),
        lambda seen, _floor: seen.type("3\n"),
        lambda _seen, floor: floor.scan("ME710003"),
        lambda seen, _floor: seen.type("ME710003\n"),
    ],
    ids=["touched", "key", "typed", "scanned", "wedge"],
)
def test_r3_a_unit_is_chosen_by_touch_key_and_scan(
    choosing: SeenPage, floor: Floor, pick: Callable[[SeenPage, Floor], None]
) -> None:
    pick(choosing, floor)
    choosing.asks_nothing()
    choosing.shows("Assigned", "ME710003")


def test_r3_a_unit_that_can_not_be_chosen_is_listed_with_its_reason(choosing: SeenPage) -> None:
    rows = choosing.find("#asking .choices button")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_be_disabled()
    expect(rows.nth(0)).to_contain_text("can't be picked: already on CM-1001")
    choosing.page.keyboard.press("1")
    expect(choosing.find("#asking .meanwhile")).to_contain_text("ME710001 can't be chosen")
    choosing.asks(WHICH)


def test_r3_none_of_them_is_an_answer_too(choosing: SeenPage) -> None:
    choosing.press("#asking .no button")
    choosing.asks_nothing()
    choosing.shows("Refused", "LOT-2607-A")
