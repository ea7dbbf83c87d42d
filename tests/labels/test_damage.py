"""A damaged label never silently names another unit if its format has a check.

These tests and docs/labels.md list what each check misses; nothing else may pass.
"""

from __future__ import annotations

import random
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from station.config.settings import HouseFormat, LabelSettings, Preferences
from station.labels import check_digits
from station.labels.interpret import (
    ItemRead,
    Meaning,
    OtherRead,
    SerialRead,
    ShippingRead,
    interpret,
)
from station.labels.normalise import Label, Rejected
from tests.labels.damage import Damage, damages
from tests.labels.generated import SERIAL

DIGITS = "0123456789"
SET_43 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
ALPHABETS = {"mod10": DIGITS, "luhn": DIGITS, "mod43": SET_43}
HALF = 5


def _read(text: str, identifier: str | None = None, *house: HouseFormat) -> Meaning | Rejected:
    return interpret(Label(text, identifier), Preferences(), LabelSettings(house_format=house))


def _with_check(scheme: str, text: str) -> str:
    return text + (check_digits.SCHEMES[scheme](text) or "")


def _passes(scheme: str, damage: Damage) -> bool:
    """Whether the damage is a blind spot of the scheme, which it misses in any text."""
    match scheme, damage.kind:
        case "mod10", "swapped":
            return abs(int(damage.was[0]) - int(damage.was[1])) == HALF
        case "luhn", "swapped":
            return sorted(damage.was) == ["0", "9"]
        case "mod43", "swapped":
            return not damage.is_at_end
        case "mod43", "removed" | "doubled":
            return damage.was == "0"
        case _:
            return False


@st.composite
def _checked(draw: st.DrawFn, scheme: str) -> tuple[str, Damage]:
    """A text with its check character, and damage to it."""
    text = _with_check(scheme, draw(st.text(ALPHABETS[scheme], min_size=3, max_size=16)))
    damage = draw(damages(text, ALPHABETS[scheme]))
    assume(damage.text != text)
    prefix = Preferences().command_prefix
    assume(not text.startswith(prefix) and not damage.text.startswith(prefix))
    return text, damage


# House formats


def test_a_format_that_strips_the_check_digit_takes_a_label_that_lost_a_digit_as_another_one() -> None:
    """No check can detect this: docs/labels.md advises a prefix, or to keep the digit."""
    house = HouseFormat(pattern="(?P<serial>[0-9]{11})", check="luhn", strip_check=True)
    assert _read("79927398713", None, house) == SerialRead(("7992739871",))
    assert _read("9927398713", None, house) == SerialRead(("9927398713",))
    distinct = HouseFormat(prefix="S/N ", check="luhn", strip_check=True)
    assert _read("S/N 79927398713", None, distinct) == SerialRead(("7992739871",))
    assert isinstance(_read("S/N 9927398713", None, distinct), Rejected)


@pytest.mark.parametrize("scheme", ["mod10", "luhn", "mod43"])
@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_damaged_house_label_of_fixed_length_is_rejected_or_no_longer_matches_the_format(
    scheme: str, data: st.DataObject
) -> None:
    text, damage = data.draw(_checked(scheme))
    pattern = f"(?P<serial>[{'0-9' if scheme != 'mod43' else '-0-9A-Z. $/+%'}]{{{len(text)}}})"
    house = HouseFormat(pattern=pattern, check=scheme)  # type: ignore[arg-type]
    assert _read(text, None, house) == SerialRead((text,))
    read = _read(damage.text, None, house)
    if len(damage.text) == len(text):
        assert isinstance(read, Rejected) != _passes(scheme, damage)
    else:
        # It matches no format: as printed, one character longer or shorter than any number of this format.
        assert read == SerialRead((damage.text,))


@pytest.mark.parametrize("scheme", ["mod10", "luhn"])
@settings(deadline=None, max_examples=300)
@given(st.data())
def test_with_any_length_a_lost_or_doubled_digit_is_caught_unless_the_check_digit_is_right_by_chance(
    scheme: str, data: st.DataObject
) -> None:
    _, damage = data.draw(_checked(scheme))
    house = HouseFormat(pattern="(?P<serial>[0-9]+)", check=scheme)  # type: ignore[arg-type]
    read = _read(damage.text, None, house)
    if damage.kind in {"changed", "swapped"}:
        assert isinstance(read, Rejected) != _passes(scheme, damage)
    else:
        assert isinstance(read, Rejected) != check_digits.holds(scheme, damage.text)


