"""What the package says of itself: taken from ``pyproject.toml``, the changelog and git."""

from __future__ import annotations

import os
import re
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


def maintainer() -> str:
    """Who answers for the package: ``DEBFULLNAME`` and ``DEBEMAIL``, as Debian's own tools take them.

    See debchange(1). Without them it is whoever installs it, on that machine.

    Raises:
        ValueError: they can't stand in a package's control file.
    """
    name = os.environ.get("DEBFULLNAME", "Whoever installs it here")
    address = os.environ.get("DEBEMAIL", "scanstation@localhost")
    if not re.fullmatch(r"[^<>,\x00-\x1f]+ <[^<>,\s]+@[^<>,\s]+>", f"{name} <{address}>"):
        raise ValueError(
            f"DEBFULLNAME ({name!r}) and DEBEMAIL ({address!r}) must be a name and an address, "
            "without commas, angle brackets or line breaks"
        )
    return f"{name} <{address}>"


def date() -> str:
    """The same as a changelog of Debian's writes it."""
    return format_datetime(datetime.fromtimestamp(epoch(), UTC))
