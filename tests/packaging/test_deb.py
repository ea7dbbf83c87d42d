"""The Debian package: reproducible, complete, and accepted by Debian's tools."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from package import deb as debian
from package.project import version
from package.site_packages import PYTHONS
from tests.conftest import NOTHING_SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
SITE = "usr/lib/scanstation/lib/python3/site-packages"
LIBRARIES = {
    "libc6": {
        "ld-linux-x86-64.so.2",
        "libc.so.6",
        "libdl.so.2",
        "libm.so.6",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libutil.so.1",
    },
    "libgcc-s1": {"libgcc_s.so.1"},
    "libstdc++6": {"libstdc++.so.6"},
    "zlib1g": {"libz.so.1"},
}
"""The libraries in the package's dependencies."""


@pytest.fixture(scope="module")
def tree(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, unpacked."""
    directory = tmp_path_factory.mktemp("tree")
    subprocess.run(["dpkg-deb", "--raw-extract", deb, directory], check=True)
    return directory


@pytest.mark.release
def test_built_again_elsewhere_the_package_has_the_same_bytes(
    deb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    again = debian.build(tmp_path / "again")

    assert again.name == deb.name
    assert again.read_bytes() == deb.read_bytes()


def test_lintian_finds_no_error(deb: Path) -> None:
    if shutil.which("lintian") is None:
        (pytest.fail if NOTHING_SKIPPED else pytest.skip)("lintian isn't installed: apt install lintian")

    result = subprocess.run(
        ["lintian", "--fail-on", "error", "--allow-root", deb], check=False, capture_output=True, text=True
    )

    errors = [line for line in result.stdout.splitlines() if line.startswith("E:")]
    assert (result.returncode, errors) == (0, [])


def test_each_compiled_module_is_there_for_every_python(tree: Path) -> None:
    modules: dict[str, set[str]] = {}
    for path in (tree / SITE).rglob("*.cpython-*.so"):
        name, _, rest = path.name.partition(".cpython-")
        modules.setdefault(str(path.parent / name), set()).add(rest.partition("-")[0])

    assert len(modules) > 10
    assert {frozenset(found) for found in modules.values()} == {
        frozenset(python.replace(".", "") for python in PYTHONS)
    }


def test_every_library_that_a_compiled_module_needs_is_included_or_a_dependency(tree: Path) -> None:
    depends = (tree / "DEBIAN/control").read_text()
    known = {library for package, names in LIBRARIES.items() if f"{package}" in depends for library in names}
    compiled = [path for path in (tree / SITE).rglob("*.so*") if path.is_file()]
    inside = {path.name for path in compiled}

    needed = {name for path in compiled for name in needs(path)}

    assert needed - inside - known == set()


def needs(compiled: Path) -> Iterator[str]:
    shown = subprocess.run(["readelf", "-d", compiled], check=True, capture_output=True, text=True).stdout
    yield from re.findall(r"\(NEEDED\).*\[(.+)\]", shown)


def test_no_compiled_module_needs_a_newer_c_library_than_the_dependency(tree: Path) -> None:
    newest = (0, 0)
    for path in (tree / SITE).rglob("*.so*"):
        shown = subprocess.run(["readelf", "-V", path], check=True, capture_output=True, text=True).stdout
        newest = max([newest, *((int(a), int(b)) for a, b in re.findall(r"GLIBC_(\d+)\.(\d+)", shown))])

    assert newest <= (2, 34)
    assert "libc6 (>= 2.34)" in (tree / "DEBIAN/control").read_text()


def test_the_sbom_names_each_distribution_with_its_version(tree: Path) -> None:
    packed = subprocess.run(
        ["gzip", "-dc", tree / "usr/share/doc/scanstation/sbom.cdx.json.gz"], check=True, capture_output=True
    ).stdout
    listed = {f"{each['name']}-{each['version']}" for each in json.loads(packed)["components"]}
    inside = {path.name.removesuffix(".dist-info") for path in (tree / SITE).glob("*.dist-info")}

    def plain(names: set[str]) -> set[str]:
        return {re.sub(r"[-_.]+", "-", name).lower() for name in names}

    assert plain(listed | {f"scanstation-{version()}"}) == plain(inside)


def test_the_configuration_is_a_conffile_and_root_owns_all_files(deb: Path, tree: Path) -> None:
    assert (tree / "DEBIAN/conffiles").read_text().splitlines() == ["/etc/scanstation/config.toml"]
    assert list((tree / "etc/scanstation/config.d").iterdir()) == []
    listed = subprocess.run(
        ["dpkg-deb", "--contents", deb], check=True, capture_output=True, text=True
    ).stdout
    assert {line.split()[1] for line in listed.splitlines()} == {"root/root"}
    assert {line[:10] for line in listed.splitlines()} == {
        "drwxr-xr-x",
        "-rw-r--r--",
        "-rwxr-xr-x",
        "lrwxrwxrwx",
    }