@pytest.mark.parametrize("scheme", ["mod10", "luhn"])
def test_it_is_right_by_chance_for_one_lost_digit_in_ten(scheme: str) -> None:
    draw = random.Random(4)
    texts = [_with_check(scheme, "".join(draw.choices(DIGITS, k=9))) for _ in range(500)]
    lost = [text[:at] + text[at + 1 :] for text in texts for at in range(len(text))]
    passed = [text for text in lost if check_digits.holds(scheme, text)]
    assert 0.05 < len(passed) / len(lost) < 0.15


# Check characters that the reader sends


@settings(deadline=None, max_examples=300)
@given(_checked("mod43"))
def test_damaged_code_39_with_a_check_character_is_rejected_except_for_the_blind_spots_of_mod_43(
    label: tuple[str, Damage],
) -> None:
    text, damage = label
    assert _read(text, "]A1") == SerialRead((text,))
    read = _read(damage.text, "]A1")
    if damage.kind == "removed" and damage.is_at_end:
        # The character before it is right for the rest by chance: one in 43.
        assert isinstance(read, Rejected) != check_digits.holds("mod43", damage.text)
    else:
        assert isinstance(read, Rejected) != _passes("mod43", damage)


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 8), st.data())
def test_damaged_interleaved_2_of_5_is_rejected_unless_two_digits_that_differ_by_5_are_swapped(
    pairs: int, data: st.DataObject
) -> None:
    digits = data.draw(st.text(DIGITS, min_size=2 * pairs - 1, max_size=2 * pairs - 1))
    text = _with_check("mod10", digits)
    damage = data.draw(damages(text, DIGITS))
    assume(damage.text != text)
    assert _read(text, "]I1") == SerialRead((text,))
    assert isinstance(_read(damage.text, "]I1"), Rejected) != _passes("mod10", damage)


# GTINs: a damaged one never leads to a unit of another product

_GTINS = st.text(DIGITS, min_size=13, max_size=13).map(lambda digits: _with_check("mod10", digits))
_SERIALS = SERIAL.filter(lambda serial: "21" not in serial and "800" not in serial)
"""Excluded: a lost digit could turn element strings within a serial number into real ones."""

CARRIERS = {
    "AI 01": ("01{gtin}21{serial}", "]C1"),
    "AI 03": ("03{gtin}21{serial}", "]d2"),
    "AI 8006": ("8006{gtin}0102\x1d21{serial}", "]C1"),
    "format 05": ("[)>\x1e05\x1d01{gtin}\x1d21{serial}\x1e\x04", "]d1"),
    "DI 8P": ("[)>\x1e06\x1d8P{gtin}\x1dS{serial}\x1e\x04", "]d1"),
    "Digital Link": ("https://id.gs1.org/01/{gtin}/21/{quoted}", "]Q1"),
    "Digital Link, in the query": ("https://example.com/?01={gtin}&21={quoted}", "]Q1"),
    "house format": ("{gtin}/{serial}", None),
}
PAIR = HouseFormat(pattern="(?P<gtin>[0-9]{14})/(?P<serial>.+)")


@pytest.mark.parametrize("carrier", CARRIERS)
@settings(deadline=None, max_examples=300)
@given(_GTINS, _SERIALS, st.data())
def test_a_serial_number_is_never_read_with_the_wrong_gtin(
    carrier: str, gtin: str, serial: str, data: st.DataObject
) -> None:
    form, identifier = CARRIERS[carrier]
    text = form.format(gtin=gtin, serial=serial, quoted=quote(serial, safe=""))
    start = text.index(gtin)
    damage = data.draw(damages(text, DIGITS, start, start + len(gtin)))
    assume(damage.text != text)
    assert _read(text, identifier, PAIR) == SerialRead((serial,), gtin)
    read = _read(damage.text, identifier, PAIR)
    if damage.kind == "swapped" and _passes("mod10", damage):
        assert isinstance(read, SerialRead)
        assert read.serials == (serial,)
    else:
        assert not isinstance(read, SerialRead) or read.gtin is None
        assert not isinstance(read, SerialRead) or read.serials == (damage.text,)


