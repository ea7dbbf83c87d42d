"""The guest's screen, as somebody in front of it sees it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import zxingcpp
from PIL import Image

if TYPE_CHECKING:
    from tests.lab.machine import Machine

_PATIENCE_S = 1800
"""A browser takes minutes to start in the guest; only a hang meets it."""


def picture(guest: Machine) -> Image.Image:
    """What it shows now."""
    with tempfile.TemporaryDirectory(prefix="lab-") as directory:
        path = Path(directory) / "screen.png"
        guest.monitor.execute("screendump", filename=str(path), format="png")
        with Image.open(path) as image:
            return image.convert("RGB")


def codes(image: Image.Image) -> set[str]:
    """What a scanner would read from it."""
    return {found.text for found in zxingcpp.read_barcodes(image)}


def wait_for_codes(guest: Machine, *texts: str) -> Image.Image:
    """Until it shows codes of these texts, and no others; the picture."""
    end = time.monotonic() + _PATIENCE_S
    while codes(seen := picture(guest)) != set(texts):
        assert time.monotonic() < end, f"waited {_PATIENCE_S} s in vain for {texts}: {codes(seen)}"
        time.sleep(5)
    return seen
