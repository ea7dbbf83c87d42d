"""Debian's mosquitto as a test's own broker, and a subscriber."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from tests.running import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Broker:
    """Runs inside `with broker(...)`; `stop` and `start` in between are a restart."""

    directory: Path
    settings: str = "allow_anonymous true"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert PROGRAM is not None
        config = self.directory / "mosquitto.conf"
        # Started by root, it would switch to another user, who can't read the test's files.
        config.write_text(f"listener {self.port} 127.0.0.1\nuser root\n{self.settings}\n")
        with (self.directory / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "-v", "-c", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(lambda: _listens(self.port) or self._has_ended(), self.directory / "mosquitto.log")
        assert not self._has_ended(), (self.directory / "mosquitto.log").read_text()

    def _has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
            self.process = None

    @property
    def url(self) -> str:
        return f"mqtt://localhost:{self.port}"


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def broker(directory: Path, settings: str = "allow_anonymous true") -> Iterator[Broker]:
    running = Broker(directory, settings)
    running.start()
    try:
        yield running
    finally:
        running.stop()


class Listener:
    """Collects topics and payloads; its subscription survives a lost connection."""

    def __init__(self, client: Client) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        """Topic, payload, and whether the message was retained."""
        self._client = client
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.reconnect_delay_set(1, 1)
        self._is_there = False
        client.on_subscribe = self._on_subscribe

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe("#", qos=1)

    def _on_subscribe(self, *_: Any) -> None:
        self._is_there = True

    def _on_message(self, _client: Client, _data: Any, message: Any) -> None:
        self.messages.append((message.topic, message.payload, message.retain))

    def payloads(self, topic: str) -> list[bytes]:
        return [payload for name, payload, _ in self.messages if name == topic]

    def wait_for(self, topic: str, count: int) -> list[bytes]:
        wait_until(lambda: len(self.payloads(topic)) >= count, f"{count} of {topic}: {self.messages}")
        return self.payloads(topic)


@contextmanager
def listening(port: int, login: tuple[str, str] | None = None, **tls: Any) -> Iterator[Listener]:
    """`login`: name and password. `tls`: as of ``Client.tls_set``."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    if login:
        client.username_pw_set(*login)
    if tls:
        client.tls_set(**tls)
    listener = Listener(client)
    client.connect("localhost", port)
    client.loop_start()
    try:
        wait_until(lambda: listener._is_there, "subscription")
        yield listener
    finally:
        client.disconnect()
        client.loop_stop()
