"""A reader's shell: what one block sets, and where it goes, holds for the next."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.running import COMMAND, PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.docs.blocks import Block

_UNTIL_INTERRUPTED = re.compile(r"^(?P<command>[^#\n]+?)\s*# .*Ctrl-C ends.*$", re.MULTILINE)
_READY = "Ctrl-C ends"
"""What a command says that runs until then."""


class Shell(AbstractContextManager["Shell"]):
    """bash in a directory, with the installed command in its path."""

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        replace: Mapping[str, str],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """`replace`: what the page says, and what it is here; `meanwhile`: done before each Ctrl-C."""
        self._replace = replace
        self._meanwhile = meanwhile
        self._kept = directory / "shell"
        self._kept.mkdir()
        path = f"{Path(COMMAND).parent}:{os.environ['PATH']}"
        self._bash = subprocess.Popen(
            ["bash", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=directory,
            env={**environment, "HOME": str(directory), "PATH": path},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.close()
        self._bash.wait(PATIENCE_S)

    def run(self, block: Block) -> None:
        """Run a block as a reader would: a script to its end, an example for what it shows.

        Each command must end well. One that is to fail shows it: `…; echo "exit code $?"`.
        """
        if block.language == "console":
            for command, shown in examples(block):
                code, output = self._do(block, f"set -o pipefail\n{command}")
                assert code == 0, f"{block}: {command}: exit code {code}\n{output}"
                compare(f"{block}: {command}", shown, output)
            return
        text, done = block.text, 0
        for found in _UNTIL_INTERRUPTED.finditer(text):
            self._must_work(block, text[done : found.start()])
            self._interrupt(block, found["command"])
            done = found.end()
        self._must_work(block, text[done:])

    def _must_work(self, block: Block, script: str) -> None:
        if script.strip():
            code, output = self._do(block, f"set -e -o pipefail\n{script}\nset +e")
            assert code == 0, f"{block}: exit code {code}\n{output}"

    def _do(self, block: Block, script: str) -> tuple[int, str]:
        """Exit code and output, once it has ended."""
        output, code = self._kept / "output", self._kept / "code"
        code.unlink(missing_ok=True)
        self._say(f"{{\n{script}\n}} >{output} 2>&1 </dev/null; echo $? >{code}.part; mv {code}.part {code}")
        wait_until(lambda: code.exists() or self._bash.poll() is not None, f"{block}: {script}")
        exit_code = int(code.read_text()) if code.exists() else self._bash.wait()
        return exit_code, output.read_text()

    def _interrupt(self, block: Block, command: str) -> None:
        """Start it, let the scanner work, press Ctrl-C."""
        output, number = self._kept / "running", self._kept / "number"
        output.write_text("")
        # A job of its own: in the background of a script, bash has commands ignore Ctrl-C.
        self._say(f"set -m; {command} >>{output} 2>&1 & set +m; echo $! >{number}")
        wait_until(lambda: _READY in output.read_text(), f"{block}: {command}")
        self._meanwhile()
        os.kill(int(number.read_text()), signal.SIGINT)
        self._must_work(block, f"wait {number.read_text()}")

    def _say(self, script: str) -> None:
        for written, here in self._replace.items():
            script = script.replace(written, here)
        assert self._bash.stdin is not None
        self._bash.stdin.write(f"{script}\n".encode())
        self._bash.stdin.flush()


def examples(block: Block) -> list[tuple[str, str]]:
    """Each command of a `console` block with the output that it shows."""
    parts = [part for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE) if part]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def compare(command: str, shown: str, came: str) -> None:
    """Fail unless what came is what the page shows; `…` there stands for anything, but not for all of it."""
    assert not shown.strip() or re.search(r"\w", shown), f"{command}: shows nothing but …"
    pattern = ".*".join(re.escape(part) for part in _plain(shown).split("…"))
    assert re.fullmatch(pattern, _plain(came)), f"{command}\n{came}\n--- is not ---\n{shown}"


def _plain(output: str) -> str:
    """Without the frames of tables, and blanks that only line things up."""
    return re.sub("[\\s\u2500-\u257f]+", " ", output).strip()
