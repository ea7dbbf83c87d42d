"""Which tests reach which line, measured once and kept in ``build/mutants`` until something changes."""

from __future__ import annotations

import ast
import json
import os
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from coverage import CoverageData

from tests.mutants.copied import JOBS, Copy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.mutants.mutant import Mutant

BUILD = Path("build/mutants").resolve()
_SETTINGS = "[run]\nsource = station, drivers\nparallel = true\npatch = subprocess\nrelative_files = true\n"


@dataclass
class Reached:
    """What the tests of some folders reach."""

    folders: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each test takes, of those that pass."""
    _data: list[CoverageData] = field(default_factory=list)

    def measure(self) -> None:
        """Run the folders that changed, or all when the product changed."""
        helpers = [path for path in Path("tests").rglob("*.*") if _is_helper(path)]
        full = os.environ.get("SCANSTATION_FULL", "")
        product = _digest([*Path("station").rglob("*.*"), *Path("drivers").rglob("*.*"), *helpers], full)
        for folder in self.folders:
            key = _digest(Path(folder).rglob("test_*.py"), product)
            kept = BUILD / folder.replace("/", "-")
            if not (kept / key).exists():
                _measure(folder, kept)
                (kept / key).touch()
            self.seconds.update(json.loads((kept / "seconds.json").read_text()))
            data = CoverageData(str(kept / "coverage"))
            data.read()
            self._data.append(data)

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that reach a mutant, quickest first."""
        first, last = mutant.lines
        if mutant.at_import:
            found = self._users(mutant.path, {mutant.path})
        else:
            found = self._tests(mutant.path, range(first, last + 1))
        return sorted(found, key=lambda test: self.seconds[test])

    def _tests(self, path: str, lines: Iterable[int] | None = None) -> set[str]:
        found: set[str] = set()
        for data in self._data:
            by_line = data.contexts_by_lineno(path)
            for line in by_line if lines is None else lines:
                found.update(by_line.get(line, ()))
        return found & self.seconds.keys()

    def _users(self, path: str, seen: set[str]) -> set[str]:
        """The tests that are in a function of the module; if it has none, of those that import it."""
        if found := self._tests(path, _in_functions(path)):
            return found
        importers = self._importers.get(path, set()) - seen
        seen |= importers
        return {test for importer in importers for test in self._users(importer, seen)}

    @cached_property
    def _importers(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path in [*Path("station").rglob("*.py"), *Path("drivers").rglob("*.py")]:
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                    for name in names:
                        place = name.replace(".", "/")
                        for module in (f"{place}.py", f"{place}/__init__.py"):
                            found.setdefault(module, set()).add(str(path))
        return found


def _in_functions(path: str) -> set[int]:
    return {
        line
        for node in ast.walk(ast.parse(Path(path).read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.body[0].lineno, (node.end_lineno or 0) + 1)
    }


def _is_helper(path: Path) -> bool:
    return not path.name.startswith("test_") and path.suffix != ".pyc" and path.parts[1] != "mutants"


def _digest(paths: Iterable[Path], more: str = "") -> str:
    found = sha256(more.encode())
    for path in sorted(paths):
        if path.suffix != ".pyc":
            found.update(f"{path}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _measure(folder: str, kept: Path) -> None:
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    with Copy() as copy:
        settings = copy.directory / "coverage.ini"
        settings.write_text(_SETTINGS)
        copy.pytest(
            folder,
            "-n",
            str(JOBS),
            "-p",
            "tests.mutants.measuring",
            "--cov",
            f"--cov-config={settings}",
            "--cov-report=",
            environment={"COVERAGE_FILE": str(kept / "coverage"), "SECONDS_FILE": str(kept / "seconds.json")},
            is_shown=True,
        )
