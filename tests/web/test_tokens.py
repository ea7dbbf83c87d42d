"""Tokens and what they allow."""

from __future__ import annotations

import fcntl
import http.client
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

import pytest

from station.config.settings import DisplaySettings, Preferences
from station.errors import StationError
from station.labels.commands import Command, check_of
from station.repository.database import open_engine
from station.repository.schema import upgrade
from station.repository.signing import made_key
from station.web.access import Access
from station.web.guard import Facing
from station.web.tokens import TokenFile
from station.worker.handler import NOT_OURS
from tests.stations import SILENT, fill, seat
from tests.web.asking import JSON, asked, problem_of
from tests.web.certificates import certificates
from tests.web.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from station.web.tokens import Scope, Token
    from tests.web.served import Served

MEMO = {"kind": "credit_memo", "location": "MAIN"}
ASKED: dict[str, tuple[str, str, Any, set[str]]] = {
    "state": ("GET", "/api/v1/state", None, {"display"}),
    "scans": ("POST", "/api/v1/scans", {"text": "X"}, {"display", "documents"}),
    "commands": ("POST", "/api/v1/commands", {"command": "close"}, {"display", "documents"}),
    "history": ("GET", "/api/v1/history", None, {"display", "documents"}),
    "documents": ("GET", "/api/v1/documents", None, {"display", "documents"}),
    "document": ("GET", "/api/v1/documents/CM-1", None, {"display", "documents"}),
    "put_document": ("PUT", "/api/v1/documents/CM-9", MEMO, {"documents"}),
    "change_unit": ("POST", "/api/v1/units/A0001", {}, {"documents"}),
}
OPEN = ("/healthz", "/readyz", "/openapi.json")


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path, "dock-1")


@pytest.fixture
def here(sqlite_url: str, tokens: TokenFile) -> Iterator[Served]:
    with _served(sqlite_url, tokens, SILENT) as here:
        yield here


@pytest.fixture
def signed(sqlite_url: str, tokens: TokenFile) -> Iterator[Served]:
    """A station that demands checks of commands (D11)."""
    with _served(sqlite_url, tokens, Preferences()) as here:
        yield here


@contextmanager
def _served(url: str, tokens: TokenFile, preferences: Preferences) -> Iterator[Served]:
    engine = open_engine(url)
    upgrade(engine)
    fill(engine)
    working = seat(engine, preferences=preferences)
    with served(engine, working=working, access=Access(tokens, "dock-1")) as here:
        yield here
    engine.dispose()


