"""How long it takes from a scan to the painted page, and how much of that the commit takes.

Run: python tests/bench/scan_to_paint.py [SCANS]

The installed daemon with a serial scanner (a pseudo-terminal), and its page in Chromium without a window. A
scan, written at human pace, is timed from its first byte until the scanner's reply, which is sent after the
commit, and until the frame with its outcome is drawn. The floor beside it is what the browser takes to draw a
change that it makes itself. Judges nothing.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.kiosk import Floor, SeenPage, launched, open_page
from tests.running import Workplace

PACE_S = 0.12

PAINTED = """
() => {
  window.painted = {};
  window.afterPaint = (told) => requestAnimationFrame(() => {
    // A task that is queued here runs when the frame is made.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => told(performance.timeOrigin + performance.now());
    port2.postMessage(null);
  });
  const serial = document.querySelector("#banner .serial");
  new MutationObserver(() => {
    const text = serial.textContent;
    window.afterPaint((at) => { window.painted[text] ??= at; });
  }).observe(document.querySelector("#banner"), { subtree: true, childList: true, characterData: true });
}
"""

OWN = """
async () => {
  const mark = document.querySelector("#banner .about");
  const before = performance.timeOrigin + performance.now();
  mark.textContent = String(before);
  return await new Promise((done) => window.afterPaint((at) => done(at - before)));
}
"""


def _company(directory: Path, scans: int) -> Path:
    files = directory / "company"
    files.mkdir()
    serials = "".join(f"SN{number:06},ITEM,SOLD\n" for number in range(scans))
    for name, text in {
        "locations": "code,name,default\nMAIN,Main,yes\n",
        "stock_areas": "code,name,type,location\nSOLD,Sold,out,MAIN\n",
        "items": "code,description,tracking\nITEM,An item,serialized\n",
        "serial_numbers": f"serial_number,item,stock_area\n{serials}",
        "documents": "number,kind,location\nCM-1,credit_memo,MAIN\n",
        "lines": f"document,item,requested\nCM-1,ITEM,{scans}\n",
    }.items():
        (files / f"{name}.csv").write_text(text)
    return files


Times = list[float]
"""Milliseconds."""


def _scanned(floor: Floor, seen: SeenPage, serials: list[str]) -> tuple[Times, Times, Times]:
    """Of each scan until its commit, and until it was painted; and of changes of the page's own."""
    begun, committed, own = {}, [], []
    for serial in serials:
        own.append(seen.page.evaluate(OWN))
        begun[serial] = time.time() * 1000
        floor.scan(serial)
        floor.hear_reply()
        committed.append(time.time() * 1000 - begun[serial])
        time.sleep(PACE_S)
    seen.page.wait_for_timeout(500)
    painted = seen.page.evaluate("window.painted")
    return committed, [painted[serial] - begun[serial] for serial in serials], own


def _print(what: str, times: Times) -> None:
    ordered = sorted(times)
    worst = ordered[int(len(ordered) * 0.99) - 1]
    print(f"{what}: median {statistics.median(times):.1f} ms, 99th percentile {worst:.1f} ms")


def main(scans: int) -> None:
    """Measure all of it in one run."""
    serials = [f"SN{number:06}" for number in range(scans)]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        place = Workplace(Path(name))
        with Floor(place, reply='{ good = "G" }') as floor:
            place.run("import", _company(Path(name), scans))
            floor.start()
            browser = launched(playwright)
            seen = open_page(browser, floor.url, 1024, 600)
            floor.scan("CM-1")
            seen.shows("OK")
            seen.page.evaluate(PAINTED)
            committed, painted, own = _scanned(floor, seen, serials)
            browser.close()
    _print("scan to commit", committed)
    _print("scan to painted page", painted)
    _print("floor: a change that the page makes itself, to painted", own)
    share = statistics.median(committed) / statistics.median(painted)
    print(f"the commit's share of the median: {share:.0%}")


if __name__ == "__main__":
    print(f"load average {os.getloadavg()[0]:.1f}")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
