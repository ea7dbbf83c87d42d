"""Machines that open connections and send nothing."""

from __future__ import annotations

import asyncio
import errno
import gc
import socket
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
import structlog

from station.config.settings import DisplaySettings
from station.web import protocol
from station.web.protocol import THIS_MACHINE, LoopTroubles, machine
from tests.terminal.dock import running
from tests.web.asking import ask
from tests.web.certificates import certificates
from tests.web.lines import Answer, all_of, connected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.terminal.dock import Dock


@pytest.fixture
def tls(tmp_path: Path) -> DisplaySettings:
    files = certificates(tmp_path)
    return DisplaySettings(listen="127.0.0.1:0", certificate=str(files.certificate), key=str(files.key))


@pytest.fixture
def with_tls(station: Dock, tls: DisplaySettings) -> Iterator[Dock]:
    with running(station.engine, display=tls) as dock:
        yield dock


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address of this machine that counts as another machine's."""
    monkeypatch.setattr(protocol, "_LOOPBACK", (ip_network("127.0.0.1/32"),))
    return "127.0.0.2"


def _from(dock: Dock, address: str) -> socket.socket:
    host, port = dock.url.rpartition("//")[2].split(":")
    return socket.create_connection((host, int(port)), timeout=60, source_address=(address, 0))


def _is_closed_at_once(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def _is_left_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    return False


def test_handshakes_that_never_begin_are_counted_and_those_above_the_limit_are_closed_at_once(
    with_tls: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "ACCEPTED", 5)
    silent = [connected(with_tls) for _ in range(9)]
    try:
        assert all(_is_closed_at_once(each) for each in silent[5:])
        assert all(_is_left_open(each) for each in silent[:5])
    finally:
        for each in silent:
            each.close()


def test_another_machine_has_a_lower_limit_and_leaves_room_for_this_one(
    with_tls: Dock, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "ACCEPTED_BY_ONE", 3)
    silent = [_from(with_tls, elsewhere) for _ in range(4)]
    ours = [connected(with_tls) for _ in range(4)]
    try:
        assert _is_closed_at_once(silent[3])
        assert all(_is_left_open(each) for each in (*silent[:3], *ours))
    finally:
        for each in (*silent, *ours):
            each.close()


def test_a_closed_connection_frees_its_place(station: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ACCEPTED", 1)
    with running(station.engine) as dock:
        for _ in range(5):
            with connected(dock) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert Answer(all_of(connection)).status == 200


def test_one_machine_does_not_take_all_connections(
    station: Dock, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.web.protocol.CONNECTIONS_BY_ONE", 3)
    held = [_from(station, elsewhere) for _ in range(3)]
    try:
        with _from(station, elsewhere) as one_more:
            answer = Answer(all_of(one_more))
        assert (answer.status, answer.problem["detail"]) == (503, "too many connections; close some")
        assert ask(station.url, "GET", "/healthz")[0] == 200
    finally:
        for each in held:
            each.close()


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("127.0.0.1", THIS_MACHINE),
        ("::1", THIS_MACHINE),
        ("::ffff:127.0.0.1", THIS_MACHINE),
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_a_machine_is_counted_by_its_address_however_it_is_written(host: str, key: str) -> None:
    assert machine(host) == key


def test_running_out_of_file_descriptors_is_one_line_in_the_log_not_a_flood() -> None:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(LoopTroubles())
    with structlog.testing.capture_logs() as logs:
        for _ in range(100):
            loop.call_exception_handler({"message": "x", "exception": OSError(errno.EMFILE, "no more files")})
    loop.close()
    assert logs == [{"event": "connections_not_taken", "reason": "no more files", "log_level": "error"}]


def test_a_connection_at_the_moment_of_the_stop_is_closed_too(station: Dock, tls: DisplaySettings) -> None:
    """Nobody closed a connection that asyncio had accepted but not yet given a transport."""
    for _ in range(15):
        with running(station.engine, display=tls) as dock:
            coming = [connected(dock) for _ in range(9)]
        for each in coming:
            assert _is_closed_at_once(each)
            each.close()
    # The garbage collector reports anything left open, and that fails the test.
    gc.collect()


def test_a_connection_that_was_never_served_is_closed_at_the_end() -> None:
    with protocol.ListeningSocket(socket.AF_INET) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        with socket.create_connection(bound.getsockname()):
            accepted, _address = bound.accept()

            bound.close_the_rest()

            assert accepted.fileno() == -1
