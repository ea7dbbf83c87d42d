"""The page's texts in each language, as its scripts take them (``page/js/texts.js``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from station.languages.language import LANGUAGES, language
from station.languages.texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping


class Forms(msgspec.Struct, frozen=True):
    """A text about a number of things, by the plural categories of CLDR; all others are ``other``."""

    one: str
    other: str


class Table(msgspec.Struct, frozen=True):
    """All texts of the page in one language; the page itself holds them in English."""

    language: str
    """Its code, as HTML names it."""
    languages: Mapping[str, str]
    """What can be chosen, as `LANGUAGES`."""
    texts: Mapping[str, str]
    """By the English text."""
    plurals: Mapping[str, Forms]
    """By the English text of one thing."""


def table(code: str) -> Table:
    """The texts in one language."""
    catalogue, page = language(code).catalogue, texts().page
    return Table(
        language=code,
        languages=LANGUAGES,
        texts={one: catalogue.gettext(one) for one, many in page if many is None},
        plurals={
            one: Forms(catalogue.ngettext(one, many, 1), catalogue.ngettext(one, many, 2))
            for one, many in page
            if many is not None
        },
    )
