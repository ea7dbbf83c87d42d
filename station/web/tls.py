"""TLS as the station serves it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from station.errors import ConfigError
from station.host.credentials import credential

if TYPE_CHECKING:
    from station.settings import DisplaySettings


def server_context(display: DisplaySettings) -> ssl.SSLContext | None:
    """A context with the configured certificate as its files are now; None: none is set.

    Raises:
        ConfigError: the files can't be used.
    """
    if not display.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _load(context, display)
    return context


class RenewableContext:
    """A server's context whose certificate can be changed while it serves."""

    def __init__(self, first: ssl.SSLContext) -> None:
        self._now = first
        self.context = first
        """For the listening socket."""
        # Asked at the beginning of each handshake, also by clients that name no server.
        first.sni_callback = self._choose

    def become(self, context: ssl.SSLContext) -> None:
        """Show this one's certificate to whoever comes from now on."""
        self._now = context

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._now


def _load(context: ssl.SSLContext, display: DisplaySettings) -> None:
    """Have a context use the configured certificate.

    Raises:
        ConfigError: the files can't be used.
    """
    keys = f'display.certificate = "{display.certificate}", display.key = "{display.key}"'
    try:
        # A password would be asked for at the terminal, where a daemon has none.
        context.load_cert_chain(display.certificate, credential(display.key), password=_none)
    except ssl.SSLError as error:
        reason = error.reason or "PEM expected"
        raise ConfigError(f"{keys}: are no certificate and its key without a password: {reason}") from error
    except OSError as error:
        raise ConfigError(
            f"{keys}: can't be read: {error.strerror}: check the files and their rights"
        ) from error


def _none() -> str:
    return ""
