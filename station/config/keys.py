"""Keys of the configuration: how they are written, and what may stand at each, by the types of `Config`."""

from __future__ import annotations

from functools import lru_cache

from msgspec import inspect

from station.config.model import Config

Key = tuple[str | int, ...]
"""The names on the way to a value; in a list its place, from 0."""


def dotted(key: Key) -> str:
    """A key as people write it, ``scanner[1].reply.good``: places in lists count from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key).lstrip(".")


def has(key: Key) -> bool:
    """Whether there is such a key."""
    return _type_at(key) is not None


def is_text(key: Key) -> bool:
    """Whether only text may stand there, any or some."""
    kind = _type_at(key)
    if isinstance(kind, inspect.LiteralType):
        return all(isinstance(value, str) for value in kind.values)
    return isinstance(kind, inspect.StrType)


def is_rows(key: Key) -> bool:
    """Whether it is a list of tables: ``[[scanner]]``."""
    kind = _type_at(key)
    return isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StructType)


def has_names(key: Key) -> bool:
    """Whether it is a list of tables each of which must have a name, by which it is known."""
    return is_rows(key) and is_required((*key, 0, "name"))


def is_required(key: Key) -> bool:
    """Whether its table is none without it."""
    table = _type_at(key[:-1])
    fields = table.fields if isinstance(table, inspect.StructType) else ()
    return any(field.required for field in fields if (field.encode_name,) == key[-1:])


@lru_cache
def _type_at(key: Key) -> inspect.Type | None:
    if not key:
        return inspect.type_info(Config)
    above, last = _type_at(key[:-1]), key[-1]
    if isinstance(above, inspect.StructType):
        return next((field.type for field in above.fields if field.encode_name == last), None)
    if isinstance(above, inspect.VarTupleType) and isinstance(last, int):
        return above.item_type
    if isinstance(above, inspect.DictType) and isinstance(last, str):
        return above.value_type
    return None
