"""The label printer: its own thread lays out and sends labels, so the desk never waits for it."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

import structlog

from station.errors import PrinterDoubtError, PrinterError, StationError
from station.events import LabelNotPrinted, SerialGenerated
from station.i18n.messages import msg
from station.outputs.paper.label import label_of, symbols_of
from station.outputs.paper.label_formats import as_pdf, as_zpl
from station.outputs.paper.label_layout import lay_out
from station.outputs.paper.reading import Readers
from station.outputs.paper.senders import sender_for
from station.outputs.paper.texts import label_not_printed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.config.schema import Config
    from station.config.settings import LabelPrinterSettings
    from station.events import Event
    from station.outputs.paper.label import PrintedLabel
    from station.outputs.paper.senders import LabelSender
    from station.worker.entries import Inbox

log = structlog.get_logger()

WAITING_LABELS: Final = 100
"""The longest queue; a longer one would print labels that nobody waits for any more."""
TIMEOUT_S: Final = 10.0
"""For sending one label."""
WAITS_S: Final = (1.0, 5.0)
"""Before the second and the third try."""
PATIENCE_S: Final = 5.0
"""How long `stop` waits for the queued labels."""


def drawn(label: PrintedLabel, printer: LabelPrinterSettings, readers: Readers) -> bytes:
    """Render a label in the configured format.

    Raises:
        PaperError: it doesn't fit, or would be misread.
    """
    layout = lay_out(label, symbols_of(label, readers), printer)
    if printer.format == "zpl":
        return as_zpl(layout)
    return as_pdf(layout, printer.dots_per_mm, label.title)


def _means(config: Config) -> tuple[LabelPrinterSettings, Readers, LabelSender]:
    return config.label_printer, Readers(config), sender_for(config.label_printer)


class LabelPrinter:
    """Prints labels one after the other; `tell` is called for each label that was not printed."""

    def __init__(
        self,
        config: Config,
        tell: Callable[[str], None],
        *,
        waits_s: Sequence[float] = WAITS_S,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Take the parts.

        Args:
            config: The printer, and the scanners that must be able to read the labels.
            tell: Shows a sentence to the worker; called by any thread.
            waits_s: The pause before each further try.
            timeout_s: The time for each try.

        Raises:
            ConfigError: no printer is configured.
        """
        self._means = _means(config)
        self._tell = tell
        self._waits_s = waits_s
        self._timeout_s = timeout_s
        self._waiting: deque[PrintedLabel] = deque()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._ends_at = math.inf
        self._thread = threading.Thread(target=self._work, name="label printer", daemon=True)

    def start(self) -> None:
        """Start printing."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; print the queued labels for up to `PATIENCE_S`, and report the rest as not printed."""
        with self._changed:
            self._ends_at = time.monotonic() + PATIENCE_S
            self._stopping.set()
            self._changed.notify()
        self._thread.join()

    def reconfigure(self, config: Config) -> None:
        """Apply `config` from the next label on.

        Raises:
            ConfigError: no printer is configured.
        """
        self._means = _means(config)

    def print_generated(self, generated: SerialGenerated) -> None:
        """Queue the label of a serial number; returns at once."""
        self.print_label(label_of(generated))

    def print_label(self, label: PrintedLabel) -> None:
        """Queue a label; returns at once."""
        with self._changed:
            reason = self._refusal()
            if reason is None:
                self._waiting.append(label)
                self._changed.notify()
                return
        self._give_up(label, reason)

    def _refusal(self) -> str | None:
        if self._stopping.is_set():
            return msg("the station is stopping")
        if len(self._waiting) >= WAITING_LABELS:
            return msg("{labels} labels are already waiting for the printer", labels=WAITING_LABELS)
        return None

    def _work(self) -> None:
        while (label := self._next()) is not None:
            try:
                self._print(label)
            except Exception as error:  # a bug must not keep the next label from being printed
                log.exception("label_printer_failed", serial_number=label.serial_number)
                self._give_up(label, str(error))

    def _next(self) -> PrintedLabel | None:
        """Wait for the next label; None: the printer is stopping, and the queue is empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
            return self._waiting.popleft() if self._waiting else None

    def _print(self, label: PrintedLabel) -> None:
        printer, readers, sender = self._means
        try:
            data = drawn(label, printer, readers)
            self._send(data, label, sender)
        except StationError as error:
            self._give_up(label, str(error))
            return
        log.info("label_printed", serial_number=label.serial_number, document=label.document)

    def _send(self, data: bytes, label: PrintedLabel, sender: LabelSender) -> None:
        """Send a label, and try again if that fails.

        Raises:
            PrinterError: every try failed, or another try might print a second label.
        """
        title = label.title
        for wait_s in self._waits_s:
            try:
                sender.send(data, title, self._time_left())
            except PrinterDoubtError:
                raise
            except PrinterError as error:
                log.warning("label_delayed", serial_number=label.serial_number, reason=str(error))
                if self._stopping.wait(wait_s):
                    break
            else:
                return
        sender.send(data, title, self._time_left())

    def _time_left(self) -> float:
        """Return the seconds for a try.

        Raises:
            PrinterError: no time is left.
        """
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise PrinterError(msg("the station is stopping"))
        return min(self._timeout_s, left)

    def _give_up(self, label: PrintedLabel, reason: str) -> None:
        log.error(
            "label_not_printed", serial_number=label.serial_number, document=label.document, reason=reason
        )
        self._tell(label_not_printed(label.serial_number, reason))


class LabelPrinting:
    """Prints the label of each generated serial number; `on_event` may be subscribed to the bus."""

    def __init__(self, config: Config, inbox: Inbox) -> None:
        """`inbox`: gets an entry for each label that was not printed."""
        self._inbox = inbox
        self._printer = self._started(config)

    def on_event(self, event: Event) -> None:
        """Queue the label of a generated serial number; never waits."""
        if isinstance(event, SerialGenerated) and (printer := self._printer):
            printer.print_generated(event)

    def stop(self) -> None:
        """Stop; print the queued labels for up to `PATIENCE_S`."""
        if self._printer is not None:
            self._printer.stop()

    def reconfigure(self, config: Config) -> None:
        """Apply `config` from the next label on."""
        if self._printer is None:
            self._printer = self._started(config)
        elif config.label_printer.kind:
            self._printer.reconfigure(config)
        else:
            self._printer.stop()
            self._printer = None

    def _started(self, config: Config) -> LabelPrinter | None:
        if not config.label_printer.kind:
            return None
        printer = LabelPrinter(config, lambda text: self._inbox.post(LabelNotPrinted(text)))
        printer.start()
        return printer
