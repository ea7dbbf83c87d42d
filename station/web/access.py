"""Who comes, and what for.

A token comes in the ``Authorization`` header (RFC 6750) or, from a browser, in a cookie; never in a URL:
those are kept in histories and logs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from station.errors import StationError

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from station.web.tokens import Scope, Token, TokenFile

COOKIE_S = 400 * 24 * 3600
"""The longest that browsers keep one: a kiosk must not ask for its token some morning."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks."""

    name: str
    """The token's; empty: a program on this machine that needs none."""
    scopes: frozenset[Scope]
    address: str

    @property
    def key(self) -> str:
        """By which its requests are counted."""
        return self.name or self.address

    def may(self, scopes: frozenset[Scope]) -> bool:
        """Whether what these are good for is allowed."""
        return bool(self.scopes & (scopes | {"admin"}))


def anybody(connection: HTTPConnection) -> Client:
    """Who asks for what is told to everybody."""
    return Client("", frozenset(), connection.client.host if connection.client else "")


class Access:
    """Tells clients apart; without `tokens` everybody who comes may do everything."""

    def __init__(self, tokens: TokenFile | None = None, cookie: str = "scanstation") -> None:
        self._tokens = tokens
        self.cookie = cookie

    @property
    def is_needed(self) -> bool:
        """Whether a token is needed."""
        return self._tokens is not None

    def client(self, connection: HTTPConnection) -> Client | None:
        """Who asks; None: nobody known.

        Raises:
            HTTPException: the tokens can't be read: nobody is let in.
        """
        unnamed = anybody(connection)
        if self._tokens is None:
            return replace(unnamed, scopes=frozenset({"admin"}))
        token = self.holder(_secret(connection, self.cookie))
        return replace(unnamed, name=token.name, scopes=frozenset(token.scopes)) if token else None

    def holder(self, secret: str) -> Token | None:
        """Whose token it is.

        Raises:
            HTTPException: the tokens can't be read: nobody is let in.
        """
        if self._tokens is None or not secret:
            return None
        try:
            return self._tokens.holder(secret)
        except StationError as error:
            raise HTTPException(503, str(error)) from error

    def still_admits(self, connection: HTTPConnection, scopes: frozenset[Scope]) -> bool:
        """Whether who was let in would be again; not so when the tokens can't be read."""
        try:
            self.admit(connection, scopes)
        except HTTPException:
            return False
        return True

    def admit(self, connection: HTTPConnection, scopes: frozenset[Scope]) -> Client:
        """Who asks, if that is allowed.

        Raises:
            HTTPException: it is not.
        """
        client = self.client(connection)
        if client is None:
            raise HTTPException(
                401,
                "a token is needed: Authorization: Bearer …; scanstation token create makes one",
                {"WWW-Authenticate": "Bearer"},
            )
        if not client.may(scopes):
            wanted = " or ".join(sorted(scopes))
            raise HTTPException(
                403,
                f'token "{client.name}" is not for this: it needs the scope {wanted}',
                {"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
            )
        return client


def _secret(connection: HTTPConnection, cookie: str) -> str:
    """The token that was brought; of several headers none counts."""
    given = connection.headers.getlist("authorization")
    if given:
        kind, _, secret = given[0].partition(" ")
        return secret.strip() if len(given) == 1 and kind.lower() == "bearer" else ""
    return connection.cookies.get(cookie, "")
