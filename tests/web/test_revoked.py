"""A token that is revoked while a request with it is held."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from station.events import HistoryAdded, HistoryAsked
from station.web.access import Access
from station.web.tokens import TokenFile
from tests.terminal.dock import assigned, record, running
from tests.web.asking import asked
from tests.web.streams import stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.terminal.dock import Dock


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path, "dock-1")


@pytest.fixture
def guarded(station: Dock, tokens: TokenFile) -> Iterator[Dock]:
    with running(station.engine, access=Access(tokens, "dock-1")) as dock:
        yield dock


def _book(dock: Dock, number: int) -> None:
    row = assigned(f"SN-{number}")
    record(dock.engine, number, row)
    dock.bus.publish(HistoryAdded(row))


def test_a_stream_ends_with_its_token_and_sends_no_row_after_that(guarded: Dock, tokens: TokenFile) -> None:
    kiosk = {"Authorization": f"Bearer {tokens.create('kiosk', ['display'])}"}
    other = {"Authorization": f"Bearer {tokens.create('other', ['display'])}"}
    with stream(guarded.url, "0", headers=kiosk) as ends, stream(guarded.url, "0", headers=other) as goes_on:
        _book(guarded, 1)
        assert [row["number"] for row in ends.rows(1)] == [1]
        tokens.revoke("kiosk")
        _book(guarded, 2)
        assert [row["number"] for row in goes_on.rows(2)] == [1, 2]
        # At most a state was sent before the end.
        with pytest.raises(EOFError):
            ends.rows(1)


def test_a_stream_on_which_nothing_happens_ends_with_its_token_too(
    guarded: Dock, tokens: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.web.events.KEEP_ALIVE_S", 0.02)
    kiosk = {"Authorization": f"Bearer {tokens.create('kiosk', ['display'])}"}
    with stream(guarded.url, "0", headers=kiosk) as events:
        events.receive()
        tokens.revoke("kiosk")
        with pytest.raises(EOFError):
            events.rows(1)


def test_a_held_request_gets_no_state_once_its_token_is_revoked(
    guarded: Dock, tokens: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = {"Authorization": f"Bearer {tokens.create('kiosk', ['display'])}"}
    path = f"/api/v1/state?wait=30&after={guarded.keeper.changes.version}"
    statuses: list[int] = []
    asking = threading.Thread(
        target=lambda: statuses.append(asked(guarded.url, "GET", path, None, kiosk)[0]), daemon=True
    )
    is_held = threading.Event()
    changes = guarded.keeper.changes
    call = changes.call

    def noticed(wake: Callable[[], None], version: int) -> bool:
        answer = call(wake, version)
        is_held.set()
        return answer

    monkeypatch.setattr(changes, "call", noticed)
    asking.start()
    assert is_held.wait(60)
    tokens.revoke("kiosk")
    guarded.bus.publish(HistoryAsked())
    asking.join(60)
    assert statuses == [401]
