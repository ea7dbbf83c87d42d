"""Sentences for workers: written in English, in a form that can be translated later.

The database, the log and JSON hold the station's sentences in English; displays translate them
(`station.i18n`). So a sentence consists of a template, which translators see, and of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

AND: Final = " and "
OR: Final = " or "
THEN: Final = ", then "


def msg(template: str, /, **values: object) -> str:
    """Build a sentence.

    Args:
        template: English, with ``{names}`` as placeholders. The name of a value that is itself a sentence
            ends in ``_text``; the name of one made by `listed` ends in ``_list``.
        values: The values; numbers get commas as thousands separators.
    """
    return template.format_map({name: written(value) for name, value in values.items()})


def msg_count(one: str, many: str, /, count: int, **values: object) -> str:
    """Build a sentence with a plural, from `one` or `many`; ``{count}`` is the number."""
    return msg(one if count == 1 else many, count=count, **values)


def listed(each: Iterable[str], between: str = AND) -> str:
    """Join several sentences or values into one value, whose name must end in ``_list``."""
    return between.join(each)


def written(value: object) -> str:
    """A value as written in an English sentence."""
    return f"{value:,}" if type(value) is int else str(value)


def escape_unprintable(text: str) -> str:
    r"""The text with every unprintable character written as ``\uXXXX``.

    This includes control characters, escape sequences and characters that change the writing direction.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else f"\\u{ord(character):04X}" for character in text)
