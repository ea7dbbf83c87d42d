from __future__ import annotations

import ssl
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from station.config.publishing import PublishSettings
from station.errors import ConfigError, PublishError, PublishRefusedError
from station.outputs.publishers.webhook import WebhookSender, retry_after_s
from tests.outputs.publishers.fakes import end_of, move
from tests.outputs.publishers.receiver import drip, drop, hang, receiving
from tests.outputs.publishers.rows import row
from tests.running import PATIENCE_S
from tests.web.certificates import certificates

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from tests.outputs.publishers.receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the scheme's own example


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def _sender(url: str, **more: Any) -> WebhookSender:
    return WebhookSender(PublishSettings(name="erp", kind="webhook", url=url, **more), "publish[1]")


def test_rows_go_in_one_request_with_an_id_and_a_time(receiver: Receiver) -> None:
    _sender(receiver.url + "?site=1").send_rows([row("a"), row("b")])
    (request,) = receiver.requests
    assert request.path == "/scans?site=1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"].startswith("msg_")
    assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < PATIENCE_S
    assert "webhook-signature" not in request.headers
    assert "authorization" not in request.headers
    assert request.json["type"] == "history"
    assert [each["id"] for each in request.json["rows"]] == ["a", "b"]
    assert request.json["rows"][0] == {
        "id": "a", "at": "2026-11-23T05:00:00.812Z", "station": "dock-1", "session": 1, "document": "CM-1",
        "action": "Assigned", "reason": None, "serial_number": "SN-1", "mfr_serial_number": None,
        "item": "PROC-1", "description": "Processor", "stock_area": "SOLD", "operator": None,
        "scanner": "left", "text": "SN-1", "quantity": 1, "note": None, "reason_code": None,
        "condition": None, "receipt": None,
    }  # fmt: skip


def test_d10_moves_go_together_in_one_request(receiver: Receiver) -> None:
    _sender(receiver.url).send_moves([move(1), move(2, is_generated=True)])
    (request,) = receiver.requests
    assert request.json["type"] == "moves"
    assert request.json["moves"][0] == {
        "station": "dock-1", "number": 1, "at": "2026-11-23T05:00:00.812Z", "event": "Booked",
        "document": "CM-1", "serial_number": "SN-1", "item": "PROC-1", "quantity": 1, "from_area": "SOLD",
        "to_area": "RETURNS", "operator": None, "session": 1, "receipt": 1, "from_item": None, "note": None,
        "reason_code": None, "condition": None,
    }  # fmt: skip
    assert request.json["moves"][1]["generated"] is True


def test_the_end_of_a_session_goes_in_a_request_of_its_own(receiver: Receiver) -> None:
    _sender(receiver.url).send_session(end_of(7))
    (request,) = receiver.requests
    assert request.json["type"] == "session_ended"
    assert (request.json["session"]["session"], request.json["session"]["ended_why"]) == (7, "saved")


def test_a_repeated_request_has_the_same_id_and_any_other_another(receiver: Receiver) -> None:
    sender = _sender(receiver.url)
    for rows in ([row("a")], [row("a")], [row("a"), row("b")]):
        sender.send_rows(rows)
    first, again, more = (each.headers["webhook-id"] for each in receiver.requests)
    assert first == again != more


