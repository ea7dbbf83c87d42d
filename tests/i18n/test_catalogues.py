from __future__ import annotations

import ast
import re
from string import Formatter
from typing import TYPE_CHECKING, get_args

import pytest
from babel.messages.pofile import read_po

from station.config.settings import LanguageCode
from station.i18n import collect
from station.i18n.catalogues import FILE, LANGUAGES, language, texts
from station.outcomes import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from babel.messages.catalog import Catalog, Message

FORGOTTEN = "run make texts"
BIG = (
    *WORDS,
    *("Not live", "Not sent", "Not ready", "Wait", "Database", "Detach", "Mfr", "Range", "Generate"),
)
"""Words on the banner, to be read from three metres away."""


def _catalogue(code: str) -> Catalog:
    with collect.catalogue_file(code).open("rb") as file:
        return read_po(file, locale=code)


def _messages(code: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Message]]:
    for message in _catalogue(code):
        if message.id:
            yield _forms(message.id), _forms(message.string), message


def _forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text or ""),)


def test_the_texts_match_the_sources() -> None:
    assert collect.written(collect.collected()) == (collect.HERE / FILE).read_bytes(), FORGOTTEN


@pytest.mark.parametrize("code", collect.TRANSLATED)
def test_the_catalogues_match_the_sources_and_are_compiled(code: str) -> None:
    catalogue = collect.updated(code, collect.collected())
    file = collect.catalogue_file(code)
    assert collect.as_po(catalogue) == file.read_bytes(), FORGOTTEN
    assert collect.as_mo(catalogue) == file.with_suffix(".mo").read_bytes(), FORGOTTEN


@pytest.mark.parametrize("code", collect.TRANSLATED)
def test_everything_is_translated(code: str) -> None:
    missing = [ids[0] for ids, _, message in _messages(code) if not collect.is_translated(message)]
    assert missing == []
    assert [ids[0] for ids, _, message in _messages(code) if message.fuzzy] == []
    assert {ids[0] for ids, _, _ in _messages(code)} == {
        one for one, _ in (*texts().sentences, *texts().page, *texts().other)
    }


@pytest.mark.parametrize("code", collect.TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_text(code: str) -> None:
    for ids, forms, _ in _messages(code):
        wanted = _values(ids[-1])
        for form in forms:
            assert _values(form) == wanted, form


def _values(template: str) -> set[str]:
    found = set()
    for _, name, spec, conversion in Formatter().parse(template):
        assert not spec
        assert not conversion
        if name is not None:
            assert name.isidentifier(), template
            found.add(name)
    return found


@pytest.mark.parametrize("code", collect.TRANSLATED)
def test_a_translation_is_printable_and_begins_and_ends_like_its_text(code: str) -> None:
    for ids, forms, _ in _messages(code):
        for form in forms:
            assert form.isprintable(), (
                f"{form!r}: displays escape unprintable characters, including no-break spaces"
            )
            assert form == form.strip()
            assert "  " not in form
            assert form.endswith("?") == ids[0].endswith("?"), form


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_on_the_banner_are_short_and_have_only_drawable_letters(code: str) -> None:
    from station.terminal import banner  # noqa: PLC0415

    for word in BIG:
        big = language(code).text(word).upper()
        assert len(big) <= 12, big
        assert all(letter == " " or banner.small(letter)[0].strip() for letter in big), big


def test_the_settings_accept_exactly_the_available_languages() -> None:
    assert get_args(LanguageCode) == tuple(LANGUAGES)


def test_every_text_that_python_translates_was_collected() -> None:
    """Babel doesn't find calls within f-strings."""
    known = {each for pair in (*texts().sentences, *texts().other) for each in pair}
    defining = collect.HERE / "messages.py"
    for file in sorted(collect.STATION.rglob("*.py")):
        # The command line is in English and has its own `msg`.
        for line, text in _translated(file) if "cli" not in file.parts and file != defining else ():
            assert isinstance(text, ast.Constant), f"{file}:{line}: must be a literal"
            assert text.value in known, f"{file}:{line}: {FORGOTTEN}, or write it outside of the f-string"


def _translated(file: Path) -> Iterator[tuple[int, ast.expr]]:
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="msg" | "_"), args=[one, *_]):
                yield node.lineno, one
            case ast.Call(func=ast.Name(id="msg_count" | "_n"), args=[one, many, *_]):
                yield node.lineno, one
                yield node.lineno, many
            case _:
                pass


def test_every_text_that_the_page_translates_was_collected() -> None:
    """Babel doesn't find every call within a template string."""
    known = {each for pair in texts().page for each in pair if each}
    for file in sorted(collect.PAGE.rglob("*.js")):
        # That file defines them.
        for call in _CALL.finditer(file.read_text()) if file.name != "texts.js" else ():
            for literal in call["literals"].split('", "') if call["literals"] else [""]:
                assert literal in known, f"{file}: {call[0]}: {FORGOTTEN}, or write it outside of the string"


_CALL = re.compile(r"""(?<![\w.$])(?:t|tn)\(\s*(?:"(?P<literals>(?:[^"\\]|\\.|", ")*)")?""")
