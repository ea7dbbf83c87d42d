"""Messages about wrong values in the configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from drivers import DRIVERS, KEYS_OF_DRIVERS
from station.config.rendering import without_secrets
from station.config.schema import Key, dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec

_NAME = "must be letters, digits, dots, hyphens and underscores, beginning with a letter or digit, up to 64"
_WORDS = {
    "`int`": "a whole number",
    "`float`": "a number",
    "`str`": "a string",
    "`bool`": "true or false",
    "`object`": "a table",
    "`array`": "a list",
    "Expected ": "must be ",
    ", got ": ", not ",
    "`": "",
}


class ConfigProblem(NamedTuple):
    """A sentence about a key; the origin of the value determines how the key is written."""

    key: Key
    says: str
    """The text after the key."""
    opening: str = ""
    """The text before the key."""
    also: tuple[Key, ...] = ()
    """Other keys involved, in case the key itself is a default."""

    def about(self, key: Key) -> str:
        """The sentence with this key."""
        return f"{self.opening}{dotted(key)}{self.says}"

    def __str__(self) -> str:
        return self.about(self.key)


def explain(error: msgspec.ValidationError, raw: object) -> str:
    """A validation message of msgspec as a sentence: the key, its value and what is allowed."""
    return str(mistake(error, raw))


def mistake(error: msgspec.ValidationError, raw: object) -> ConfigProblem:
    """The same, with the key separate."""
    message, _, path = str(error).partition(" - at `$")
    key: Key = tuple(name or int(index) for name, index in re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]", path))
    if unknown := re.search(r"unknown field `(.*)`", message, re.DOTALL):
        return ConfigProblem(
            (*key, unknown[1]), '"; see config.example.toml for the keys there are', 'unknown key "'
        )
    if missing := re.search(r"missing required field `(.*)`", message):
        return ConfigProblem(key, f'" lacks the key "{missing[1]}"', '"')
    value: Any = raw
    for part in key:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            break
    allowed = ALLOWED.get(".".join(part for part in key if isinstance(part, str)))
    return ConfigProblem(key, f" = {_shown(value, key)}: {allowed or _plain(message)}")


def _shown(value: object, key: Key) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(without_secrets(value, str(key[-1]) if key else ""))


def _by_drivers(key: str) -> str:
    """What drivers say of a key of theirs; empty: nothing."""
    said = {name: driver.allowed(key) for name, driver in DRIVERS.items() if driver.allowed(key)}
    if len(set(said.values())) > 1:
        return "; ".join(f"{words} for {name}" for name, words in said.items())
    return next(iter(said.values()), "")


def _one_of(words: Iterable[str]) -> str:
    *others, last = (f'"{word}"' for word in words)
    return f"{', '.join(others)} or {last}"


ALLOWED = {
    "scanner": "must be a list of tables: write [[scanner]]",
    "scanner.gap_ms": "must be a whole number from 0 to 60000",
    "scanner.frame_timeout_ms": "must be a whole number from 0 to 60000",
    "scanner.max_length": "must be a whole number from 1 to 65536",
    "preferences.prompt_timeout_s": "must be a whole number from 0 to 86400",
    "preferences.range_confirm_above": "must be a whole number from 1 to 1000000",
    "station.name": _NAME,
    "scanner.name": _NAME,
    "scanner.driver": f"must be {_one_of(DRIVERS)}",
    **{f"scanner.{key}": f"must be {words}" for key in KEYS_OF_DRIVERS if (words := _by_drivers(key))},
    "scanner.aim": 'must be "auto", "always" or "never"',
    **dict.fromkeys(("gs1", "scanner.gs1"), 'must be "identifier", "always" or "never"'),
    **{
        f"{table}house_format{key}": allowed
        for table in ("", "scanner.")
        for key, allowed in {
            "": "must be a list of tables: [[house_format]], or [[scanner.house_format]] below a scanner",
            ".case": 'must be "keep", "upper" or "lower"',
            ".check": 'must be "none", "mod10", "mod43" or "luhn"',
            ".pattern": "must be a regular expression of 1 to 500 characters",
        }.items()
    },
    "scanner.encoding": (
        'must be "utf-8", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252" or "shift_jis"'
    ),
    "preferences.lookup": 'must list "serial", "mfr_serial" or both',
    "preferences.unknown_item_code": 'must be "refuse" or "ignore"',
    **{
        f"preferences.{key}": 'must be "prompt", "allow" or "refuse"'
        for key in (
            *("negative", "other_customer", "late_return", "unexpected"),
            *("save_incomplete", "over_quantity"),
        )
    },
    **{f"preferences.{key}": 'must be "off", "optional" or "required"' for key in ("reason", "condition")},
    "preferences.operator": 'must be "optional" or "required"',
    "preferences.operator_timeout_min": "must be a whole number from 0 to 1440",
    "preferences.sign_off_at": 'must be "never" or "document"',
    "preferences.switch_document": 'must be "prompt" or "allow"',
    "generate.prefix": "must be letters, digits, dots, hyphens, underscores, slashes and {location}, 1 to 32",
    "generate.document_prefix": "must be letters, digits, dots, hyphens, underscores and slashes, 1 to 32",
    **{f"generate.{key}": "must be a whole number from 1 to 12" for key in ("digits", "document_digits")},
    "display.listen": "must be an address of this machine and a port, like 127.0.0.1:8321 or [::1]:8321",
    "display.host_names": "must list names without a port, like dock-1.example.com",
    "display.language": 'must be "en", "es", "de" or "fr"',
    "label_printer.kind": 'must be "queue", "socket", "file" or "" (no label printer)',
    "label_printer.queue": "must be a queue's name as lpstat -e lists it",
    "label_printer.address": "must be a host and a port, like printer.example.com:9100",
    "label_printer.format": 'must be "pdf" or "zpl"',
    "label_printer.width_mm": "must be a whole number from 20 to 200",
    "label_printer.height_mm": "must be a whole number from 15 to 300",
    "label_printer.dots_per_mm": "must be 6, 8, 12 or 24",
    "publish": "must be a list of tables: write [[publish]]",
    "publish.name": _NAME,
    "publish.kind": 'must be "mqtt" or "webhook"',
    "publish.from": 'must be "now" or "beginning"',
    "publish.batch": "must be a whole number from 1 to 1000",
    "publish.timeout_s": "must be a whole number from 1 to 120",
    "publish.topic": "must be the beginning of a topic, without + and #, up to 200 characters",
    "publish.version": 'must be "5" or "3.1.1"',
    "log.format": 'must be "auto", "console", "json" or "journal"',
    "log.level": 'must be "debug", "info", "warning" or "error"',
}


def _plain(message: str) -> str:
    for word, plain in _WORDS.items():
        message = message.replace(word, plain)
    return message
