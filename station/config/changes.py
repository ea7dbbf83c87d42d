"""Which changes of the configuration a running station applies, and which need a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import msgspec

from station.config.schema import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = frozenset(
    {"scanner", "house_format", "preferences", "generate", "sound", "label_printer", "log", "archive"},
)
_KEYS = frozenset({"station.location", "station.stock_areas", "display.host_names", "display.language"})
_CERTIFICATE = frozenset({"display.certificate", "display.key"})


@dataclass(frozen=True, slots=True)
class Changeover:
    """From one configuration to the next."""

    config: Config
    """The next configuration, except that keys which need a restart keep their old values."""
    changed: tuple[str, ...]
    """Keys whose new value is applied; a scanner by its name: ``scanner.left``."""
    kept: tuple[str, ...]
    """Keys whose new value needs a restart."""

    @classmethod
    def between(cls, old: Config, new: Config) -> Self:
        """Compare two valid configurations."""
        differing = list(_differing(old, new))
        kept = [key for key in differing if not _is_applied(key, old, new)]
        config = new
        for key in kept:
            config = _put_back(key, old, config)
        changed = [name for key in differing if key not in kept for name in _names(key, old, new)]
        return cls(config, tuple(changed), tuple(kept))


def _differing(old: Config, new: Config) -> Iterator[str]:
    """Keys whose values differ: ``station.name``, but ``scanner`` as a whole."""
    for table in Config.__struct_fields__:
        before, after = getattr(old, table), getattr(new, table)
        if before == after:
            continue
        if isinstance(before, msgspec.Struct):
            keys = before.__struct_fields__
            yield from (f"{table}.{key}" for key in keys if getattr(before, key) != getattr(after, key))
        else:
            yield table


def _is_applied(key: str, old: Config, new: Config) -> bool:
    if key in _CERTIFICATE:
        # Whether TLS is used is decided when the address is bound.
        return bool(old.display.certificate and new.display.certificate)
    return key in _KEYS or key.partition(".")[0] in _TABLES


def _put_back(key: str, old: Config, new: Config) -> Config:
    table, _, inner = key.partition(".")
    value: Any = getattr(old, table)
    if inner:
        value = msgspec.structs.replace(getattr(new, table), **{inner: getattr(value, inner)})
    return msgspec.structs.replace(new, **{table: value})


def _names(key: str, old: Config, new: Config) -> Iterator[str]:
    if key != "scanner":
        yield key
        return
    before, after = ({each.name: each for each in config.scanner} for config in (old, new))
    yield from (f"scanner.{name}" for name in before | after if before.get(name) != after.get(name))
