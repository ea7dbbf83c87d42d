from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError
from station.outcomes import Tone
from station.outputs.display.client import StationLink

if TYPE_CHECKING:
    from tests.terminal.dock import Dock


def test_state_scan_and_command_come_back_as_values(station: Dock) -> None:
    link = StationLink(station.url)
    answer = link.scan("SN-1 äöü")
    assert (answer.tone, answer.rows[0].serial_number) == (Tone.GOOD, "SN-1 äöü")
    assert link.command("undo").tone is Tone.GOOD
    assert station.inbox.texts == [("Scanned", "SN-1 äöü"), ("Commanded", "undo")]
    state = link.state()
    assert state.document is not None
    assert state.history[0].text == "undo"


def test_an_unreachable_station_is_reported_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        link = StationLink(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(StationError, match="does not answer: Connection refused"):
            link.scan("SN-1")


def test_the_stations_reason_for_a_refusal_is_passed_on(station: Dock) -> None:
    with pytest.raises(StationError, match="length <= 4096"):
        StationLink(station.url).scan("x" * 5000)


def test_another_program_on_the_port_is_not_taken_for_a_station() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            for reply in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"SSH-2.0-OpenSSH\r\n"):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        link = StationLink(f"http://127.0.0.1:{server.getsockname()[1]}")
        for complaint in ("not from a station", "does not answer: SSH"):
            with pytest.raises(StationError, match=complaint):
                link.state()
        thread.join()


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8321", "ftp://127.0.0.1", "http://", "http://x:y", "http://x/path"]
)
def test_a_wrong_url_is_refused_before_any_request(url: str) -> None:
    with pytest.raises(StationError):
        StationLink(url)


def test_closing_ends_a_held_request_at_once(station: Dock) -> None:
    link = StationLink(station.url)
    version = link.state().version
    errors: list[Exception] = []

    def wait() -> None:
        try:
            link.state(version, 30)
        except StationError as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not station.keeper.changes._waiting:
        thread.join(0.01)
    link.close()
    thread.join()
    assert len(errors) == 1
    with pytest.raises(StationError, match="closed"):
        link.state()
