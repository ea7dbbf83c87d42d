"""Checked access to a scanner's options: each getter returns a key's value or raises a one-sentence error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.base import DeviceOptionError

if TYPE_CHECKING:
    from collections.abc import Mapping


def whole_number(options: Mapping[str, object], key: str, default: int, allowed: range) -> int:
    """A whole number within `allowed`, not a boolean.

    Raises:
        DeviceOptionError: names the key, the value and what is allowed.
    """
    value = options.get(key, default)
    if type(value) is not int or value not in allowed:
        raise DeviceOptionError(
            f"{key} = {value!r}: must be a whole number from {allowed.start} to {allowed.stop - 1}"
        )
    return value


def text(options: Mapping[str, object], key: str, default: str = "") -> str:
    """A string.

    Raises:
        DeviceOptionError: names the key and the value.
    """
    value = options.get(key, default)
    if not isinstance(value, str):
        raise DeviceOptionError(f"{key} = {value!r}: must be a string")
    return value


def one_of(options: Mapping[str, object], key: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of the words in `allowed`.

    Raises:
        DeviceOptionError: names the key, the value and what is allowed.
    """
    value = options.get(key, default)
    if not isinstance(value, str) or value not in allowed:
        words = ", ".join(f'"{word}"' for word in allowed)
        raise DeviceOptionError(f"{key} = {value!r}: must be one of {words}")
    return value


def raw_bytes(options: Mapping[str, object], key: str, default: str) -> bytes:
    """Bytes, written as a string of up to 64 characters, U+0000 to U+00FF, one per byte.

    Raises:
        DeviceOptionError: names the key and the value.
    """
    value = text(options, key, default)
    if len(value) > 64:  # noqa: PLR2004 - the limit of the configuration's keys
        raise DeviceOptionError(f"{key}: has {len(value)} characters; must have at most 64")
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        raise DeviceOptionError(
            f"{key} = {value!r}: each character stands for one byte, U+0000 to U+00FF"
        ) from None
