"""A support bundle, created by the installed command and unpacked."""

from __future__ import annotations

import io
import stat
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.running import Workplace


@dataclass(frozen=True)
class Bundle:
    """Its files by their names below its directory, and the command's messages."""

    files: Mapping[str, str]
    said: str
    mode: int

    @property
    def manifest(self) -> str:
        return self.files["MANIFEST.txt"]

    def why_missing(self, name: str) -> str:
        """The reason in the manifest for a missing file or part."""
        after = self.manifest.partition("Missing, and why:\n")[2]
        (line,) = [line for line in after.splitlines() if line.startswith(f"{name} ")]
        return line.partition("  ")[2].strip()


def unpacked(data: bytes) -> dict[str, str]:
    files = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            assert file is not None
            files[member.name] = file.read().decode()
    (directory,) = {name.partition("/")[0] for name in files}
    assert directory.startswith("scanstation-support-")
    return {name.removeprefix(f"{directory}/"): text for name, text in files.items()}


def made(place: Workplace, *options: str, environment: Mapping[str, str] | None = None) -> Bundle:
    """Create a bundle of a station; `environment` has more variables."""
    path: Path = place.directory / "bundle.tar.gz"
    path.unlink(missing_ok=True)
    done = place.run("support-bundle", "-o", path, *options, environment=environment)
    assert done.out == "", done
    return Bundle(unpacked(path.read_bytes()), done.err, stat.S_IMODE(path.stat().st_mode))
