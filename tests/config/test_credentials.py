"""Secrets in files: the database's password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from station.config.loading import from_table
from station.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

URL = "postgresql+psycopg://dock@database.example/returns"


def database_url(password_file: Path | str, url: str = URL) -> str:
    config = from_table({"database": {"url": url, "password_file": str(password_file)}}, "config.toml")
    return config.database_url()


def test_the_password_from_a_file_is_added_to_the_url(tmp_path: Path) -> None:
    secret = tmp_path / "database-password"
    secret.write_text("s/e:c@r%t\n")

    assert database_url(secret) == "postgresql+psycopg://dock:s%2Fe%3Ac%40r%25t@database.example/returns"


def test_a_service_reads_its_credential_if_it_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "database-password").write_text("given")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))

    assert database_url("/etc/scanstation/database-password").startswith("postgresql+psycopg://dock:given@")


def test_a_file_that_is_not_a_credential_is_read_from_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "database-password"
    secret.write_text("lies here")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "none"))

    assert ":lies%20here@" in database_url(secret)


def test_a_missing_password_file_is_named_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape(str(tmp_path / "none"))) as error:
        database_url(tmp_path / "none")

    assert "database.password_file" in str(error.value)


@pytest.mark.parametrize("content", ["", "\n", "one\ntwo\n"])
def test_a_password_file_must_have_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret").write_text(content)

    with pytest.raises(ConfigError, match="must hold one line"):
        database_url(tmp_path / "secret")


@pytest.mark.parametrize("url", ["", "sqlite:////srv/station.db", URL.replace("dock", "dock:secret")])
def test_a_url_without_a_user_or_with_a_password_takes_no_password_file(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match=r"database\.url must name a user") as error:
        database_url(tmp_path, url)

    assert "secret" not in str(error.value)
