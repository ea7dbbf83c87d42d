"""Starts the command by forking a process that has its modules loaded: that takes a tenth of the time.

`.ci/run` starts the installed command itself. What is forked has a parent that waits for it: who asked reads
the process' number and its exit status from a pipe. When the asking process ends, they all end.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
from typing import Any, Final, NoReturn

MOST_BYTES: Final = 1 << 17
"""Of a request; more would not pass through the socket at once."""
_AT_START: Final = ("PYTHON", "LC_", "LANG", "TZ", "COVERAGE_", "MALLOC")
"""Variables of the environment that an interpreter looks at when it starts."""
_PR_SET_PDEATHSIG: Final = 1
_NUMBER_BYTES: Final = 4
_PROGRAMS: Final = ("__main__", ".env", ".collect", ".generate_layouts")
_IMPORTED_LATE: Final = (
    "alembic.command",
    "rich.progress",
    "sqlalchemy.dialects.sqlite",
    "uvicorn.lifespan.off",
    "uvicorn.protocols.http.h11_impl",
)


class Forked(subprocess.Popen[Any]):
    """A command that runs as a fork of the server; to be used as if it had been executed."""

    def _execute_child(
        self,
        args: Any,
        _executable: Any,
        _preexec: Any,
        _close: Any,
        _pass: Any,
        cwd: Any,
        env: Any,
        *more: Any,
    ) -> None:
        _, _, _, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, *_ = more
        files = [end if end >= 0 else fd for fd, end in enumerate((p2cread, c2pwrite, errwrite))]
        read_end, write_end = os.pipe()
        self._status = open(read_end, "rb", buffering=0)  # noqa: PTH123, SIM115 - closed once it is read
        try:
            socket.send_fds(_server(), [_request(args, cwd, env)], [*files, write_end])
        finally:
            os.close(write_end)
            self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)  # type: ignore[attr-defined]
        self.pid = int.from_bytes(self._status.read(_NUMBER_BYTES))
        self._child_created = True

    def _try_wait(self, flags: int) -> tuple[int, int]:
        if flags & os.WNOHANG and not select.select([self._status], [], [], 0)[0]:
            return 0, 0
        with self._status:
            return self.pid, int.from_bytes(self._status.read(_NUMBER_BYTES) or b"\0\0\0\x09")

    def _internal_poll(self, *_arguments: Any, **_more: Any) -> int | None:
        with self._waitpid_lock:  # type: ignore[attr-defined]
            if self.returncode is None:
                pid, status = self._try_wait(os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def can_fork(arguments: list[str], **how: Any) -> bool:
    """Whether a fork does the same as the command that is executed."""
    environment = how.get("env") or os.environ
    at_start = [
        {key: value for key, value in each.items() if key.startswith(_AT_START)}
        for each in (environment, os.environ)
    ]
    return (
        not os.environ.get("SCANSTATION_FULL")
        and at_start[0] == at_start[1]
        and not any(key.startswith("COVERAGE_") for key in os.environ)
        and len(_request(arguments, how.get("cwd"), environment)) < MOST_BYTES
    )


def _request(arguments: Any, cwd: Any, env: Any) -> bytes:
    environment = dict(os.environ if env is None else env)
    return json.dumps([list(map(str, arguments)), str(cwd or os.getcwd()), environment]).encode()  # noqa: PTH109


@functools.cache
def _server() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-P", __file__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    @atexit.register
    def end() -> None:
        ours.close()
        server.wait()

    return ours


def serve(requests: socket.socket) -> list[str]:
    """Fork for each request; returns in the forks only, with the arguments."""
    _import_all()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        request, files, _, _ = socket.recv_fds(requests, MOST_BYTES, 4)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not request:
            os._exit(0)
        if os.fork() == 0:
            requests.close()
            _end_with_parent()
            if (pid := os.fork()) == 0:
                return _become(request, files)
            _wait_for(pid, files)
        for fd in files:
            os.close(fd)


def _import_all() -> None:
    for package in ("station", "drivers"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not module.name.endswith(_PROGRAMS) and ".versions." not in module.name:
                importlib.import_module(module.name)
    for name in _IMPORTED_LATE:
        importlib.import_module(name)
    gc.collect()
    # What was made before the fork is left alone, so that its memory stays shared.
    gc.freeze()


def _wait_for(pid: int, files: list[int]) -> NoReturn:
    """Tell its number, then its exit status."""
    for fd in files[:3]:
        os.close(fd)
    os.write(files[3], pid.to_bytes(_NUMBER_BYTES))
    _, status = os.waitpid(pid, 0)
    os.write(files[3], status.to_bytes(_NUMBER_BYTES))
    os._exit(0)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _become(request: bytes, files: list[int]) -> list[str]:
    """As an interpreter that was just started."""
    arguments: list[str]
    arguments, cwd, environment = json.loads(request)
    _end_with_parent()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for fd, file in enumerate(files[:3]):
        os.dup2(file, fd)
    for file in files:
        os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    kept = [(0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")]
    for fd, name, mode in kept:
        old = getattr(sys, name)
        buffering = 1 if name == "stderr" or os.isatty(fd) else -1
        new = open(fd, mode, buffering, old.encoding, old.errors, "\n", closefd=False)  # noqa: SIM115
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    return arguments


if __name__ == "__main__":
    sys.argv = serve(socket.socket(fileno=int(sys.argv[1])))
    from station.cli import main

    main()
