from __future__ import annotations

import uuid
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from station.source import now, stamp, uuid7

if TYPE_CHECKING:
    import pytest


def test_an_id_is_a_uuid_of_version_7() -> None:
    for _ in range(100):
        value = uuid.UUID(uuid7())
        assert value.version == 7
        assert value.variant == uuid.RFC_4122


def test_ids_differ_and_hold_the_time_in_milliseconds() -> None:
    before = now() - timedelta(milliseconds=1)
    ids = [uuid7() for _ in range(1000)]
    after = now()
    assert len(set(ids)) == len(ids)
    for each in ids:
        milliseconds = uuid.UUID(each).int >> 80
        assert before.timestamp() * 1000 <= milliseconds <= after.timestamp() * 1000


def test_ids_sort_by_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for milliseconds in (1, 2, 1_000, 1_800_000_000_000, 1_800_000_000_001, 2**47):
        monkeypatch.setattr("station.source.time.time_ns", lambda at=milliseconds: at * 1_000_000)
        made.append(uuid7())
    assert sorted(made) == made


def test_a_stamp_says_who_when_and_what() -> None:
    first, second = stamp("SN-1", "left"), stamp("SN-1", "left")
    assert (first.text, first.scanner) == ("SN-1", "left")
    assert first.at.tzinfo is UTC
    assert first.id != second.id
    assert stamp("SN-1", "left", first.at).at == first.at
