"""The guest's second disk, /opt: the project as a wheel installs it, its dependencies, and the lab's agent.

It is made from the checkout for each run. The dependencies are this environment's own files: the same Python
minor version and the same Debian, so that compiled modules fit.
"""

from __future__ import annotations

import compileall
import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, PathDistribution, distribution
from pathlib import Path
from py_compile import PycInvalidationMode

from packaging.requirements import Requirement

from tests.lab.image.root import make_disk

_CHECKOUT = Path(__file__).parents[3]
_GUEST_CODE = _CHECKOUT / "tests/lab/guest"
_PREFIX = Path("scanstation")
_SITE = _PREFIX / "lib/python3.11/site-packages"
_PYTHON = "/opt/scanstation/bin/python3"
_COMMAND = f"""\
#!{_PYTHON}
import sys
from station.__main__ import main
sys.exit(main())
"""


def build_wheel(to: Path) -> Path:
    """The project's wheel, as it is published."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", to],
        check=True,
        cwd=_CHECKOUT,
        capture_output=True,
    )
    (wheel,) = to.glob("*.whl")
    return wheel


def opt_key(wheel: Path) -> str:
    """Changes with everything that is put on the disk."""
    with zipfile.ZipFile(wheel) as files:
        parts = [f"{file.filename} {file.CRC}" for file in files.infolist()]
    parts += [f"{each.name} {each.version}" for each in _dependencies(wheel)]
    parts += [path.read_text() for path in sorted(_GUEST_CODE.glob("*.py"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def build_opt_disk(wheel: Path, image: Path, work: Path) -> None:
    """Write the disk's image; `work` is where its files are put together."""
    tree = work / "opt"
    site = tree / _SITE
    site.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as files:
        files.extractall(site)
    for dependency in _dependencies(wheel):
        _copy(dependency, site)
    _write_environment(tree / _PREFIX)
    agent = tree / "lab/tests/lab/guest"
    shutil.copytree(_GUEST_CODE, agent, ignore=shutil.ignore_patterns("__pycache__"))
    # Times of sources may get lost on the disk, and compiling takes long in the guest.
    compileall.compile_dir(
        tree,
        quiet=2,
        stripdir=str(tree),
        prependdir="/opt",
        force=True,
        workers=2,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    make_disk(tree, image, "512M")


def _write_environment(prefix: Path) -> None:
    """A virtual environment, as ``python3 -m venv`` in the guest would make it."""
    (prefix / "bin").mkdir()
    (prefix / "bin/python3").symlink_to("/usr/bin/python3")
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    command = prefix / "bin/scanstation"
    command.write_text(_COMMAND)
    command.chmod(0o755)


def _dependencies(wheel: Path) -> list[Distribution]:
    """All that the project needs, with all its extras, in order of name."""
    with zipfile.ZipFile(wheel) as files:
        (metadata,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        project = PathDistribution(zipfile.Path(files, str(Path(metadata).parent) + "/"))
        extras = {"", *(project.metadata.get_all("Provides-Extra") or [])}
        todo, found = _required(project, extras), dict[str, Distribution]()
    while todo:
        requirement = todo.pop()
        name = _canonical(requirement.name)
        if name not in found:
            found[name] = _installed(requirement.name)
            todo += _required(found[name], {"", *requirement.extras})
    return [found[name] for name in sorted(found)]


def _required(dist: Distribution, extras: set[str]) -> list[Requirement]:
    requirements = [Requirement(line) for line in dist.requires or ()]
    return [
        requirement
        for requirement in requirements
        if requirement.marker is None
        or any(requirement.marker.evaluate({"extra": extra}) for extra in extras)
    ]


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise LookupError(f"{name}, which the project needs, isn't in {sys.prefix}: make it anew") from None


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _copy(dist: Distribution, site: Path) -> None:
    for file in dist.files or ():
        source = Path(str(file.locate()))
        if ".." not in file.parts and file.suffix != ".pyc" and source.exists():
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
