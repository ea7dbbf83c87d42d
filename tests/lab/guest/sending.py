"""What an emulated scanner sends, and what it is sent."""

from __future__ import annotations

import os
import select
import time
import tty


def send_reports(node: str, reports: list[str], patience_s: float, gap_s: float) -> int:
    """Write reports, in hex, one by one as the host fetches them.

    Returns:
        How many were taken; fewer than given when the host didn't fetch one within `patience_s`, or the cable
        was pulled.
    """
    fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    try:
        for number, report in enumerate(reports):
            if not select.select([], [fd], [], patience_s)[1]:
                return number
            try:
                os.write(fd, bytes.fromhex(report))
            except OSError:
                return number
            time.sleep(gap_s)
        # The last one is still on its way; closing the node must not take it back.
        select.select([], [fd], [], patience_s)
        return len(reports)
    finally:
        os.close(fd)


def exchange(node: str, chunks: list[str], gap_s: float, answer_bytes: int, patience_s: float) -> str:
    """Write chunks of bytes, in hex, to a serial gadget, and read what the host answers.

    One write is one transfer. While nobody has the node open, what the host sends is lost.

    Returns:
        The answer in hex: `answer_bytes`, or what has come by then.
    """
    fd = _open_raw(node)
    received = b""
    try:
        for chunk in chunks:
            os.write(fd, bytes.fromhex(chunk))
            time.sleep(gap_s)
        while len(received) < answer_bytes and select.select([fd], [], [], patience_s)[0]:
            received += os.read(fd, answer_bytes - len(received))
        return received.hex()
    finally:
        os.close(fd)


def _open_raw(node: str) -> int:
    """Else the terminal layer echoes, and turns CR into LF."""
    fd = os.open(node, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(fd)
    return fd