def _bearer(secret: str) -> dict[str, str]:
    return JSON | {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("name", ASKED)
def test_without_a_token_nothing_is_served(here: Served, tokens: TokenFile, name: str) -> None:
    tokens.create("kiosk", ["admin"])
    method, path, body, _ = ASKED[name]
    for headers in (JSON, _bearer("scanstation_wrong"), JSON | {"Authorization": "Basic YTpi"}, _bearer("")):
        status, answer, answered = asked(here.url, method, path, body, headers)
        assert (status, answer["title"]) == (401, "Unauthorized")
        assert answered["WWW-Authenticate"] == "Bearer"


def test_the_events_need_a_token_too(here: Served) -> None:
    assert problem_of(here.url, "GET", "/api/v1/events")[0] == 401


@pytest.mark.parametrize("path", OPEN)
def test_health_and_description_are_public(here: Served, path: str) -> None:
    assert asked(here.url, "GET", path)[0] == 200


@pytest.mark.parametrize("scope", ["display", "documents", "metrics", "admin"])
@pytest.mark.parametrize("name", ASKED)
def test_a_token_is_valid_only_for_its_scopes(
    here: Served, tokens: TokenFile, scope: Scope, name: str
) -> None:
    method, path, body, scopes = ASKED[name]
    status, answer, _ = asked(here.url, method, path, body, _bearer(tokens.create("it", [scope])))
    if scope in scopes | {"admin"}:
        assert status in {200, 201}
    else:
        assert (status, 'token "it" is not allowed to do this' in answer["detail"]) == (403, True)


def test_a_display_may_not_give_the_offices_commands(here: Served, tokens: TokenFile) -> None:
    body = {"command": "cancel-document CM-1"}
    display, office = tokens.create("a", ["display"]), tokens.create("b", ["display", "documents"])
    assert problem_of(here.url, "POST", "/api/v1/commands", body, _bearer(display))[0] == 403
    assert asked(here.url, "POST", "/api/v1/commands", body, _bearer(office))[1]["refused"] is None


def test_the_office_needs_only_its_own_scope(here: Served, tokens: TokenFile) -> None:
    office = _bearer(tokens.create("erp", ["documents"]))
    body = {"command": "cancel-document CM-1"}
    assert asked(here.url, "POST", "/api/v1/commands", body, office)[1]["refused"] is None
    refused = asked(here.url, "POST", "/api/v1/commands", {"command": "open CM-1"}, office)[1]["refused"]
    assert refused == "document CM-1 is cancelled"


def test_d11_a_program_with_only_the_scope_display_needs_the_check_of_a_command(
    signed: Served, tokens: TokenFile, sqlite_url: str
) -> None:
    display = _bearer(tokens.create("screen", ["display"]))

    def said(command: str) -> Any:
        return asked(signed.url, "POST", "/api/v1/commands", {"command": command}, display)[1]

    for command in ("open CM-1", "badge BOSS", "save", "open CM-1~0000"):
        assert [row["reason"] for row in said(command)["rows"]] == [NOT_OURS]
    engine = open_engine(sqlite_url)
    check = check_of(made_key(engine), Command.OPEN, "CM-1")
    engine.dispose()
    opened = said(f"open CM-1~{check}")
    assert (opened["refused"], opened["rows"]) == (None, [])
    # A choice has no code that a label could hold.
    assert said("choose 1")["refused"] == "there is nothing to choose from"


def test_d11_a_touch_on_the_page_needs_no_check(signed: Served, tokens: TokenFile) -> None:
    page = _bearer(tokens.create("kiosk", ["display"])) | {"Origin": signed.url}
    said = asked(signed.url, "POST", "/api/v1/commands", {"command": "open CM-1"}, page)[1]
    assert (said["refused"], said["rows"]) == (None, [])


def test_creating_and_revoking_a_token_takes_effect_at_once(here: Served, tokens: TokenFile) -> None:
    other = TokenFile(tokens.path.parent, "dock-1")
    secret = other.create("kiosk", ["display"])
    assert asked(here.url, "GET", "/api/v1/state", None, _bearer(secret))[0] == 200
    other.revoke("kiosk")
    assert asked(here.url, "GET", "/api/v1/state", None, _bearer(secret))[0] == 401


def test_a_damaged_token_file_lets_nobody_in(here: Served, tokens: TokenFile) -> None:
    secret = tokens.create("kiosk", ["display"])
    tokens.path.write_text("{")
    status, detail = problem_of(here.url, "GET", "/api/v1/state", None, _bearer(secret))
    assert (status, "is damaged" in detail) == (503, True)


@pytest.mark.parametrize("is_right", [(True, True), (True, False), (False, True)])
def test_two_authorization_headers_count_as_none(
    here: Served, tokens: TokenFile, is_right: tuple[bool, ...]
) -> None:
    secret = tokens.create("kiosk", ["display"])
    connection = here.connection()
    connection.putrequest("GET", "/api/v1/state")
    for right in is_right:
        connection.putheader("Authorization", f"Bearer {secret if right else 'x'}")
    connection.endheaders()
    assert connection.getresponse().status == 401
    connection.close()


# A browser


def _login(here: Served, secret: str, **headers: str) -> http.client.HTTPResponse:
    return _typed(here.connection(), secret, headers)


def _typed(
    connection: http.client.HTTPConnection, secret: str, headers: dict[str, str]
) -> http.client.HTTPResponse:
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    connection.request("POST", "/login", urlencode({"token": secret}), form)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_the_token_is_typed_once_and_then_kept_in_a_cookie(here: Served, tokens: TokenFile) -> None:
    secret = tokens.create("kiosk", ["display"])
    connection = here.connection()
    connection.request("GET", "/")
    first = connection.getresponse()
    assert (first.status, first.getheader("location"), first.read()) == (303, "/login", b"")
    connection.request("GET", "/login")
    page = connection.getresponse()
    assert page.status == 200
    assert b'<form method="post" action="/login">' in page.read()
    answer = _login(here, secret, Origin=here.url)
    assert (answer.status, answer.getheader("location")) == (303, "/")
    cookie = answer.getheader("set-cookie", "")
    assert cookie.startswith(f"dock-1={secret}; HttpOnly; Max-Age=34560000; Path=/; SameSite=strict")
    known = {"Cookie": cookie.partition(";")[0]}
    connection.request("GET", "/", headers=known)
    assert connection.getresponse().read().startswith(b"<!doctype html>")
    assert asked(here.url, "GET", "/api/v1/state", None, known)[0] == 200
    connection.request("GET", "/api/v1/events", headers=known)
    assert connection.getresponse().status == 200
    connection.close()
    tokens.revoke("kiosk")
    assert asked(here.url, "GET", "/api/v1/state", None, known)[0] == 401


def test_with_tls_the_cookie_never_goes_without_it(
    sqlite_url: str, tokens: TokenFile, tmp_path: Path
) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    files = certificates(tmp_path)
    tls = DisplaySettings(listen="127.0.0.1:0", certificate=str(files.certificate), key=str(files.key))
    with served(engine, display=tls, access=Access(tokens, "dock-1")) as here:
        host = here.url.removeprefix("https://")
        connection = http.client.HTTPSConnection(host, timeout=60, context=files.context)
        answer = _typed(connection, tokens.create("kiosk", ["display"]), {})
    engine.dispose()
    assert answer.getheader("set-cookie", "").endswith("; SameSite=strict; Secure")


def test_a_token_that_is_unknown_or_not_for_displays_gives_no_cookie(here: Served, tokens: TokenFile) -> None:
    for secret, status in (("wrong", 401), (tokens.create("erp", ["documents"]), 403), ("", 401)):
        answer = _login(here, secret)
        assert (answer.status, answer.getheader("set-cookie")) == (status, None)


def test_the_login_speaks_the_displays_language(engine: Engine, tokens: TokenFile) -> None:
    fill(engine)
    with served(engine, access=Access(tokens, "dock-1"), facing=Facing(language="de")) as here:
        connection = here.connection()
        connection.request("GET", "/login")
        page = connection.getresponse().read().decode()
        connection.request(
            "POST", "/login", "token=wrong", {"Content-Type": "application/x-www-form-urlencoded"}
        )
        refused = connection.getresponse().read().decode()
        connection.close()
    assert '<html lang="de">' in page
    assert "Anzeige öffnen" in page
    assert "Dieses Token ist unbekannt." in refused


def test_another_page_can_not_log_a_browser_in(here: Served, tokens: TokenFile) -> None:
    secret = tokens.create("kiosk", ["display"])
    assert _login(here, secret, Origin="http://evil.example").status == 403
    assert _login(here, secret, **{"Sec-Fetch-Site": "cross-site"}).status == 403


def test_logging_out_deletes_the_cookie(here: Served) -> None:
    connection = here.connection()
    connection.request("POST", "/logout")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("location")) == (303, "/login")
    assert 'dock-1=""; HttpOnly; Max-Age=0' in answer.getheader("set-cookie", "")
    connection.close()


