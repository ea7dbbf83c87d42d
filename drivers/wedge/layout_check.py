"""Which layout a scanner types for: a test code is scanned, and each layout tried on its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.base import Chunk, Frame
from drivers.wedge.input_events import EV_KEY, FUNCTION_KEYS, PRESSED
from drivers.wedge.keyboard import KeyboardDecoder
from drivers.wedge.layouts import layout_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drivers.base import InputEvent

GS = "\x1d"
TEST_TEXT = "AQWZYM-01;:'\"@#\\|" + GS + "END"
"""What the test code holds: in a layout the scanner is not set to, it comes out wrong or not at all.

Swedish and Finnish type it alike, and so do the two Swiss layouts: they differ beyond ASCII only.
"""


def layouts_that_read(
    events: Sequence[InputEvent], expected_text: str, options: Mapping[str, object] | None = None
) -> list[str]:
    """The layouts in which what the scanner typed is the text it should be.

    Whether the GS characters of the text came too is not looked at; `gs_arrival` tells.

    Args:
        events: What scanning the code gave, its terminator included.
        expected_text: What the code holds.
        options: The scanner's settings, but for the layout.
    """
    wanted = expected_text.replace(GS, "")
    function_keys = dict.fromkeys(_function_keys_pressed(events), GS)
    return [
        name
        for name in layout_names()
        for read in (_read(events, name, options or {}, function_keys),)
        if read is not None and read.replace(GS, "") == wanted
    ]


def gs_arrival(
    events: Sequence[InputEvent], expected_text: str, options: Mapping[str, object] | None = None
) -> str:
    """How the GS characters of a test code arrive.

    Returns:
        ``"GS"``: as they should; the name of a function key (``F8``), which the setting ``function_keys`` can
        make GS of; empty: not at all.
    """
    for name in layouts_that_read(events, expected_text, options):
        if _read(events, name, options or {}, {}) == expected_text:
            return "GS"
        for key in _function_keys_pressed(events):
            if _read(events, name, options or {}, {key: GS}) == expected_text:
                return key
    return ""


def _read(
    events: Sequence[InputEvent],
    layout_name: str,
    options: Mapping[str, object],
    function_keys: Mapping[str, str],
) -> str | None:
    """The one whole scan in the events; None: there is none, or more."""
    given = options.get("function_keys", {})
    known = dict(given) if isinstance(given, dict) else {}
    decoder = KeyboardDecoder.from_options(
        {**options, "layout": layout_name, "function_keys": {**function_keys, **known}}
    )
    found = [*decoder.feed(Chunk(b"", 0.0, tuple(events)))]
    deadline = decoder.deadline()
    found += decoder.idle(deadline) if deadline is not None else decoder.reset(0.0)
    if len(found) == 1 and isinstance(found[0], Frame):
        return found[0].data.decode()
    return None


def _function_keys_pressed(events: Sequence[InputEvent]) -> list[str]:
    codes = {code for kind, code, value in events if kind == EV_KEY and value == PRESSED}
    return [name for name, code in FUNCTION_KEYS.items() if code in codes]
