"""What the package says of itself: taken from ``pyproject.toml``, the changelog and git."""

from __future__ import annotations

import os
import subprocess
import tomllib
from datetime import UTC, datetime
from email.utils import format_datetime

from package.site_packages import CHECKOUT

NAME = "scanstation"


def version() -> str:
    """Of the program."""
    return str(tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"])


def epoch() -> int:
    """The time that all files bear, in seconds: ``SOURCE_DATE_EPOCH``, else that of the last commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    shown = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], check=True, cwd=CHECKOUT, capture_output=True, text=True
    )
    return int(shown.stdout)


def date() -> str:
    """The same as a changelog of Debian's writes it."""
    return format_datetime(datetime.fromtimestamp(epoch(), UTC))
