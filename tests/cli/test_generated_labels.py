"""A generated serial number's label, from the command to the printer, through the running daemon."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from station.outputs.display.client import StationLink
from tests.running import wait_until

if TYPE_CHECKING:
    from tests.running import Workplace


def test_the_label_of_a_generated_serial_number_is_printed(company: Workplace) -> None:
    labels = company.directory / "labels"
    labels.mkdir()
    company.configure(f'[label_printer]\nkind = "file"\ndirectory = "{labels}"\nformat = "zpl"\n')
    with company.daemon() as daemon:
        link = StationLink(daemon.url)
        link.command("open CM-1001")
        (row,) = link.command("generate PROC-8C").rows
        wait_until(lambda: list(labels.iterdir()), "a label")
        daemon.wait_for("label_printed")

    (file,) = labels.iterdir()
    printed = file.read_text()
    assert (row.action, row.item) == ("Assigned", "PROC-8C")
    assert printed.startswith("^XA")
    assert file.suffix == ".zpl"


@pytest.mark.full
def test_a_label_that_the_printer_refuses_is_shown_to_the_worker(company: Workplace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    company.configure(f'[label_printer]\nkind = "socket"\naddress = "{address}"\nformat = "zpl"\n')
    with company.daemon() as daemon:
        link = StationLink(daemon.url)
        link.command("open CM-1001")
        (row,) = link.command("generate PROC-8C").rows
        daemon.wait_for("label_not_printed")
        wait_until(lambda: (notice := link.state().notice) and notice.tone == "attention", "the notice")
        notice = link.state().notice

    assert notice is not None
    assert row.serial_number is not None
    assert row.serial_number in notice.text
