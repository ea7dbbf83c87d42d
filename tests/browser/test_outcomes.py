"""What the page shows for each outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.kiosk import Floor, SeenPage


def test_a_scan_a_question_and_its_answer_are_shown_as_they_happen(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001")
    seen.shows("OK", "CM-1001 is open")
    expect(seen.find("#number")).to_have_text("CM-1001")
    floor.scan("PR400001")
    seen.shows("Assigned", "PR400001", "PROC-8C", "Processor 8 cores 3.6 GHz")
    floor.scan("HB-0007")
    seen.asks("Item HEAD-BT is not on CM-1001. Add it?")
    seen.press("#asking .yes button")
    seen.asks_nothing()
    seen.shows("Added", "HB-0007")
    expect(seen.find("#counts")).to_have_text("Assigned 1Added 1")


@pytest.mark.full
@pytest.mark.parametrize(
    ("scans", "shown", "tone"),
    [
        (["PR400001"], ["Assigned", "PR400001", "PROC-8C"], "good"),
        (["HB-0007", "$$YES"], ["Added", "HB-0007", "HEAD-BT"], "good"),
        (["PR400052", "$$YES"], ["Negative", "PR400052"], "attention"),
        (["PR400001", "PR400001"], ["Skipped", "PR400001", "already on CM-1001"], "attention"),
        (["PR400001", "$$UNDO"], ["Detached", "PR400001"], "attention"),
        (["XR-99999"], ["Refused", "XR-99999", "unknown serial number"], "refused"),
        (["PR4\x01"], ["Rejected", "ends with SOH, a control character"], "refused"),
        (["$$YES"], ["Not done", "there is no question"], "refused"),
        (["$$BADGE E07"], ["OK", "Operator: Ines Wolter"], "good"),
        (["$$DETACH"], ["Detach", "The next serial number will be detached"], "attention"),
        (["$$CLOSE"], ["Ready", "CM-1001 is closed"], "none"),
    ],
)
def test_each_outcome_has_its_word_reason_and_colour(
    seen: SeenPage, floor: Floor, scans: list[str], shown: list[str], tone: str
) -> None:
    floor.scan("CM-1001", *scans)
    seen.shows(*shown)
    expect(seen.find("#banner.flash")).to_have_attribute("data-tone", tone)


@pytest.mark.full
def test_the_same_outcome_twice_is_seen_as_two(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "XR-99999")
    seen.shows("Refused", "No. 1")
    place = "[...document.querySelectorAll('#banner .marks i')].findIndex(each => each.className === 'on')"
    before = seen.page.evaluate(place)
    floor.scan("XR-99999")
    seen.shows("Refused", "No. 2")
    assert seen.page.evaluate(place) != before


@pytest.mark.full
def test_nothing_moves_if_the_reader_prefers_reduced_motion(
    open_another: Callable[..., SeenPage], floor: Floor
) -> None:
    seen = open_another(reduced_motion="reduce")
    floor.scan("CM-1001")
    seen.shows("OK")
    assert seen.find("#banner").evaluate("banner => getComputedStyle(banner).animationName") == "none"


@pytest.mark.full
def test_lines_show_their_progress(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1002", "MN27-0001", "MN27-0002", "MN27-0003", "MN27-0004", "PR400052", "$$YES")
    rows = seen.find("#lines [role=row]")
    expect(rows.nth(1)).to_have_text("MON-27Monitor 27 inch341 too many")
    expect(rows.nth(2)).to_have_text("DOCK-CDocking station USB-C101 to come")
    expect(rows.nth(3)).to_have_text("PROC-8CProcessor 8 cores 3.6 GHz0-1negative")
    expect(seen.find("#progress")).to_have_text("3 of 4 are here, 1 too many")


@pytest.mark.full
def test_a_range_is_one_outcome_with_its_counts(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "SD100012", "$$RANGE", "SD100011", "SD100016")
    # The sample has no SD100014.
    seen.shows("Note", "4 of 6 retrieved; SD100014 is unknown; 1 was skipped or refused")


@pytest.mark.full
def test_a_label_with_markup_and_a_script_is_shown_as_text(seen: SeenPage, floor: Floor) -> None:
    label = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script><b>x</b>"
    floor.scan("CM-1001", label, "\u202eturned")
    seen.shows("Refused", "\\u202Eturned")
    seen.page.keyboard.press("F2")
    expect(seen.find("#history .body .row")).to_have_count(2)
    assert seen.history[1]["serial"] == label
    floor.scan(label)
    seen.shows("Refused", label)
    seen.page.keyboard.press("F7")
    expect(seen.find("#reading .code")).to_have_text(label)
    assert seen.page.title() == "Scanning station"
    assert seen.find("#banner img, #banner b, #history img, #reading img").count() == 0


@pytest.mark.full
def test_without_a_document_an_open_one_can_be_picked_by_touch(seen: SeenPage, floor: Floor) -> None:
    expect(seen.find("#documents .card")).to_have_text(
        [
            "CM-1001credit memoBergholt and Sons · INV-2026-1187",
            "CM-1002credit memoAuenfeld Public Library",
            "CO-2001credit orderFerrol Logistics · RMA-5501",
        ]
    )
    seen.press("#documents .card >> nth=1")
    seen.shows("OK", "CM-1002 is open")
    floor.scan("$$SAVE", "$$YES")
    seen.shows("OK", "CM-1002 is saved")
    expect(seen.find("#documents .card")).to_have_count(2)


@pytest.mark.full
def test_a_missing_scanner_is_reported_prominently(
    open_another: Callable[..., SeenPage], floor: Floor
) -> None:
    table = '[[scanner]]\nname = "right"\ndriver = "serial"\nmatch = { path = "/dev/ttyGone9" }\n'
    floor.kill()
    floor.configure(table)
    floor.start()
    seen = open_another()
    expect(seen.find("#wrong")).to_contain_text("right disconnected since")
    expect(seen.find("#health")).to_have_text("databaseleft connected")


@pytest.mark.full
@pytest.mark.parametrize(
    ("command", "mode", "label"),
    [
        ("detach", "detach", "Detach: serial #"),
        ("mfg", "mfg", "Mfr serial #"),
        ("range", "range", "Range: first serial #"),
        ("generate", "generate", "Generate: item or GTIN"),
    ],
)
def test_methods_are_chosen_by_touch_and_unmistakable(
    seen: SeenPage, floor: Floor, command: str, mode: str, label: str
) -> None:
    floor.scan("CM-1001")
    seen.shows("OK")
    button = seen.find(f"#methods [data-mode={mode}]")
    seen.press(f"#methods [data-mode={command}]")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(seen.find("#entry-label")).to_have_text(label)
    expect(seen.find("body.special")).to_be_visible()
    seen.press("#methods [data-mode='']")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(seen.find("#entry-label")).to_have_text("Serial # / command")
