from __future__ import annotations

import json
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest

from station.config.publishing import PublishSettings
from station.errors import ConfigError, PublishError, PublishRefusedError
from station.outputs.publishers.mqtt_sender import MqttSender
from station.outputs.publishers.sending import Bell
from tests.outputs.publishers.broker import broker as running_broker
from tests.outputs.publishers.broker import free_port, listening
from tests.outputs.publishers.fakes import end_of, move
from tests.outputs.publishers.rows import row
from tests.running import wait_until
from tests.web.certificates import certificates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.outputs.publishers.broker import Broker

pytestmark = pytest.mark.usefixtures("mosquitto")
HISTORY, MOVES, SESSIONS, STATUS = (
    f"scanstation/dock-1/{last}" for last in ("history", "moves", "sessions", "status")
)


@pytest.fixture
def senders() -> Iterator[list[MqttSender]]:
    """Closed at the end."""
    made: list[MqttSender] = []
    yield made
    for sender in made:
        sender.close()


def _sender(senders: list[MqttSender], url: str, **more: Any) -> MqttSender:
    senders.append(
        MqttSender(PublishSettings(name="broker", kind="mqtt", url=url, **more), "publish[1]", "dock-1")
    )
    return senders[-1]


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_each_row_move_and_end_of_a_session_is_a_message(
    broker: Broker, senders: list[MqttSender], version: str
) -> None:
    sender = _sender(senders, broker.url, version=version)
    with listening(broker.port) as listener:
        assert sender.open()
        sender.send_rows([row("a"), row("b")])
        sender.send_moves([move(7), move(8, is_generated=True)])
        sender.send_session(end_of(3))
        moved = [json.loads(each) for each in listener.wait_for(MOVES, 2)]
        assert [(each["number"], each.get("generated")) for each in moved] == [(7, None), (8, True)]
        assert moved[0]["event"] == "Booked"
        rows = [json.loads(each) for each in listener.wait_for(HISTORY, 2)]
        assert [each["id"] for each in rows] == ["a", "b"]
        assert rows[0]["at"] == "2026-11-23T05:00:00.812Z"
        assert json.loads(listener.wait_for(SESSIONS, 1)[0])["session"] == 3


def test_many_rows_come_in_order(broker: Broker, senders: list[MqttSender]) -> None:
    sender = _sender(senders, broker.url)
    ids = [str(number) for number in range(700)]
    with listening(broker.port) as listener:
        sender.open()
        sender.send_rows([row(each) for each in ids])
        assert [json.loads(each)["id"] for each in listener.wait_for(HISTORY, 700)] == ids


def test_a_retained_topic_holds_whether_the_station_is_online(
    broker: Broker, senders: list[MqttSender]
) -> None:
    sender = _sender(senders, broker.url)
    sender.open()
    with listening(broker.port) as listener:
        assert listener.wait_for(STATUS, 1) == [b"online"]
        assert listener.messages[0][2]
        sender.close()
        assert listener.wait_for(STATUS, 2)[-1] == b"offline"
    with listening(broker.port) as listener:
        assert listener.wait_for(STATUS, 1) == [b"offline"]


def test_the_broker_publishes_that_a_station_broke_off(broker: Broker, senders: list[MqttSender]) -> None:
    sender = _sender(senders, broker.url)
    sender.open()
    with listening(broker.port) as listener:
        listener.wait_for(STATUS, 1)
        sender.abort()
        assert listener.wait_for(STATUS, 2)[-1] == b"offline"


def test_a_configured_topic_contains_the_stations_name(broker: Broker, senders: list[MqttSender]) -> None:
    sender = _sender(senders, broker.url, topic="plant 7/{station}/scans/")
    with listening(broker.port) as listener:
        sender.open()
        sender.send_rows([row("a")])
        listener.wait_for("plant 7/dock-1/scans/history", 1)
        listener.wait_for("plant 7/dock-1/scans/status", 1)


# Brokers that are lost, or refuse


def test_an_unreachable_broker_is_named_by_its_address(senders: list[MqttSender]) -> None:
    port = free_port()
    with pytest.raises(PublishError, match=f"^mqtt://localhost:{port}: Connection refused$"):
        _sender(senders, f"mqtt://localhost:{port}").open()


def test_a_lost_broker_is_noticed_even_when_idle(broker: Broker, senders: list[MqttSender]) -> None:
    sender = _sender(senders, broker.url)
    sender.open()
    ended: list[str] = []

    def wait() -> None:
        with pytest.raises(PublishError) as caught:
            sender.wait(Bell())
        ended.append(str(caught.value))

    thread = threading.Thread(target=wait)
    thread.start()
    broker.stop()
    thread.join()
    assert ended[0].startswith(broker.url)
    sender.close()
    broker.start()
    assert sender.open()


