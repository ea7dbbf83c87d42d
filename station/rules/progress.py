"""How far a document is: what is here, missing, too many and taken away (D6, D11)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.i18n.messages import msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from station.rules.model import Line

MAX_NAMED = 20
"""Items named in a text."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The quantities of a document; each by item, in the order of its lines."""

    requested: int
    here: int
    """Requested units that are here: too many of one item don't stand in for another."""
    missing: Mapping[str, int]
    too_many: Mapping[str, int]
    taken_away: Mapping[str, int]
    """Units on negative lines."""

    @property
    def is_complete(self) -> bool:
        """Whether every line is credited exactly as requested, and something is."""
        return self.here > 0 and not (self.missing or self.too_many or self.taken_away)

    @property
    def is_begun(self) -> bool:
        """Whether anything is on the document."""
        return bool(self.here or self.too_many or self.taken_away)

    def text(self, document: str) -> str:
        """Return the numbers in words: ``CM-1001: 6 of 16 are here. Missing: 6 SSD-1T``."""
        if not (self.requested or self.is_begun):
            return msg("{document}: nothing is on it", document=document)
        if not self.requested:
            return self._unannounced(document)
        text = msg(
            "{document}: {here} of {requested} are here",
            document=document,
            here=self.here,
            requested=self.requested,
        )
        if self.missing:
            text = msg("{progress_text}. Missing: {items}", progress_text=text, items=_named(self.missing))
        if self.too_many:
            text = msg("{progress_text}. Too many: {items}", progress_text=text, items=_named(self.too_many))
        return self._with_taken_away(text)

    def _unannounced(self, document: str) -> str:
        text = msg("{document}: nothing was announced", document=document)
        if self.too_many:
            text = msg("{progress_text}. Here: {items}", progress_text=text, items=_named(self.too_many))
        return self._with_taken_away(text)

    def _with_taken_away(self, text: str) -> str:
        if not self.taken_away:
            return text
        taken = _named(self.taken_away)
        return msg("{progress_text}. Taken away: {items}", progress_text=text, items=taken)


def progress(lines: Iterable[Line]) -> Progress:
    """Add up the lines of a document; their `credited` must be counted.

    Units of an item fill its lines in order, so only the sums by item tell what is missing.
    """
    requested: Counter[str] = Counter()
    credited: Counter[str] = Counter()
    taken_away: Counter[str] = Counter()
    for line in lines:
        if line.negative:
            taken_away[line.item] -= line.credited
        else:
            requested[line.item] += line.requested
            credited[line.item] += line.credited
    return Progress(
        requested=requested.total(),
        here=sum(min(credited[item], count) for item, count in requested.items()),
        missing={item: count - credited[item] for item, count in requested.items() if count > credited[item]},
        too_many={
            item: count - requested[item] for item, count in credited.items() if count > requested[item]
        },
        taken_away={item: count for item, count in taken_away.items() if count},
    )


def _named(items: Mapping[str, int]) -> str:
    named = [f"{count} {item}" for item, count in items.items()]
    return ", ".join([*named[:MAX_NAMED], *(["…"] if len(named) > MAX_NAMED else [])])
