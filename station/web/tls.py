"""TLS as the station serves it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from station.errors import ConfigError
from station.host.credentials import credential

if TYPE_CHECKING:
    from station.settings import DisplaySettings


def server_context(display: DisplaySettings) -> ssl.SSLContext | None:
    """The context of the configured certificate; None: none is set.

    Raises:
        ConfigError: the files can't be used.
    """
    if not display.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    load_certificate(context, display)
    return context


def load_certificate(context: ssl.SSLContext, display: DisplaySettings) -> None:
    """Have a context use the configured certificate, for connections that begin from now on.

    Raises:
        ConfigError: the files can't be used, and the context may be of no use any more.
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
