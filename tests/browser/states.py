"""Every state that the page can be in, one after the other, for a program or a person to look at."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.kiosk import Floor, SeenPage


class States:
    """Brings a station from one state to the next."""

    def reach(self, seen: SeenPage, floor: Floor) -> Iterator[str]:
        """Reach each state and yield its name; earlier entries stay on the page."""
        yield "ready"
        yield from self._outcomes(seen, floor)
        yield from self._questions(seen, floor)
        yield from self._panels(seen, floor)
        yield from self._troubles(seen, floor)

    def _outcomes(self, seen: SeenPage, floor: Floor) -> Iterator[str]:
        for scans, word in [
            (["CM-1001"], "OK"),
            (["PR400001"], "Assigned"),
            (["PR400001"], "Skipped"),
            (["PR400052", "$$YES"], "Negative"),
            (["XR-99999"], "Refused"),
            (["PR4\x01"], "Rejected"),
            (["$$YES"], "Not done"),
            (["$$DETACH"], "Detach"),
            (["PR400052"], "Detached"),
            (["CABLE-HD", "$$YES"], "Counted"),
        ]:
            floor.scan(*scans)
            seen.shows(word)
            yield word.lower()

    def _questions(self, seen: SeenPage, floor: Floor) -> Iterator[str]:
        floor.scan("HB-0007")
        seen.asks("Item HEAD-BT is not on CM-1001. Add it?")
        yield "question"
        floor.scan("PR400003")
        expect(seen.find("#asking .meanwhile")).to_be_visible()
        yield "answer first"
        floor.scan("$$YES")
        seen.shows("Added")
        yield "added"
        floor.scan("ME710001", "LOT-2607-A")
        seen.asks("Several units bear LOT-2607-A. Which one is it?")
        yield "choice"
        floor.scan("$$NO")
        seen.asks_nothing()
        floor.scan("$$SAVE")
        expect(seen.find("#asking.three")).to_be_visible()
        yield "incomplete"
        floor.scan("$$NO")
        seen.asks_nothing()

    def _panels(self, seen: SeenPage, floor: Floor) -> Iterator[str]:
        floor.scan("$$RANGE", "SD100011")
        expect(seen.find("#entry-label")).to_contain_text("SD100011")
        yield "range"
        floor.scan("SD100016")
        seen.shows("Note", "5 of 6 retrieved")
        seen.page.keyboard.press("F2")
        expect(seen.find("#history .body .row").first).to_be_visible()
        yield "history"
        seen.page.keyboard.press("F7")
        expect(seen.find("#reading dt").first).to_be_visible()
        yield "label"
        seen.page.keyboard.press("F7")
        seen.press("#settings-open")
        expect(seen.find("#settings")).to_be_visible()
        yield "settings"
        seen.press("#settings-close")
        seen.press("#save")
        expect(seen.find("#save.armed")).to_be_visible()
        yield "armed"

    def _troubles(self, seen: SeenPage, floor: Floor) -> Iterator[str]:
        floor.signal(signal.SIGSTOP)
        seen.shows("Not live")
        yield "not live"
        floor.signal(signal.SIGCONT)
        floor.kill()
        seen.type("PR400009\n")
        seen.shows("Not live", "PR400009", "not sent")
        yield "not sent"


STATES = States()
