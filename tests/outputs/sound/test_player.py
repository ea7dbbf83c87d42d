from __future__ import annotations

import stat
import subprocess
import wave
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from msgspec.structs import replace

from station.events import (
    CommandRefused,
    DocumentSaved,
    HistoryAdded,
    ModeChanged,
    QuestionRaised,
    SessionOpened,
)
from station.outcomes import Action, Tone
from station.outputs import sound as played
from station.outputs.sound import TONES, SoundPlayer, write_tones
from station.questions import Mode, Question, QuestionKind
from station.source import Source
from tests.running import wait_until
from tests.terminal.dock import assigned, refused

if TYPE_CHECKING:
    from pathlib import Path

    from station.events import Event

GOOD = HistoryAdded(assigned("SN-1"))
BAD = HistoryAdded(refused("SN-2", "unknown serial number"))
ASKED = QuestionRaised(
    Question(
        kind=QuestionKind.ADD_ITEM,
        text="Add it?",
        document="CM-1001",
        source=Source(id="1", at=datetime(2026, 11, 23, tzinfo=UTC), scanner="left", text="SN-9"),
        mode=Mode.ATTACH,
    )
)


class Ear:
    """A player that records what it plays, and can be made to wait."""

    def __init__(self, directory: Path, then: str = "") -> None:
        self._heard = directory / "heard"
        self._program = directory / "player"
        self._program.write_text(f'#!/bin/sh\ntest -s "$2" && echo "$1" >> {self._heard}\n{then}\n')
        self._program.chmod(stat.S_IRWXU)
        self.command = [str(self._program), "{tone}", "{file}"]

    @property
    def heard(self) -> list[str]:
        return self._heard.read_text().split() if self._heard.exists() else []

    def wait_for(self, count: int) -> list[str]:
        wait_until(lambda: len(self.heard) >= count)
        return self.heard


SKIPPED = HistoryAdded(replace(assigned("SN-3"), action=Action.SKIPPED, reason="already on CM-1"))


@pytest.mark.parametrize(
    ("event", "tone"),
    [
        (GOOD, "good"),
        (SKIPPED, "attention"),
        (BAD, "refused"),
        (ASKED, "question"),
        (CommandRefused("$$SAVE", "no document open"), "refused"),
        (SessionOpened(1, "CM-1", None), "good"),
        (DocumentSaved("CM-1", 3, 1), "good"),
        (ModeChanged(Mode.DETACH), "attention"),
    ],
)
def test_each_outcome_is_heard(tmp_path: Path, event: Event, tone: str) -> None:
    ear = Ear(tmp_path)
    with SoundPlayer(ear.command) as player:
        player.on_event(event)

        assert ear.wait_for(1) == [tone]


def test_a_mere_notice_has_no_sound(tmp_path: Path) -> None:
    ear = Ear(tmp_path)
    with SoundPlayer(ear.command) as player:
        player.on_event(ModeChanged(Mode.ATTACH))
        player.on_event(GOOD)

        assert ear.wait_for(1) == ["good"]


def test_the_most_urgent_event_during_a_sound_is_heard_next(tmp_path: Path) -> None:
    go = tmp_path / "go"
    ear = Ear(tmp_path, then=f"while ! test -e {go}; do sleep 0.01; done")
    with SoundPlayer(ear.command) as player:
        player.on_event(GOOD)
        ear.wait_for(1)
        for event in (GOOD, ASKED, BAD, GOOD):
            player.on_event(event)
        go.touch()

        assert ear.wait_for(2) == ["good", "question"]


@pytest.mark.parametrize(
    ("program", "reason"),
    [("/no/such/player", "No such file"), ("false", "exit 1")],
)
def test_a_failing_player_is_logged_once(program: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(played, "GATHER_S", 0.0)
    tries: list[str] = []
    run = subprocess.run

    def counted(command: list[str], **how: Any) -> object:
        tries.append(command[0])
        return run(command, **how)

    monkeypatch.setattr(subprocess, "run", counted)
    with structlog.testing.capture_logs() as logs, SoundPlayer([program]) as player:
        for number, event in enumerate((GOOD, BAD), start=1):
            player.on_event(event)
            wait_until(lambda: len(tries) == number)  # noqa: B023

    (entry,) = logs
    assert (entry["event"], entry["log_level"], entry["command"]) == ("sound_failed", "error", program)
    assert reason in entry["reason"]


def test_the_sounds_differ_in_pitch_and_length(tmp_path: Path) -> None:
    files = write_tones(tmp_path)

    lengths = {}
    for tone, file in files.items():
        with wave.open(str(file)) as sound:
            lengths[tone] = sound.getnframes() / sound.getframerate()
            frames = sound.readframes(sound.getnframes())
        assert frames.strip(b"\0"), "silent"
    assert set(files) == set(Tone) - {Tone.NONE}
    in_order = sorted(lengths.values())
    assert all(longer - shorter > 0.1 for shorter, longer in pairwise(in_order)), lengths
    assert len({notes[0][0] for notes in TONES.values()}) == len(files)
