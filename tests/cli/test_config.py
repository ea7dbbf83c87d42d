"""``config check`` and ``config show`` through the installed command."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

from station.config.loading import load_file

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.running import Workplace

SCANNER = '[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "/dev/ttyS0" }\n'


def drop_in(workplace: Workplace, name: str, text: str) -> Path:
    path = workplace.config.with_suffix(".d") / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_valid_configuration_is_confirmed_with_all_files_read(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = drop_in(workplace, "10-left.toml", SCANNER)
    second = drop_in(workplace, "20-log.toml", '[log]\nlevel = "error"\n')
    ignored = drop_in(workplace, "20-log.toml.bak", "")
    monkeypatch.setenv("SCANSTATION__STATION__NAME", "dock-7")
    assert workplace.run("config", "check").out.splitlines() == [
        f"{workplace.config}: all right",
        '  station "dock-7", scanners: left',
        f"  read: {workplace.config}",
        f"  read: {first}",
        f"  read: {second}",
        "  read: SCANSTATION__STATION__NAME",
        f"  warning: {ignored}: is ignored; the name of a drop-in must end in .toml and not begin with a dot",
    ]


def test_only_mistakes_are_printed_each_with_its_file_or_variable(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = drop_in(workplace, "10.toml", SCANNER + "gap_ms = 'x'\n[log]\nlevel = 'loud'\n")
    monkeypatch.setenv(name := "SCANSTATION__GENERATE__DIGITS", "many")
    result = workplace.run("config", "check", code=2)
    assert result.out == ""
    assert result.err.splitlines() == [
        f'scanstation: {bad}: log.level = \'loud\': must be "debug", "info", "warning" or "error"',
        f"scanstation: {bad}: scanner[1].gap_ms = 'x': must be a whole number from 0 to 60000",
        f"scanstation: {name}: generate.digits = 'many': must be a whole number from 1 to 12",
    ]
    assert workplace.run("memo", "list", code=2).err.strip() in result.err.splitlines()


def test_an_unsupported_database_is_reported(workplace: Workplace) -> None:
    workplace.config.write_text('[database]\nurl = "mysql://me:geheim@host/x"\n')
    result = workplace.run("config", "check", code=2)
    assert result.out == ""
    assert 'database.url = "mysql://…": must begin with sqlite:/// or postgresql' in result.err


def test_each_named_file_is_checked(workplace: Workplace) -> None:
    bad = workplace.directory / "bad.toml"
    bad.write_text("[station")
    result = workplace.run("config", "check", bad, workplace.config, "none.toml", code=2)
    assert result.out.startswith(f"{workplace.config}: all right\n")
    assert f"scanstation: {bad}: is not valid TOML" in result.err
    assert "scanstation: none.toml: can't be read: No such file or directory" in result.err


def test_a_drop_in_is_checked_with_the_file_it_belongs_to(workplace: Workplace) -> None:
    workplace.configure(SCANNER)
    change = drop_in(workplace, "10.toml", '[[scanner]]\nname = "left"\naim = "x"\n')
    other = drop_in(workplace, "20.toml", "")
    result = workplace.run("config", "check", change, other, code=2)
    assert result.err.splitlines() == [
        f'scanstation: {change}: scanner[1].aim = \'x\': must be "auto", "always" or "never"'
    ]


def test_the_settings_in_force_are_shown_with_their_origin(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop_in(workplace, "10.toml", "\n[preferences]\nprompt_timeout_s = 30\n")
    monkeypatch.setenv("SCANSTATION__DATABASE__URL", "postgresql+psycopg://me:geheim@host/db")
    result = workplace.run("config", "show", "--json")
    assert "geheim" not in result.out
    rows = {row["key"]: row for row in result.rows}
    assert rows["preferences.prompt_timeout_s"] == {
        "key": "preferences.prompt_timeout_s",
        "value": 30,
        "from": "file",
        "source": str(path),
        "line": 3,
    }
    assert rows["database.url"] == {
        "key": "database.url",
        "value": "postgresql+psycopg://me:***@host/db",
        "from": "variable",
        "source": "SCANSTATION__DATABASE__URL",
        "line": None,
    }
    assert rows["log.level"] == {
        "key": "log.level",
        "value": "info",
        "from": "default",
        "source": None,
        "line": None,
    }


def test_the_table_shows_the_same(workplace: Workplace) -> None:
    workplace.configure(SCANNER)
    whole, changed = workplace.run("config", "show").out, workplace.run("config", "show", "--changed").out
    for line in (("station.name", '"dock-1"', f"{workplace.config}:2"), ("scanner[1].name", '"left"')):
        assert all(text in out for out in (whole, changed) for text in line)
    for text in ("log.level", "default", r'"\r"'):
        assert text in whole
        assert text not in changed


def test_all_layers_can_be_written_as_one_file(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    workplace.configure(SCANNER)
    drop_in(workplace, "10.toml", '[[scanner]]\nname = "left"\nterminator = "\\r\\n"\n[[house_format]]\n')
    monkeypatch.setenv("SCANSTATION__STATION__LOCATION", "1")
    one = tmp_path / "one.toml"
    one.write_text(workplace.run("config", "show", "--toml").out)
    assert tomllib.loads(one.read_text())["station"]["location"] == "1"
    shown = workplace.run("config", "show", "--json").rows
    for name in ("SCANSTATION__STATION__LOCATION", "SCANSTATION_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    alone = workplace.run("--config", one, "config", "show", "--json").rows
    assert [(row["key"], row["value"]) for row in shown] == [(row["key"], row["value"]) for row in alone]
    assert load_file(one).scanner[0].terminator == "\r\n"


def test_a_wrong_configuration_is_not_shown(workplace: Workplace) -> None:
    workplace.configure("[preferences]\nnegativ = 1\n")
    result = workplace.run("config", "show", code=2)
    assert result.out == ""
    assert 'unknown key "preferences.negativ"' in result.err


def test_without_any_file_the_defaults_are_shown(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(workplace), "environment", lambda *_: {"HOME": str(workplace.directory)})
    rows = [json.loads(line) for line in workplace.run("config", "show", "--json").out.splitlines()]
    assert {row["from"] for row in rows} == {"default"}
    assert workplace.run("config", "show", "--toml").out == ""
