"""The package contains the tested versions."""

from __future__ import annotations

import re

from package.site_packages import CHECKOUT, REQUIREMENTS


def versions(text: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", text))


def test_the_packages_lock_agrees_with_the_projects() -> None:
    packed = versions(REQUIREMENTS.read_text())
    tested = versions((CHECKOUT / "requirements.lock").read_text())

    assert packed
    assert {name: tested.get(name) for name in packed} == packed, "run make lock"


def test_every_packed_distribution_is_locked_by_its_hash() -> None:
    text = REQUIREMENTS.read_text()

    assert all("--hash=sha256:" in part for part in re.split(r"(?m)^(?=[a-z])", text) if part.strip())