def test_if_no_token_is_needed_the_login_redirects_to_the_display(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    with served(engine) as here:
        connection = here.connection()
        connection.request("GET", "/login")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("location")) == (303, "/")
        connection.close()
    engine.dispose()


# The file


def test_the_file_contains_no_token_and_only_the_station_can_read_it(tokens: TokenFile) -> None:
    secret = tokens.create("kiosk", ["display", "documents", "display"])
    assert len(secret) > 50
    assert secret.removeprefix("scanstation_") not in tokens.path.read_text()
    assert stat.S_IMODE(tokens.path.stat().st_mode) == 0o600
    (token,) = TokenFile(tokens.path.parent, "dock-1").tokens()
    assert (token.name, token.scopes) == ("kiosk", ("display", "documents"))
    assert list(tokens.path.parent.iterdir()) == [tokens.path]


def test_the_directory_is_locked_while_the_file_is_changed(tmp_path: Path) -> None:
    class Watched(TokenFile):
        locked: ClassVar[list[bool]] = []

        def _write(self, tokens: tuple[Token, ...]) -> None:
            self.locked.append(_is_locked(tmp_path))
            super()._write(tokens)

    tokens = Watched(tmp_path, "dock-1")
    tokens.create("kiosk", ["display"])
    tokens.revoke("kiosk")
    assert tokens.locked == [True, True]
    assert not _is_locked(tmp_path)


def _is_locked(directory: Path) -> bool:
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def test_a_token_is_on_the_disk_before_it_counts_and_its_name_before_it_is_shown(
    tokens: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[bool, bool, int]] = []

    def noted(handle: int) -> None:
        found = os.fstat(handle)
        is_directory = stat.S_ISDIR(found.st_mode)
        synced.append((is_directory, tokens.path.exists(), 0 if is_directory else found.st_size))

    monkeypatch.setattr(os, "fsync", noted)
    tokens.create("kiosk", ["display"])
    assert synced == [(False, False, tokens.path.stat().st_size), (True, True, 0)]


def test_tokens_are_different_and_their_names_are_unique(tokens: TokenFile) -> None:
    secrets = {tokens.create(f"t{number}", ["display"]) for number in range(20)}
    assert len(secrets) == 20
    with pytest.raises(StationError, match='token "t3" already exists; revoke it first'):
        tokens.create("t3", ["admin"])
    tokens.revoke("t3")
    tokens.create("t3", ["admin"])
    with pytest.raises(StationError, match='token "nobody" is unknown; known tokens: t0, t1'):
        tokens.revoke("nobody")


def test_a_token_is_found_only_by_its_exact_secret(tokens: TokenFile) -> None:
    secrets = {name: tokens.create(name, ["display"]) for name in ("a", "b")}
    for name, secret in secrets.items():
        found = tokens.holder(secret)
        assert found is not None
        assert found.name == name
    for wrong in (secrets["a"][:-1], secrets["a"] + "x", "", "\ud800", tokens.tokens()[0].sha256):
        assert tokens.holder(wrong) is None
