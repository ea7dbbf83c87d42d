"""What types can't say: values that don't go together, and texts that must mean something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station import patterns
from station.config.mistake import Mistake
from station.config.model import USER_OF_URL, Config
from station.config.publisher_checks import of_publisher, of_secret_file
from station.config.scanner_checks import of_formats, of_scanner
from station.config.words import ALLOWED
from station.settings import MAX_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.settings import DisplaySettings, LabelPrinterSettings


def mistakes_in(config: Config) -> Iterator[Mistake]:
    """Everything that is wrong in a configuration whose types are right."""
    yield from _of_documents(config)
    if config.database.password_file and not USER_OF_URL.match(config.database.url):
        yield Mistake(("database", "password_file"), ": database.url must name a user and hold no password")
    yield from of_secret_file(config.database.password_file, ("database", "password_file"))
    yield from _of_display(config.display)
    yield from _of_label_printer(config.label_printer)
    yield from of_formats(config.house_format, ())
    for place, scanner in enumerate(config.scanner):
        yield from of_scanner(scanner, ("scanner", place))
    for place, publisher in enumerate(config.publish):
        yield from of_publisher(publisher, ("publish", place))


def _of_documents(config: Config) -> Iterator[Mistake]:
    """A serial number that looks like a document's number would open one."""
    key, pattern = ("preferences", "document_pattern"), config.preferences.document_pattern
    try:
        documents = patterns.linear(pattern)
    except ValueError as error:
        yield Mistake(key, f" = {pattern!r}: {error}")
        return
    generate = config.generate
    sample = generate.filled(config.station.location) + "0" * generate.digits
    if documents.fullmatch(sample):
        yield Mistake(
            ("generate", "prefix"),
            f" = {generate.prefix!r}: a serial number like {sample} would be read as a document's number "
            "(preferences.document_pattern)",
            also=(key, ("station", "location"), ("generate", "digits")),
        )


def _of_display(display: DisplaySettings) -> Iterator[Mistake]:
    """Nothing that is said to other machines may be overheard."""
    for key, other in (("certificate", "key"), ("key", "certificate")):
        if getattr(display, key) and not getattr(display, other):
            yield Mistake(("display", key), f" is set, but display.{other} is not; set both")
    listen = ("display", "listen")
    try:
        display.address()
    except ValueError:
        yield Mistake(listen, f" = {display.listen!r}: {ALLOWED['display.listen']}")
        return
    if not display.is_loopback and not display.certificate:
        yield Mistake(
            listen,
            f" = {display.listen!r}: other machines are served with TLS only; "
            "set display.certificate and display.key, or listen on 127.0.0.1",
        )


_PRINTER_KEYS = {"queue": "queue", "socket": "address", "file": "directory"}
"""For each kind of label printer the key that says which it is."""


def _of_label_printer(printer: LabelPrinterSettings) -> Iterator[Mistake]:
    for kind, key in _PRINTER_KEYS.items():
        value = getattr(printer, key)
        if kind == printer.kind and not value:
            says = f' = "": kind = "{kind}" needs it; see config.example.toml'
            yield Mistake(("label_printer", key), says, also=(("label_printer", "kind"),))
        if kind != printer.kind and value:
            yield Mistake(
                ("label_printer", key), f': means nothing for kind = "{printer.kind}"; leave it out'
            )
    if printer.address and not 0 < int(printer.address.rpartition(":")[2]) <= MAX_PORT:
        yield Mistake(
            ("label_printer", "address"), f" = {printer.address!r}: {ALLOWED['label_printer.address']}"
        )
