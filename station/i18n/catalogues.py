"""One language: texts of its catalogue, and sentences that the station said in English."""

from __future__ import annotations

import gettext
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from station.i18n.messages import AND, OR, THEN
from station.i18n.templates import Listed, Templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.i18n.templates import Value

FILE = "texts.json"

Text = tuple[str, str | None]
"""English for one thing, and for many; None: it is not about a number of things."""


class Texts(msgspec.Struct, frozen=True):
    """The texts; a catalogue translates each."""

    sentences: tuple[Text, ...]
    """Templates of `station.i18n.messages`: what the station says and stores."""
    page: tuple[Text, ...]
    """Of the page in the browser."""
    other: tuple[Text, ...]
    """Of the terminal's display and of paper."""


_decoder = msgspec.json.Decoder(Texts)


@cache
def texts() -> Texts:
    """The texts, as they were collected."""
    return _decoder.decode(files(__package__).joinpath(FILE).read_bytes())


DOMAIN = "scanstation"
ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español", "de": "Deutsch", "fr": "Français"}
"""By their codes (ISO 639-1), as their speakers call them."""
SENTENCES = 4096
"""Translations that are kept: a history is shown again and again."""
_THOUSANDS = {"es": (".", 5), "de": (".", 4), "fr": (" ", 4)}
"""What stands between the thousands of a number, and from how many digits on; else a comma, from four on."""


class Language:
    """Speaks one language; may be used by several threads."""

    def __init__(self, code: str, catalogue: gettext.NullTranslations, templates: Templates) -> None:
        """`templates`: the sentences that the station says in English."""
        self.code = code
        self.catalogue = catalogue
        self._templates = templates
        self._translated = lru_cache(SENTENCES)(self._translate)

    def text(self, msgid: str, /, **values: object) -> str:
        """A text of a display, with its values."""
        return self._filled(self.catalogue.gettext(msgid), values)

    def count(self, one: str, many: str, /, count: int, **values: object) -> str:
        """A text about a number of things."""
        return self._filled(self.catalogue.ngettext(one, many, count), {"count": count, **values})

    def number(self, value: int) -> str:
        """A number as its readers write it."""
        between, digits = _THOUSANDS.get(self.code, (",", 4))
        return f"{value:,}".replace(",", between) if len(str(abs(value))) >= digits else str(value)

    def _filled(self, template: str, values: Mapping[str, object]) -> str:
        return template.format_map(
            {
                name: self.number(value) if isinstance(value, int) else str(value)
                for name, value in values.items()
            }
        )

    def sentence(self, english: str) -> str:
        """What the station said in English; as it is, when no template of the catalogue says it."""
        return english if self.code == ENGLISH else self._translated(english)

    def _translate(self, english: str) -> str:
        found = self._templates.find(english)
        return english if found is None else self._said(found)

    def _said(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Listed):
            between = [self._between(each) for each in value.between]
            return "".join(map("".join, zip(map(self._said, value.each), [*between, ""], strict=True)))
        values = {name: self._said(part) for name, part in value.values.items()}
        if value.many is None:
            return self.catalogue.gettext(value.one).format_map(values)
        count = int(values["count"].replace(",", ""))
        template = self.catalogue.ngettext(value.one, value.many, count)
        return template.format_map(values | {"count": self.number(count)})

    def _between(self, english: str) -> str:
        """What stands between things in a row."""
        _ = self.text
        word = {AND: _("and"), OR: _("or"), THEN: _("then")}[english]
        return f", {word} " if english == THEN else f" {word} "


@cache
def language(code: str) -> Language:
    """The language of a code; English for one that there is no catalogue of."""
    if code not in LANGUAGES or code == ENGLISH:
        return Language(ENGLISH, gettext.NullTranslations(), Templates(()))
    with files(__package__).joinpath(f"{code}/LC_MESSAGES/{DOMAIN}.mo").open("rb") as file:
        return Language(code, gettext.GNUTranslations(file), Templates(texts().sentences))
