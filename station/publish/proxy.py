"""The way to a receiver over HTTP: straight, or through the proxy that the environment names.

``https_proxy``, ``http_proxy`` and ``no_proxy``, as most programs read them.
"""

from __future__ import annotations

import http.client
from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    import ssl

    from station.publish_settings import Address

PROXY_PORT = 3128


class Way(NamedTuple):
    """A connection that is not made yet, and what to ask it for."""

    connection: http.client.HTTPConnection
    target: str
    headers: dict[str, str]


def way_to(address: Address, timeout_s: float, tls: ssl.SSLContext | None) -> Way:
    """The way; `tls`: whom to trust where the address wants TLS.

    Raises:
        OSError: the proxy is of a kind that isn't known here.
    """
    proxy = _proxy(address)
    host, port = (proxy.hostname or "", proxy.port or PROXY_PORT) if proxy else (address.host, address.port)
    greeting = _authorization(proxy) if proxy else {}
    if tls is None:
        target = f"{address.shown}{address.target}" if proxy else address.target
        return Way(http.client.HTTPConnection(host, port, timeout=timeout_s), target, greeting)
    connection = http.client.HTTPSConnection(host, port, timeout=timeout_s, context=tls)
    if proxy:
        connection.set_tunnel(address.host, address.port, greeting)
    return Way(connection, address.target, {})


def _proxy(address: Address) -> SplitResult | None:
    url = getproxies().get(address.scheme)
    if not url or address.is_loopback or proxy_bypass(f"{address.host}:{address.port}"):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise OSError(f"{address.scheme}_proxy must be like http://proxy.example.com:{PROXY_PORT}")
    return parts


def _authorization(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(login.encode()).decode()}"}