def test_a_hung_broker_confirms_nothing(broker: Broker, senders: list[MqttSender]) -> None:
    sender = _sender(senders, broker.url, timeout_s=1)
    sender.open()
    assert broker.process is not None
    subprocess.run(["kill", "-STOP", str(broker.process.pid)], check=True)
    with pytest.raises(PublishError, match="did not confirm in time"):
        sender.send_rows([row("a")])


def test_a_bell_ends_the_wait(broker: Broker, senders: list[MqttSender]) -> None:
    sender, bell = _sender(senders, broker.url), Bell()
    sender.open()
    thread = threading.Thread(target=sender.wait, args=(bell,))
    thread.start()
    bell.ring()
    thread.join()


def test_a_refused_message_does_not_count_as_sent(
    tmp_path: Path,
    senders: list[MqttSender],
) -> None:
    (tmp_path / "acl").write_text("topic read #\ntopic write scanstation/+/status\n")
    with running_broker(tmp_path, f"allow_anonymous true\nacl_file {tmp_path / 'acl'}") as guarded:
        sender = _sender(senders, guarded.url)
        sender.open()
        with pytest.raises(PublishRefusedError, match="the broker answers: not authorized"):
            sender.send_rows([row("a")])


def test_a_second_client_with_the_same_id_is_noticed(broker: Broker, senders: list[MqttSender]) -> None:
    first, second = (_sender(senders, broker.url, client_id="same") for _ in range(2))
    first.open()
    second.open()
    with pytest.raises(PublishError):
        first.wait(Bell())
    second.send_rows([row("a")])


# When TLS fails, the library leaves a socket to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_broker_gets_user_and_password_over_tls(
    tmp_path: Path,
    senders: list[MqttSender],
    version: str,
) -> None:
    files = certificates(tmp_path, "localhost")
    passwords = tmp_path / "passwords"
    passwords.touch(mode=0o600)
    subprocess.run(
        ["mosquitto_passwd", "-b", str(passwords), "dock", "s3cret"], check=True, capture_output=True
    )
    (tmp_path / "right").write_text("s3cret\n")
    (tmp_path / "wrong").write_text("other\n")
    tls = f"certfile {files.certificate}\nkeyfile {files.key}\ncafile {files.ca}\n"
    with running_broker(tmp_path, f"{tls}allow_anonymous false\npassword_file {passwords}") as guarded:
        url = guarded.url.replace("mqtt:", "mqtts:")
        right: dict[str, Any] = {"username": "dock", "ca_file": str(files.ca), "version": version}
        sender = _sender(senders, url, password_file=str(tmp_path / "right"), **right)
        with listening(guarded.port, ("dock", "s3cret"), ca_certs=str(files.ca)) as listener:
            sender.open()
            sender.send_rows([row(str(number)) for number in range(100)])
            listener.wait_for(HISTORY, 100)
        with pytest.raises(PublishRefusedError, match=r"the broker answers: (not authorized|bad user name)"):
            _sender(senders, url, password_file=str(tmp_path / "wrong"), **right).open()
        with pytest.raises(PublishError, match="certificate"):
            _sender(senders, url, username="dock", password_file=str(tmp_path / "right")).open()


def test_a_check_connects_and_neither_publishes_nor_disconnects_the_station(
    broker: Broker, senders: list[MqttSender]
) -> None:
    sender = _sender(senders, broker.url)
    sender.open()
    with listening(broker.port) as listener:
        assert _sender(senders, broker.url).check() == broker.url
        sender.send_rows([row("a")])
        listener.wait_for(HISTORY, 1)
        assert listener.payloads(STATUS) == [b"online"]


def test_a_missing_password_file_is_a_configuration_error(
    senders: list[MqttSender],
) -> None:
    with pytest.raises(ConfigError, match=r'publish\[1\]\.password_file = "/nowhere"'):
        _sender(senders, "mqtts://localhost", username="dock", password_file="/nowhere")  # noqa: S106


def test_a_closed_sender_can_be_opened_again(broker: Broker, senders: list[MqttSender]) -> None:
    sender = _sender(senders, broker.url)
    with listening(broker.port) as listener:
        for key in "ab":
            sender.open()
            sender.send_rows([row(key)])
            sender.close()
        listener.wait_for(HISTORY, 2)
        wait_until(lambda: listener.payloads(STATUS) == [b"online", b"offline"] * 2)
