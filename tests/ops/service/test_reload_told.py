"""What others learn of a reload: the service manager, displays, browsers."""

from __future__ import annotations

import json
import ssl
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.ops.service.manager import Manager
from tests.ops.service.reloading import connection, get, reload, reloaded
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
    """Of the daemon that the test starts."""
    with Manager(tmp_path / "notify") as manager:
        monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
        yield manager


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    place.configure(MISSING.format(name="left"))
    return place


def test_the_manager_hears_when_a_reload_begins_when_it_is_done_and_what_it_left(
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


def test_a_refused_reload_ends_too_and_the_status_says_so_until_a_good_one(
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


def test_a_page_that_is_open_learns_that_there_is_another_one(place: Workplace) -> None:
    place.configure()
    with place.daemon() as daemon, closing(connection(daemon)) as events:
        page = _page(daemon)
        events.request("GET", "/api/v1/events")
        stream = events.getresponse()
        stream.readline()

        place.configure(display='language = "de"')
        reloaded(daemon)

        # To its end: then browsers come back, and find another page.
        assert b"event: state" in stream.read()
        assert _page(daemon) != page
        german = get(daemon, "/page/texts.json")
        assert german == get(daemon, "/page/texts.json?language=de")


def test_another_prefix_of_commands_is_on_the_page(place: Workplace) -> None:
    place.configure()
    with place.daemon() as daemon:
        before = get(daemon, "/page/command/yes.svg")

        place.configure('[preferences]\ncommand_prefix = "##"\n')
        reloaded(daemon)

        assert get(daemon, "/page/command/yes.svg") != before


def test_another_name_of_the_station_is_answered_to(place: Workplace) -> None:
    place.configure()
    with place.daemon() as daemon:
        assert _status_for(daemon, "dock.example") == 403

        place.configure(display='host_names = ["dock.example"]')
        reloaded(daemon)

        assert _status_for(daemon, "dock.example") == 200


def test_a_renewed_certificate_is_shown_to_who_comes_then_and_open_connections_go_on(
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


def test_a_certificate_that_can_not_be_used_is_refused_and_the_one_before_still_shown(
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


def test_a_label_printer_and_a_player_come_change_and_go(place: Workplace, tmp_path: Path) -> None:
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
