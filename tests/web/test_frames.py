"""The scanners' last frames over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.base import Chunk, KeyState
from station.config.settings import DisplaySettings, ScannerSettings
from station.inputs.frame_ring import FrameRings
from station.repository.database import open_engine
from station.repository.schema import upgrade
from station.source import now, timestamp
from station.web.access import Access
from station.web.tokens import TokenFile
from tests.web.asking import ask, problem_of
from tests.web.served import served

if TYPE_CHECKING:
    from pathlib import Path


def _rings() -> FrameRings:
    rings = FrameRings()
    left = rings.of(ScannerSettings(name="left", driver="serial"))
    left.add(Chunk(b"SN-1\r", 1.5))
    left.keep(now(), b"SN-1", None)
    left.add(Chunk(b"\xff", 2.5))
    left.keep(now(), b"\xff", "is not utf-8")
    keyboard = rings.of(ScannerSettings(name="right", driver="evdev"))
    state = KeyState(frozenset({42}), frozenset({0}))
    keyboard.add(Chunk(b"", 1.0, ((1, 30, 1), (0, 0, 0)), state))
    return rings


def test_frames_are_in_hex_with_every_read(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'scanstation.db'}")
    upgrade(engine)
    rings = _rings()
    with served(engine, frames=rings.kept) as here:
        status, answer = ask(here.url, "GET", "/api/v1/frames")
    engine.dispose()
    at = [timestamp(frame.at) for frame in rings.kept()[0].frames]
    left, right = answer["scanners"]
    assert status == 200
    assert (left["scanner"], left["driver"], left["options"]["terminator"]) == ("left", "serial", "\r")
    assert left["frames"] == [
        {
            "at": at[0],
            "outcome": "scan",
            "reason": None,
            "hex": "534e2d31",
            "chunks": [{"t": 1.5, "bytes": "534e2d310d"}],
        },
        {
            "at": at[1],
            "outcome": "rejected",
            "reason": "is not utf-8",
            "hex": "ff",
            "chunks": [{"t": 2.5, "bytes": "ff"}],
        },
    ]
    assert right["frames"] == []
    assert right["unfinished"] == [
        {"t": 1.0, "events": [[1, 30, 1], [0, 0, 0]], "keys": [42], "leds": [0]},
    ]


def test_only_an_admin_token_shows_them(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'scanstation.db'}")
    upgrade(engine)
    tokens = TokenFile(tmp_path, "dock-1")
    secrets = {scope: tokens.create(scope, [scope]) for scope in ("display", "documents", "admin")}
    display = DisplaySettings(listen="127.0.0.1:0", require_token=True)
    with served(engine, display=display, access=Access(tokens), frames=_rings().kept) as here:
        heads = {scope: {"Authorization": f"Bearer {secret}"} for scope, secret in secrets.items()}
        assert problem_of(here.url, "GET", "/api/v1/frames")[0] == 401
        for scope in ("display", "documents"):
            status, detail = problem_of(here.url, "GET", "/api/v1/frames", None, heads[scope])
            assert (status, detail) == (
                403,
                f'token "{scope}" is not allowed to do this: it needs the scope admin',
            )
        status, answer = ask(here.url, "GET", "/api/v1/frames", None, heads["admin"])
        assert (status, len(answer["scanners"])) == (200, 2)
    engine.dispose()
