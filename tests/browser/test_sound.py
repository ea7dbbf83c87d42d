"""The sounds that the page really plays, recorded on their way to the loudspeaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from station.outputs.sound import TONES
from tests.browser.kiosk import SOUNDS, launched, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

    from tests.browser.kiosk import Floor, SeenPage

pytestmark = pytest.mark.full

SECOND_MS = 1000


def test_each_outcome_has_its_own(seen: SeenPage, floor: Floor) -> None:
    for scan, word in [
        ("CM-1001", "OK"),
        ("PR400001", "Assigned"),
        ("PR400001", "Skipped"),
        ("XR-99999", "Refused"),
        ("PR4\x01", "Rejected"),
    ]:
        floor.scan(scan)
        seen.shows(word)
        seen.page.wait_for_timeout(SECOND_MS)
    floor.scan("PR400052")
    seen.asks("PR400052 is in MAIN-STOCK, ours. Does the customer take it away?")
    seen.page.wait_for_timeout(SECOND_MS)
    floor.scan("$$YES")
    seen.shows("Negative")
    seen.page.wait_for_timeout(SECOND_MS)
    floor.scan("HB-0007")
    seen.asks("Item HEAD-BT is not on CM-1001. Add it?")
    seen.hears("good", "good", "attention", "refused", "refused", "question", "attention", "question")


def test_p2_scans_before_the_answer_have_their_own(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "HB-0007")
    seen.asks("Item HEAD-BT is not on CM-1001. Add it?")
    seen.hears_at_last("question")
    before = seen.heard
    for scan in ("PR400001", "$$UNDO"):
        floor.scan(scan)
        expect(seen.find("#asking .meanwhile")).to_contain_text(scan)
        seen.page.wait_for_timeout(2 * SECOND_MS)
    seen.hears(*before, "unanswered", "unanswered")
    floor.scan("$$NO")
    seen.shows("Refused", "HB-0007")
    seen.hears_at_last("refused")


def test_a_burst_is_one_sound_the_most_urgent(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "SD100012")
    seen.shows("Assigned")
    seen.page.wait_for_timeout(SECOND_MS)
    before = len(seen.heard)
    floor.scan("$$RANGE", "SD100011", "SD100016")
    seen.shows("Note", "4 of 6 retrieved")
    seen.page.wait_for_timeout(2 * SECOND_MS)
    # The notices about the range's ends may coincide with its outcome; five units never beep five times.
    assert 1 <= len(seen.heard[before:]) <= 3
    assert set(seen.heard[before:]) == {"attention"}


def test_scans_faster_than_their_sounds_leave_no_backlog(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001")
    seen.shows("OK")
    floor.scan(*["XR-99999"] * 40)
    seen.shows("Refused", "No. 40")
    seen.page.wait_for_timeout(SECOND_MS)
    heard = len(seen.heard)
    seen.page.wait_for_timeout(2 * SECOND_MS)
    assert len(seen.heard) == heard
    assert heard <= 5


def test_they_are_those_of_a_station_without_a_browser() -> None:
    for tone, notes in TONES.items():
        assert SOUNDS[tone.value] == [round(frequency) for frequency, _ in notes if frequency]
    assert len({tuple(notes) for notes in SOUNDS.values()}) == len(SOUNDS)


def test_the_settings_play_them_and_keep_the_volume(seen: SeenPage) -> None:
    seen.press("#settings-open")
    for tone in SOUNDS:
        seen.press(f"#settings [data-tone={tone}]")
    assert seen.heard == list(SOUNDS)
    for _ in range(3):
        seen.press("#settings [aria-label=Quieter]")
    expect(seen.find("#settings output")).to_have_text("7 of 10")
    seen.page.reload()
    seen.press("#settings-open")
    expect(seen.find("#settings output")).to_have_text("7 of 10")


def test_if_the_browser_forbids_sound_a_touch_turns_it_on(playwright: Playwright, floor: Floor) -> None:
    browser = launched(playwright, "--autoplay-policy=document-user-activation-required")
    seen = open_page(browser, floor.url, 1024, 600, untouched_ms=2 * SECOND_MS)
    expect(seen.find("#sound-on")).to_be_visible()
    expect(seen.find("#sound-on")).to_have_text("Sound is off: touch here to turn it on")
    floor.scan("CM-1001")
    seen.shows("OK")
    for place in range(1, 4):
        expect(seen.find("#lines .row").nth(place)).to_be_in_viewport(ratio=1)
    assert seen.heard == []
    seen.press("#sound-on")
    expect(seen.find("#sound-on")).to_be_hidden()
    floor.scan("PR400001")
    seen.hears("good")
    browser.close()
