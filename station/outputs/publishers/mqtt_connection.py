"""One connection to an MQTT broker, by the OASIS standards MQTT 5.0 and 3.1.1.

The library's own thread and its reconnecting are not used: it would wake up once a second, and keep
unconfirmed messages. Here it only encodes and decodes; the publisher's thread waits for the socket.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from paho.mqtt.client import Client, MQTTv5, MQTTv311, error_string
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from station.errors import PublishError, PublishRefusedError
from station.outputs.publishers.sending import LOOK_S, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from paho.mqtt.reasoncodes import ReasonCode

    from station.config.publishing import Address
    from station.outputs.publishers.sending import Bell

KEEP_ALIVE_S: Final = 60
"""After this time without traffic the broker is pinged."""
QOS: Final = 1
"""At least once."""
_REFUSALS = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x8E, 0x90, 0x95, 0x99, 0x9A, 0x9B, 0x9C, 0x9D})
"""Reason codes (MQTT 5.0, 2.4) that a retry can't cure: version, client id, user or password, not authorized,
banned, authentication method, session taken over, topic, packet size, payload format, no retained messages,
no QoS 1, another server."""


class MqttLogin(NamedTuple):
    """The client's identity and the protocol version."""

    client_id: str
    username: str = ""
    password: str = ""
    version: str = "5"


class Will(NamedTuple):
    """The message that the broker publishes, retained, when the connection breaks."""

    topic: str
    payload: bytes


class MqttConnection:
    """Connected from `connect` until anything fails; it can't be used again."""

    def __init__(
        self, address: Address, login: MqttLogin, timeout_s: float, tls: ssl.SSLContext | None
    ) -> None:
        """`tls`: None without TLS."""
        self._address = address
        self._timeout_s = timeout_s
        self._is_5 = login.version == "5"
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            login.client_id,
            clean_session=None if self._is_5 else True,
            protocol=MQTTv5 if self._is_5 else MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = timeout_s
        if login.username:
            self._client.username_pw_set(login.username, login.password or None)
        if tls is not None:
            self._client.tls_set_context(tls)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._is_acknowledged = False
        self._unconfirmed: set[int] = set()
        self._reason: ReasonCode | None = None
        """Why the broker refuses or disconnects, if it says so."""

    def connect(self, will: Will | None = None) -> None:
        """Connect, and wait for the broker's acknowledgement.

        Raises:
            PublishError: it can't be reached, or refuses the connection.
        """
        if will is not None:
            self._client.will_set(will.topic, will.payload, QOS, retain=True)
        try:
            self._client.connect(self._address.host, self._address.port, KEEP_ALIVE_S)
        except (OSError, ValueError) as error:
            raise self._error(reason_of(error)) from error
        self._until(lambda: self._is_acknowledged)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Start sending a message; `wait_for_confirmation` completes it.

        Raises:
            PublishError: the connection is gone.
        """
        properties = None
        if self._is_5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.PayloadFormatIndicator = 1  # text in UTF-8
        sent = self._client.publish(topic, payload, QOS, retain, properties)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._lost(sent.rc)
        self._unconfirmed.add(sent.mid)

    def wait_for_confirmation(self, timeout_s: float | None = None) -> None:
        """Wait until the broker has confirmed all that was published.

        Raises:
            PublishError: it did not in time.
        """
        self._until(lambda: not self._unconfirmed, timeout_s)

    def wait(self, bell: Bell) -> None:
        """Wait until the bell is rung, at most about `LOOK_S`; keep the connection alive.

        Raises:
            PublishError: the connection is gone.
        """
        ends_at = time.monotonic() + LOOK_S
        while not bell.wait(0) and (left_s := ends_at - time.monotonic()) > 0:
            self._turn(left_s, bell)

    def close(self) -> None:
        """Disconnect in the orderly way, so that the broker doesn't publish the will."""
        with suppress(OSError, ValueError):
            self._client.disconnect()
            self._client.loop_write()
        self.abort()
        # The library closes its sockets when it finds the connection gone.
        with suppress(OSError, ValueError):
            self._client.loop_read()

    def abort(self) -> None:
        """Cut the connection; may be called by any thread."""
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            # The plain socket's shutdown: that of TLS would change an object that another thread reads from.
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _until(self, is_done: Callable[[], bool], timeout_s: float | None = None) -> None:
        ends_at = time.monotonic() + (self._timeout_s if timeout_s is None else timeout_s)
        while not is_done():
            left_s = ends_at - time.monotonic()
            if left_s <= 0:
                raise self._error("did not confirm in time")
            self._turn(min(left_s, LOOK_S))

    def _turn(self, timeout_s: float, bell: Bell | None = None) -> None:
        """Wait for the broker or the bell, and process what arrived."""
        sock = self._client.socket()
        if not isinstance(sock, socket.socket):
            raise self._lost(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        waiting = select.poll()
        waiting.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        if bell is not None:
            waiting.register(bell, select.POLLIN)
        # poll doesn't see what TLS has read ahead.
        is_pending = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        ready = dict(waiting.poll(0 if is_pending else timeout_s * 1000))
        seen = ready.get(sock.fileno(), 0)
        if seen & select.POLLOUT:
            self._check(self._client.loop_write())
        if is_pending or seen & ~select.POLLOUT:
            self._check(self._client.loop_read())
        self._check(self._client.loop_misc())
        if self._reason is not None:
            raise self._lost(MQTTErrorCode.MQTT_ERR_CONN_REFUSED)

    def _check(self, result: MQTTErrorCode) -> None:
        if result != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._lost(result)

    def _lost(self, result: MQTTErrorCode) -> PublishError:
        """Return the error for a lost connection, with the broker's reason if it gave one."""
        if self._reason is None:
            return self._error(error_string(result).rstrip(".").lower())
        why = f"the broker answers: {self._reason.getName().lower()}"
        return self._error(why, refused=self._reason.value in _REFUSALS)

    def _error(self, why: str, *, refused: bool = False) -> PublishError:
        kind = PublishRefusedError if refused else PublishError
        return kind(f"{self._address.shown}: {why}")

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:
        if reason.is_failure:
            self._reason = reason
        self._is_acknowledged = True

    def _on_disconnect(self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, _more: Any) -> None:
        if flags.is_disconnect_packet_from_server and reason.is_failure:
            self._reason = reason

    def _on_publish(self, _client: Any, _data: Any, mid: int, reason: ReasonCode, _more: Any) -> None:
        if reason.is_failure:
            self._reason = reason
        self._unconfirmed.discard(mid)
