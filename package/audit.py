"""Known vulnerabilities of the locked packages, by pip-audit.

pip-audit calls a package that its service doesn't know "skipped", and still ends with "No known
vulnerabilities found"; behind a mirror of PyPI that is every package. So each run also asks for a version
that has known ones: a service that knows nothing of that one is not believed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from package.site_packages import CHECKOUT, REQUIREMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LOCKS = (CHECKOUT / "requirements.lock", REQUIREMENTS)
SERVICES = {"PyPI": ("--vulnerability-service=pypi",), "OSV": ("--vulnerability-service=osv",)}
"""Who is asked, one after the other until one is to be believed: pip-audit's options for each."""
IGNORED: dict[str, str] = {}
"""Vulnerabilities that don't concern us: identifier (PYSEC, GHSA or CVE) to the reason why."""
CANARY, CANARY_VERSION = "django", "2.0"
"""Vulnerable since 2018 (CVE-2018-7536), and in none of the locks."""


class AuditError(Exception):
    """The locks can't be audited, whoever is asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service says of the locks."""

    service: str
    audited: int
    """Packages that it knows."""
    vulnerable: tuple[str, ...]
    """A line each: package, version, identifiers, what mends it."""
    unknown: tuple[str, ...]
    """Packages that it doesn't know."""


def audit(
    locks: Sequence[Path] = LOCKS,
    services: Mapping[str, Sequence[str]] = SERVICES,
    ignored: Mapping[str, str] = IGNORED,
) -> Answer | None:
    """Ask the services for what is locked.

    Returns:
        The first answer to be believed; None: there is none from here.

    Raises:
        AuditError: a lock can't be read.
    """
    with tempfile.TemporaryDirectory(prefix="audit-") as name:
        canary = Path(name) / "canary.txt"
        # Nothing is downloaded, so no hash is compared; but a line without one is refused.
        canary.write_text(f"{CANARY}=={CANARY_VERSION} --hash=sha256:{64 * '0'}\n")
        asked = ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
        asked += [f"--requirement={path}" for path in (*locks, canary)]
        asked += [f"--ignore-vuln={identifier}" for identifier in ignored]
        # What fails without a service is the locks' fault.
        if (collected := _pip_audit("--dry-run", *asked)).returncode:
            raise AuditError(collected.stderr.strip())
        for service, options in services.items():
            if answer := _answer(service, _pip_audit(*options, *asked).stdout):
                return answer
    return None


def _pip_audit(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip_audit", *arguments], check=False, capture_output=True, text=True
    )


def _answer(service: str, said: str) -> Answer | None:
    """What was said, without the canary; None: it isn't to be believed."""
    try:
        packages: list[dict[str, Any]] = json.loads(said)["dependencies"]
    except json.JSONDecodeError:
        return None
    canary = next(each for each in packages if each["name"] == CANARY)
    if not canary.get("vulns"):
        return None
    ours = [each for each in packages if each is not canary]
    return Answer(
        service,
        audited=sum("vulns" in each for each in ours),
        vulnerable=tuple(_line(each, vuln) for each in ours for vuln in each.get("vulns", ())),
        unknown=tuple(each["name"] for each in ours if "vulns" not in each),
    )


def _line(package: Mapping[str, Any], vuln: Mapping[str, Any]) -> str:
    identifiers = ", ".join([vuln["id"], *vuln["aliases"]])
    mended = " or ".join(vuln["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {identifiers}; mended in {mended}"