def test_a_token_is_sent(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0k3n\n")
    _sender(receiver.url, token_file=str(tmp_path / "token")).send_rows([row()])
    assert receiver.requests[0].headers["authorization"] == "Bearer t0k3n"


@pytest.mark.parametrize("token", ["two words", "é", "a\tb"])
def test_a_token_that_would_break_the_request_is_refused(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)
    with pytest.raises(ConfigError, match=r"publish\[1\]\.token_file = .*only ASCII characters"):
        _sender("http://localhost", token_file=str(tmp_path / "token"))


def test_a_key_is_read_from_the_services_credentials(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "webhook-key").write_text(SECRET)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    _sender(receiver.url, key_file="/etc/scanstation/webhook-key").send_rows([row()])
    assert receiver.requests[0].headers["webhook-signature"].startswith("v1,")


# What receivers answer


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
def test_any_2xx_confirms(receiver: Receiver, status: int) -> None:
    receiver.script.append(status)
    _sender(receiver.url).send_rows([row()])


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
def test_a_temporary_failure_may_be_retried(receiver: Receiver, status: int) -> None:
    receiver.script.append(status)
    with pytest.raises(PublishError, match=f"localhost:{receiver.server_port} answers {status}$") as caught:
        _sender(receiver.url).send_rows([row()])
    assert not isinstance(caught.value, PublishRefusedError)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
def test_a_refusal_needs_a_person(receiver: Receiver, status: int) -> None:
    receiver.script.append(status)
    with pytest.raises(PublishRefusedError, match=f"answers {status}: find out why"):
        _sender(receiver.url).send_rows([row()])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    with receiving() as elsewhere:
        receiver.script.append((status, {"Location": elsewhere.url}))
        with pytest.raises(PublishRefusedError, match="redirects are not followed"):
            _sender(receiver.url).send_rows([row()])
        assert elsewhere.requests == []


def test_a_receiver_may_ask_for_a_pause(receiver: Receiver) -> None:
    receiver.script.append((429, {"Retry-After": "120"}))
    with pytest.raises(PublishError) as caught:
        _sender(receiver.url).send_rows([row()])
    assert caught.value.retry_after_s == 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        ("9" * 30, 999_999_999),
        ("Mon, 23 Nov 2026 05:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 04:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 05:01:00", 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("٣", 0),
        ("Mon, 99 Foo 99999 05:01:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_anything_else_is_ignored(value: str, seconds: float) -> None:
    assert retry_after_s(value, datetime(2026, 11, 23, 5, 0, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00" * 1000,
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 " + b"x" * 100_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
    ],
)
def test_an_invalid_answer_confirms_nothing(receiver: Receiver, answer: bytes) -> None:
    receiver.script.append(answer)
    with pytest.raises(PublishError):
        _sender(receiver.url).send_rows([row()])


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 99999999999\r\n\r\n" + b"x" * 200_000,
        b"Content-Length: -1\r\n\r\nxx",
        b"Content-Length: nonsense\r\n\r\nxx",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\r\n\xff\xfe",
    ],
)
def test_the_body_of_an_answer_is_ignored(receiver: Receiver, body: bytes) -> None:
    receiver.script.append(b"HTTP/1.1 200 OK\r\n" + body)
    _sender(receiver.url).send_rows([row()])


def test_a_receiver_that_hangs_up_has_confirmed_nothing(receiver: Receiver) -> None:
    receiver.script.append(drop)
    with pytest.raises(PublishError):
        _sender(receiver.url).send_rows([row()])


@pytest.mark.parametrize("never_ends", [hang, drip])
def test_a_receiver_that_never_ends_its_answer_is_cut_off(receiver: Receiver, never_ends: object) -> None:
    receiver.script.append(never_ends)
    with pytest.raises(PublishError, match="no answer within 1 s"):
        _sender(receiver.url, timeout_s=1).send_rows([row()])


@pytest.mark.parametrize("head", [b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nRetry-Af"])
def test_a_head_that_was_cut_off_confirms_nothing(receiver: Receiver, head: bytes) -> None:
    def begin_and_hang(connection: socket.socket) -> None:
        connection.sendall(head)
        hang(connection)

    receiver.script.append(begin_and_hang)
    with pytest.raises(PublishError, match="no answer within 1 s"):
        _sender(receiver.url, timeout_s=1).send_rows([row()])


def test_a_running_request_can_be_cut_off(receiver: Receiver) -> None:
    receiver.script.append(hang)
    sender = _sender(receiver.url, timeout_s=PATIENCE_S)
    failed = threading.Event()

    def send() -> None:
        with pytest.raises(PublishError):
            sender.send_rows([row()])
        failed.set()

    thread = threading.Thread(target=send)
    thread.start()
    receiver.wait_for(1)
    while not failed.wait(0.05):
        sender.abort()
    thread.join()


def test_an_unreachable_receiver_is_named_by_its_address_without_secrets() -> None:
    with receiving() as gone:
        pass
    with pytest.raises(PublishError) as caught:
        _sender(f"{gone.url}?token=s3cret").send_rows([row()])
    assert str(caught.value) == f"http://localhost:{gone.server_port}: Connection refused"


# TLS


def test_a_receiver_is_trusted_by_the_authority_that_is_configured(tmp_path: Path) -> None:
    files = certificates(tmp_path, "localhost")
    with receiving(tls=_server_side(files.certificate, files.key)) as receiver:
        _sender(receiver.url, ca_file=str(files.ca)).send_rows([row()])
        assert receiver.requests[0].json["type"] == "history"
        with pytest.raises(PublishError, match="certificate"):
            _sender(receiver.url).send_rows([row()])
        assert len(receiver.requests) == 1


def test_a_certificate_of_another_name_is_not_trusted(tmp_path: Path) -> None:
    files = certificates(tmp_path, "erp.example.com")
    with receiving(tls=_server_side(files.certificate, files.key)) as receiver:
        with pytest.raises(PublishError, match="localhost"):
            _sender(receiver.url, ca_file=str(files.ca)).send_rows([row()])
        assert receiver.requests == []


def test_a_receiver_without_tls_is_an_error(receiver: Receiver) -> None:
    with pytest.raises(PublishError, match="https://localhost"):
        _sender(receiver.url.replace("http:", "https:")).send_rows([row()])


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "can't be read: No such file"), ("no certificate", "contains no PEM certificate")],
)
def test_an_invalid_ca_file_is_a_configuration_error(tmp_path: Path, content: str | None, says: str) -> None:
    if content:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(ConfigError, match=rf"publish\[1\]\.ca_file = .*{says}"):
        _sender("https://localhost", ca_file=str(tmp_path / "ca.pem"))


def _server_side(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


# Proxies


def test_a_proxy_of_the_environment_is_asked_for_the_whole_address(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:p%40ss@localhost:{receiver.server_port}")
    _sender("http://erp.example.com/scans?a=1").send_rows([row()])
    (request,) = receiver.requests
    assert request.path == "http://erp.example.com:80/scans?a=1"
    assert request.headers["host"] == "erp.example.com:80"
    assert request.headers["proxy-authorization"] == "Basic dXNlcjpwQHNz"


def test_this_machine_and_what_no_proxy_lists_are_asked_without_it(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://localhost:9")
    _sender(receiver.url).send_rows([row()])
    assert len(receiver.requests) == 1
    monkeypatch.setenv("no_proxy", "example.invalid")
    with pytest.raises(PublishError, match=r"example\.invalid:80: (?!Connection refused)"):
        _sender("http://erp.example.invalid/").send_rows([row()])


def test_through_a_proxy_tls_reaches_the_receiver_itself(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"localhost:{receiver.server_port}")
    with pytest.raises(PublishError, match="Tunnel connection failed"):
        _sender("https://erp.example.com/scans").send_rows([row()])
    assert receiver.requests == []


def test_an_unknown_kind_of_proxy_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://localhost:1080")
    with pytest.raises(PublishError, match="https_proxy must be like http://"):
        _sender("https://erp.example.com/scans").send_rows([row()])
