"""GS1 element strings: a sequence of Application Identifiers with their data.

General Specifications 7.8: data of predefined length needs no separator; other data ends at GS (FNC1) or at
the end. A GS after data of predefined length is tolerated, as 7.8.6 requires. So are a GS at the beginning,
from scanners that also send the first FNC1, and one at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.i18n.messages import msg
from station.labels import check_digits, separators
from station.labels.contents import Contents, Field, LabelError, only
from station.labels.gs1_formats import AI_LENGTHS, format_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from station.labels.gs1_formats import Format

GS: Final = "\x1d"
FORM: Final = "GS1 element string"

GTIN_LENGTHS: Final = (8, 12, 13, 14)
GTIN_DIGITS: Final = 14


_UNIT_KEYS: Final = {
    "01": msg("trade item"),
    "03": msg("made-to-order trade item"),
    "8006": msg("piece of a trade item"),
}
_NO_UNIT_KEYS: Final = {"00": msg("logistic unit"), "02": msg("contained trade items")}

_SERIALS: Final = {
    "21": msg("serial number"),
    "8003": msg("returnable asset"),
    "8004": msg("individual asset"),
}

_NO_UNIT: Final = {
    "250": msg("AI 250 is the secondary serial number of a part, and AI 21 is missing"),
    "8003": msg("AI 8003 names a type of returnable asset, and its serial number is missing"),
}
"""Notes on identifiers that come close to a serial number, for labels without one."""


def elements(text: str) -> list[Field]:
    """The element strings of a label's data.

    Raises:
        LabelError: an identifier is unknown, or its data is too short, too long or violates its format.
    """
    found: list[Field] = []
    at, end = (1 if text.startswith(GS) else 0), len(text)
    while at < end:
        form = _format_at(text, at)
        at += len(form.ai)
        stop = text.find(GS, at)
        stop = end if stop < 0 else stop
        if form.length is not None:
            stop = min(stop, at + form.length)
        found.append(_data(form, text[at:stop]))
        at = stop + 1 if text[stop : stop + 1] == GS else stop
    if not found:
        raise LabelError(msg("the GS1 label holds no element string"))
    return found


def _data(form: Format, value: str) -> Field:
    """An element string whose end was found by its length or by GS."""
    try:
        return _element(form, value)
    except LabelError as error:
        if form.length is None and separators.runs_on(form, value):
            reason = msg("{reason_text}: {advice_text}", reason_text=error, advice_text=separators.DROPS)
            raise LabelError(reason, advice="") from None
        raise


def element(ai: str, value: str) -> Field:
    """One element string, from its parts.

    Raises:
        LabelError: the identifier is unknown, or the value violates its format.
    """
    form = format_of(ai)
    if form is None:
        raise LabelError(msg('"{ai}" is not an Application Identifier', ai=ai))
    return _element(form, value)


def _element(form: Format, value: str) -> Field:
    if fault := form.fault(value):
        raise LabelError(
            msg(
                'AI {ai} ({title}) {fault_text}, and is "{value}"',
                ai=form.ai,
                title=form.title,
                fault_text=fault,
                value=value[:90],
            )
        )
    return Field(form.ai, form.title, value)


def _format_at(text: str, at: int) -> Format:
    ai = text[at : at + AI_LENGTHS.get(text[at : at + 2], 2)]
    form = format_of(ai)
    if form is None:
        raise LabelError(_no_identifier(text[at : at + 4], at))
    return form


def _no_identifier(text: str, at: int) -> str:
    if at == 0:
        return msg('the GS1 label begins with "{text}", which is not an Application Identifier', text=text)
    return msg(
        'the GS1 label has "{text}" at position {position}, which is not an Application Identifier',
        position=at + 1,
        text=text,
    )


def contents(fields: Iterable[Field], form: str = FORM) -> Contents:
    """Interpret the element strings of a unit.

    An identifier may appear twice with the same data (General Specifications 4.14). A secondary serial number
    (AI 250) belongs to a part of the unit, so it doesn't identify the unit. Returnable and individual assets
    are identified by their whole key: parts of it may also occur on another product.

    Raises:
        LabelError: an identifier appears twice with different data, or together with one that excludes it.
    """
    fields = tuple(fields)
    values: dict[str, list[str]] = {}
    for each in fields:
        values.setdefault(each.identifier, []).append(each.value)
    one = {
        ai: found[0] if len(found) == 1 else only(found, msg("AI {ai}", ai=ai))
        for ai, found in values.items()
    }
    _check_owner(one)
    trade_item, piece = one.get("01") or one.get("03"), one.get("8006")
    serial = _serial(one)
    return Contents(
        form=form,
        fields=fields,
        serials=(serial,) if serial else (),
        gtin=trade_item or (piece[:GTIN_DIGITS] if piece else None),
        sscc=one.get("00"),
        notes=() if serial else tuple(note for ai, note in _NO_UNIT.items() if ai in one),
    )


def _serial(one: Mapping[str, str | None]) -> str | None:
    """The serial number of a unit, an individual asset or a returnable one; None: there is none.

    Raises:
        LabelError: there are several, for different things.
    """
    named = {ai: value for ai in ("21", "8004", "8003") if (value := one.get(ai))}
    if len(named.get("8003", "")) <= GTIN_DIGITS:
        named.pop("8003", None)
    if len(named) > 1:
        names = _named({ai: _SERIALS[ai] for ai in named}, one)
        raise LabelError(
            msg("{one_text} and {other_text} exclude each other", one_text=names[0], other_text=names[1])
        )
    return next(iter(named.values()), None)


def _check_owner(one: Mapping[str, str | None]) -> None:
    """Check that a serial number belongs to one known trade item.

    Raises:
        LabelError: there are several keys, or only one that can't have serial numbers.
    """
    keys = _named(_UNIT_KEYS, one)
    if len(keys) > 1:
        raise LabelError(
            msg("{one_text} and {other_text} exclude each other", one_text=keys[0], other_text=keys[1])
        )
    others = _named(_NO_UNIT_KEYS, one)
    if "21" in one and others and not keys:
        raise LabelError(
            msg(
                "AI 21 (serial number) appears with {other_text} but without a trade item: it is unclear "
                "what it belongs to",
                other_text=others[0],
            )
        )


def _named(keys: Mapping[str, str], one: Mapping[str, str | None]) -> list[str]:
    """Those of some keys that are on a label, with their names for people."""
    return [msg("AI {ai} ({key_text})", ai=ai, key_text=text) for ai, text in keys.items() if ai in one]


def read(text: str) -> Contents:
    """Read a label whose data is GS1 element strings.

    Raises:
        LabelError: GS1 doesn't allow it.
    """
    return contents(elements(text))


def gtin_of(digits: str) -> str | None:
    """The 14-digit GTIN of 8, 12, 13 or 14 digits with a valid check digit; None: they are not a GTIN."""
    if len(digits) in GTIN_LENGTHS and check_digits.holds("mod10", digits):
        return digits.zfill(GTIN_DIGITS)
    return None