# Other keys


@settings(deadline=None, max_examples=300)
@given(st.text(DIGITS, min_size=17, max_size=17).map(lambda digits: _with_check("mod10", digits)), st.data())
def test_a_damaged_sscc_is_never_a_serial_number(sscc: str, data: st.DataObject) -> None:
    damage = data.draw(damages(f"00{sscc}", DIGITS, start=2))
    assume(damage.text != f"00{sscc}")
    read = _read(damage.text, "]C1")
    assert not isinstance(read, SerialRead | ItemRead)
    if isinstance(read, ShippingRead):
        assert damage.kind == "swapped"
        assert _passes("mod10", damage)


@settings(deadline=None, max_examples=300)
@given(
    st.text(DIGITS, min_size=12, max_size=12).map(lambda digits: _with_check("mod10", "0" + digits)),
    SERIAL.filter(lambda serial: len(serial) <= 14),
    st.data(),
)
def test_the_check_digit_of_a_returnable_asset_protects_the_type_but_not_the_serial_part(
    kind: str, serial: str, data: st.DataObject
) -> None:
    text = f"8003{kind}{serial}"
    damage = data.draw(damages(text, DIGITS, 4, 4 + len(kind)))
    assume(damage.text != text)
    read = _read(damage.text, "]C1")
    if damage.kind == "changed":
        assert isinstance(read, Rejected)
    elif isinstance(read, SerialRead):
        # A lost or doubled digit shifts the serial part, and the check digit is right by chance.
        (key,) = read.serials
        assert check_digits.holds("mod10", key[: len(kind)])
        assert damage.kind in {"removed", "doubled"} or _passes("mod10", damage)
    assert isinstance(_read(text[:-1] + ("1" if text[-1] == "0" else "0"), "]C1"), SerialRead)


@pytest.mark.parametrize("key", ["80049521000ABC-1", "21SN-1", "250PART"])
def test_keys_without_a_check_are_accepted_when_damaged(key: str) -> None:
    assert not isinstance(_read(key, "]C1"), Rejected)
    assert not isinstance(_read(key[:-1] + "9", "]C1"), Rejected)


# Envelopes: no check, but a lost control character is detected or harmless


_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(st.sampled_from(["S", "1P", "1T", "Q"]), _VALUES), min_size=2, max_size=4), st.data()
)
def test_a_lost_gs_appends_the_next_field_to_a_value_and_never_truncates_one(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    fields = [identifier + value for identifier, value in pairs]
    at = data.draw(st.integers(1, len(fields) - 1))
    joined = [*fields[: at - 1], fields[at - 1] + fields[at], *fields[at + 1 :]]
    whole = _read("[)>\x1e06\x1d" + "\x1d".join(fields) + "\x1e\x04")
    read = _read("[)>\x1e06\x1d" + "\x1d".join(joined) + "\x1e\x04")
    if isinstance(read, SerialRead):
        assert isinstance(whole, SerialRead)
        new = set(read.serials) - set(whole.serials)
        assert new <= {fields[at - 1][1:] + fields[at]}
    else:
        assert isinstance(read, ItemRead | OtherRead)


@settings(deadline=None, max_examples=300)
@given(st.lists(_VALUES, min_size=1, max_size=3), st.data())
def test_an_envelope_that_has_lost_any_other_control_character_is_rejected(
    serials: list[str], data: st.DataObject
) -> None:
    form = "06\x1d" + "\x1d".join(f"S{serial}" for serial in serials)
    label = f"[)>\x1e05\x1d0109521000001015\x1e{form}\x1e\x04"
    ats = [3, 6, label.index("\x1e06"), label.index("06\x1d") + 2, len(label) - 2, len(label) - 1]
    at = data.draw(st.sampled_from(ats))
    assert isinstance(_read(label[:at] + label[at + 1 :]), Rejected)
