"""Secrets are removed, both known ones and text that looks like one."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.ops.support.redaction import SHORTEST, Redactor

SECRET = "hunter2-Zx9"  # noqa: S105 - not a real one
LOOK_LIKE_ONE = [
    f"postgresql+psycopg://dock:{SECRET}@db.example.com/stations",
    f"postgresql://dock:with@sign@{SECRET}@db/stations",
    f"amqp://:{SECRET}@host",
    f"https://hooks.example.com/x?api_key={SECRET}&page=2",
    f"host=db user=dock password={SECRET} dbname=x",
    f"Authorization: Bearer {SECRET}",
    f"'authorization': 'Basic {SECRET}'",
    f'"Authorization": "Token {SECRET}"',
    f"a client came with Bearer {SECRET}, and was refused",
    f"Set-Cookie: dock-1={SECRET}; HttpOnly",
    f"X-Hub-Signature: sha256={SECRET}",
    f"MQTT_PASSWORD={SECRET}",
    f"Environment=TZ=UTC DB_PWD={SECRET} LANG=C",
    f"SCANSTATION_TOKEN='{SECRET}'",
    f'webhook_secret = "{SECRET} and more"',
    f'{{"token": "{SECRET}"}}',
    f'{{"client_secret": "a\\"{SECRET}"}}',
    f"password: {SECRET}",
    f"SetCredential=token:{SECRET} and {SECRET}",
    f"scanstation_{SECRET}{SECRET}",
    f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n{SECRET}\n-----END EC PRIVATE KEY-----",
    f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
]
PLAIN = [
    "password_file = /etc/scanstation/password",
    '{"require_token": true, "token_file": "/run/x"}',
    "it requires a token: set SCANSTATION_TOKEN to one of its tokens",
    "display.certificate = /etc/ssl/dock-1.pem",
    "event=scan_rejected scanner=left reason=cut data=534e2d31",
    "http://127.0.0.1:8321/api/v1/state",
    "postgresql+psycopg://dock@db.example.com/stations",
    'database_password = ""',
    "a basic test",
]


@pytest.mark.parametrize("text", LOOK_LIKE_ONE)
def test_text_that_looks_like_a_secret_is_removed(text: str) -> None:
    cleaned = Redactor([]).clean(f"before\n{text}\nbehind\n")
    assert SECRET not in cleaned
    assert "***" in cleaned
    assert cleaned.startswith("before\n")


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_is_kept(text: str) -> None:
    assert Redactor([]).clean(text) == text


@given(secret=st.text(min_size=SHORTEST), before=st.text(max_size=5), after=st.text(max_size=5))
def test_a_known_secret_is_found_in_any_notation(secret: str, before: str, after: str) -> None:
    redactor = Redactor(["another", secret])
    for written in (
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    ):
        cleaned = redactor.clean(f"{before}{written}{after}")
        assert written not in cleaned.replace("***", "") or written in f"{before}{after}"


def test_a_secret_that_contains_another_is_removed_completely() -> None:
    assert Redactor(["abcd", "abcdefgh"]).clean("abcdefgh abcd") == "*** ***"
