"""Finds the template and the values of a sentence: the inverse of `station.i18n.messages`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from string import Formatter
from typing import TYPE_CHECKING

from station.i18n.messages import AND, OR, THEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST_SPLITS = 16
"""Ways to split a sentence that are tried for each template: a label may hold words of the template."""
MOST_DEPTH = 5
"""Maximum depth of sentences within sentences."""
LEAST_LETTERS = 5
"""A template with fewer letters (``{first} to {last}``) matches only within another one, else by chance."""
LIKELY_LETTERS = 9
"""A template with as many letters may match even if the sentence within it has no template."""

_COUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*", re.ASCII)
_BETWEEN = re.compile(f"({THEN}|{AND}|{OR})")


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence split into its template and values."""

    one: str
    many: str | None
    """The plural template; None: it has no plural."""
    values: Mapping[str, Value]
    own: int
    """Number of characters that belong to templates: this one and those of the sentences within it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of values with the separators between them."""

    each: tuple[str | Found, ...]
    between: tuple[str, ...]

    @property
    def own(self) -> int:
        """As in `Found`."""
        return sum(map(len, self.between)) + sum(map(_own, self.each))


Value = str | Found | Listed
"""The plain text, or its parts if it is a sentence or a list."""


def _own(value: Value) -> int:
    return 0 if isinstance(value, str) else value.own


def placeholders(template: str) -> list[str]:
    """The names of a template's placeholders, in order."""
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


class Templates:
    """The templates of one catalogue."""

    def __init__(self, templates: Iterable[tuple[str, str | None]]) -> None:
        """`templates`: pairs of `one` and `many` as in `Found`."""
        self._plain: dict[str, Found] = {}
        self._forms: list[_Form] = []
        for one, many in templates:
            for template in filter(None, (one, many)):
                if placeholders(template):
                    self._forms.append(_Form(template, one, many))
                else:
                    values = {} if many is None else {"count": "1"}
                    self._plain[template] = Found(one, many, values, len(template))

    def find(self, sentence: str) -> Found | None:
        """The template that explains most of this sentence; None: no template matches."""
        return _Search(self._plain, self._forms).find(sentence, MOST_DEPTH, is_part=False)


class _Search:
    """Splits one sentence and caches the results for its parts."""

    def __init__(self, plain: Mapping[str, Found], forms: Iterable[_Form]) -> None:
        self._plain = plain
        self._forms = forms
        self._seen: dict[tuple[str, int, bool], Found | None] = {}

    def find(self, sentence: str, depth: int, *, is_part: bool) -> Found | None:
        """Split a sentence, or a part of one.

        `depth`: how many levels of sentences within it are allowed.
        """
        if plain := self._plain.get(sentence):
            return plain
        if depth == 0:
            return None
        key = (sentence, depth, is_part)
        if key not in self._seen:
            found = self._all(sentence, depth, is_part=is_part)
            self._seen[key] = max(found, key=lambda each: each.own, default=None)
        return self._seen[key]

    def _all(self, sentence: str, depth: int, *, is_part: bool) -> Iterator[Found]:
        for form in self._forms:
            if form.is_part and not is_part:
                continue
            for values in form.splits(sentence):
                parts = {name: self._value(form, name, value, depth - 1) for name, value in values.items()}
                is_known = not any(
                    _is_sentence(name) and isinstance(part, str) for name, part in parts.items()
                )
                if is_known or form.letters >= LIKELY_LETTERS:
                    own = form.length + sum(map(_own, parts.values()))
                    yield Found(form.one, form.many, parts, own)

    def _value(self, form: _Form, name: str, value: str, depth: int) -> Value:
        if _is_sentence(name):
            return self.find(value, depth, is_part=form.letters >= LEAST_LETTERS) or value
        if name.endswith("_list"):
            parts = _BETWEEN.split(value)
            each = tuple(self.find(part, depth, is_part=True) or part for part in parts[::2])
            return Listed(each, tuple(parts[1::2]))
        return value


def _is_sentence(name: str) -> bool:
    return name.endswith("_text")


class _Form:
    """One template, prepared to split sentences."""

    def __init__(self, template: str, one: str, many: str | None) -> None:
        self.one, self.many = one, many
        self._names = placeholders(template)
        own = [text for text, _, _, _ in Formatter().parse(template)]
        self._own = own if len(own) > len(self._names) else [*own, ""]
        self.length = sum(map(len, own))
        """Number of characters outside of placeholders."""
        self.letters = sum(character.isalpha() for text in own for character in text)
        self.is_part = self.letters < LEAST_LETTERS and not any(map(_is_sentence, self._names))

    def splits(self, sentence: str) -> Iterator[Mapping[str, str]]:
        """The possible values with which the template results in this sentence."""
        first, last = self._own[0], self._own[-1]
        end = len(sentence) - len(last)
        if not (len(first) <= end and sentence.startswith(first) and sentence.endswith(last)):
            return
        for values in islice(self._values(sentence, len(first), end, 0), MOST_SPLITS):
            found: dict[str, str] = {} if self.many is None else {"count": "1"}
            found |= zip(self._names, values, strict=True)
            is_consistent = all(found[name] == value for name, value in zip(self._names, values, strict=True))
            if is_consistent and (self.many is None or _COUNT.fullmatch(found["count"])):
                yield found

    def _values(self, sentence: str, at: int, end: int, number: int) -> Iterator[list[str]]:
        """The values from one placeholder on; the earliest match of the template's next words comes first."""
        if number == len(self._names) - 1:
            yield [sentence[at:end]]
            return
        own = self._own[number + 1]
        found = sentence.find(own, at, end)
        while found >= 0:
            is_any = False
            for rest in self._values(sentence, found + len(own), end, number + 1):
                is_any = True
                yield [sentence[at:found], *rest]
            if not is_any:
                # If the rest doesn't match here, it doesn't match further on.
                return
            found = sentence.find(own, found + 1, end)
