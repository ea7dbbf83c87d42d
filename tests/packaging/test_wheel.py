"""The wheel: reproducible, and installable with common tools."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from package.site_packages import CHECKOUT, build_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_built_twice_the_wheel_has_the_same_bytes(tmp_path: Path) -> None:
    first, second = (build_wheel(tmp_path / name) for name in ("first", "second"))

    assert first.read_bytes() == second.read_bytes()


def test_the_wheel_contains_units_rules_and_the_example_configuration(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_wheel(tmp_path)) as files:
        names = {name.partition("/data/share/scanstation/")[2] for name in files.namelist()}

    assert {"scanstation.service", "scanstation@.service", "70-scanstation.rules"} <= names
    assert "examples/network.conf" in names


@pytest.mark.full
def test_uv_installs_the_wheel_as_a_working_tool(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path / "wheel")
    places = {
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
    }
    constraints = CHECKOUT / "package/requirements.lock"

    run(
        *(sys.executable, "-m", "uv", "tool", "install", "--quiet", "--python", sys.executable),
        *(
            "--constraints",
            without_hashes(constraints, tmp_path),
            f"scanstation[evdev,usb,postgresql,mqtt] @ {wheel.as_uri()}",
        ),
        **places,
    )

    assert run(tmp_path / "bin/scanstation", "--version", **places).startswith("scanstation, version")
    assert "Assigned" in run(tmp_path / "bin/scanstation", "demo", "--once", **places)


@pytest.mark.full
def test_pip_installs_the_wheel_into_its_own_environment(tmp_path: Path) -> None:
    """As pipx does."""
    wheel = build_wheel(tmp_path / "wheel")
    run(sys.executable, "-m", "venv", tmp_path / "venv")

    run(tmp_path / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", wheel)

    assert run(tmp_path / "venv/bin/scanstation", "--version").startswith("scanstation, ")


def without_hashes(lock: Path, work: Path) -> Path:
    """Return the lock without hashes, as it has none of the wheel that was just built."""
    lines = [
        line.rstrip(" \\") for line in lock.read_text().splitlines() if not line.lstrip().startswith("--hash")
    ]
    constraints = work / "constraints.txt"
    constraints.write_text("\n".join(lines))
    return constraints


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
