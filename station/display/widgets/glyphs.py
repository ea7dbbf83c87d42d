"""Capital letters and signs drawn from blocks, so that one word can be read from across the dock."""

from __future__ import annotations

CHECK, PLUS, CROSS, MINUS, BACK, SKIP, QUESTION, ALERT = "✔", "✚", "✖", "−", "↩", "»", "?", "!"  # noqa: RUF001 - signs

ROWS = 5
"""Of each drawing below, ``#`` is ink."""

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


def _bitmap(word: str) -> list[str]:
    drawn = [_DRAWINGS[letter].split() for letter in word if letter in _DRAWINGS]
    return [".".join(letter[row] for letter in drawn) for row in range(ROWS)]


def small(word: str) -> list[str]:
    """The word in three lines, about five columns a letter; what can't be drawn is left out."""
    rows = [*_bitmap(word), ""]
    rows[ROWS] = "." * len(rows[0])
    return [
        "".join(_HALVES[upper, lower] for upper, lower in zip(rows[row], rows[row + 1], strict=True))
        for row in range(0, ROWS, 2)
    ]


def large(word: str) -> list[str]:
    """The word in five lines, about ten columns a letter."""
    return ["".join("██" if ink == "#" else "  " for ink in row) for row in _bitmap(word)]
