"""How the station stands: its state, and whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from anyio import to_thread

from station.display.keeper import ENTRIES, ENTRIES_MOST
from station.display.state import DisplayState
from station.display.translated import state_in
from station.languages.language import language
from station.web.asked import Spoken, Whole
from station.web.endpoints import DISPLAY, JSON, Answer, Call, Endpoint, json_answer
from station.web.problems import problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from station.display.keeper import StateKeeper
    from station.web.access import Access
    from station.web.waiting import Waiting

WAIT_S = 30
"""The longest that a request for the state is held."""
UNWELL_WAIT_S = 2
"""The same while the database can't be read: nothing tells when it is back but reading it."""


class StateQuery(Spoken, frozen=True):
    """How much of the state, and when."""

    after: Whole = 0
    wait: Annotated[int, msgspec.Meta(ge=0, le=WAIT_S)] = 0
    entries: Annotated[int, msgspec.Meta(ge=1, le=ENTRIES_MOST)] = ENTRIES


class Health(msgspec.Struct, frozen=True):
    """The station works."""

    status: Literal["ok"] = "ok"


class StateRoutes:
    """Serves the state."""

    def __init__(
        self, keeper: StateKeeper, waiting: Waiting, access: Access, is_ready: Callable[[], bool]
    ) -> None:
        self._keeper = keeper
        self._waiting = waiting
        self._access = access
        self._is_ready = is_ready

    def endpoints(self) -> list[Endpoint]:
        """What of this is asked over HTTP."""
        return [
            Endpoint(
                "GET",
                "/api/v1/state",
                self.state,
                {200: Answer("The state.", {JSON: DisplayState})},
                DISPLAY,
                query=StateQuery,
            ),
            Endpoint(
                "GET", "/healthz", self.health, {200: Answer("Scans can be processed.", {JSON: Health})}, None
            ),
        ]

    async def state(self, call: Call[StateQuery, object, None]) -> Response:
        """All that a display shows.

        With `after` and `wait` the answer comes as soon as the state is another than that version, at the
        latest after `wait` seconds. `entries` bounds the list of what the session did, newest first.
        """
        query = call.query
        if query.after and query.wait:
            longest_s = query.wait if self._keeper.database.ok else min(query.wait, UNWELL_WAIT_S)
            with self._waiting.held.place(call.client.key, "state"):
                await self._waiting.changed(query.after, longest_s)
            # The token may have been revoked meanwhile.
            self._access.admit(call.request, DISPLAY)
        return json_answer(await to_thread.run_sync(self._state_as, query))

    def _state_as(self, query: StateQuery) -> DisplayState:
        return state_in(language(query.language), self._keeper.state(query.entries))

    async def health(self, _call: Call[object, object, None]) -> Response:
        """Whether scans can be processed now."""
        if self._is_ready():
            return json_answer(Health())
        return problem(503, "scans can't be processed now", {"Retry-After": "1"})
