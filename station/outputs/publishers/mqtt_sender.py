"""MQTT: each history row, move and session end is a message to a broker; see docs/publishing.md."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from station.config.credentials import read_secret
from station.errors import PublishError
from station.outputs.publishers.mqtt_connection import MqttConnection, MqttLogin, Will
from station.outputs.publishers.sending import move_json, row_json, session_json, tls_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.config.publishing import PublishSettings
    from station.history import EndedSession, HistoryRow, Move
    from station.outputs.publishers.sending import Bell

ONLINE: Final = b"online"
OFFLINE: Final = b"offline"
GOOD_BYE_S: Final = 1.0
"""How long to wait for the confirmation of `OFFLINE`: a station that stops has little time."""


class MqttSender:
    """Implements `sending.Sender`; a retained topic holds whether it is connected."""

    def __init__(self, settings: PublishSettings, key: str, station: str) -> None:
        """`key`: the configuration key, for errors. `station`: its name.

        Raises:
            ConfigError: a configured file can't be used.
        """
        self._address = settings.address()
        self._timeout_s = settings.timeout_s
        self._tls = tls_context(settings.ca_file, f"{key}.ca_file") if self._address.is_encrypted else None
        password = ""
        if settings.password_file:
            password = read_secret(settings.password_file, f"{key}.password_file")
        client_id = settings.client_id or f"scanstation-{station}-{settings.name}"
        self._login = MqttLogin(client_id, settings.username, password, settings.version)
        topic = settings.topic.replace("{station}", station).rstrip("/")
        self._history, self._moves, self._sessions, self._status = (
            f"{topic}/{last}" for last in ("history", "moves", "sessions", "status")
        )
        self._connection: MqttConnection | None = None

    def open(self) -> bool:
        """Connect unless connected, and publish that the station is online.

        Raises:
            PublishError: the broker can't be reached, or refuses the connection.
        """
        if self._connection is None:
            self._connection = MqttConnection(self._address, self._login, self._timeout_s, self._tls)
            self._connection.connect(Will(self._status, OFFLINE))
            self._connection.publish(self._status, ONLINE, retain=True)
            self._connection.wait_for_confirmation()
        return True

    def send_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Send each row as a message.

        Raises:
            PublishError: the broker has not confirmed all of them.
        """
        self._send(self._history, [row_json(row) for row in rows])

    def send_moves(self, moves: Sequence[Move]) -> None:
        """Send each move as a message.

        Raises:
            PublishError: the broker has not confirmed all of them.
        """
        self._send(self._moves, [move_json(move) for move in moves])

    def send_session(self, session: EndedSession) -> None:
        """Send the end of a session.

        Raises:
            PublishError: the broker has not confirmed it.
        """
        self._send(self._sessions, [session_json(session)])

    def _send(self, topic: str, payloads: Sequence[bytes]) -> None:
        connection = self._connected()
        for payload in payloads:
            connection.publish(topic, payload)
        connection.wait_for_confirmation()

    def _connected(self) -> MqttConnection:
        if self._connection is None:
            raise PublishError(f"{self._address.shown}: not connected")
        return self._connection

    def wait(self, bell: Bell) -> None:
        """Wait until the bell is rung, at most about `sending.LOOK_S`.

        Raises:
            PublishError: the connection was lost meanwhile.
        """
        self._connected().wait(bell)

    def close(self) -> None:
        """Publish that the station is offline, and disconnect."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(PublishError):
            connection.publish(self._status, OFFLINE, retain=True)
            connection.wait_for_confirmation(GOOD_BYE_S)
        connection.close()

    def abort(self) -> None:
        """Cut the connection."""
        if (connection := self._connection) is not None:
            connection.abort()

    def check(self) -> str:
        """Check that the broker accepts a connection; publish nothing. Return its address.

        Raises:
            PublishError: it can't be reached, or refuses the connection.
        """
        # With the same client id, the broker would disconnect the running station.
        login = self._login._replace(client_id=f"{self._login.client_id}-check")
        connection = MqttConnection(self._address, login, self._timeout_s, self._tls)
        try:
            connection.connect()
        finally:
            connection.close()
        return self._address.shown
