"""Authentication and authorization of HTTP clients.

Programs send their token in the ``Authorization`` header (RFC 6750), browsers in a cookie. It is never part
of a URL: URLs end up in histories and logs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from starlette.exceptions import HTTPException

from station.errors import StationError
from station.outputs.display.client import COMMAND_LINE, WATCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import HTTPConnection

    from station.web.tokens import Scope, Token, TokenFile

COOKIE_S = 400 * 24 * 3600
"""The longest that browsers keep a cookie: a kiosk must not ask for its token one morning."""


ClientKind = Literal["page", "watch", "memo", "program"]
"""A browser with the display's page, the terminal's display, our command line, or any other program."""
_AGENTS: Mapping[str, ClientKind] = {WATCH: "watch", COMMAND_LINE: "memo"}


@dataclass(frozen=True, slots=True)
class Client:
    """The client that sends a request."""

    name: str
    """The token's name; empty for a program on this machine when no token is needed."""
    scopes: frozenset[Scope]
    address: str
    kind: ClientKind = "program"

    @property
    def program(self) -> str | None:
        """The name in which its posts are booked; None: they are those of a worker at a display (D5)."""
        if self.kind in {"page", "watch"}:
            return None
        return self.name or ("command line" if self.kind == "memo" else "http")

    @property
    def is_trusted(self) -> bool:
        """Whether a text that it posts is no stranger's label (D11).

        A scanner may type into the page. Who types into `watch`, or may change documents, chose the text.
        """
        return self.kind == "watch" or (self.kind != "page" and self.may(frozenset({"documents"})))

    @property
    def may_command(self) -> bool:
        """Whether a command that it posts needs no check (D11): a touch, a key, or from our own program."""
        return self.kind != "program" or self.is_trusted

    @property
    def key(self) -> str:
        """The key by which its requests are counted."""
        return self.name or self.address

    def may(self, scopes: frozenset[Scope]) -> bool:
        """Whether the client has one of these scopes, or ``admin``."""
        return bool(self.scopes & (scopes | {"admin"}))


def anybody(connection: HTTPConnection) -> Client:
    """The client of an endpoint that needs no token."""
    return Client("", frozenset(), connection.client.host if connection.client else "", _kind(connection))


def _kind(connection: HTTPConnection) -> ClientKind:
    """What sends the request: every browser names the page that a post comes from."""
    headers = connection.headers
    if "origin" in headers or "sec-fetch-site" in headers or "cookie" in headers:
        return "page"
    return _AGENTS.get(headers.get("user-agent", ""), "program")


class Access:
    """Identifies clients; without `tokens` every client may do everything."""

    def __init__(self, tokens: TokenFile | None = None, cookie: str = "scanstation") -> None:
        self._tokens = tokens
        self.cookie = cookie

    @property
    def is_needed(self) -> bool:
        """Whether a token is needed."""
        return self._tokens is not None

    def client(self, connection: HTTPConnection) -> Client | None:
        """The client; None if its token is missing or unknown.

        Raises:
            HTTPException: the tokens can't be read, so nobody is let in.
        """
        unnamed = anybody(connection)
        if self._tokens is None:
            return replace(unnamed, scopes=frozenset({"admin"}))
        token = self.holder(_secret(connection, self.cookie))
        return replace(unnamed, name=token.name, scopes=frozenset(token.scopes)) if token else None

    def holder(self, secret: str) -> Token | None:
        """The token with this secret, if there is one.

        Raises:
            HTTPException: the tokens can't be read, so nobody is let in.
        """
        if self._tokens is None or not secret:
            return None
        try:
            return self._tokens.holder(secret)
        except StationError as error:
            raise HTTPException(503, str(error)) from error

    def still_admits(self, connection: HTTPConnection, scopes: frozenset[Scope]) -> bool:
        """Whether a client that was admitted would be admitted again; False if the tokens can't be read."""
        try:
            self.admit(connection, scopes)
        except HTTPException:
            return False
        return True

    def admit(self, connection: HTTPConnection, scopes: frozenset[Scope]) -> Client:
        """The client, if it has one of these scopes.

        Raises:
            HTTPException: it has none of them.
        """
        client = self.client(connection)
        if client is None:
            raise HTTPException(
                401,
                "a token is needed: Authorization: Bearer …; create one with scanstation token create",
                {"WWW-Authenticate": "Bearer"},
            )
        if not client.may(scopes):
            needed = " or ".join(sorted(scopes))
            raise HTTPException(
                403,
                f'token "{client.name}" is not allowed to do this: it needs the scope {needed}',
                {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
            )
        return client


def _secret(connection: HTTPConnection, cookie: str) -> str:
    """The token that was sent; several ``Authorization`` headers count as none."""
    headers = connection.headers.getlist("authorization")
    if headers:
        scheme, _, secret = headers[0].partition(" ")
        return secret.strip() if len(headers) == 1 and scheme.lower() == "bearer" else ""
    return connection.cookies.get(cookie, "")
