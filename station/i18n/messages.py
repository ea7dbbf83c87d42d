"""Sentences for workers: said in English, in such a way that they can be said in another language again.

What the station says stands in the database, in the log and in JSON, in English; a display translates it when
it shows it (`station.i18n`). So a sentence is made of a template, which translators see, and of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

AND: Final = " and "
OR: Final = " or "
THEN: Final = ", then "


def msg(template: str, /, **values: object) -> str:
    """A sentence.

    Args:
        template: English, with ``{names}`` where the values go. A value that is itself a sentence has a name
            that ends in ``_text``, one that `listed` made a name that ends in ``_list``.
        values: What goes there; numbers have a comma between thousands.
    """
    return template.format_map({name: written(value) for name, value in values.items()})


def msg_count(one: str, many: str, /, count: int, **values: object) -> str:
    """A sentence about a number of things: `one` of them, or `many`; ``{count}`` is the number."""
    return msg(one if count == 1 else many, count=count, **values)


def listed(each: Iterable[str], between: str = AND) -> str:
    """Several things in a row, each a sentence or a value: as a value whose name ends in ``_list``."""
    return between.join(each)


def written(value: object) -> str:
    """A value as it stands in an English sentence."""
    return f"{value:,}" if type(value) is int else str(value)


def escape_unprintable(text: str) -> str:
    r"""The text with every character that doesn't print as itself written as ``\uXXXX``.

    That covers control characters, escape sequences, and what turns the direction of writing.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else f"\\u{ord(character):04X}" for character in text)
