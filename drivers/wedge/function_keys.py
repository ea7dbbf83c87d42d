"""The map of function keys: some scanners press one (``F8``) where the label holds GS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers import options as option
from drivers.base import DeviceOptionError
from drivers.wedge.key_codes import FUNCTION_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping


def function_keys(options: Mapping[str, object]) -> dict[int, str]:
    r"""Key code to what it stands for, of ``function_keys = { F8 = "\u001d" }``.

    Raises:
        DeviceOptionError: a name is no function key's, or its text is empty, too long or beyond U+00FF.
    """
    table = options.get("function_keys", {})
    if not isinstance(table, dict):
        raise DeviceOptionError(f'function_keys = {table!r}: must be a table like {{ F8 = "\\u001d" }}')
    return {_code(name): _text(table, name) for name in table}


def _code(name: object) -> int:
    if not isinstance(name, str) or name not in FUNCTION_KEYS:
        raise DeviceOptionError(f"function_keys: {name!r} is no function key; they are F1 to F24")
    return FUNCTION_KEYS[name]


def _text(table: Mapping[str, object], name: str) -> str:
    try:
        value = option.raw_bytes(table, name, "").decode("latin-1")
    except DeviceOptionError as error:
        raise DeviceOptionError(f"function_keys.{error}") from error
    if not value:
        raise DeviceOptionError(f'function_keys.{name} = "": must have at least one character')
    return value
