from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from station.config.loading import put_together, read
from station.config.merging import effective
from station.config.schema import Config, dotted

if TYPE_CHECKING:
    from pathlib import Path

    from station.config.merging import Effective

FILE = """\
[station]
name = "dock-1"
location = ""
[[scanner]]
name = "left"
driver = "evdev"
match = { vid = 0x0c2e }
function_keys = { F8 = "\\u001d" }
[[house_format]]
"""
DROP_IN = """\
[log]
level = "debug"

[[scanner]]
name = "left"
dead_keys = "compose"
"""


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Effective]:
    (tmp_path / "config.toml").write_text(FILE)
    (tmp_path / "config.d").mkdir()
    (tmp_path / "config.d" / "10.toml").write_text(DROP_IN)
    monkeypatch.setenv("SCANSTATION__DISPLAY__LANGUAGE", "de")
    return {dotted(each.key): each for each in effective(read(tmp_path / "config.toml"))}


def place(each: Effective) -> str:
    assert each.origin is not None
    name = each.origin.layer.source.rpartition("/")[2]
    return f"{name}:{each.origin.layer.line(each.origin.key)}"


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("station.name", "dock-1", "config.toml:2"),
        ("station.location", "", "config.toml:3"),
        ("log.level", "debug", "10.toml:2"),
        ("scanner[1].name", "left", "config.toml:5"),
        ("scanner[1].match.vid", 0x0C2E, "config.toml:7"),
        ("scanner[1].function_keys", {"F8": "\x1d"}, "config.toml:8"),
        ("scanner[1].dead_keys", "compose", "10.toml:6"),
        ("display.language", "de", "SCANSTATION__DISPLAY__LANGUAGE:None"),
    ],
)
def test_a_value_is_shown_with_its_origin(
    keys: dict[str, Effective], key: str, value: object, where: str
) -> None:
    assert keys[key].value == value
    assert place(keys[key]) == where


def test_a_key_that_no_layer_sets_has_the_default(keys: dict[str, Effective]) -> None:
    for key in ("display.listen", "scanner[1].gap_ms", "scanner[1].match.by_id", "house_format[1].case"):
        assert keys[key].origin is None
        assert not keys[key].is_changed


def test_a_key_is_changed_if_it_differs_from_the_default_not_if_it_is_set(keys: dict[str, Effective]) -> None:
    assert sorted(key for key, each in keys.items() if each.is_changed) == [
        "display.language",
        "log.level",
        "scanner[1].dead_keys",
        "scanner[1].driver",
        "scanner[1].function_keys",
        "scanner[1].match.vid",
        "scanner[1].name",
        "station.name",
    ]


def test_without_any_layer_all_keys_are_listed(tmp_path: Path) -> None:
    keys = {dotted(each.key): each.value for each in effective(put_together(tmp_path, ()))}
    assert keys["station.name"] == Config().station.name
    assert keys["scanner"] == []


def test_an_origin_has_the_key_as_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    table = tomllib.loads(FILE)
    for each in effective(read(path)):
        if each.origin is not None:
            value = table
            for part in each.origin.key:
                value = value[part]  # type: ignore[index]
            assert value == each.value
