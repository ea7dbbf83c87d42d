"""The ways to a label printer: a print queue, a raw port, a directory. Each tries once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote

from station.errors import ConfigError, PrinterDoubtError, PrinterError
from station.i18n.messages import escape_unprintable, msg

if TYPE_CHECKING:
    from station.config.settings import LabelPrinterSettings

_NAME_CHARACTERS: Final = 100
_COMPLAINT_CHARACTERS: Final = 200


class LabelSender(Protocol):
    """A way to a printer."""

    def send(self, data: bytes, title: str, timeout_s: float) -> None:
        """Send one label; `title` is its name in a print queue.

        Raises:
            PrinterError: it was not sent.
            PrinterDoubtError: it is unknown whether it was.
        """


def sender_for(printer: LabelPrinterSettings) -> LabelSender:
    """Return the configured way.

    Raises:
        ConfigError: none is configured.
    """
    match printer.kind:
        case "queue":
            return QueueSender(printer)
        case "socket":
            return SocketSender(printer.address)
        case "file":
            return FileSender(Path(printer.directory), printer.format)
        case _:
            raise ConfigError(
                'no label printer is configured; set label_printer.kind to "queue", "socket" or "file"'
            )


class QueueSender:
    """CUPS's ``lp`` (lp(1)), started without a shell; the queue prints what ``lp`` has accepted."""

    def __init__(self, printer: LabelPrinterSettings) -> None:
        self._queue = printer.queue
        # ZPL goes to the printer unchanged; a PDF must keep its size.
        self._options = (
            ["-o", "raw"]
            if printer.format == "zpl"
            else [
                *("-o", f"media=Custom.{printer.width_mm}x{printer.height_mm}mm"),
                *("-o", "print-scaling=none"),
            ]
        )

    def send(self, data: bytes, title: str, timeout_s: float) -> None:
        """See `Sender.send`."""
        command = ["lp", "-d", self._queue, "-t", escape_unprintable(title), *self._options, "-"]
        with tempfile.TemporaryFile() as label, tempfile.TemporaryFile() as complaint:
            # Files, not pipes: a child process of a hanging lp would keep a pipe open.
            label.write(data)
            label.seek(0)
            status = _run(command, label.fileno(), complaint.fileno(), timeout_s)
            complaint.seek(0)
            text = escape_unprintable(complaint.read(_COMPLAINT_CHARACTERS).decode(errors="replace").strip())
        if status is None:
            raise PrinterDoubtError(msg('the print queue "{queue}" did not answer', queue=self._queue))
        if status != 0:
            why = text or f"exit {status}"
            raise PrinterError(
                msg('the print queue "{queue}" refused the label: {why}', queue=self._queue, why=why)
            )


def _run(command: list[str], data: int, complaint: int, timeout_s: float) -> int | None:
    """Run a program and return its exit status; None: it took too long and was killed with its children.

    Raises:
        PrinterError: there is no such program.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
            command, stdin=data, stdout=subprocess.DEVNULL, stderr=complaint, start_new_session=True
        )
    except OSError as error:
        raise PrinterError(
            msg(
                "{program} can't be started ({why}); install cups-client",
                program=command[0],
                why=error.strerror,
            )
        ) from error
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return None


class SocketSender:
    """A printer's raw port: connect, send, shut down the sending side, wait until the printer closes, too."""

    def __init__(self, address: str) -> None:
        self._address = address
        host, _, port = address.rpartition(":")
        self._at = (host.strip("[]"), int(port))

    def send(self, data: bytes, title: str, timeout_s: float) -> None:  # noqa: ARG002 - a raw port has no titles
        """See `Sender.send`."""
        ends_at = time.monotonic() + timeout_s
        try:
            with socket.create_connection(self._at, timeout_s) as connection:
                connection.settimeout(_left(ends_at))
                connection.sendall(data)
                self._wait_for_end(connection, ends_at)
        except OSError as error:
            raise PrinterError(
                msg(
                    "the printer at {address} can't be reached: {why_text}",
                    address=self._address,
                    why_text=_why(error),
                )
            ) from error

    def _wait_for_end(self, connection: socket.socket, ends_at: float) -> None:
        """Wait until the printer closes; a hung printer accepts a label into its buffer, but doesn't close.

        Raises:
            PrinterDoubtError: it doesn't close.
        """
        try:
            connection.shutdown(socket.SHUT_WR)
            while True:
                connection.settimeout(_left(ends_at))
                if not connection.recv(4096):
                    return
        except OSError as error:
            raise PrinterDoubtError(
                msg(
                    "the printer at {address} did not confirm the label: {why_text}",
                    address=self._address,
                    why_text=_why(error),
                )
            ) from error


def _why(error: OSError) -> str:
    return msg("no answer in time") if isinstance(error, TimeoutError) else error.strerror or str(error)


def _left(ends_at: float) -> float:
    """Return the seconds left; never 0, which would make the socket non-blocking."""
    return max(0.001, ends_at - time.monotonic())


class FileSender:
    """A directory from which another program takes labels: each appears complete, under its final name."""

    def __init__(self, directory: Path, suffix: str) -> None:
        self._directory = directory
        self._suffix = suffix

    def send(self, data: bytes, title: str, timeout_s: float) -> None:  # noqa: ARG002 - a disk answers at once
        """See `Sender.send`."""
        name = file_name(title)
        unfinished = self._directory / f".{name}.{os.getpid()}.part"
        try:
            unfinished.write_bytes(data)
            unfinished.replace(self._directory / f"{name}.{self._suffix}")
        except OSError as error:
            raise PrinterError(
                msg(
                    'the label can\'t be written into label_printer.directory = "{directory}": {why}',
                    directory=self._directory,
                    why=error.strerror,
                )
            ) from error


def file_name(title: str) -> str:
    """Return a label's file name, escaped so that no serial number can name another directory."""
    name = quote(title, safe=" ").replace(" ", "_")
    if len(name) > _NAME_CHARACTERS:
        name = f"{name[:_NAME_CHARACTERS]}-{hashlib.sha256(title.encode()).hexdigest()[:16]}"
    return name
