"""Finds a scanner's keyboard layout: tries each layout on the events of a scanned test code."""

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
"""The text of the test code: in the wrong layout it is read wrong or not at all.

Swedish and Finnish type it alike, and so do the two Swiss layouts: they differ beyond ASCII only.
"""


def layouts_that_read(
    events: Sequence[InputEvent], expected_text: str, options: Mapping[str, object] | None = None
) -> list[str]:
    """The layouts in which the scanner typed the expected text.

    GS characters in the text are ignored; see `gs_arrival`.

    Args:
        events: The events of scanning the code, including its terminator.
        expected_text: The text of the code.
        options: The scanner's settings, except the layout.
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
        ``"GS"``: correctly; the name of a function key (``F8``), which the setting ``function_keys`` can
            map to GS; empty: not at all.
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
    """The only complete scan in the events; None: there is none, or more than one."""
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
