"""The site, made as `make docs` makes it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """What `make docs` does."""
    arguments = ["-q", "-E", "-W", "--keep-going", "-c", "docs", "-d", str(site.parent / "doctrees")]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *arguments, ".", str(site)],
        check=False,
        capture_output=True,
        text=True,
        cwd=source,
    )
