from __future__ import annotations

import re
import tomllib
import typing
from pathlib import Path

import msgspec

from station.config.loading import from_table, load_file
from station.config.schema import Config
from station.config.settings import HouseFormat, ScannerSettings, Table

EXAMPLE = Path(__file__).parent.parent.parent / "config.example.toml"


def _with_examples() -> str:
    """The example file with its commented-out keys enabled."""
    return re.sub(r"^#(?=[a-z\[])", "", EXAMPLE.read_text(), flags=re.MULTILINE)


def test_the_example_has_the_defaults() -> None:
    assert load_file(EXAMPLE) == Config()


def test_the_example_of_a_scanner_has_the_defaults() -> None:
    (scanner,) = from_table(tomllib.loads(_with_examples()), "example").scanner
    for field in msgspec.structs.fields(ScannerSettings):
        if field.name not in {"name", "driver", "match", "reply", "house_format"}:
            is_made = field.default is msgspec.NODEFAULT
            default = field.default_factory() if is_made else field.default
            assert getattr(scanner, field.name) == default, field.name


def test_the_examples_of_house_formats_have_the_defaults() -> None:
    config = from_table(tomllib.loads(_with_examples()), "example")
    assert config.house_format == config.scanner[0].house_format == (HouseFormat(),)


def test_the_example_names_every_key() -> None:
    raw = tomllib.loads(_with_examples())
    missing = [key for key in _keys(Config) if not _has(raw, key)]
    assert [key for key in missing if not key.startswith(("scanner.match.", "scanner.reply."))] == []
    for key in missing:
        assert re.search(rf"\b{key.rpartition('.')[2]}\b", EXAMPLE.read_text()), key


def _keys(table: type[Table], prefix: str = "") -> list[str]:
    keys = []
    for field in msgspec.structs.fields(table):
        inner = (*typing.get_args(field.type), field.type)[0]
        is_listed_already = prefix and inner is HouseFormat
        if isinstance(inner, type) and issubclass(inner, Table) and not is_listed_already:
            keys += _keys(inner, f"{prefix}{field.encode_name}.")
        else:
            keys.append(prefix + field.encode_name)
    return keys


def _has(raw: object, key: str) -> bool:
    for part in key.split("."):
        table = raw[0] if isinstance(raw, list) else raw
        if not isinstance(table, dict) or part not in table:
            return False
        raw = table[part]
    return True
