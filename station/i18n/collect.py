"""Collects all texts from the sources and brings the catalogues up to date: ``make texts``.

Babel does the work (a developer tool; the station itself needs only gettext). Texts are the arguments of
``msg``, ``msg_count`` and ``_`` in Python and of ``t`` and ``tn`` in the page's scripts, the words of
`station.outcomes`, and elements of the page's HTML with the attribute ``data-t``, whose value names the
attributes to translate (empty: the content).
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from station.i18n.catalogues import DOMAIN, ENGLISH, FILE, LANGUAGES, Text, Texts
from station.i18n.driver_reasons import REASONS
from station.outcomes import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from babel.messages.catalog import Message

HERE = Path(__file__).parent
STATION = HERE.parent
PAGE = STATION / "web" / "page"

TRANSLATED = tuple(code for code in LANGUAGES if code != ENGLISH)

_SENTENCES = {"msg": None, "msg_count": (1, 2)}
_OTHER = {"_": None, "_n": (1, 2)}
_PAGE = {"t": None, "tn": (1, 2)}


def collected() -> Texts:
    """The texts of the sources, sorted and without duplicates."""
    words = [(word, None) for word in WORDS]
    return Texts(
        sentences=_sorted([*_extracted(STATION, "python", _SENTENCES), *((text, None) for text in REASONS)]),
        page=_sorted([*_extracted(PAGE, "javascript", _PAGE), *_of_html(), *words]),
        other=_sorted([*_extracted(STATION, "python", _OTHER), *words]),
    )


def _extracted(
    directory: Path, method: str, keywords: Mapping[str, tuple[int, ...] | None]
) -> Iterator[Text]:
    pattern = {"python": "**.py", "javascript": "**.js"}[method]
    # The command line is for IT, in English; it has its own `msg`.
    methods = [("cli/**", "ignore"), (pattern, method)]
    found = extract_from_dir(directory, methods, keywords=keywords)
    for _file, _line, message, _comments, _context in found:
        yield (message, None) if isinstance(message, str) else (message[0], message[1])


def _of_html() -> Iterator[Text]:
    for file in sorted(PAGE.glob("**/*.html")):
        reader = _Reader()
        reader.feed(file.read_text())
        yield from ((text, None) for text in reader.texts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._is_text = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base class names it
        values = dict(attrs)
        names = values.get("data-t")
        self._is_text = "data-t" in values and not names
        self.texts.extend(values[name] or "" for name in (names or "").split())

    def handle_data(self, data: str) -> None:
        if self._is_text and (text := " ".join(data.split())):
            self.texts.append(text)
        self._is_text = False


def _sorted(found: Iterable[Text]) -> tuple[Text, ...]:
    return tuple(sorted(set(found), key=lambda text: (text[0], text[1] or "")))


def template(texts: Texts) -> Catalog:
    """All texts as a catalogue without translations."""
    catalogue = Catalog(project=DOMAIN, charset="utf-8")
    for one, many in (*texts.sentences, *texts.page, *texts.other):
        flags = ["python-brace-format"] if "{" in one else []
        catalogue.add(one if many is None else (one, many), flags=flags)
    return catalogue


def catalogue_file(code: str) -> Path:
    """The path of a language's catalogue; the compiled one is beside it."""
    return HERE / code / "LC_MESSAGES" / f"{DOMAIN}.po"


def updated(code: str, texts: Texts) -> Catalog:
    """A language's catalogue with exactly the current texts."""
    file = catalogue_file(code)
    if file.exists():
        with file.open("rb") as opened:
            catalogue = read_po(opened, locale=code)
    else:
        catalogue = Catalog(locale=code, project=DOMAIN, charset="utf-8")
    catalogue.update(template(texts), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    return catalogue


def written(texts: Texts) -> bytes:
    """The texts in the form of their file."""
    return msgspec.json.format(msgspec.json.encode(texts), indent=1) + b"\n"


def as_po(catalogue: Catalog) -> bytes:
    """A catalogue for translators; the same contents give the same bytes."""
    header = f"""\
msgid ""
msgstr ""
"Language: {catalogue.locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {catalogue.plural_forms}\\n"

"""
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, sort_output=True, width=110)
    return header.encode() + body.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """A catalogue for the program."""
    # Otherwise the file would differ each time.
    catalogue.creation_date = catalogue.revision_date = datetime.fromtimestamp(0, UTC)
    body = BytesIO()
    write_mo(body, catalogue)
    return body.getvalue()


def is_translated(message: Message) -> bool:
    """Whether all forms of a text have a translation."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(forms) and all(forms)


def main() -> None:
    """Write all files and print the number of missing translations."""
    texts = collected()
    (HERE / FILE).write_bytes(written(texts))
    for code in TRANSLATED:
        catalogue, file = updated(code, texts), catalogue_file(code)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(as_po(catalogue))
        file.with_suffix(".mo").write_bytes(as_mo(catalogue))
        missing = sum(not is_translated(message) for message in catalogue if message.id)
        sys.stdout.write(f"{code}: {missing} texts to translate in {file.relative_to(STATION.parent)}\n")


if __name__ == "__main__":
    main()
