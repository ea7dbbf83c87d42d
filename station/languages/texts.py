"""All texts there are, by who says them; ``make texts`` collects them from the sources."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

FILE = "texts.json"

Text = tuple[str, str | None]
"""English for one thing, and for many; None: it is not about a number of things."""


class Texts(msgspec.Struct, frozen=True):
    """The texts; a catalogue translates each."""

    sentences: tuple[Text, ...]
    """Templates of `station.saying`: what the station says and stores."""
    page: tuple[Text, ...]
    """Of the page in the browser."""
    other: tuple[Text, ...]
    """Of the terminal's display and of paper."""


_decoder = msgspec.json.Decoder(Texts)


@cache
def texts() -> Texts:
    """The texts, as they were collected."""
    return _decoder.decode(files(__package__).joinpath(FILE).read_bytes())
