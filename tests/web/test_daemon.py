"""The installed command over HTTP: with TLS and tokens, across a kill, and between an office and a dock."""

from __future__ import annotations

import http.client
import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.running import PATIENCE_S, Workplace
from tests.web.asking import JSON, ask
from tests.web.certificates import certificates
from tests.web.streams import stream

if TYPE_CHECKING:
    import ssl
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    place.configure()
    place.import_sample()
    return place


def _asked(url: str, tls: ssl.SSLContext, method: str, path: str, body: Any = None, **headers: str) -> Any:
    connection = http.client.HTTPSConnection(url.removeprefix("https://"), timeout=PATIENCE_S, context=tls)
    connection.request(method, path, None if body is None else json.dumps(body), JSON | headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, json.loads(answer) if answer else None


def test_other_machines_are_not_served_without_tls_and_a_token(place: Workplace) -> None:
    place.configure(listen="0.0.0.0:0")
    refused = place.run("run", code=2).err
    assert (
        "display.listen = '0.0.0.0:0': other machines are served with TLS only; set display.certificate"
        in refused
    )
    files = certificates(place.directory)
    place.configure(listen="0.0.0.0:0", display=files.settings)
    refused = place.run("run", code=2).err
    assert 'display.listen = "0.0.0.0:0": clients need a token, and there is none yet' in refused
    assert "scanstation token create NAME --scope display" in refused
    place.configure(display="require_token = true")
    assert "display.require_token = true: clients need a token" in place.run("run", code=2).err


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda files: files.key.unlink(), "can't be read: No such file"),
        (lambda files: files.key.write_text("-----BEGIN"), "must be a certificate and its key"),
        (
            lambda files: files.certificate.write_bytes(files.ca.read_bytes()),
            "must be a certificate and its key",
        ),
    ],
)
def test_an_unusable_certificate_is_named(place: Workplace, spoil: Any, message: str) -> None:
    files = certificates(place.directory)
    place.configure(display=files.settings)
    spoil(files)
    refused = place.run("run", code=2).err
    assert f'display.certificate = "{files.certificate}", display.key = "{files.key}": {message}' in refused


def test_with_tls_and_a_token_programs_commands_and_displays_get_in_and_nobody_else(place: Workplace) -> None:
    files = certificates(place.directory, "localhost", "dock.test")
    place.configure(listen="0.0.0.0:0", display=f'{files.settings}\nhost_names = ["dock.test"]')
    kiosk = place.run("token", "create", "kiosk", "--scope", "display").out.strip()
    erp = place.run("token", "create", "erp", "--scope", "documents").out.strip()
    meter = place.run("token", "create", "meter", "--scope", "metrics").out.strip()
    listed = place.run("token", "list", "--json")
    assert [(row["name"], row["scopes"]) for row in listed.rows] == [
        ("kiosk", ["display"]),
        ("erp", ["documents"]),
        ("meter", ["metrics"]),
    ]
    with place.daemon() as daemon:
        port = daemon.url.rpartition(":")[2]
        url, tls = f"https://localhost:{port}", files.context
        bearer = {"Authorization": f"Bearer {kiosk}"}
        assert _asked(url, tls, "GET", "/api/v1/state")[0] == 401
        assert _asked(url, tls, "GET", "/api/v1/state", **bearer)[0] == 200
        assert _asked(url, tls, "GET", "/api/v1/state", Host="dock.test", **bearer)[0] == 200
        assert _asked(url, tls, "GET", "/api/v1/state", Host="evil.test", **bearer)[0] == 403
        assert _asked(url, tls, "POST", "/api/v1/scans", {"text": "CM-1001"}, **bearer)[0] == 200
        assert _asked(url, tls, "PUT", "/api/v1/documents/CM-1", {"kind": "credit_memo", "location": "MAIN"},
                      Authorization=f"Bearer {erp}")[0] == 201  # fmt: skip
        assert _is_plain_http_refused(port)
        assert _cookie(url, tls, kiosk).startswith(
            f"__Host-dock-1={kiosk}; HttpOnly; Max-Age=34560000; Path=/;"
        )
        assert _cookie(url, tls, kiosk).endswith("; SameSite=strict; Secure")
        # Commands on this machine identify the station by its certificate, whatever name that has.
        without = place.run("memo", "close", code=1)
        assert "it requires a token: set SCANSTATION_TOKEN" in without.err
        assert "CM-1001 is closed" in _errors(place, kiosk, "memo", "close")
        assert "CM-1001 is open" in _errors(place, erp, "memo", "open", "CM-1001")
        assert "is not allowed to do this" in _errors(place, meter, "memo", "close")
        log = daemon.log_path.read_text()
    assert kiosk not in log
    assert erp not in log
    assert '"Traceback' not in log


