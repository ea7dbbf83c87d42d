"""Capital letters and signs drawn from blocks, so that one word can be read from across the dock."""

from __future__ import annotations

import unicodedata

CHECK, PLUS, CROSS, MINUS, BACK, SKIP, QUESTION, ALERT = "✔", "✚", "✖", "−", "↩", "»", "?", "!"  # noqa: RUF001 - signs

# Five rows each; # is ink.
_DRAWINGS = {
    "A": ".##. #..# #### #..# #..#",
    "B": "###. #..# ###. #..# ###.",
    "C": ".### #... #... #... .###",
    "D": "###. #..# #..# #..# ###.",
    "E": "#### #... ###. #... ####",
    "F": "#### #... ###. #... #...",
    "G": ".### #... #.## #..# .###",
    "H": "#..# #..# #### #..# #..#",
    "I": "### .#. .#. .#. ###",
    "J": "..## ...# ...# #..# .##.",
    "K": "#..# #.#. ##.. #.#. #..#",
    "L": "#... #... #... #... ####",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": ".##. #..# #..# #..# .##.",
    "P": "###. #..# ###. #... #...",
    "Q": ".##. #..# #..# #.#. .#.#",
    "R": "###. #..# ###. #.#. #..#",
    "S": ".### #... .##. ...# ###.",
    "T": "##### ..#.. ..#.. ..#.. ..#..",
    "U": "#..# #..# #..# #..# .##.",
    "V": "#...# #...# .#.#. .#.#. ..#..",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#..# #..# .##. #..# #..#",
    "Y": "#...# .#.#. ..#.. ..#.. ..#..",
    "Z": "#### ..#. .#.. #... ####",
    " ": ".. .. .. .. ..",
    CHECK: "......# .....## ##..##. .####.. ..##...",
    PLUS: "..##.. ..##.. ###### ..##.. ..##..",
    CROSS: "##..## .####. ..##.. .####. ##..##",
    MINUS: "...... ...... ###### ...... ......",
    BACK: "..#... .##### ###### .##### ..#...",
    SKIP: "##.##. .##.## ..##.# .##.## ##.##.",
    QUESTION: ".###. ...## ..##. ..... ..##.",
    ALERT: ".##. .##. .##. .... .##.",
}

_HALVES = {("#", "#"): "█", ("#", "."): "▀", (".", "#"): "▄", (".", "."): " "}


_MARKS = {
    "\u0300": lambda width: "#".rjust((width + 1) // 2, ".").ljust(width, "."),
    "\u0301": lambda width: "#".rjust(width // 2 + 1, ".").ljust(width, "."),
    "\u0302": lambda width: f".{'#' * (width - 2)}.",
    "\u0303": lambda width: f".{'#' * (width - 2)}.",
    "\u0308": lambda width: f"#{'.' * (width - 2)}#",
}
"""What stands above a letter as wide as that: grave, acute, circumflex, tilde, diaeresis."""


def _rows(letter: str) -> list[str]:
    """A letter in six rows, the first for the mark above it; one that can't be drawn has none."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    rows = _DRAWINGS.get(base, "").split()
    above = [_MARKS[mark](len(rows[0])) for mark in marks if rows and mark in _MARKS]
    return [*(above or ["." * len(rows[0])]), *rows] if rows else []


def _bitmap(word: str) -> list[str]:
    """The word's rows; one more where there are marks above letters."""
    drawn = [rows for letter in word if (rows := _rows(letter))]
    joined = [".".join(row) for row in zip(*drawn, strict=True)]
    return joined if "#" in joined[0] else joined[1:]


def small(word: str) -> list[str]:
    """The word in three lines, about five columns a letter; what can't be drawn is left out."""
    rows = _bitmap(word)
    rows += ["." * len(rows[0])] * (len(rows) % 2)
    return [
        "".join(_HALVES[upper, lower] for upper, lower in zip(rows[row], rows[row + 1], strict=True))
        for row in range(0, len(rows), 2)
    ]


def large(word: str) -> list[str]:
    """The word in five lines, six with marks above letters, about ten columns a letter."""
    return ["".join("██" if ink == "#" else "  " for ink in row) for row in _bitmap(word)]
