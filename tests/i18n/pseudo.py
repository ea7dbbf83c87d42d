"""A pseudo language, which shows to the letter what was translated and what was not."""

from __future__ import annotations

import gettext
import re

from station.i18n.catalogues import Language, texts
from station.i18n.templates import Templates

_PLACEHOLDER = re.compile(r"\{\w+\}")


def marked(template: str) -> str:
    """A text in that language: placeholders are kept, letters are not."""
    parts, found = _PLACEHOLDER.split(template), _PLACEHOLDER.findall(template)
    words = ["".join("ø" if letter.isalpha() else letter for letter in part) for part in parts]
    return "".join(part + name for part, name in zip(words, [*found, ""], strict=True))


class Catalogue(gettext.NullTranslations):
    """Marks every text of the sources; any other stays English, as in a real catalogue."""

    def __init__(self) -> None:
        super().__init__()
        known = texts()
        self._known = {one for one, _ in (*known.sentences, *known.page, *known.other)}

    def gettext(self, message: str) -> str:
        return marked(message) if message in self._known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        one = msgid1 if n == 1 else msgid2
        return marked(one) if msgid1 in self._known else one


def pseudo() -> Language:
    return Language("xx", Catalogue(), Templates(texts().sentences))