def _cookie(url: str, tls: ssl.SSLContext, token: str) -> str:
    connection = http.client.HTTPSConnection(url.removeprefix("https://"), timeout=PATIENCE_S, context=tls)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": url}
    connection.request("POST", "/login", f"token={token}", form)
    cookie = connection.getresponse().getheader("set-cookie", "")
    connection.close()
    return cookie


def _is_plain_http_refused(port: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=PATIENCE_S)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (http.client.HTTPException, OSError):
        return True
    finally:
        connection.close()
    return False


def _errors(place: Workplace, token: str, *arguments: str) -> str:
    return place.run(*arguments, code=None, environment={"SCANSTATION_TOKEN": token}).err


def test_a_token_can_be_revoked_while_the_station_runs(place: Workplace) -> None:
    place.configure(display="require_token = true")
    secret = place.run("token", "create", "kiosk", "--scope", "display").out.strip()
    place.run("token", "create", "office", "--scope", "admin")
    with place.daemon() as daemon:
        bearer = {"Authorization": f"Bearer {secret}"}
        assert ask(daemon.url, "GET", "/api/v1/state", None, bearer)[0] == 200
        place.run("token", "revoke", "kiosk")
        assert ask(daemon.url, "GET", "/api/v1/state", None, bearer)[0] == 401


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["create", "kiosk"], "--scope"),
        (["create", "kiosk", "--scope", "root"], "root"),
        (["create", "a b", "--scope", "display"], 'token "a b": a name has up to 64 letters, digits'),
    ],
)
def test_an_invalid_token_is_refused(place: Workplace, arguments: list[str], message: str) -> None:
    assert message in place.run("token", *arguments, code=2).err
    assert place.run("token", "list", "--json").out == ""


def test_a_reader_misses_nothing_across_a_kill(place: Workplace) -> None:
    booked, received, last = [], [], "0"
    for life in range(3):
        with place.daemon() as daemon, stream(daemon.url, last) as events:
            if life == 0:
                ask(daemon.url, "POST", "/api/v1/commands", {"command": "open CM-1001"})
            for number in range(20):
                _, answer = ask(daemon.url, "POST", "/api/v1/scans", {"text": f"X{life}-{number}"})
                booked += [row["id"] for row in answer["rows"]]
            # Not all of them: the next reader gets the rest.
            received += [row["id"] for row in events.rows(10 + life * 5)]
            last = events.last_event_id
            daemon.process.send_signal(signal.SIGKILL)
            daemon.process.wait()
    with place.daemon() as daemon, stream(daemon.url, last) as events:
        received += [row["id"] for row in events.rows(len(booked) - len(received))]
    assert received == booked


def test_an_office_sends_a_document_and_fetches_what_the_dock_did(place: Workplace) -> None:
    serial, key = "PR400001", JSON | {"Idempotency-Key": "1"}
    memo = {"kind": "credit_memo", "location": "MAIN", "lines": [{"item": "PROC-8C", "requested": 2}]}
    with place.daemon() as daemon:
        assert ask(daemon.url, "PUT", "/api/v1/documents/CM-7001", memo)[0] == 201
        ask(daemon.url, "POST", "/api/v1/scans", {"text": "CM-7001"})
        _, answer = ask(
            daemon.url, "POST", "/api/v1/scans", {"text": serial}, JSON | {"Idempotency-Key": "1"}
        )
        assert answer["rows"][0]["action"] == "Assigned"
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait()
    with place.daemon() as daemon:
        assert ask(daemon.url, "POST", "/api/v1/scans", {"text": serial}, key)[1] == answer
        ask(daemon.url, "POST", "/api/v1/commands", {"command": "save yes"})
        _, result = ask(daemon.url, "GET", "/api/v1/documents/CM-7001")
    assert (result["status"], result["lines"][0]["credited"]) == ("saved", 1)
    assert result["lines"][0]["serial_numbers"][0]["serial_number"] == serial
    exported = json.loads(place.run("export", "CM-7001", "--format", "json").out)
    assert result == exported
