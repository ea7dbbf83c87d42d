"""Text typed by hand or by a keyboard scanner goes to the line, wherever the focus is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.kiosk import Floor, SeenPage

pytestmark = pytest.mark.full


@pytest.fixture
def opened(seen: SeenPage, floor: Floor) -> SeenPage:
    floor.scan("CM-1001")
    seen.shows("OK")
    return seen


@pytest.mark.parametrize("focus", ["body", "#history-button", "#undo", "#text", "#lines"])
def test_a_keyboard_scanner_works_wherever_the_focus_is(opened: SeenPage, focus: str) -> None:
    focus = focus.replace("#history-button", "#actions [data-panel=history]")
    opened.find(focus).evaluate("element => element.focus()")
    opened.type("PR400001\n")
    opened.shows("Assigned", "PR400001")
    opened.type("PR400002\nPR400003\n")
    opened.shows("Assigned", "PR400003", "No. 3")


def test_a_scan_while_the_settings_are_open_is_not_lost(opened: SeenPage) -> None:
    opened.press("#settings-open")
    expect(opened.find("#settings")).to_be_visible()
    opened.type("PR400001\n")
    expect(opened.find("#settings")).to_be_hidden()
    opened.shows("Assigned", "PR400001")


def test_apply_sends_exactly_what_was_typed(opened: SeenPage) -> None:
    opened.find("#text").fill("  pr400001 ")
    opened.press("#apply")
    opened.shows("Refused", "unknown serial number")
    opened.page.keyboard.press("F2")
    assert opened.history[0]["serial"] == "  pr400001 "
    expect(opened.find("#text")).to_have_value("")


def test_a_gs1_label_keeps_its_group_separator(opened: SeenPage) -> None:
    opened.type("]C110LOT7")
    opened.page.keyboard.press("Control+]")
    opened.type("21PR400001\n")
    opened.page.keyboard.press("F7")
    expect(opened.find("#reading .code")).to_have_text("]C110LOT7\\u001D21PR400001")


def test_an_empty_line_is_nothing_and_enter_presses_no_button(opened: SeenPage) -> None:
    opened.page.keyboard.press("Enter")
    opened.find("#apply").tap()
    opened.type("PR400001\n")
    opened.shows("Assigned", "No. 1")


def test_everything_can_be_done_by_keys(opened: SeenPage) -> None:
    press = opened.page.keyboard.press
    opened.type("PR400001\n")
    opened.shows("Assigned")
    press("F4")
    opened.shows("Detached", "PR400001")
    press("F3")
    opened.shows("Detach")
    press("Escape")
    expect(opened.find("#entry-label")).to_have_text("Serial # / command")
    press("F5")
    expect(opened.find("#entry-label")).to_have_text("Range: first serial #")
    press("F6")
    expect(opened.find("#entry-label")).to_have_text("Mfr serial #")
    press("Escape")
    press("F2")
    expect(opened.find("#history .body .row")).to_have_count(2)
    press("F7")
    expect(opened.find("#reading")).to_be_visible()
    press("F7")
    expect(opened.find("#lines")).to_be_visible()


def test_every_button_is_reached_by_tab_and_pressed_by_the_blank_key(opened: SeenPage) -> None:
    reached = set()
    for _ in range(30):
        opened.page.keyboard.press("Tab")
        reached.add(opened.page.evaluate("document.activeElement.textContent.trim()"))
    methods = {"Serial #", "Range", "Mfr #", "Detach", "Generate"}
    assert reached >= {*methods, "Apply", "History", "Label", "Settings", "Close"}
    opened.find("#actions [data-panel=history]").focus()
    opened.page.keyboard.press(" ")
    expect(opened.find("#history")).to_be_visible()


def test_save_and_close_are_touched_twice(opened: SeenPage) -> None:
    opened.type("PR400001\n")
    opened.shows("Assigned")
    opened.press("#save")
    expect(opened.find("#save")).to_have_text("Touch again to save")
    opened.page.wait_for_timeout(400)
    opened.press("#save")
    opened.asks("CM-1001: 1 of 16 are here. Missing: 5 PROC-8C, 4 MEM-32, 6 SSD-1T")
    opened.press("#asking .yes button")
    opened.shows("OK", "CM-1001 is saved, 1 unit moved")
    opened.type("CM-1002\n")
    opened.shows("OK", "CM-1002 is open")
    opened.find("#close").dblclick(delay=1)
    expect(opened.find("#close")).to_have_text("Touch again to close")
    opened.page.wait_for_timeout(400)
    opened.press("#close")
    opened.shows("Ready", "CM-1002 is closed")
