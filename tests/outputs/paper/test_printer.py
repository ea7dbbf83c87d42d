from __future__ import annotations

import threading
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest

from station.config.schema import Config
from station.config.settings import LabelPrinterSettings
from station.errors import ConfigError
from station.outputs.paper import printer as printing
from station.outputs.paper.label import PrintedLabel
from station.outputs.paper.printer import WAITING_LABELS, LabelPrinter
from tests.outputs.paper import zpl_printer
from tests.outputs.paper.printers import PATIENCE_S, free_port, port_printer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.outputs.paper.printers import PortPrinter

PATIENT = [0.05] * 200
"""Pauses between tries, for a printer that comes back."""


class Desk:
    """Prints labels, and collects the messages about those that were not printed."""

    def __init__(self, settings: LabelPrinterSettings, **options: Any) -> None:
        self.messages: Queue[str] = Queue()
        self.printer = LabelPrinter(Config(label_printer=settings), self.messages.put, **options)
        self.printer.start()

    def print(self, number: str) -> None:
        self.printer.print_label(PrintedLabel(serial_number=number, item="KBD-DE"))

    def hears(self) -> str:
        return self.messages.get(timeout=PATIENCE_S)


@pytest.fixture
def desks() -> Iterator[list[Desk]]:
    """Desks to be closed at the end."""
    made: list[Desk] = []
    yield made
    for desk in made:
        desk.printer.stop()


def _at_port(port: int) -> LabelPrinterSettings:
    return LabelPrinterSettings(kind="socket", address=f"127.0.0.1:{port}", format="zpl")


def _numbers(printer: PortPrinter, count: int) -> list[str]:
    jobs = [printer.jobs.get(timeout=PATIENCE_S) for _ in range(count)]
    return [zpl_printer.printed(job)[0].texts[-1] for job in jobs]


def test_labels_are_printed_one_after_the_other(desks: list[Desk]) -> None:
    with port_printer() as printer:
        desks.append(desk := Desk(_at_port(printer.port)))
        for number in ("SN-1", "SN-2", "SN-3"):
            desk.print(number)
        assert _numbers(printer, 3) == ["SN-1", "SN-2", "SN-3"]
        desk.printer.stop()
        assert desk.messages.empty()


def test_a_printer_that_comes_back_prints_the_waiting_labels(desks: list[Desk]) -> None:
    port = free_port()
    desks.append(desk := Desk(_at_port(port), waits_s=PATIENT))
    desk.print("SN-1")
    desk.print("SN-2")
    with port_printer(port=port) as printer:
        assert _numbers(printer, 2) == ["SN-1", "SN-2"]
        desk.printer.stop()
    assert desk.messages.empty()


def test_an_unreachable_printer_is_reported_with_the_command_to_print_again(desks: list[Desk]) -> None:
    desks.append(desk := Desk(_at_port(free_port()), waits_s=[0.01, 0.01]))
    desk.print("SN-1")
    message = desk.hears()
    assert message.startswith("the label of SN-1 may be missing: the printer at 127.0.0.1:")
    assert message.endswith("; print it again with scanstation label SN-1")


def test_a_hung_printer_blocks_nobody_and_is_tried_once_per_label(desks: list[Desk]) -> None:
    with port_printer("hangs") as printer:
        desks.append(desk := Desk(_at_port(printer.port), waits_s=PATIENT, timeout_s=0.3))
        desk.print("SN-1")
        desk.print("SN-2")
        assert "SN-1 may be missing" in desk.hears()
        assert "SN-2 may be missing" in desk.hears()
        # A second try might have printed the label twice.
        assert printer.asked.qsize() == 2


def test_an_unreadable_label_is_reported_and_the_next_is_printed(desks: list[Desk]) -> None:
    with port_printer() as printer:
        desks.append(desk := Desk(_at_port(printer.port)))
        desk.print("CM-1001")
        desk.print("SN-2")
        assert "any scanner would read it as: no serial number: the document CM-1001" in desk.hears()
        assert _numbers(printer, 1) == ["SN-2"]


def test_an_internal_error_is_reported_and_the_next_label_is_printed(
    desks: list[Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = printing.drawn

    def drawn(label: PrintedLabel, *others: Any) -> bytes:
        if label.serial_number == "SN-1":
            raise ZeroDivisionError("by mistake")
        return right(label, *others)

    monkeypatch.setattr(printing, "drawn", drawn)
    with port_printer() as printer:
        desks.append(desk := Desk(_at_port(printer.port)))
        desk.print("SN-1")
        desk.print("SN-2")
        assert "SN-1 may be missing: by mistake" in desk.hears()
        assert _numbers(printer, 1) == ["SN-2"]


def test_labels_beyond_the_queue_are_reported_at_once(desks: list[Desk]) -> None:
    desks.append(desk := Desk(_at_port(free_port()), waits_s=[3600.0]))
    for number in range(WAITING_LABELS + 2):
        desk.print(f"SN-{number}")
    assert "labels are already waiting for the printer" in desk.hears()


def test_stopping_prints_what_is_queued(desks: list[Desk], tmp_path: Path) -> None:
    desks.append(desk := Desk(LabelPrinterSettings(kind="file", directory=str(tmp_path))))
    for number in range(5):
        desk.print(f"SN-{number}")
    desk.printer.stop()
    assert len(list(tmp_path.glob("*.pdf"))) == 5
    assert desk.messages.empty()


def test_stopping_does_not_wait_for_an_unreachable_printer(desks: list[Desk]) -> None:
    desks.append(desk := Desk(_at_port(free_port()), waits_s=[3600.0]))
    desk.print("SN-1")
    desk.print("SN-2")
    desk.printer.stop()
    assert {desk.hears().split()[3] for _ in range(2)} == {"SN-1", "SN-2"}
    desk.print("SN-3")
    assert "SN-3 may be missing: the station is stopping" in desk.hears()


def test_queueing_a_label_never_waits_even_while_one_is_sent(desks: list[Desk]) -> None:
    with port_printer("hangs") as printer:
        desks.append(desk := Desk(_at_port(printer.port), timeout_s=1.0))
        desk.print("SN-1")
        printer.asked.get(timeout=PATIENCE_S)
        done = threading.Event()

        def prints() -> None:
            desk.print("SN-2")
            done.set()

        threading.Thread(target=prints, daemon=True).start()
        assert done.wait(PATIENCE_S)
        assert desk.messages.empty()


def test_without_a_printer_there_is_none_to_start() -> None:
    with pytest.raises(ConfigError, match="no label printer is configured"):
        LabelPrinter(Config(), print)
