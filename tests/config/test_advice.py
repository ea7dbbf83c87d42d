"""Advice on settings that are valid, but hardly intended."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from station.config.advice import advice
from station.config.loading import read

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = '[database]\nurl = "postgresql+psycopg://me:geheim@db.example.com/x"\n'

WEBHOOK = '[[publish]]\nname = "erp"\nkind = "webhook"\nurl = "https://erp.example.com/"\n'


@pytest.fixture
def path() -> Iterator[Path]:
    """A file that everyone can reach, with a directory for drop-ins."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        (directory / "dock.d").mkdir()
        (directory / "dock.toml").write_text("")
        (directory / "dock.toml").chmod(0o644)
        yield directory / "dock.toml"


def advice_on(path: Path, **variables: str) -> list[str]:
    return [each.replace(f"{path.parent}/", "") for each in advice(read(path), variables)]


def test_there_is_no_advice_on_a_good_configuration(path: Path) -> None:
    path.write_text(
        f'[database]\nurl = "postgresql+psycopg://me@db/x"\npassword_file = "{path}"\n'
        f'{WEBHOOK}token_file = "{path}"\n'
    )
    (path.parent / "dock.d" / "10.toml").write_text('[station]\nname = "a"\n')
    (path.parent / "dock.d" / ".10.toml.swp").write_text("")
    assert advice_on(path, SCANSTATION_CONFIG="x", SCANSTATION_CA="x", SCANSTATION__LOG__LEVEL="info") == []


def test_missing_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(
        '[database]\nurl = "postgresql+psycopg://me@db/x"\npassword_file = "./given"\n'
        '[display]\ncertificate = "/no/cert.pem"\nkey = "/no/key.pem"\n'
        '[label_printer]\nkind = "file"\ndirectory = "/no/labels"\n'
        f'{WEBHOOK}key_file = "/no/key"\n'
    )
    (path.parent / "given").write_text("x")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent))
    assert advice_on(path) == [
        f"{key} = {value!r}: no such file on this machine"
        for key, value in {
            "display.certificate": "/no/cert.pem",
            "display.key": "/no/key.pem",
            "label_printer.directory": "/no/labels",
            "publish[1].key_file": "/no/key",
        }.items()
    ]


@pytest.mark.parametrize("name", ["README", "10.conf", ".10.toml", "10.TOML"])
def test_a_file_that_looks_like_a_drop_in_but_is_not_read(path: Path, name: str) -> None:
    (path.parent / "dock.d" / name).write_text("")
    assert advice_on(path) == [
        f"dock.d/{name}: is ignored; the name of a drop-in must end in .toml and not begin with a dot"
    ]


def test_a_password_that_everyone_can_read(path: Path) -> None:
    path.write_text(URL)
    assert advice_on(path) == [
        "dock.toml: database.url holds a secret that everyone on this machine can read; chmod o-r"
    ]
    path.chmod(0o640)
    assert advice_on(path) == []
    path.chmod(0o644)
    path.parent.chmod(0o750)
    assert advice_on(path) == []


def test_a_password_in_a_variable(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANSTATION__DATABASE__URL", "postgresql+psycopg://me:geheim@db/x")
    (line,) = advice_on(path)
    assert line.startswith("SCANSTATION__DATABASE__URL: database.url holds a secret, and everyone")
    assert "geheim" not in line


def test_a_file_that_everyone_can_change(path: Path) -> None:
    drop_in = path.parent / "dock.d" / "10.toml"
    drop_in.write_text("")
    drop_in.chmod(0o666)
    assert advice_on(path) == ["dock.d/10.toml: everyone on this machine can change it; chmod o-w"]


def test_an_empty_list_of_tables_removes_nothing(path: Path) -> None:
    path.write_text("house_format = []\n")
    (path.parent / "dock.d" / "10.toml").write_text("scanner = []\n")
    assert advice_on(path) == [
        "dock.d/10.toml: scanner = [] removes nothing: such tables are added to earlier ones"
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SCANSTATION_LOG_LEVEL", "SCANSTATION__LOG__…"),
        ("SCANSTATION_LABEL_PRINTER__KIND", "SCANSTATION__LABEL_PRINTER__…"),
        ("SCANSTATION_display__listen", "SCANSTATION__DISPLAY__…"),
    ],
)
def test_a_variable_with_one_underscore_too_few(path: Path, name: str, meant: str) -> None:
    assert advice_on(path, **{name: "x"}) == [
        f"{name}: is ignored; put two underscores before and after the table's name: {meant}"
    ]


def test_other_variables_are_not_checked(path: Path) -> None:
    assert (
        advice_on(path, SCANSTATION_URL="x", SCANSTATION_FULL="1", SCANSTATION_STATIONERY_X="1", LOG="x")
        == []
    )
