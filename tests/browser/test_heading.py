"""The heading of the page with many scanners."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import OUTSIDE, SIZES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.browser.kiosk import Floor, SeenPage

pytestmark = pytest.mark.full

NAMES = ("keyboard", "pos-counter", "ibm-hand")


@pytest.fixture
def four(floor: Floor) -> Iterator[Floor]:
    """The station with three more scanners."""
    ends = [os.openpty() for _name in NAMES]
    tables = [
        f'[[scanner]]\nname = "{name}"\ndriver = "serial"\nmatch = {{ path = "{os.ttyname(theirs)}" }}\n'
        for name, (_ours, theirs) in zip(NAMES, ends, strict=True)
    ]
    floor.configure("".join(tables))
    floor.signal(signal.SIGHUP)
    yield floor
    for end in (each for pair in ends for each in pair):
        os.close(end)


@pytest.mark.parametrize("size", SIZES)
def test_many_scanners_take_no_room_from_the_document(
    open_another: Callable[..., SeenPage], four: Floor, size: str
) -> None:
    seen = open_another(*SIZES[size])
    four.scan("CM-1001")
    expect(seen.find("#about")).to_have_text("credit memo · Bergholt and Sons · INV-2026-1187")
    expect(seen.find("#health li")).to_have_text(
        ["database", *(f"{name} connected" for name in ("left", *NAMES))]
    )

    assert not seen.page.evaluate(OUTSIDE)
    # On a phone it has a line of its own, which may scroll.
    assert size == "phone" or seen.find("#about").evaluate("(each) => each.scrollWidth <= each.clientWidth")
    for each in seen.find("#health li").all():
        box = each.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= SIZES[size][0] - box["width"]
