from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.i18n.catalogues import texts
from station.i18n.messages import listed, msg, msg_count
from station.i18n.templates import LEAST_LETTERS, Found, Templates, placeholders
from tests.i18n.pseudo import marked, pseudo

ONE, MANY = "{document} is saved, 1 unit moved", "{document} is saved, {count} units moved"
KNOWN = Templates(
    [
        ("declined", None),
        ("already on {document}", None),
        (ONE, MANY),
        ("{a} and {a}", None),
        ("{subject}: {reason_text}", None),
        ("not booked: {reason_text}", None),
        ("{first} to {last}", None),
    ]
)


def _found(sentence: str) -> tuple[str, str | None, dict[str, object]] | None:
    found = KNOWN.find(sentence)
    return None if found is None else (found.one, found.many, dict(found.values))


def test_a_sentence_is_split_into_its_template_and_values() -> None:
    sentence = msg("already on {document}", document="CM-1001")
    assert _found(sentence) == ("already on {document}", None, {"document": "CM-1001"})


@pytest.mark.parametrize(("count", "written"), [(0, "0"), (2, "2"), (1234567, "1,234,567")])
def test_the_number_in_a_plural_is_found(count: int, written: str) -> None:
    sentence = msg_count(ONE, MANY, count, document="CM-1")
    assert _found(sentence) == (ONE, MANY, {"document": "CM-1", "count": written})


def test_a_sentence_without_a_template_is_not_found() -> None:
    assert KNOWN.find("something else") is None
    assert KNOWN.find("one and another") is None
    assert KNOWN.find("CM-1 is saved, many units moved") is None


def test_a_sentence_within_a_sentence_is_split_too() -> None:
    found = KNOWN.find("a: declined")
    assert found is not None
    assert found.values["subject"] == "a"
    assert isinstance(found.values["reason_text"], Found)
    assert KNOWN.find("a: b: declined") is not None
    assert KNOWN.find("a: b: c") is None


def test_an_unknown_sentence_is_kept_within_a_known_one() -> None:
    assert _found("not booked: EIO") == ("not booked: {reason_text}", None, {"reason_text": "EIO"})


def test_a_template_with_hardly_a_word_matches_only_parts_of_sentences() -> None:
    assert KNOWN.find("permission to read was denied") is None
    assert KNOWN.find("it: permission to read was denied") is None
    found = KNOWN.find("not booked: S1 to S9")
    assert found is not None
    assert isinstance(found.values["reason_text"], Found)


HOSTILE = ("a: " * 1400, "declined: " * 400, "x to y" * 700, ": " * 2000 + "declined")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_label_full_of_words_of_a_template_is_split_in_bounded_time(hostile: str) -> None:
    known, began_s = Templates(texts().sentences), time.process_time()
    known.find(hostile)
    known.find(msg("{text}: not booked: {reason_text}", text=hostile, reason_text="declined"))
    # CPU seconds; it takes a fraction of one, but would take years without a bound.
    assert time.process_time() - began_s < 30


WORDS = st.text("ABCXYZ0189-_.", min_size=1, max_size=12)
"""Values in sentences: numbers and codes."""
SENTENCES = texts().sentences


@st.composite
def sentences(draw: st.DrawFn, depth: int, *, is_part: bool) -> tuple[str, str]:
    """A sentence of the station in English and in the pseudo language.

    `is_part`: whether it may be a part of a sentence.
    """
    possible = [
        (one, many)
        for one, many in SENTENCES
        if (depth or not any(map(_is_nested, placeholders(one)))) and (is_part or not _is_part(one))
    ]
    one, many = draw(st.sampled_from(possible))
    english: dict[str, str] = {}
    other: dict[str, str] = {}
    for name in placeholders(many or one):
        if name.endswith("_text"):
            english[name], other[name] = draw(sentences(depth - 1, is_part=_has_words(one)))
        elif name.endswith("_list"):
            each = draw(st.lists(WORDS, min_size=1, max_size=3))
            english[name], other[name] = listed(each), listed(each, f" {marked('and')} ")
        elif name != "count":
            english[name] = other[name] = draw(WORDS)
    if many is None:
        return msg(one, **english), msg(marked(one), **other)
    count = draw(st.integers(0, 10**7))
    return msg_count(one, many, count, **english), msg_count(marked(one), marked(many), count, **other)


def _is_nested(name: str) -> bool:
    return name.endswith(("_text", "_list"))


def _has_words(template: str) -> bool:
    return sum(map(str.isalpha, re.sub(r"\{\w+\}", "", template))) >= LEAST_LETTERS


def _is_part(template: str) -> bool:
    return not _has_words(template) and not any(name.endswith("_text") for name in placeholders(template))


@given(sentences(depth=2, is_part=False))
def test_every_sentence_of_the_station_is_translated_to_the_last_letter(pair: tuple[str, str]) -> None:
    english, other = pair
    assert pseudo().sentence(english) == other


def test_no_two_templates_result_in_the_same_sentence() -> None:
    shapes = [re.sub(r"\{\w+\}", "{}", form) for one, many in SENTENCES for form in {one, many or one}]
    # These differ in which part is a sentence.
    assert {shape for shape in shapes if shapes.count(shape) > 1} == {"{}: {}"}
