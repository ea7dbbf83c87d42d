"""Environment variables with any value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.layers import environment_layer, variables
from station.config.loading import load, read
from station.config.rendering import literal
from station.config.schema import Config, Key, is_text
from station.config.settings import Table
from station.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


def keys(table: type[Table] = Config, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The keys that a variable can set."""
    for field in msgspec.structs.fields(table):
        key = (*above, field.encode_name)
        if isinstance(field.type, type) and issubclass(field.type, Table):
            yield from keys(field.type, key)
        elif key[0] not in {"scanner", "house_format", "publish"}:
            yield key


def name_of(key: Key) -> str:
    return f"SCANSTATION__{'__'.join(map(str, key)).upper()}"


def value_at(table: Any, key: Key) -> Any:
    for part in key:
        table = table[part]
    return table


ANY_KEY = st.sampled_from(list(keys()))
TEXT_KEY = ANY_KEY.filter(is_text)
OTHER_KEY = ANY_KEY.filter(lambda key: not is_text(key))


@given(TEXT_KEY, TEXT | st.sampled_from(["1", "true", '"quoted"', "[1]", "{}", "1 # one"]))
def test_the_value_of_a_string_key_is_the_text_itself(key: tuple[str, ...], text: str) -> None:
    assert value_at(environment_layer(name_of(key), text).table, key) == text


VALUES = st.integers(-(2**63), 2**63 - 1) | st.booleans() | TEXT | st.lists(TEXT, max_size=3)


@given(OTHER_KEY, VALUES)
def test_other_values_are_read_as_toml(key: tuple[str, ...], value: Any) -> None:
    assert value_at(environment_layer(name_of(key), literal(value)).table, key) == value


@given(ANY_KEY, TEXT)
def test_any_text_is_accepted_as_a_value(key: tuple[str, ...], text: str) -> None:
    layer = environment_layer(name_of(key), text)
    assert list(layer.table) == [key[0]]
    assert value_at(layer.table, key) is not None


@given(ANY_KEY, st.randoms())
def test_the_key_may_be_in_upper_or_lower_case(key: tuple[str, ...], random: Any) -> None:
    mixed = "".join(random.choice((letter.upper(), letter)) for letter in "__".join(key))
    assert environment_layer(f"SCANSTATION__{mixed}", "1").table == environment_layer(name_of(key), "1").table


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config.d").mkdir()
    (tmp_path / "config.d" / "10.toml").write_text('[station]\nname = "drop-in"\n[log]\nlevel = "error"\n')
    path = tmp_path / "config.toml"
    path.write_text("")
    return path


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("STATION__NAME", "1", ("station", "name"), "1"),
        ("DISPLAY__LISTEN", "127.0.0.1:8331", ("display", "listen"), "127.0.0.1:8331"),
        ("display__require_token", "true", ("display", "require_token"), True),
        ("DISPLAY__HOST_NAMES", '["dock-1.example.com"]', ("display", "host_names"), ("dock-1.example.com",)),
        ("PREFERENCES__PROMPT_TIMEOUT_S", "30", ("preferences", "prompt_timeout_s"), 30),
        ("STATION__STOCK_AREAS__SOLD", "OUT", ("station", "stock_areas", "sold"), "OUT"),
        ("STATION__STOCK_AREAS", '{ sold = "OUT" }', ("station", "stock_areas", "sold"), "OUT"),
        ("STATION__LOCATION", "", ("station", "location"), ""),
        ("LABEL_PRINTER__DOTS_PER_MM", "12", ("label_printer", "dots_per_mm"), 12),
    ],
)
def test_a_variable_overrides_every_file(  # noqa: PLR0913, PLR0917 - fixtures and parameters
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, key: tuple[str, ...], value: Any
) -> None:
    monkeypatch.setenv(f"SCANSTATION__{name}", text)
    found: Any = load(config)
    assert found.log.level == "error"
    for part in key:
        found = getattr(found, part)
    assert found == value


def test_a_variable_of_a_key_overrides_one_of_its_table(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCANSTATION__LABEL_PRINTER__WIDTH_MM", "80")
    monkeypatch.setenv("SCANSTATION__LABEL_PRINTER", "{ width_mm = 70, height_mm = 50 }")
    printer = load(config).label_printer
    assert (printer.width_mm, printer.height_mm) == (80, 50)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("DISPLAY__LISTN", "x", 'SCANSTATION__DISPLAY__LISTN: unknown key "display.listn"; see config.exam'),
        ("NAME", "x", 'SCANSTATION__NAME: unknown key "name"; see'),
        ("", "x", 'SCANSTATION__: unknown key ""; see'),
        ("STATION__", "x", 'SCANSTATION__STATION__: unknown key "station."; see'),
        ("STATION__NAME__X", "x", 'SCANSTATION__STATION__NAME__X: unknown key "station.name.x"; see'),
        (
            "SCANNER",
            "[]",
            "SCANSTATION__SCANNER: [[scanner]] is a list of tables, which only a file can hold; put it into",
        ),
        ("SCANNER__0__NAME", "x", "SCANSTATION__SCANNER__0__NAME: [[scanner]] is a list of tables"),
        ("HOUSE_FORMAT__0", "x", "SCANSTATION__HOUSE_FORMAT__0: [[house_format]] is a list of tables"),
        ("LOG__LEVEL", "loud", "SCANSTATION__LOG__LEVEL: log.level = 'loud': must be \"debug\""),
        ("LOG__LEVEL", '"info"', 'SCANSTATION__LOG__LEVEL: log.level = \'"info"\': must be "debug"'),
        (
            "GENERATE__DIGITS",
            "many",
            "SCANSTATION__GENERATE__DIGITS: generate.digits = 'many': must be a whole number from 1 to 12",
        ),
        (
            "GENERATE__DIGITS",
            "6\nx = 1",
            "SCANSTATION__GENERATE__DIGITS: generate.digits = '6\\nx = 1': must",
        ),
        ("GENERATE__DIGITS", "[" * 9999, "SCANSTATION__GENERATE__DIGITS: generate.digits = '[[["),
        ("GENERATE__DIGITS", "9" * 9999, "SCANSTATION__GENERATE__DIGITS: generate.digits = '999"),
        ("LOG", "info", "SCANSTATION__LOG: log = 'info': must be a table"),
        ("LOG", "{ levl = 'info' }", 'SCANSTATION__LOG: unknown key "log.levl"; see'),
        (
            "DISPLAY__LISTEN",
            "0.0.0.0:80",
            "SCANSTATION__DISPLAY__LISTEN: display.listen = '0.0.0.0:80': other",
        ),
    ],
)
def test_an_invalid_variable_is_refused_and_named(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, says: str
) -> None:
    monkeypatch.setenv(f"SCANSTATION__{name}", text)
    with pytest.raises(ConfigError) as caught:
        load(config)
    assert str(caught.value).startswith(says)


def test_two_variables_for_one_key_are_refused(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANSTATION__LOG__LEVEL", "info")
    monkeypatch.setenv("SCANSTATION__log__level", "debug")
    assert read(config).mistakes == (
        "SCANSTATION__LOG__LEVEL and SCANSTATION__log__level set the same key; unset one of them",
    )


def test_other_variables_are_ignored() -> None:
    assert variables({"SCANSTATION_CONFIG": "x", "scanstation__LOG": "x", "PATH": "x"}) == []
