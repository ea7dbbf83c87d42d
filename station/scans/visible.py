"""A label's text as people read it: the control characters that labels hold are written by their names."""

from __future__ import annotations

from typing import Final

from station.inert import inert

NAMES: Final = {"GS": "\x1d", "RS": "\x1e", "EOT": "\x04", "FS": "\x1c", "US": "\x1f"}
"""The only control characters that pass `normalise`."""

_WRITTEN: Final = str.maketrans({character: f"<{name}>" for name, character in NAMES.items()})


def visible(text: str) -> str:
    """The text with ``<GS>`` and its like for control characters, and what else doesn't print written out."""
    return text if text.isprintable() else inert(text.translate(_WRITTEN))
