"""Check digits by scheme name, and the check character pair of GS1's alphanumeric keys.

Sources: GS1 General Specifications 7.9 (mod 10 and the check character pair), ISO/IEC 16388 annex A (mod 43,
Code 39), ISO/IEC 7812-1 annex B (Luhn).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_CODE_39: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_CODE_39_VALUES: Final = {character: value for value, character in enumerate(_CODE_39)}

_CSET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_CSET_82_VALUES: Final = {character: value for value, character in enumerate(_CSET_82)}
_CSET_32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIR_WEIGHTS: Final = (
    2,
    3,
    5,
    7,
    11,
    13,
    17,
    19,
    23,
    29,
    31,
    37,
    41,
    43,
    47,
    53,
    59,
    61,
    67,
    71,
    73,
    79,
    83,
)
_PAIR_MODULUS: Final = 1021

_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def mod10(digits: str) -> str | None:
    """The GS1 check digit of these digits (weights 3, 1, 3 … from the right)."""
    if not _are_digits(digits):
        return None
    values = [int(digit) for digit in digits]
    return str(-(3 * sum(values[-1::-2]) + sum(values[-2::-2])) % 10)


def luhn(digits: str) -> str | None:
    """The Luhn check digit of these digits."""
    if not _are_digits(digits):
        return None
    values = [int(digit) for digit in digits]
    return str(-(sum(_DOUBLED[value] for value in values[-1::-2]) + sum(values[-2::-2])) % 10)


def mod43(text: str) -> str | None:
    """The Code 39 check character of this text."""
    try:
        return _CODE_39[sum(_CODE_39_VALUES[character] for character in text) % 43] if text else None
    except KeyError:
        return None


SCHEMES: Final[dict[str, Callable[[str], str | None]]] = {"mod10": mod10, "mod43": mod43, "luhn": luhn}
"""Name in the configuration to the function that computes the check character of a text; None: the scheme
doesn't apply to it."""


def holds(scheme: str, text: str) -> bool:
    """Whether the last character of a text is its check character."""
    return len(text) > 1 and SCHEMES[scheme](text[:-1]) == text[-1]


def pair(text: str) -> str | None:
    """The two check characters of a Global Model Number; None: it has invalid characters, or too many."""
    if not 0 < len(text) <= len(_PAIR_WEIGHTS):
        return None
    try:
        values = [_CSET_82_VALUES[character] for character in text]
    except KeyError:
        return None
    weights = _PAIR_WEIGHTS[len(text) - 1 :: -1]
    total = sum(value * weight for value, weight in zip(values, weights, strict=False)) % _PAIR_MODULUS
    return _CSET_32[total >> 5] + _CSET_32[total & 31]


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
