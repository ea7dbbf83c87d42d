"""A journal's socket that reads entries by the book: https://systemd.io/JOURNAL_NATIVE_PROTOCOL/."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import struct
from contextlib import closing
from typing import TYPE_CHECKING, Self

from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from pathlib import Path

DATAGRAM_BYTES = 1 << 20
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
"""What journald wants of a memory file: nobody may change it while it is read."""


class FakeJournal:
    """Takes entries at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.by_file = 0
        """Entries that came in a file of memory."""

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.settimeout(PATIENCE_S)
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def entries(self, count: int) -> list[dict[str, str]]:
        """The next entries; there must not be more."""
        found = [decoded(self._received()) for _ in range(count)]
        self._socket.setblocking(False)
        try:
            more = self._socket.recv(DATAGRAM_BYTES)
        except BlockingIOError:
            more = b""
        self._socket.settimeout(PATIENCE_S)
        assert more == b""
        return found

    def _received(self) -> bytes:
        data, files, _, _ = socket.recv_fds(self._socket, DATAGRAM_BYTES, 1)
        if not files:
            return data
        assert data == b""
        self.by_file += 1
        (file,) = files
        assert fcntl.fcntl(file, fcntl.F_GET_SEALS) == SEALS
        with closing(os.fdopen(file, "rb")) as memory:
            memory.seek(0)
            return memory.read()


def decoded(data: bytes) -> dict[str, str]:
    """The fields of one entry; each may stand there once, as ours do."""
    fields: dict[str, str] = {}
    while data:
        head, _, rest = data.partition(b"\n")
        name, is_short, value = head.partition(b"=")
        if not is_short:
            (length,) = struct.unpack_from("<Q", rest)
            value, end, data = rest[8 : 8 + length], rest[8 + length : 9 + length], rest[9 + length :]
            assert (len(value), end) == (length, b"\n")
        else:
            data = rest
        assert re.fullmatch(rb"[A-Z][A-Z0-9_]{0,63}", name), name
        assert name.decode() not in fields
        fields[name.decode()] = value.decode()
    return fields
