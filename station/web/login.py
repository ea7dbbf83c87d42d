"""Login of browsers where a token is needed: it is typed once and then kept in a cookie.

The cookie is the token itself and hidden from scripts. The station keeps no sessions: after a restart it
still knows its displays, and a display whose token is revoked is logged out at once.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from station.i18n.catalogues import ENGLISH, language
from station.web.access import COOKIE_S
from station.web.endpoints import DISPLAY
from station.web.guard import SECURITY_HEADERS
from station.web.requests import bounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from station.i18n.catalogues import Language
    from station.web.access import Access

FORM_BYTES = 4096
_FORM = "application/x-www-form-urlencoded"
_POLICY = SECURITY_HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")


class Login:
    """The page where a token is typed, and the login itself."""

    def __init__(
        self, access: Access, station: str, language_now: Callable[[], str] = lambda: ENGLISH
    ) -> None:
        """`language_now` returns the code of the display's language."""
        self._access = access
        self._station = station
        self._language_now = language_now
        folder = files(__package__) / "login_page"
        self._page = Template(folder.joinpath("login.html").read_text())
        self._style = folder.joinpath("login.css").read_text()

    def routes(self) -> list[Route]:
        """Its routes."""
        return [
            Route("/login", self.login, methods=["GET", "POST"]),
            Route("/login/login.css", self.style),
            Route("/logout", self.logout, methods=["POST"]),
        ]

    async def login(self, request: Request) -> Response:
        """Show the page, or log in with the token that was typed."""
        if not self._access.is_needed:
            return _to_display()
        return await self._log_in(request) if request.method == "POST" else self._shown("")

    async def style(self, _request: Request) -> Response:
        """The style sheet."""
        return Response(self._style, media_type="text/css")

    async def _log_in(self, request: Request) -> Response:
        secret = await _typed_token(request)
        token = self._access.holder(secret)
        _ = self._language.text
        if token is None:
            return self._shown(_("This token is unknown."), 401)
        if not set(token.scopes) & {"display", "admin"}:
            return self._shown(_('Token "{token}" is not for displays.', token=token.name), 403)
        answer = _to_display()
        self._set_cookie(request, answer, secret, COOKIE_S)
        return answer

    async def logout(self, request: Request) -> Response:
        """Log this browser out."""
        answer = RedirectResponse("/login", 303)
        self._set_cookie(request, answer, "", 0)
        return answer

    def _set_cookie(self, request: Request, answer: Response, secret: str, age_s: int) -> None:
        answer.set_cookie(
            self._access.cookie,
            secret,
            max_age=age_s,
            httponly=True,
            # Without TLS only loopback is served, and not every browser sends secure cookies there.
            secure=request.url.scheme == "https",
            samesite="strict",
        )

    @property
    def _language(self) -> Language:
        return language(self._language_now())

    def _shown(self, message: str, status: int = 200) -> Response:
        _ = self._language.text
        page = self._page.substitute(
            language=self._language.code,
            station=escape(self._station),
            token=escape(_("Token for this display")),
            open=escape(_("Open the display")),
            message=escape(message),
        )
        return HTMLResponse(page, status, {"Content-Security-Policy": _POLICY})


async def _typed_token(request: Request) -> str:
    """The token in the form.

    Raises:
        HTTPException: the body is not a form.
    """
    if request.headers.get("content-type", "").partition(";")[0] != _FORM:
        raise HTTPException(415, f"the content type must be {_FORM}")
    body = await bounded(request, FORM_BYTES)
    try:
        return parse_qs(body.decode(), max_num_fields=1).get("token", [""])[0].strip()
    except ValueError as error:
        raise HTTPException(400, "the body must be a form with one field, token") from error


def _to_display() -> Response:
    return RedirectResponse("/", 303)


class LoginFirst:
    """Redirects a browser without a token from the display to the login."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect only the page itself: its files are public, and its data needs a token anyway."""
        if scope["type"] == "http" and scope["path"] == "/" and not self._may_see(scope):
            await RedirectResponse("/login", 303)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _may_see(self, scope: Scope) -> bool:
        try:
            client = self._access.client(HTTPConnection(scope))
        except HTTPException:
            return False
        return client is not None and client.may(DISPLAY)
