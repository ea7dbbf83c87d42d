"""The label printer: labels are laid out and sent by a thread of its own, and the desk never waits for it."""

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
    from station.outputs.paper.label import Label
    from station.outputs.paper.senders import Sender
    from station.worker.entries import Inbox

log = structlog.get_logger()

WAITING_LABELS: Final = 100
"""More than one by one are ever made; a longer queue would print labels that nobody waits for."""
TIMEOUT_S: Final = 10.0
"""For one label on its way."""
WAITS_S: Final = (1.0, 5.0)
"""Before the second and the third try."""
PATIENCE_S: Final = 5.0
"""How long stopping waits for what is queued."""


def drawn(label: Label, printer: LabelPrinterSettings, readers: Readers) -> bytes:
    """A label in the format that is configured.

    Raises:
        PaperError: it doesn't fit, or would be misread.
    """
    layout = lay_out(label, symbols_of(label, readers), printer)
    if printer.format == "zpl":
        return as_zpl(layout)
    return as_pdf(layout, printer.dots_per_mm, label.title)


def _means(config: Config) -> tuple[LabelPrinterSettings, Readers, Sender]:
    return config.label_printer, Readers(config), sender_for(config.label_printer)


class LabelPrinter:
    """Prints labels one after the other. None is lost quietly: `tell` hears of each that was not printed."""

    def __init__(
        self,
        config: Config,
        tell: Callable[[str], None],
        *,
        waits_s: Sequence[float] = WAITS_S,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Take what it needs.

        Args:
            config: The printer, and the scanners that must be able to read the labels.
            tell: Shows a sentence to the worker; called by this printer's thread, or by who prints.
            waits_s: Before each further try.
            timeout_s: For each try.

        Raises:
            ConfigError: no printer is configured.
        """
        self._means = _means(config)
        self._tell = tell
        self._waits_s = waits_s
        self._timeout_s = timeout_s
        self._waiting: deque[Label] = deque()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._ends_at = math.inf
        self._thread = threading.Thread(target=self._work, name="label printer", daemon=True)

    def start(self) -> None:
        """Begin to print."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is queued is still printed as long as that takes seconds, else told as not printed."""
        with self._changed:
            self._ends_at = time.monotonic() + PATIENCE_S
            self._stopping.set()
            self._changed.notify()
        self._thread.join()

    def reconfigure(self, config: Config) -> None:
        """Print as `config` says from the next label on.

        Raises:
            ConfigError: no printer is configured.
        """
        self._means = _means(config)

    def print_generated(self, generated: SerialGenerated) -> None:
        """Queue the label of a serial number; returns at once."""
        self.print_label(label_of(generated))

    def print_label(self, label: Label) -> None:
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
            return msg("{labels} labels are waiting for the printer already", labels=WAITING_LABELS)
        return None

    def _work(self) -> None:
        while (label := self._next()) is not None:
            try:
                self._print(label)
            except Exception as error:  # whatever it is, the next label is to be printed
                log.exception("label_printer_failed", serial_number=label.serial_number)
                self._give_up(label, str(error))

    def _next(self) -> Label | None:
        """The next label, when there is one; None: no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
            return self._waiting.popleft() if self._waiting else None

    def _print(self, label: Label) -> None:
        printer, readers, sender = self._means
        try:
            data = drawn(label, printer, readers)
            self._send(data, label, sender)
        except StationError as error:
            self._give_up(label, str(error))
            return
        log.info("label_printed", serial_number=label.serial_number, document=label.document)

    def _send(self, data: bytes, label: Label, sender: Sender) -> None:
        """Send, and where that fails try again.

        Raises:
            PrinterError: it still fails, or a further try might print a second label.
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
        """Seconds for a try.

        Raises:
            PrinterError: none are left.
        """
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise PrinterError(msg("the station is stopping"))
        return min(self._timeout_s, left)

    def _give_up(self, label: Label, reason: str) -> None:
        log.error(
            "label_not_printed", serial_number=label.serial_number, document=label.document, reason=reason
        )
        self._tell(label_not_printed(label.serial_number, reason))


class LabelPrinting:
    """Has the label of each generated serial number printed; `on_event` may be subscribed to the bus."""

    def __init__(self, config: Config, inbox: Inbox) -> None:
        """`inbox`: hears of labels that were not printed."""
        self._inbox = inbox
        self._printer = self._started(config)

    def on_event(self, event: Event) -> None:
        """Queue its label; never waits."""
        if isinstance(event, SerialGenerated) and (printer := self._printer):
            printer.print_generated(event)

    def stop(self) -> None:
        """End; what is queued is still printed as long as that takes seconds."""
        if self._printer is not None:
            self._printer.stop()

    def reconfigure(self, config: Config) -> None:
        """Print as `config` says from the next label on."""
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
