"""Writes a built recording and, beside it, what `decode` makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tests.pipeline import decode, decode_by_way_of_a_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drivers.base import Chunk
    from drivers.recording import Header


def build(stem: Path, header: Header, chunks: Sequence[Chunk]) -> None:
    """Write ``stem.rec.jsonl`` and ``stem.expected.jsonl``; a person reads and judges the latter."""
    path = stem.with_name(f"{stem.name}.rec.jsonl")
    decode_by_way_of_a_file(path, header, chunks)
    lines = b"".join(msgspec.json.encode(line) + b"\n" for line in decode(path))
    stem.with_name(f"{stem.name}.expected.jsonl").write_bytes(lines)
