"""The history in the lower half of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.kiosk import Floor, SeenPage

pytestmark = pytest.mark.full

SCROLLING = """
async () => {
  const list = document.querySelector("#history");
  const drawn = new Map();
  const rows = [...list.querySelectorAll(".body .row")];
  for (const row of rows) {
    row.addEventListener("contentvisibilityautostatechange", (event) => drawn.set(row, !event.skipped));
  }
  const counts = [];
  for (let step = 0; step <= 60; step += 1) {
    list.scrollTop = step / 60 * (list.scrollHeight - list.clientHeight);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    counts.push([...drawn.values()].filter(Boolean).length);
  }
  return counts;
}
"""
"""Scrolls from the newest to the oldest row; at each step, how many rows the browser draws."""


def test_it_has_the_columns_and_opens_by_touch_and_bar_code(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "$$BADGE E07", "PR400001", "XR-99999")
    seen.shows("Refused", "XR-99999")
    seen.press("#actions [data-panel=history]")
    expect(seen.find("#history [role=columnheader]")).to_have_text(
        [
            "Time",
            "Action",
            "Serial number",
            "Mfr serial #",
            "Item",
            "Description",
            "Stock area",
            "Operator",
            "Scanner",
            "Reason",
        ]
    )
    refused, assigned = seen.history
    assert {**assigned, "time": ""} == {
        "time": "",
        "action": "Assigned",
        "serial": "PR400001",
        "mfr": "3K71Q05201",
        "item": "PROC-8C",
        "description": "Processor 8 cores 3.6 GHz",
        "area": "MAIN-SOLD",
        "operator": "E07",
        "scanner": "left",
        "reason": "",
    }
    assert (refused["serial"], refused["reason"]) == ("XR-99999", "unknown serial number")
    seen.press("#actions [data-panel=history]")
    expect(seen.find("#lines")).to_be_visible()
    floor.scan("$$HISTORY")
    expect(seen.find("#history")).to_be_visible()


def test_d2_close_clears_it_for_good(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "PR400001", "PR400002")
    seen.shows("Assigned", "PR400002")
    seen.page.keyboard.press("F2")
    expect(seen.find("#history .body .row")).to_have_count(2)
    floor.scan("$$CLOSE")
    expect(seen.find("#history .body .row")).to_have_count(0)
    floor.scan("CM-1001")
    seen.shows("OK", "CM-1001 is open")
    expect(seen.find("#history .body .row")).to_have_count(0)
    expect(seen.find("#counts li")).to_have_count(0)
    seen.page.reload()
    seen.shows("OK")
    seen.page.keyboard.press("F2")
    expect(seen.find("#history .empty")).to_be_visible()


@pytest.fixture
def many(floor: Floor, tmp_path: Path) -> list[str]:
    """A thousand more units of an item that is on CM-1001."""
    serials = [f"Q{number:06}" for number in range(1000)]
    directory = tmp_path / "more"
    directory.mkdir()
    rows = "".join(f"{serial},PROC-8C,MAIN-SOLD\n" for serial in serials)
    (directory / "serial_numbers.csv").write_text(f"serial_number,item,stock_area\n{rows}")
    floor.kill()
    floor.place.run("import", directory)
    floor.start()
    return serials


def test_a_thousand_rows_are_shown_in_order_and_scroll(seen: SeenPage, floor: Floor, many: list[str]) -> None:
    floor.scan("CM-1001", "$$RANGE", many[0], many[-1])
    seen.shows("Assigned", "1,000 units: Assigned 1,000", "No. 1,000")
    seen.page.keyboard.press("F2")
    expect(seen.find("#history .body .row")).to_have_count(1000)
    assert [row["serial"] for row in seen.history] == many[::-1]
    drawn = seen.page.evaluate(SCROLLING)
    # Scrolling is smooth on any machine if the number of drawn rows doesn't grow with the list.
    assert max(drawn) < 120
    expect(seen.find("#history .body .row").last).to_be_in_viewport()
    floor.scan("XR-99999")
    seen.shows("Refused", "XR-99999")
    assert seen.history[0]["serial"] == "XR-99999"
    assert len(seen.history) == 1000
