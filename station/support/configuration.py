"""The configuration that is in force, without secrets, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from station.config.shown import shown
from station.support.part import File, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.support.part import Asked


def configuration(asked: Asked) -> Iterator[File | Missing]:
    """Which files and variables count, and what comes of them."""
    reading = asked.reading
    lines = [f"{layer.kind:9}{layer.source}" for layer in reading.layers] or [
        "none: all keys have their defaults"
    ]
    lines += [f"wrong    {mistake}" for mistake in reading.mistakes]
    yield File(
        "configuration/sources.txt",
        "files and variables of the configuration, later ones count more; what is wrong in them",
        "\n".join(lines) + "\n",
    )
    if reading.mistakes:
        yield Missing("configuration/effective.json", "the configuration is wrong: sources.txt says where")
        return
    text = msgspec.json.format(msgspec.json.encode(shown(reading.config)), indent=2).decode()
    yield File("configuration/effective.json", "every key with its value, without secrets", text + "\n")
