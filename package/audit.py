"""Checks the locked packages for known vulnerabilities, with pip-audit.

pip-audit skips a package that its service doesn't know, and still reports "No known vulnerabilities found";
with a mirror of PyPI that is every package. So each run also checks a version with known vulnerabilities: the
answers of a service that doesn't report them are discarded.
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
"""pip-audit's options for each service; the first reliable answer counts."""
IGNORED: dict[str, str] = {}
"""Vulnerabilities that don't affect us: identifier (PYSEC, GHSA or CVE) to the reason."""
CANARY, CANARY_VERSION = "django", "2.0"
"""Vulnerable since 2018 (CVE-2018-7536), and in none of the locks."""


class AuditError(Exception):
    """The locks can't be audited by any service."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer for the locks."""

    service: str
    audited: int
    """Packages that it knows."""
    vulnerable: tuple[str, ...]
    """One line each: package, version, identifiers, fixed version."""
    unknown: tuple[str, ...]
    """Packages that it doesn't know."""


def audit(
    locks: Sequence[Path] = LOCKS,
    services: Mapping[str, Sequence[str]] = SERVICES,
    ignored: Mapping[str, str] = IGNORED,
) -> Answer | None:
    """Ask the services about the locked packages.

    Returns:
        The first reliable answer; None: there is none from here.

    Raises:
        AuditError: a lock can't be read.
    """
    with tempfile.TemporaryDirectory(prefix="audit-") as name:
        canary = Path(name) / "canary.txt"
        # Nothing is downloaded, so no hash is compared; but pip-audit rejects a line without one.
        canary.write_text(f"{CANARY}=={CANARY_VERSION} --hash=sha256:{64 * '0'}\n")
        options = ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
        options += [f"--requirement={path}" for path in (*locks, canary)]
        options += [f"--ignore-vuln={identifier}" for identifier in ignored]
        # A failure without a service means that a lock is wrong.
        if (collected := _pip_audit("--dry-run", *options)).returncode:
            raise AuditError(collected.stderr.strip())
        for service, service_options in services.items():
            if answer := _answer(service, _pip_audit(*service_options, *options).stdout):
                return answer
    return None


def _pip_audit(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip_audit", *arguments], check=False, capture_output=True, text=True
    )


def _answer(service: str, output: str) -> Answer | None:
    """Parse an answer, without the canary; None: it isn't reliable."""
    try:
        packages: list[dict[str, Any]] = json.loads(output)["dependencies"]
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
    fixed = " or ".join(vuln["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {identifiers}; fixed in {fixed}"
