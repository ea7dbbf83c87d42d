"""Accessibility of the page: axe-core's rules, contrasts, sizes for gloves, texts for screen readers."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.states import STATES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.kiosk import Floor, SeenPage

pytestmark = pytest.mark.full

SIZES = {"kiosk": (1024, 600), "phone": (360, 740), "monitor": (1920, 1080)}

CONTRASTS = """
(selector) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => {
    const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = rgba(color).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if (rgba(color)[3] === 255) return color;
    }
    return "#000";
  };
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const hasText = (element) => [...element.childNodes].some(isText);
  const elements = [...document.querySelectorAll(`${selector} *`)];
  return elements.filter((element) => element.checkVisibility() && hasText(element)).map((element) => {
    const [one, other] = [getComputedStyle(element).color, ground(element)].map(light).sort((a, b) => b - a);
    return [element.textContent, (one + 0.05) / (other + 0.05)];
  });
}
"""
"""The contrast of each text below an element, by WCAG 2.2, 1.4.6."""

SMALL = """
() => [...document.querySelectorAll("button, input")].filter((each) => each.checkVisibility())
  .map((each) => [each.textContent || each.id, each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 48 || box.height < 48)
  .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)
"""

OUTSIDE = """
() => document.documentElement.scrollWidth > document.documentElement.clientWidth
  || document.documentElement.scrollHeight > document.documentElement.clientHeight
"""


@pytest.mark.parametrize("size", SIZES)
def test_no_state_has_accessibility_problems(
    open_another: Callable[..., SeenPage], floor: Floor, size: str
) -> None:
    seen = open_another(*SIZES[size])
    found, faint, small, outside = {}, {}, {}, []
    for name in STATES.reach(seen, floor):
        violations = Axe().run(seen.page).response["violations"]
        if violations:
            found[name] = [(each["id"], [node["html"] for node in each["nodes"]]) for each in violations]
        for text, contrast in seen.page.evaluate(CONTRASTS, "#banner") + seen.page.evaluate(
            CONTRASTS, "#asking"
        ):
            if contrast < 7:
                faint[name] = f"{text}: {contrast:.1f}"
        if too_small := seen.page.evaluate(SMALL):
            small[name] = too_small
        if seen.page.evaluate(OUTSIDE):
            outside.append(name)
    assert (found, faint, small, outside) == ({}, {}, {}, [])


def test_outcomes_and_questions_are_announced_to_screen_readers(seen: SeenPage, floor: Floor) -> None:
    region = seen.find("[role=status][aria-live=assertive]")
    floor.scan("CM-1001", "PR400001")
    expect(region).to_have_text("1. Assigned, PR400001, PROC-8C  Processor 8 cores 3.6 GHz")
    floor.scan("PR400001")
    expect(region).to_contain_text("2. Skipped, PR400001, already on CM-1001, PROC-8C")
    floor.scan("HB-0007")
    asked = seen.page.get_by_role("alertdialog", name="Item HEAD-BT is not on CM-1001. Add it?")
    expect(asked).to_be_visible()
    floor.signal(signal.SIGSTOP)
    expect(region).to_contain_text("Not live")
