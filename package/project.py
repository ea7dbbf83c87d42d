"""The package's name, version, date and maintainer, from ``pyproject.toml``, git and the environment."""

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
    """Return the program's version."""
    return str(tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"])


def epoch() -> int:
    """Return the time of all files, in seconds: ``SOURCE_DATE_EPOCH``, else that of the last commit."""
    if from_environment := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(from_environment)
    shown = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], check=True, cwd=CHECKOUT, capture_output=True, text=True
    )
    return int(shown.stdout)


def maintainer() -> str:
    """Return the maintainer: ``DEBFULLNAME`` and ``DEBEMAIL``, as Debian's tools read them (debchange(1)).

    Without them it is whoever installs the package, on that machine.

    Raises:
        ValueError: they are not valid in a control file.
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
    """Return `epoch` in the format of a Debian changelog."""
    return format_datetime(datetime.fromtimestamp(epoch(), UTC))
