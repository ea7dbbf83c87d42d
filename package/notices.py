"""The packed distributions and their licences."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from typing import TYPE_CHECKING

from package.project import NAME
from package.site_packages import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path


def copyright_text(site: Path) -> str:
    """Return the file ``copyright``: our licence, and each packed distribution with its licence."""
    packed = sorted(distributions(path=[str(site)]), key=lambda each: each.name.lower())
    listed = "".join(
        f"  {each.name} {each.version}: {_licence(each)}\n" for each in packed if each.name != NAME
    )
    return (
        f"{(CHECKOUT / 'LICENSE').read_text().rstrip()}\n\n"
        "The package contains these Python distributions, unchanged, from the wheels that their authors\n"
        "published. Their licences are in\n"
        "/usr/lib/scanstation/lib/python3/site-packages/*.dist-info; the GNU LGPL and the Apache License\n"
        "are also in /usr/share/common-licenses/LGPL-3 and Apache-2.0.\n\n"
        f"{listed}"
    )


def _licence(dist: Distribution) -> str:
    """Return the licence that the distribution names: an SPDX expression, else a word, else a classifier."""
    metadata = dist.metadata
    names = [*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or [])]
    if names and "\n" not in names[0].strip():
        return str(names[0])
    classifiers = [each for each in metadata.get_all("Classifier") or [] if each.startswith("License ::")]
    return ", ".join(each.rpartition(" :: ")[2] for each in classifiers) or "see its own text"
