"""The units, checked by systemd itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import NOTHING_SKIPPED

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNITS = sorted(path.name for path in SYSTEMD.iterdir() if path.suffix in {".service", ".timer"})
EXPOSURE_AS_SHIPPED = 1.5
EXPOSURE_WITH_THE_NETWORK = 2.0


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """All units, with existing programs, as if they were installed."""
    if shutil.which("systemd-analyze") is None:
        (pytest.fail if NOTHING_SKIPPED else pytest.skip)(
            "systemd-analyze isn't installed: apt install systemd"
        )
    for unit in UNITS:
        text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", (SYSTEMD / unit).read_text())
        (tmp_path / unit).write_text(text)
    return tmp_path


def analyze(*arguments: str | Path, units: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"SYSTEMD_UNIT_PATH": f"{units}:", "PATH": "/usr/bin:/bin"},
        cwd=units,
    )


def exposure(unit: str, units: Path) -> float:
    shown = analyze("security", "--offline=true", "--no-pager", unit, units=units).stdout
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", shown)
    assert found, shown
    return float(found[1])


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_no_fault_in_a_unit(units: Path, unit: str) -> None:
    instance = unit.replace("@.", "@left.")

    verified = analyze("verify", "--man=no", f"./{instance}" if instance == unit else instance, units=units)

    # Only those of this project's units: the machine's own may have faults.
    complaints = [line for line in verified.stderr.splitlines() if "scanstation" in line]
    assert (verified.returncode, complaints) == (0, [])


@pytest.mark.parametrize(
    "unit",
    [
        "scanstation.service",
        "scanstation@.service",
        "scanstation-backup.service",
        "scanstation-archive.service",
    ],
)
def test_the_exposure_of_the_shipped_units_is_small(units: Path, unit: str) -> None:
    assert exposure(unit, units) <= EXPOSURE_AS_SHIPPED


@pytest.mark.parametrize("example", sorted(path.name for path in (SYSTEMD / "examples").iterdir()))
def test_an_example_opens_no_more_than_it_needs(units: Path, example: str) -> None:
    before = exposure("scanstation.service", units)
    drop_in = units / "scanstation.service.d" / example
    drop_in.parent.mkdir()
    drop_in.write_text((SYSTEMD / "examples" / example).read_text())

    assert before <= exposure("scanstation.service", units) <= EXPOSURE_WITH_THE_NETWORK
    assert analyze("verify", "--man=no", "./scanstation.service", units=units).returncode == 0


@pytest.mark.parametrize("unit", ["scanstation", "scanstation-backup", "scanstation-archive"])
def test_a_unit_for_several_stations_differs_from_that_for_one_only_in_names_and_paths(unit: str) -> None:
    several = "\n".join(settings(f"{unit}@.service"))
    for here, there in (("/%i.toml", "/config.toml"), ("scanstation/%i", "scanstation"), ("@%i", "")):
        several = several.replace(here, there)

    assert several.splitlines() == settings(f"{unit}.service")


def settings(unit: str) -> list[str]:
    """Return all settings except the description."""
    lines = (SYSTEMD / unit).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "Description="))]
