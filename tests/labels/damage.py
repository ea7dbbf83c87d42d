"""Damage to a label's text: one character removed, doubled or changed, or two swapped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st


@dataclass(frozen=True)
class Damage:
    """One damaged text."""

    kind: Literal["removed", "doubled", "changed", "swapped"]
    was: str
    """The character, or the two that were swapped."""
    text: str
    """The damaged text."""
    is_at_end: bool
    """Whether the last character of the text was affected."""


@st.composite
def damages(draw: st.DrawFn, text: str, alphabet: str, start: int = 0, stop: int | None = None) -> Damage:
    """Damage somewhere between two positions of a text."""
    at = draw(st.integers(start, (len(text) if stop is None else stop) - 1))
    was, before, after = text[at], text[:at], text[at + 1 :]
    is_at_end = not after
    kind = draw(st.sampled_from(["removed", "doubled", "changed", "swapped"]))
    if kind == "removed":
        return Damage("removed", was, before + after, is_at_end)
    if kind == "doubled":
        return Damage("doubled", was, before + was * 2 + after, is_at_end)
    if kind == "swapped" and at > start and before[-1] != was:
        return Damage("swapped", before[-1] + was, before[:-1] + was + before[-1] + after, is_at_end)
    other = draw(st.sampled_from([each for each in alphabet if each != was]))
    return Damage("changed", was, before + other + after, is_at_end)
