"""Labels of generated serial numbers: printed as they come, where a printer is configured (M5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import LabelNotPrinted, SerialGenerated

if TYPE_CHECKING:
    from station.config import Config
    from station.desk.entries import Inbox
    from station.events import Event
    from station.paper.printer import LabelPrinter


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

    def take_over(self, config: Config) -> None:
        """Print as `config` says from the next label on."""
        if self._printer is None:
            self._printer = self._started(config)
        elif config.label_printer.kind:
            self._printer.take_over(config)
        else:
            self._printer.stop()
            self._printer = None

    def _started(self, config: Config) -> LabelPrinter | None:
        if not config.label_printer.kind:
            return None
        from station.paper.printer import LabelPrinter  # noqa: PLC0415 - few stations have one; it takes memory

        printer = LabelPrinter(config, lambda text: self._inbox.post(LabelNotPrinted(text)))
        printer.start()
        return printer
