"""The data format of each GS1 Application Identifier: its row of the table as a pattern and checks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from station.i18n.messages import THEN, listed, msg, msg_count
from station.labels import check_digits
from station.labels.gs1_table import PREDEFINED, TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

_SETS: Final = {"N": "0-9", "X": '!"%-?A-Z_a-z', "Y": "#\\-/0-9A-Z", "Z": "\\-0-9A-Z_a-z"}
"""The characters of a component, as in a regular expression."""
_COMPONENT: Final = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)(?::(\w+))?\]?")
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LEAST_PREFIX: Final = 4
_HOURS, _MINUTES, _FEBRUARY = 24, 60, 2


def _date(text: str, *, least_day: int = 0) -> bool:
    """YYMMDD; day 00 means the whole month."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    if not 1 <= month <= len(_DAYS) or not least_day <= day <= _DAYS[month - 1]:
        return False
    # Every fourth of the years that two digits can mean is a leap year, including 2000.
    return (month, day) != (_FEBRUARY, 29) or year % 4 == 0


def _day(text: str) -> bool:
    return _date(text, least_day=1)


def _begins_with_company(text: str) -> bool:
    """A GS1 company prefix has at least four digits, and something follows it."""
    return len(text) > _LEAST_PREFIX and text[:_LEAST_PREFIX].isdigit()


def _birth_day(text: str) -> bool:
    year = int(text[:4])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _day("00" + text[4:]) and (text[4:] != "0229" or leap)


def _time(text: str) -> bool:
    return int(text[:2]) < _HOURS and int(text[2:]) < _MINUTES


def _piece(text: str) -> bool:
    return 0 < int(text[:2]) <= int(text[2:])


def _pair(text: str) -> bool:
    return check_digits.pair(text[:-2]) == text[-2:]


def _check(text: str) -> bool:
    return check_digits.holds("mod10", text)


_CONTENT: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "check": (_check, msg("has a wrong check digit")),
    "pair": (_pair, msg("has wrong check characters")),
    "imei": (lambda text: check_digits.holds("luhn", text), msg("has a wrong check digit")),
    "asset_type": (lambda text: text[0] == "0" and _check(text), msg("has a wrong check digit")),
    "date": (_date, msg("is not a date YYMMDD")),
    "day": (_day, msg("is not a date YYMMDD")),
    "birth_day": (_birth_day, msg("is not a date YYYYMMDD")),
    "time": (_time, msg("is not a time HHMM")),
    "time_or_none": (lambda text: text == "9999" or _time(text), msg("is not a time HHMM")),
    "hour": (lambda text: int(text) < _HOURS, msg("is not an hour")),
    "sixty": (lambda text: int(text) < _MINUTES, msg("is not a minute or second")),
    "piece": (_piece, msg("is not a piece of a total")),
    "company": (_begins_with_company, msg("does not begin with a GS1 company prefix")),
    "country": (lambda text: text.isalpha() and text.isupper(), msg("is not a two-letter country code")),
    "flag": (lambda text: text in "01", msg("is neither 0 nor 1")),
    "minus": (lambda text: text == "-", msg("is not a minus sign")),
    "no_leading_zero": (lambda text: text == "0" or text[0] != "0", msg("begins with a zero")),
    "birth_order": (
        lambda text: text[0].isdigit() and text[1] == "/" and text[2].isdigit(),
        msg("is not a birth sequence"),
    ),
}


@dataclass(frozen=True, slots=True)
class Format:
    """The data format of one Application Identifier."""

    ai: str
    title: str
    length: int | None
    """In characters, for data that needs no separator after it; else None."""
    pattern: re.Pattern[str]
    """With a group for each component."""
    content: tuple[tuple[int, Callable[[str], bool], str], ...]
    """Group, the check it must pass, and the message if it doesn't."""
    allowed: str
    """The format in words."""

    def fault(self, value: str) -> str | None:
        """What is wrong with a value; None: nothing."""
        found = self.pattern.fullmatch(value)
        if found is None:
            return msg("must be {allowed_list}", allowed_list=self.allowed)
        for group, is_valid, message in self.content:
            part = found[group]
            if part and not is_valid(part):
                return message
        return None


def _rows() -> dict[str, tuple[str, str]]:
    """Identifier to format and title, with ranges expanded; the last digit of a measure is 0 to 5."""
    rows = {}
    for row in TABLE.strip().splitlines():
        span, rest = row.split(maxsplit=1)
        spec, title = re.split(r"\s{2,}", rest, maxsplit=1)
        first, _, last = span.partition("-")
        is_measure = spec == "N6" and bool(last)
        for number in range(int(first), int(last or first) + 1):
            if not is_measure or number % 10 <= int(last[-1]):
                rows[f"{number:0{len(first)}}"] = (spec, title)
    return rows


ROWS: Final = _rows()
AI_LENGTHS: Final = {ai[:2]: len(ai) for ai in ROWS}
"""First two digits of an identifier to the length of the identifier."""


@cache
def format_of(ai: str) -> Format | None:
    """The format of an identifier; None: it is not assigned."""
    if ai not in ROWS:
        return None
    spec, title = ROWS[ai]
    pattern, content, words = [], [], []
    for group, found in enumerate(_COMPONENT.finditer(spec), start=1):
        optional, kind, up_to, length, content_name = found.groups()
        pattern.append(f"([{_SETS[kind]}]{{{'1,' if up_to else ''}{length}}}){'?' if optional else ''}")
        amount = _amount(kind, int(length))
        words.append(msg("up to {amount_text}", amount_text=amount) if up_to or optional else amount)
        if content_name:
            content.append((group, *_CONTENT[content_name]))
    return Format(
        ai=ai,
        title=title,
        length=PREDEFINED.get(ai[:2]),
        pattern=re.compile("".join(pattern)),
        content=tuple(content),
        allowed=listed(words, THEN),
    )


def _amount(kind: str, length: int) -> str:
    """A number of characters of a kind, in words."""
    match kind:
        case "N":
            return msg_count("{count} digit", "{count} digits", length)
        case "X":
            return msg_count(
                "{count} character of GS1's set 82", "{count} characters of GS1's set 82", length
            )
        case "Y":
            return msg_count(
                "{count} character of GS1's set 39", "{count} characters of GS1's set 39", length
            )
        case _:
            return msg_count("{count} character of base 64", "{count} characters of base 64", length)
