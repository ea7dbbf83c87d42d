"""The installed command, with receivers that fail in every way."""

from __future__ import annotations

import http.client
import json
import random
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.outputs.publishers.broker import listening
from tests.outputs.publishers.receiver import drip, drop, drop_after_work, hang, receiving
from tests.running import PATIENCE_S, wait_until
from tests.web.asking import ask

if TYPE_CHECKING:
    from pathlib import Path

    from tests.outputs.publishers.broker import Broker
    from tests.outputs.publishers.receiver import Receiver
    from tests.running import Daemon, Workplace


def _webhook(url: str, more: str = "") -> str:
    return f'[[publish]]\nname = "erp"\nkind = "webhook"\nurl = "{url}"\n{more}\n'


def _mqtt(url: str, more: str = "") -> str:
    return f'[[publish]]\nname = "broker"\nkind = "mqtt"\nurl = "{url}"\n{more}\n'


def _scan(daemon: Daemon, *texts: str) -> list[str]:
    """The ids of their rows."""
    ids = []
    for text in texts:
        status, answer = ask(daemon.url, "POST", "/api/v1/scans", {"text": text})
        assert status == 200
        ids += [row["id"] for row in answer["rows"]]
    return ids


def _command(daemon: Daemon, command: str) -> None:
    assert ask(daemon.url, "POST", "/api/v1/commands", {"command": command})[0] == 200


