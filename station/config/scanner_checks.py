"""What types can't say of a scanner and of house formats."""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING

import msgspec

from station import patterns
from station.config.mistake import Mistake
from station.config.words import ALLOWED
from station.settings import DRIVER_KEYS, PROTOCOLS, HouseFormat, MatchSettings, ScannerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.keys import Key

_REPLIES = ("good", "attention", "refused", "question")


def of_scanner(scanner: ScannerSettings, at: Key) -> Iterator[Mistake]:
    """Everything that is wrong in one scanner's table, which stands at a key."""
    if scanner.match == MatchSettings():
        yield Mistake((*at, "match"), ": says of no device which it is; set by_id, path, or vid and pid")
    yield from _of_other_drivers(scanner, at)
    if scanner.protocol and scanner.protocol not in PROTOCOLS[scanner.driver]:
        yield Mistake((*at, "protocol"), f" = {scanner.protocol!r}: {ALLOWED['scanner.protocol']}")
    if scanner.driver != "usb" and not scanner.terminator and not scanner.gap_ms:
        yield Mistake((*at, "terminator"), ' = "": frames need a terminator or gap_ms above 0')
    if scanner.driver == "evdev":
        yield from _of_keyboard(scanner, at)
    for key in ("terminator", "preamble"):
        yield from _of_bytes(getattr(scanner, key), (*at, key))
    for key in _REPLIES:
        yield from _of_bytes(getattr(scanner.reply, key), (*at, "reply", key))
    yield from of_formats(scanner.house_format, at)


def _of_other_drivers(scanner: ScannerSettings, at: Key) -> Iterator[Mistake]:
    for key, drivers in DRIVER_KEYS.items():
        default = getattr(ScannerSettings(name="x", driver="serial"), key)
        if scanner.driver not in drivers and getattr(scanner, key) != default:
            yield Mistake((*at, key), f': means nothing for driver = "{scanner.driver}"; leave it out')


def _of_keyboard(scanner: ScannerSettings, at: Key) -> Iterator[Mistake]:
    """The layout and the function keys, by the decoder itself: it knows which there are."""
    from drivers import decoder_for  # noqa: PLC0415 - only its user pays for it
    from drivers.base import DeviceOptionError  # noqa: PLC0415

    try:
        decoder_for("evdev", msgspec.to_builtins(scanner))
    except DeviceOptionError as error:
        text = str(error)
        key = text[: len(text) - len(text.lstrip(ascii_letters + "_"))]
        yield Mistake((*at, key), text.removeprefix(key))


def _of_bytes(value: str, key: Key) -> Iterator[Mistake]:
    if not value.isascii() and max(value) > "\xff":
        yield Mistake(key, f" = {value!r}: each character stands for one byte, U+0000 to U+00FF")


def of_formats(formats: tuple[HouseFormat, ...], at: Key) -> Iterator[Mistake]:
    """Everything that is wrong in house formats, which stand in the table at a key."""
    for place, each in enumerate(formats):
        table = (*at, "house_format", place)
        try:
            groups = patterns.compiled(each.pattern).groupindex
        except ValueError as error:
            yield Mistake((*table, "pattern"), f" = {each.pattern!r}: {error}")
            continue
        if each.check != "none" and "serial" not in groups:
            says = f' = "{each.check}": is of the serial number, but the pattern names none'
            yield Mistake((*table, "check"), says)
        if each.strip_check and each.check == "none":
            yield Mistake((*table, "strip_check"), " = true: there is no check digit; set check")
