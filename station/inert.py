"""Text from labels, made safe to show: what a terminal or a log would obey is written out."""

from __future__ import annotations


def inert(text: str) -> str:
    r"""The text with every character that doesn't print as itself written as ``\uXXXX``.

    That covers control characters, escape sequences, and what turns the direction of writing.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else f"\\u{ord(character):04X}" for character in text)