def _without_repeats(ids: list[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def test_a_morning_reaches_a_broker_and_a_webhook_alike(
    company: Workplace, receiver: Receiver, broker: Broker
) -> None:
    company.configure(_webhook(receiver.url) + _mqtt(broker.url))
    with listening(broker.port) as listener, company.daemon() as daemon:
        _command(daemon, "open CM-1001")
        ids = _scan(daemon, "PR400001", "PR400002", "no such number")
        _command(daemon, "save yes")
        (session,) = [json.loads(each) for each in listener.wait_for("scanstation/dock-1/sessions", 1)]
        rows = [json.loads(each) for each in listener.wait_for("scanstation/dock-1/history", 3)]
        wait_until(lambda: any(each.json["type"] == "session_ended" for each in receiver.taken))
    assert [row["id"] for row in rows] == receiver.ids == ids
    assert [row["action"] for row in rows] == ["Assigned", "Assigned", "Refused"]
    assert (session["document"], session["ended_why"]) == ("CM-1001", "saved")
    assert receiver.taken[-1].json["session"] == session
    status = [each.decode() for each in listener.payloads("scanstation/dock-1/status")]
    assert status == ["online", "offline"]


def test_a_row_has_the_same_json_as_over_http(company: Workplace, receiver: Receiver) -> None:
    company.configure(_webhook(receiver.url))
    with company.daemon() as daemon:
        _scan(daemon, "no such number")
        receiver.wait_for(1)
        history = ask(daemon.url, "GET", "/api/v1/history")[1]["rows"]
    assert receiver.taken[0].json["rows"] == history


def test_nothing_is_lost_while_receivers_are_down(company: Workplace, broker: Broker) -> None:
    with receiving() as gone:
        port = gone.server_port
    broker.stop()
    company.configure(_webhook(f"http://localhost:{port}/scans") + _mqtt(broker.url))
    with company.daemon() as daemon:
        ids = _scan(daemon, *(f"SN-{number}" for number in range(5)))
        failed = daemon.wait_for("publisher_changed", 2)
        assert {each["publisher"]: each["ok"] for each in failed} == {"erp": False, "broker": False}
        assert all("Connection refused" in each["detail"] for each in failed)
        broker.start()
        with receiving(port) as receiver, listening(broker.port) as listener:
            ids += _scan(daemon, "SN-6")
            wait_until(lambda: len(receiver.ids) >= 6)
            rows = listener.wait_for("scanstation/dock-1/history", 6)
            assert receiver.ids == [json.loads(each)["id"] for each in rows] == ids
            wait_until(lambda: sum(each["ok"] for each in daemon.events("publisher_changed")) == 2)


def test_a_new_publisher_starts_now_or_at_the_beginning(company: Workplace, receiver: Receiver) -> None:
    company.configure()
    with company.daemon() as daemon:
        old = _scan(daemon, "SN-1", "SN-2")
    with receiving() as other:
        company.configure(
            _webhook(receiver.url) + _webhook(other.url, 'from = "beginning"').replace("erp", "archive")
        )
        with company.daemon() as daemon:
            new = _scan(daemon, "SN-3")
            wait_until(lambda: len(receiver.ids) >= 1 and len(other.ids) >= 3)
        assert receiver.ids == new
        assert other.ids == old + new


@pytest.mark.parametrize("never_ends", [hang, drip])
@pytest.mark.full
def test_a_hung_receiver_delays_neither_scans_nor_the_end(
    company: Workplace, receiver: Receiver, never_ends: object
) -> None:
    receiver.script.extend([never_ends] * 100)
    company.configure(_webhook(receiver.url, "timeout_s = 120"))
    with company.daemon() as daemon:
        _scan(daemon, "SN-1")
        receiver.wait_for(1)
        # Each answer follows its commit: if the desk waited for the receiver, there would be none.
        assert len(_scan(daemon, *(f"SN-{number}" for number in range(2, 30)))) == 28
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(PATIENCE_S) == 0
    receiver.script.clear()
    with company.daemon():
        wait_until(lambda: len(receiver.ids) >= 29)


def test_a_refusal_is_reported_and_nothing_is_skipped(
    company: Workplace, receiver: Receiver, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("s3cret-t0ken\n")
    receiver.script.append(401)
    company.configure(_webhook(f"{receiver.url}?key=s3cret-key", f'token_file = "{tmp_path / "token"}"'))
    with company.daemon() as daemon:
        ids = _scan(daemon, "SN-1")
        (change,) = daemon.wait_for("publisher_changed")
        assert "answers 401: find out why" in change["detail"]
        (failed,) = daemon.wait_for("publishing_failed")
        assert (failed["level"], failed["publisher"]) == ("error", "erp")
        assert failed["again_in_s"] > 100
        ids += _scan(daemon, "SN-2")
        assert "s3cret" not in daemon.log_path.read_text()
    # After a restart, it tries again at once.
    with company.daemon():
        wait_until(lambda: len(receiver.ids) >= 2)
    assert receiver.ids == ids


KILLS = 4
FAULTS = (204, 204, 204, 500, 503, drop, drop_after_work, b"garbage\r\n\r\n", (301, {"Location": "/"}))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.full
def test_after_kills_and_faults_every_row_is_there_in_order(
    company: Workplace, receiver: Receiver, request: pytest.FixtureRequest, database: str
) -> None:
    more = ""
    if database == "postgresql":
        more = f'[database]\nurl = "{request.getfixturevalue("postgres_url")}"\n'
    company.configure(more + _webhook(receiver.url, "batch = 3"))
    if more:
        company.import_sample()
    randomness = random.Random(7)
    ids: list[str] = []
    for _ in range(KILLS):
        # After a refusal the publisher pauses for minutes: this run sends nothing more.
        receiver.script.extend(randomness.choice(FAULTS) for _ in range(3))
        with company.daemon() as daemon:
            ids += _scan(daemon, *(f"SN-{number}" for number in range(randomness.randrange(1, 12))))
            time.sleep(randomness.uniform(0, 0.3))
            daemon.process.kill()
            daemon.process.wait(PATIENCE_S)
    receiver.script.clear()
    with company.daemon():
        wait_until(lambda: len(set(receiver.ids)) >= len(ids))
    assert _without_repeats(receiver.ids) == ids


def test_a_station_that_is_killed_is_offline_for_the_broker_and_sends_the_rest_later(
    company: Workplace, broker: Broker
) -> None:
    company.configure(_mqtt(broker.url))
    ids: list[str] = []
    with listening(broker.port) as listener:
        for round_ in range(1, 4):
            with company.daemon() as daemon:
                ids += _scan(daemon, "SN-1", "SN-2", "SN-3")
                daemon.process.kill()
                daemon.process.wait(PATIENCE_S)
            wait_until(lambda: listener.payloads("scanstation/dock-1/status").count(b"offline") >= round_)  # noqa: B023
        with company.daemon():
            wait_until(lambda: len(set(_ids(listener))) >= len(ids))
        assert _without_repeats(_ids(listener)) == ids


def _ids(listener: Any) -> list[str]:
    return [json.loads(each)["id"] for each in listener.payloads("scanstation/dock-1/history")]


def test_a_restarted_broker_is_found_again(company: Workplace, broker: Broker) -> None:
    company.configure(_mqtt(broker.url))
    with company.daemon() as daemon:
        daemon.wait_for("publisher_changed")
        broker.stop()
        assert not daemon.wait_for("publisher_changed", 2)[-1]["ok"]
        broker.start()
        with listening(broker.port) as listener:
            # Without a scan: the broker's clients must see that the station is online again.
            listener.wait_for("scanstation/dock-1/status", 1)
            wait_until(lambda: listener.payloads("scanstation/dock-1/status")[-1] == b"online")
            ids = _scan(daemon, "SN-1")
            listener.wait_for("scanstation/dock-1/history", 1)
            assert _ids(listener) == ids


def test_a_missing_file_of_a_publisher_ends_the_start(company: Workplace) -> None:
    company.configure(_webhook("https://erp.example.com", 'key_file = "/nowhere/key"'))
    result = company.run("run", code=2)
    assert 'publish[1].key_file = "/nowhere/key": /nowhere/key can\'t be read: No such file' in result.err


def test_doctor_says_whether_receivers_can_be_reached(
    company: Workplace, receiver: Receiver, broker: Broker
) -> None:
    with receiving() as gone:
        lost = _webhook(gone.url).replace("erp", "lost")
    company.configure(_webhook(receiver.url) + _mqtt(broker.url) + lost)
    findings = {each["check"]: each for each in company.run("doctor", "--json", code=1).rows}
    assert findings["publisher erp"]["what"] == f"http://localhost:{receiver.server_port} can be reached"
    assert findings["publisher broker"]["what"] == f"{broker.url} can be reached"
    assert findings["publisher lost"]["state"] == "wrong"
    assert "Connection refused" in findings["publisher lost"]["what"]
    assert receiver.requests == []


def test_how_far_a_publisher_is_behind_can_be_measured(company: Workplace, receiver: Receiver) -> None:
    receiver.script.extend([401])
    company.configure(_webhook(receiver.url))
    with company.daemon() as daemon:
        _scan(daemon, "SN-1", "SN-2")
        receiver.wait_for(1)
        assert 'scanstation_publisher_lag_rows{publisher="erp"} 2' in _metrics(daemon)


def _metrics(daemon: Daemon) -> str:
    connection = http.client.HTTPConnection(daemon.url.removeprefix("http://"), timeout=PATIENCE_S)
    with closing(connection):
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
