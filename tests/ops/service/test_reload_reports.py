"""How a reload affects others: the service manager, displays, browsers."""

from __future__ import annotations

import json
import ssl
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from station.outputs.display.client import StationLink
from tests.ops.service.manager import Manager
from tests.ops.service.reloading import company, connection, get, reload, reloaded
from tests.running import Workplace, wait_until
from tests.web.certificates import certificates

if TYPE_CHECKING:
    import http.client
    from collections.abc import Iterator
    from pathlib import Path

    from tests.running import Daemon

MISSING = '[[scanner]]\nname = "{name}"\ndriver = "serial"\nmatch = {{ path = "/dev/none" }}\n'


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """The service manager of the daemon that the test starts."""
    with Manager(tmp_path / "notify") as manager:
        monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
        yield manager


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    place.configure(MISSING.format(name="left"))
    return place


def test_the_manager_learns_the_beginning_end_and_result_of_a_reload(
    manager: Manager, place: Workplace
) -> None:
    with place.daemon() as daemon:
        manager.until("READY=1")
        manager.until("STATUS=0 of 1 scanners connected")

        place.configure(MISSING.format(name="right"))
        before_us = time.monotonic_ns() // 1000
        reload(daemon)

        begun = manager.until("RELOADING=1\nMONOTONIC_USEC=")
        assert before_us <= int(begun.rpartition("=")[2]) <= time.monotonic_ns() // 1000
        manager.until("READY=1")
        assert _last_status(manager) == "STATUS=0 of 1 scanners connected, missing: right"


def test_a_refused_reload_ends_too_and_stays_in_the_status_until_a_valid_one(
    manager: Manager, place: Workplace
) -> None:
    with place.daemon() as daemon:
        manager.until("READY=1")

        place.configure('[preferences]\nnegative = "maybe"\n')
        reload(daemon)
        manager.until("RELOADING=1")
        manager.until("READY=1")
        status = _last_status(manager)
        assert status.startswith("STATUS=0 of 1 scanners connected, missing: left; ")
        assert f"the changed configuration is not in force: {place.config}: preferences.negative" in status

        place.configure()
        place.config.write_text(place.config.read_text().replace("dock-1", "dock-2"))
        reload(daemon)
        manager.until("RELOADING=1")
        manager.until("READY=1")
        assert _last_status(manager) == "STATUS=no scanners configured; needs a restart: station.name"


def _last_status(manager: Manager) -> str:
    return next(message for message in reversed(manager.heard) if message.startswith("STATUS="))


def test_an_open_page_is_replaced(place: Workplace) -> None:
    place.configure()
    with place.daemon() as daemon, closing(connection(daemon)) as events:
        page = _page(daemon)
        events.request("GET", "/api/v1/events")
        stream = events.getresponse()
        stream.readline()

        place.configure(display='language = "de"')
        reloaded(daemon)

        # The stream ends, so browsers reconnect and find the new page.
        assert b"event: state" in stream.read()
        assert _page(daemon) != page
        german = get(daemon, "/page/texts.json")
        assert german == get(daemon, "/page/texts.json?language=de")


def test_a_new_command_prefix_is_in_the_codes_on_the_page(place: Workplace) -> None:
    company(place)
    with place.daemon() as daemon, closing(StationLink(daemon.url)) as link:
        link.scan("CM-1")
        link.scan("B1")
        before = get(daemon, "/page/command/yes.svg")

        place.configure('[preferences]\ncommand_prefix = "##"\n')
        reloaded(daemon)

        assert get(daemon, "/page/command/yes.svg") != before
        question = link.state().question
        assert question is not None
        assert question.codes["yes"].startswith("##YES~")


def test_a_new_host_name_is_accepted(place: Workplace) -> None:
    place.configure()
    with place.daemon() as daemon:
        assert _status_for(daemon, "dock.example") == 403

        place.configure(display='host_names = ["dock.example"]')
        reloaded(daemon)

        assert _status_for(daemon, "dock.example") == 200


def test_new_connections_get_a_renewed_certificate_and_open_ones_continue(
    place: Workplace,
) -> None:
    first, second = (certificates(_directory(place, name)) for name in ("first", "second"))
    place.configure(display=first.settings)
    with place.daemon() as daemon:
        with closing(connection(daemon, first.context)) as before:
            assert _answers(before)

            for renewed, old in ((second.certificate, first.certificate), (second.key, first.key)):
                old.write_bytes(renewed.read_bytes())
            assert reloaded(daemon)["event"] == "configuration_reloaded"

            assert _answers(before)
        with closing(connection(daemon, second.context)) as new:
            assert _answers(new)
        with (
            closing(connection(daemon, first.context)) as stale,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            _answers(stale)


def test_an_unusable_certificate_is_refused_and_the_old_one_stays_in_use(
    place: Workplace,
) -> None:
    files = certificates(_directory(place, "files"))
    place.configure(display=files.settings)
    with place.daemon() as daemon:
        files.key.write_bytes(certificates(_directory(place, "other")).key.read_bytes())

        refused = reloaded(daemon)

        assert refused["event"] == "configuration_refused"
        assert f'display.key = "{files.key}": must be a certificate and its key' in refused["reason"]
        with closing(connection(daemon, files.context)) as line:
            assert _answers(line)


def test_a_label_printer_and_a_player_are_added_changed_and_removed(place: Workplace, tmp_path: Path) -> None:
    place.configure()
    place.import_sample()
    labels, others, heard = (tmp_path / name for name in ("labels", "others", "heard"))
    for each in (labels, others, heard):
        each.mkdir()
    player = f'[sound]\ncommand = ["touch", "{heard}/{{tone}}"]\n'
    with place.daemon() as daemon:
        place.configure(_printer(labels) + player)
        assert reloaded(daemon)["changed"] == "sound.command, label_printer.kind, label_printer.directory"
        _command(daemon, "open CM-1001")
        _command(daemon, "generate NB-14")
        wait_until(lambda: list(labels.iterdir()) and list(heard.iterdir()), "label and sound")

        place.configure(_printer(others))
        reloaded(daemon)
        _command(daemon, "generate NB-14")
        wait_until(lambda: list(others.iterdir()), "another label")

        place.configure()
        reloaded(daemon)
        _command(daemon, "generate NB-14")
    assert (len(list(labels.iterdir())), len(list(others.iterdir()))) == (1, 1)


def _printer(directory: Path) -> str:
    return f'[label_printer]\nkind = "file"\ndirectory = "{directory}"\n'


def _command(daemon: Daemon, command: str) -> None:
    with closing(connection(daemon)) as line:
        headers = {"Content-Type": "application/json"}
        line.request("POST", "/api/v1/commands", json.dumps({"command": command}), headers)
        asked = json.load(line.getresponse())["question"]
    if asked is not None:
        _command(daemon, "yes")


def _directory(place: Workplace, name: str) -> Path:
    directory = place.directory / name
    directory.mkdir()
    return directory


def _answers(line: http.client.HTTPConnection) -> bool:
    line.request("GET", "/healthz")
    answer = line.getresponse()
    answer.read()
    return answer.status == 200


def _status_for(daemon: Daemon, host: str) -> int:
    with closing(connection(daemon)) as line:
        line.request("GET", "/", headers={"Host": host})
        return line.getresponse().status


def _page(daemon: Daemon) -> str:
    return str(json.loads(get(daemon, "/page/page.json"))["page"])
