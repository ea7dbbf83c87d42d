from __future__ import annotations

import os
from pathlib import Path

import pytest

from station.config.loading import from_table, load, load_file
from station.config.schema import Config
from station.errors import ConfigError


def test_a_requested_file_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "none.toml"
    with pytest.raises(ConfigError, match="can't be read: No such file"):
        load(missing)
    monkeypatch.setenv("SCANSTATION_CONFIG", str(missing))
    with pytest.raises(ConfigError, match="can't be read: No such file"):
        load()


def test_bytes_that_are_not_text_are_not_toml(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load_file(path)


def test_the_state_directory_is_the_configured_one_or_else_that_of_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/scanstation/left:/other")
    assert Config().state_directory() == Path("/var/lib/scanstation/left")
    assert Config().database_url() == "sqlite:////var/lib/scanstation/left/scanstation.db"
    own = from_table({"station": {"state_directory": str(tmp_path)}}, "test")
    assert own.state_directory() == tmp_path


def test_the_error_for_a_user_without_a_home_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_STATE_HOME", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    # A user without an entry in the password file.
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(ConfigError, match=r"set station\.state_directory"):
        Config().state_directory()
