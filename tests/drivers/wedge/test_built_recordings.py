from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.recordings.build_evdev import FOLDER, header, read, recordings
from tests.recordings.building import build

if TYPE_CHECKING:
    from pathlib import Path

    from tests.recordings.evdev_playing import Recorded

every_recording = pytest.mark.parametrize(("name", "recorded"), recordings().items(), ids=recordings())


@every_recording
def test_a_built_recording_contains_the_intended_scans(name: str, recorded: Recorded) -> None:
    assert name
    assert read(recorded) == recorded.texts


@every_recording
def test_a_stored_recording_equals_the_built_one(name: str, recorded: Recorded, tmp_path: Path) -> None:
    build(tmp_path / f"evdev-{name}", header(recorded), recorded.chunks)
    for kind in ("rec", "expected"):
        file = f"evdev-{name}.{kind}.jsonl"
        assert (FOLDER / file).read_bytes() == (tmp_path / file).read_bytes()


def test_every_stored_recording_is_built_by_the_script() -> None:
    kept = {path.name for path in FOLDER.glob("evdev-*.rec.jsonl")}
    assert kept == {f"evdev-{name}.rec.jsonl" for name in recordings()}
