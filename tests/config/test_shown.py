from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.loading import from_table
from station.config.rendering import has_secret, shown, without_secrets
from station.config.schema import Config

SECRET = "geheim-4711"  # noqa: S105 - not a real one
LOUD = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="@"), min_size=12)


def test_a_configuration_without_secrets_is_shown_unchanged() -> None:
    assert msgspec.json.encode(shown(Config())) == msgspec.json.encode(Config())


@pytest.mark.parametrize(
    ("key", "value", "seen"),
    [
        (
            "url",
            f"postgresql+psycopg://me:{SECRET}@db.example.com/x",
            "postgresql+psycopg://me:***@db.example.com/x",
        ),
        ("url", f"postgresql+psycopg://me:{SECRET}/@:@h1,h2/x", "postgresql+psycopg://me:***@h1,h2/x"),
        ("url", f"postgresql://h/x?user=a&password={SECRET}&b=c", "postgresql://h/x?user=a&password=***&b=c"),
        ("url", f"https://hooks.example.com/{SECRET}", "https://hooks.example.com/***"),
        ("url", f"https://hooks.example.com?x={SECRET}", "https://hooks.example.com/***"),
        ("url", "https://hooks.example.com", "https://hooks.example.com"),
        ("url", "mqtts://mqtt.example.com:8883", "mqtts://mqtt.example.com:8883"),
        ("url", "sqlite:////srv/station.db", "sqlite:////srv/station.db"),
        ("command", ["curl", f"ftp://me:{SECRET}@host"], ["curl", "ftp://me:***@host"]),
        ("password", SECRET, "***"),
        ("api_key", SECRET, "***"),
        ("headers", {"Authorization": SECRET, "Accept": "x"}, {"Authorization": "***", "Accept": "x"}),
        ("token", "", ""),
        ("password_file", "/etc/scanstation/password", "/etc/scanstation/password"),
        ("password_file", SECRET, "***"),
        ("key_file", f"whsec_{SECRET}", "***"),
        ("require_token", True, True),
        ("key", "/etc/ssl/dock.pem", "/etc/ssl/dock.pem"),
    ],
)
def test_secrets_are_hidden_and_nothing_else(key: str, value: Any, seen: Any) -> None:
    assert without_secrets(value, key) == seen


@given(LOUD)
def test_no_password_is_ever_shown(password: str) -> None:
    config = from_table({"database": {"url": f"postgresql+psycopg://me:{password}@host/db"}}, "test")
    assert shown(config)["database"]["url"] == "postgresql+psycopg://me:***@host/db"


def test_the_part_after_a_host_is_hidden_but_not_reported_as_a_secret() -> None:
    assert not has_secret("https://hooks.example.com/x", "url")
    assert has_secret("https://me:x@hooks.example.com/x", "url")
    assert has_secret({"password": "x"})
