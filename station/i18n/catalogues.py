"""One language: the texts of its catalogue, and translations of the station's English sentences."""

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
"""English singular and plural; None: the text has no plural."""

DOMAIN = "scanstation"
ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español", "de": "Deutsch", "fr": "Français"}
"""Code (ISO 639-1) to the language's own name."""
SENTENCES = 4096
"""Number of cached translations: a history is shown again and again."""
_THOUSANDS = {"es": (".", 5), "de": (".", 4), "fr": (" ", 4)}
"""Thousands separator, and the number of digits from which it is used; else a comma, from four digits."""


class Texts(msgspec.Struct, frozen=True):
    """All texts that a catalogue translates."""

    sentences: tuple[Text, ...]
    """Templates of `station.i18n.messages`: sentences that the station reports and stores."""
    page: tuple[Text, ...]
    """Texts of the page in the browser."""
    other: tuple[Text, ...]
    """Texts of the terminal display and of printed sheets and labels."""


_decoder = msgspec.json.Decoder(Texts)


@cache
def texts() -> Texts:
    """The texts as collected from the sources."""
    return _decoder.decode(files(__package__).joinpath(FILE).read_bytes())


class Language:
    """Translates into one language; may be used by several threads."""

    def __init__(self, code: str, catalogue: gettext.NullTranslations, templates: Templates) -> None:
        """`templates`: those of the station's English sentences."""
        self.code = code
        self.catalogue = catalogue
        self._templates = templates
        self._translated = lru_cache(SENTENCES)(self._translate)

    def text(self, msgid: str, /, **values: object) -> str:
        """Translate a text of a display and fill in its values."""
        return self._filled(self.catalogue.gettext(msgid), values)

    def count(self, one: str, many: str, /, count: int, **values: object) -> str:
        """Translate a text with a plural."""
        return self._filled(self.catalogue.ngettext(one, many, count), {"count": count, **values})

    def number(self, value: int) -> str:
        """Write a number as is usual in the language."""
        separator, digits = _THOUSANDS.get(self.code, (",", 4))
        return f"{value:,}".replace(",", separator) if len(str(abs(value))) >= digits else str(value)

    def _filled(self, template: str, values: Mapping[str, object]) -> str:
        return template.format_map(
            {
                name: self.number(value) if isinstance(value, int) else str(value)
                for name, value in values.items()
            }
        )

    def sentence(self, english: str) -> str:
        """Translate one of the station's English sentences; it stays as it is if no template matches."""
        return english if self.code == ENGLISH else self._translated(english)

    def _translate(self, english: str) -> str:
        found = self._templates.find(english)
        return english if found is None else self._in_words(found)

    def _in_words(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Listed):
            between = [self._between(each) for each in value.between]
            return "".join(map("".join, zip(map(self._in_words, value.each), [*between, ""], strict=True)))
        values = {name: self._in_words(part) for name, part in value.values.items()}
        if value.many is None:
            return self.catalogue.gettext(value.one).format_map(values)
        count = int(values["count"].replace(",", ""))
        template = self.catalogue.ngettext(value.one, value.many, count)
        return template.format_map(values | {"count": self.number(count)})

    def _between(self, english: str) -> str:
        """Translate the separator of a list."""
        _ = self.text
        word = {AND: _("and"), OR: _("or"), THEN: _("then")}[english]
        return f", {word} " if english == THEN else f" {word} "


@cache
def language(code: str) -> Language:
    """The language of a code; English if there is no catalogue for it."""
    if code not in LANGUAGES or code == ENGLISH:
        return Language(ENGLISH, gettext.NullTranslations(), Templates(()))
    with files(__package__).joinpath(f"{code}/LC_MESSAGES/{DOMAIN}.mo").open("rb") as file:
        return Language(code, gettext.GNUTranslations(file), Templates(texts().sentences))
