"""The HTTP application, assembled from its parts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from station.web import page
from station.web.access import Access, anybody
from station.web.documents import Documents
from station.web.endpoints import DISPLAY, routes
from station.web.events import Events
from station.web.frames import FrameRoutes
from station.web.guard import Facing, Guard, SecurityHeaders
from station.web.limits import HeldLimit, PostLimit, Waiting
from station.web.listing import Listing
from station.web.login import Login, LoginFirst
from station.web.openapi import Description
from station.web.posting import Posting
from station.web.problems import HANDLERS
from station.web.state import Look, StateRoutes, Watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from station.inputs.frame_ring import Kept
    from station.outputs.display.keeper import DisplayStateKeeper
    from station.outputs.display.ports import StateReader
    from station.outputs.display.state import DisplayState
    from station.source import Source
    from station.web.access import Client
    from station.web.documents import Office
    from station.web.endpoints import Endpoint
    from station.worker.entries import Inbox


@dataclass(frozen=True, slots=True)
class Web:
    """Everything that the routes need."""

    keeper: DisplayStateKeeper
    reader: StateReader
    inbox: Inbox
    stamp: Callable[[str, str], Source]
    """Creates a source from a text and the scanner's name."""
    is_ready: Callable[[], bool]
    """Whether scans can be processed now."""
    office: Office
    facing: Facing = field(default_factory=Facing)
    """The page, and the station's host names."""
    station: str = "scanstation"
    access: Access = field(default_factory=Access)
    """Which clients may connect."""
    is_remote: bool = False
    """Whether other machines may connect."""
    held: HeldLimit = field(default_factory=HeldLimit)
    """Counts held requests."""
    metrics: Callable[[DisplayState | None], bytes] = lambda _state: b""
    """The Prometheus metrics of the current state; None: the database didn't answer."""
    frames: Callable[[], Iterable[Kept]] = tuple
    """The last frames of each scanner."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops, so that held requests are answered."""

    def app(self) -> ASGIApp:
        """The ASGI application; `SecurityHeaders` is outermost, to include answers to internal errors."""
        posts = PostLimit()

        def admit(request: Request, endpoint: Endpoint) -> Client:
            if endpoint.scopes is None:
                return anybody(request)
            client = self.access.admit(request, endpoint.scopes)
            if endpoint.body is not None:
                posts.pay(client.key)
            return client

        application = Starlette(
            routes=[
                *routes(self.endpoints(), admit),
                *Login(self.access, self.station, lambda: self.facing.page.language).routes(),
                *page.routes(lambda: self.facing.page, self._codes),
            ],
            exception_handlers=HANDLERS,
        )
        guarded = Guard(LoginFirst(application, self.access), self.facing, is_open=self.is_remote)
        return SecurityHeaders(guarded)

    def _codes(self, request: Request) -> Mapping[str, str]:
        """The codes that answer the open question; the page's files are public, but these are not (D11)."""
        self.access.admit(request, DISPLAY)
        question = self.keeper.state(0).question
        return question.codes if question else {}

    def endpoints(self) -> list[Endpoint]:
        """All endpoints, including their description."""
        waiting = Waiting(self.keeper.changes, self.closing, self.held)
        endpoints = [
            *StateRoutes(self.keeper, waiting, self.access, self.is_ready).endpoints(),
            *Posting(self.inbox, self.stamp, self.station).endpoints(),
            *Listing(self.reader).endpoints(),
            *FrameRoutes(self.frames).endpoints(),
            *Documents(self.office, self.keeper.changes.add).endpoints(),
            *Events(self.keeper, self.reader, waiting, self.access, self.facing).endpoints(),
            *Watching(Look(self.keeper), self.is_ready, self.metrics).endpoints(),
        ]
        return [*endpoints, *Description(endpoints, needs_token=self.access.is_needed).endpoints()]
