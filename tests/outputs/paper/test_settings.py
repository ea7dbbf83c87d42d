from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from station.config.loading import from_table
from station.errors import ConfigError

if TYPE_CHECKING:
    from station.config.settings import LabelPrinterSettings


def _config(text: str) -> LabelPrinterSettings:
    return from_table(tomllib.loads(f"[label_printer]\n{text}"), "some.toml").label_printer


@pytest.mark.parametrize(
    "text",
    [
        "",
        'kind = "queue"\nqueue = "Zebra_GK420d.2@office-1"',
        'kind = "socket"\naddress = "192.0.2.7:9100"',
        'kind = "socket"\naddress = "[2001:db8::7]:9100"',
        'kind = "socket"\naddress = "printer-1.example.com:9100"\nformat = "zpl"\ndots_per_mm = 12',
        'kind = "file"\ndirectory = "/srv/labels"\nwidth_mm = 100\nheight_mm = 50',
    ],
)
def test_a_valid_label_printer_is_accepted(text: str) -> None:
    _config(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('kind = "usb"', 'label_printer.kind = \'usb\': must be "queue", "socket", "file" or ""'),
        ('kind = "queue"', 'label_printer.queue = "": kind = "queue" needs it'),
        ('kind = "socket"', 'label_printer.address = "": kind = "socket" needs it'),
        ('kind = "file"', 'label_printer.directory = "": kind = "file" needs it'),
        ('queue = "zebra"', 'label_printer.queue: means nothing for kind = ""; leave it out'),
        ('kind = "queue"\nqueue = "-o"', "label_printer.queue = '-o': must be a queue's name as lpstat -e"),
        ('kind = "queue"\nqueue = "a b"', "label_printer.queue = 'a b': must be a queue's name"),
        ('kind = "socket"\naddress = "zebra"', "label_printer.address = 'zebra': must be a host and a port"),
        ('kind = "socket"\naddress = "zebra:0"', "label_printer.address = 'zebra:0': must be a host and a"),
        ('kind = "socket"\naddress = "zebra:99999"', "label_printer.address = 'zebra:99999': must be a host"),
        ('format = "epl"', 'label_printer.format = \'epl\': must be "pdf" or "zpl"'),
        ("width_mm = 5", "label_printer.width_mm = 5: must be a whole number from 20 to 200"),
        ("height_mm = 1000", "label_printer.height_mm = 1000: must be a whole number from 15 to 300"),
        ("dots_per_mm = 7", "label_printer.dots_per_mm = 7: must be 6, 8, 12 or 24"),
        ('printer = "x"', 'unknown key "label_printer.printer"'),
    ],
)
def test_a_wrong_label_printer_is_refused_with_file_and_key(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        _config(text)
    assert str(refused.value).startswith("some.toml: ")
    assert says in str(refused.value)
