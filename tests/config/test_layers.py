"""Merging layers with any TOML values."""

from __future__ import annotations

import copy
from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.layers import Layer
from station.config.loading import load, read
from station.config.merging import grown, merged, plain
from station.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

VALUES = st.integers() | st.booleans() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
NAMES = st.sampled_from(["left", "right", "top"])
FORMATS = st.lists(st.fixed_dictionaries({}, optional={"name": NAMES, "prefix": VALUES}), max_size=2)
SCANNERS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES},
        optional={
            "gap_ms": VALUES,
            "match": st.dictionaries(NAMES, VALUES, max_size=2),
            "house_format": FORMATS,
        },
    ),
    max_size=3,
    unique_by=lambda each: str(each["name"]),
)
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "station": st.fixed_dictionaries({}, optional={"name": VALUES, "location": VALUES}),
        "display": st.dictionaries(NAMES, VALUES, max_size=3),
        "house_format": FORMATS,
        "scanner": SCANNERS,
    },
)


def over(*tables: dict[str, Any]) -> dict[str, Any]:
    layers = [Layer("file", str(number), copy.deepcopy(table)) for number, table in enumerate(tables)]
    result: dict[str, Any] = plain(reduce(merged, map(grown, layers)))
    return result


@given(TABLES)
def test_a_single_layer_is_not_changed(table: dict[str, Any]) -> None:
    assert over(table) == over({}, table) == over(table, {}) == table


@given(TABLES, TABLES, TABLES)
def test_merging_is_associative(one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]) -> None:
    assert over(over(one, two), three) == over(one, over(two, three)) == over(one, two, three)


@given(TABLES, TABLES)
def test_a_later_layer_overrides_single_keys(below: dict[str, Any], above: dict[str, Any]) -> None:
    both = over(below, above)
    for table in ("station", "display"):
        assert both.get(table, {}) == {**below.get(table, {}), **above.get(table, {})}


@given(TABLES, TABLES)
def test_house_formats_are_appended(below: dict[str, Any], above: dict[str, Any]) -> None:
    assert over(below, above).get("house_format", []) == [
        *below.get("house_format", []),
        *above.get("house_format", []),
    ]


@given(TABLES, TABLES)
def test_a_scanner_of_a_later_layer_is_merged_by_name_or_added(
    below: dict[str, Any], above: dict[str, Any]
) -> None:
    old = {each["name"]: each for each in below.get("scanner", [])}
    new = {each["name"]: each for each in above.get("scanner", [])}
    both = over(below, above).get("scanner", [])
    assert [each["name"] for each in both] == list({**old, **new})
    for each in both:
        one, other = old.get(each["name"], {}), new.get(each["name"], {})
        assert each.get("gap_ms") == other.get("gap_ms", one.get("gap_ms"))
        assert each.get("match", {}) == {**one.get("match", {}), **other.get("match", {})}


def configured(directory: Path, **files: str) -> Path:
    """A configuration with drop-ins; an underscore means a hyphen, `main` is the main file."""
    (directory / "dock.d").mkdir()
    main = directory / "dock.toml"
    for name, text in files.items():
        path = main if name == "main" else directory / "dock.d" / f"{name.replace('_', '-')}.toml"
        path.write_text(text)
    return main


LEFT = '[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "/dev/ttyS0" }\n'


def test_drop_ins_override_the_file_in_the_order_of_their_names(tmp_path: Path) -> None:
    path = configured(
        tmp_path,
        main='[station]\nname = "a"\nlocation = "A"\n[log]\nlevel = "error"\n',
        b_20='[station]\nname = "b20"\n',
        b_10='[station]\nname = "b10"\nlocation = "B10"\n',
    )
    config = load(path)
    assert (config.station.name, config.station.location, config.log.level) == ("b20", "B10", "error")


def test_a_drop_in_adds_a_scanner_and_changes_another_one(tmp_path: Path) -> None:
    path = configured(
        tmp_path,
        main=LEFT,
        speed='[[scanner]]\nname = "left"\nbaud_rate = 115200\n',
        second=LEFT.replace("left", "right").replace("ttyS0", "ttyS1"),
    )
    scanners = load(path).scanner
    assert [(each.name, each.baud_rate, each.match.path) for each in scanners] == [
        ("left", 115200, "/dev/ttyS0"),
        ("right", 9600, "/dev/ttyS1"),
    ]


def test_a_list_of_values_is_replaced(tmp_path: Path) -> None:
    path = configured(
        tmp_path,
        main='[preferences]\nlookup = ["serial", "mfr_serial"]\n[display]\nhost_names = ["a"]\n',
        less='[preferences]\nlookup = ["serial"]\n[display]\nhost_names = []\n',
    )
    config = load(path)
    assert (config.preferences.lookup, config.display.host_names) == (("serial",), ())


@pytest.mark.parametrize("name", [".hidden.toml", "10.conf", "10.toml~", "10.toml.dpkg-old", ".10.toml.swp"])
def test_hidden_files_and_other_names_are_not_read(tmp_path: Path, name: str) -> None:
    path = configured(tmp_path, main="")
    (tmp_path / "dock.d" / name).write_text("this is = no TOML")
    assert read(path).mistakes == ()


def test_a_masked_drop_in_has_no_effect(tmp_path: Path) -> None:
    path = configured(tmp_path, main='[station]\nname = "a"\n')
    (tmp_path / "dock.d" / "10.toml").symlink_to("/dev/null")
    assert load(path).station.name == "a"


def test_drop_ins_are_read_even_if_the_default_file_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = configured(tmp_path, only='[station]\nname = "only"\n')
    monkeypatch.setattr("station.config.loading.DEFAULT_PATH", path)
    monkeypatch.delenv("SCANSTATION_CONFIG", raising=False)
    assert load().station.name == "only"
    with pytest.raises(ConfigError, match=r"dock\.toml: can't be read: No such file"):
        load(path)


def test_a_file_with_another_extension_has_no_drop_ins(tmp_path: Path) -> None:
    configured(tmp_path, main="", only='[station]\nname = "only"\n')
    path = tmp_path / "dock.conf"
    path.write_text("")
    assert load(path).station.name == "station-1"


def test_an_unreadable_drop_in_is_a_mistake(tmp_path: Path) -> None:
    path = configured(tmp_path, main="")
    (tmp_path / "dock.d" / "10.toml").mkdir()
    (tmp_path / "dock.d" / "20.toml").symlink_to("gone.toml")
    (tmp_path / "dock.d" / "30.toml").write_bytes(b"\xff")
    assert [each.partition(": ")[2].partition(" (")[0] for each in read(path).mistakes] == [
        "can't be read: Is a directory",
        "can't be read: No such file or directory",
        "is not valid TOML: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
    ]


def test_the_directory_of_drop_ins_must_be_a_directory(tmp_path: Path) -> None:
    path = tmp_path / "dock.toml"
    path.write_text("")
    (tmp_path / "dock.d").write_text("")
    assert read(path).mistakes == (f"{tmp_path}/dock.d: can't be read: Not a directory",)
