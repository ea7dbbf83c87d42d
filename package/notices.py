"""Who made what is inside, and under which licences."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from typing import TYPE_CHECKING

from package.project import NAME
from package.site_packages import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path


def copyright_text(site: Path) -> str:
    """The file ``copyright``: our licence, and each packed distribution with what it says of its own."""
    inside = sorted(distributions(path=[str(site)]), key=lambda each: each.name.lower())
    listed = "".join(
        f"  {each.name} {each.version}: {_licence(each)}\n" for each in inside if each.name != NAME
    )
    return (
        f"{(CHECKOUT / 'LICENSE').read_text().rstrip()}\n\n"
        "The package holds these Python distributions, unchanged, from the wheels that their authors\n"
        "published. Texts of their licences are in\n"
        "/usr/lib/scanstation/lib/python3/site-packages/*.dist-info; those of the GNU LGPL and the\n"
        "Apache License also in /usr/share/common-licenses/LGPL-3 and Apache-2.0.\n\n"
        f"{listed}"
    )


def _licence(dist: Distribution) -> str:
    """As the distribution names it: an SPDX expression, else a word, else a classifier."""
    said = dist.metadata
    names = [*(said.get_all("License-Expression") or []), *(said.get_all("License") or [])]
    if names and "\n" not in names[0].strip():
        return str(names[0])
    classified = [each for each in said.get_all("Classifier") or [] if each.startswith("License ::")]
    return ", ".join(each.rpartition(" :: ")[2] for each in classified) or "see its own text"
