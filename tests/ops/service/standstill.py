"""Stops one thread of a process, as a bug would: the others continue.

python standstill.py PID        stops the second thread, a station's desk, until this program is ended;
                         an empty line says that it stands
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

_PTRACE_INTERRUPT = 0x4207
_PTRACE_SEIZE = 0x4206
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def desk_of(pid: int) -> int:
    """The thread id of a station's desk: the first one that it starts."""
    return sorted(int(task.name) for task in Path(f"/proc/{pid}/task").iterdir())[1]


def stop_thread(tid: int) -> None:
    """Stop a thread; it continues when the calling thread ends.

    Raises:
        OSError: stopping it is not permitted.
    """
    for request in (_PTRACE_SEIZE, _PTRACE_INTERRUPT):
        if _libc.ptrace(request, tid, None, None):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    stop_thread(desk_of(int(sys.argv[1])))
    print(flush=True)  # noqa: T201 - it stands still from now on
    signal.pause()
