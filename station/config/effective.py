"""Every key of the configuration with the value that counts, and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from station.config.keys import Key, is_rows
from station.config.origins import origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.reading import Reading
    from station.config.tree import Origin


@dataclass(frozen=True)
class Effective:
    """One key."""

    key: Key
    value: Any
    """As JSON has it; secrets are in it."""
    is_changed: bool
    """Whether the value is not the default."""
    origin: Origin | None
    """None: it is only a default."""


def effective(reading: Reading) -> Iterator[Effective]:
    """The keys in the order of `Config`; those of a table in a list, such as a scanner, one by one."""
    for key, value, default in _walk(reading.config, type(reading.config)(), ()):
        plain = msgspec.to_builtins(value)
        plain = list(plain) if isinstance(plain, tuple) else plain
        is_changed = value != default
        origin, is_set = origin_of(reading.tree, key) if reading.tree else (None, False)
        yield Effective(key, plain, is_changed, origin if is_set else None)


def _walk(
    table: msgspec.Struct, defaults: msgspec.Struct | None, above: Key
) -> Iterator[tuple[Key, Any, Any]]:
    for field in msgspec.structs.fields(table):
        key = (*above, field.encode_name)
        value = getattr(table, field.name)
        default = _default(field) if defaults is None else getattr(defaults, field.name)
        if isinstance(value, msgspec.Struct):
            yield from _walk(value, default, key)
        elif value and is_rows(key):
            for place, row in enumerate(value):
                yield from _walk(row, None, (*key, place))
        else:
            yield key, value, default


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default
