"""Checks that types can't express: incompatible values, and texts in a certain format."""

from __future__ import annotations

from string import ascii_letters
from typing import TYPE_CHECKING

import msgspec

from drivers import DRIVERS, KEYS_OF_DRIVERS
from drivers.base import DeviceOptionError
from station import patterns
from station.config.problems import ALLOWED, ConfigProblem
from station.config.publishing import KIND_KEYS, SCHEMES, PublishSettings
from station.config.rendering import is_path
from station.config.schema import USER_OF_URL, Config
from station.config.settings import (
    MAX_PORT,
    HouseFormat,
    MatchSettings,
    ReplySettings,
    ScannerSettings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.schema import Key
    from station.config.settings import DisplaySettings, LabelPrinterSettings

_URLS = {
    "webhook": ": must be like https://erp.example.com/scans, in ASCII, without user, password and fragment",
    "mqtt": ": must be like mqtts://broker.example.com:8883, without user, password and path",
}


SECRET_FILES = ("key_file", "token_file", "password_file")


def of_secret_file(path: str, key: Key) -> Iterator[ConfigProblem]:
    """Problems with a key that names the file of a secret."""
    if path and not is_path(path):
        # Not shown: people write the secret itself there.
        yield ConfigProblem(key, ": must be the path of a file that holds the secret, and begin with / or ./")


def of_publisher(publisher: PublishSettings, key: Key) -> Iterator[ConfigProblem]:
    """Problems with a publisher; `key` is the key of its table."""
    defaults = PublishSettings(name="x", kind="webhook", url="")
    for name, kind in KIND_KEYS.items():
        if publisher.kind != kind and getattr(publisher, name) != getattr(defaults, name):
            yield ConfigProblem((*key, name), f': means nothing for kind = "{publisher.kind}"; leave it out')
    for name in SECRET_FILES:
        yield from of_secret_file(getattr(publisher, name), (*key, name))
    if publisher.password_file and not publisher.username:
        yield ConfigProblem((*key, "password_file"), " is set, but username is not; set both")
    yield from _of_url(publisher, key)


def _of_url(publisher: PublishSettings, key: Key) -> Iterator[ConfigProblem]:
    try:
        address = publisher.address()
    except ValueError:
        # Not shown: people put passwords into URLs.
        yield ConfigProblem((*key, "url"), _URLS[publisher.kind])
        return
    encrypted = SCHEMES[publisher.kind][0]
    if publisher.ca_file and not address.is_encrypted:
        yield ConfigProblem((*key, "ca_file"), f": means nothing without TLS; begin url with {encrypted}://")
    for name in ("token_file", "password_file"):
        if getattr(publisher, name) and not address.is_encrypted and not address.is_loopback:
            says = f": a secret goes to other machines with TLS only; begin url with {encrypted}://"
            yield ConfigProblem((*key, name), says, also=((*key, "url"),))


def of_scanner(scanner: ScannerSettings, at: Key) -> Iterator[ConfigProblem]:
    """Yield the problems in one scanner's table, which is at this key."""
    driver = DRIVERS[scanner.driver]
    if "match" in driver.keys and scanner.match == MatchSettings():
        yield ConfigProblem((*at, "match"), ": does not identify a device; set by_id, path, or vid and pid")
    yield from _of_other_drivers(scanner, at)
    if scanner.protocol and scanner.protocol not in driver.protocols:
        yield ConfigProblem((*at, "protocol"), f" = {scanner.protocol!r}: {ALLOWED['scanner.protocol']}")
    if driver.is_framed and not scanner.terminator and not scanner.gap_ms:
        yield ConfigProblem((*at, "terminator"), ' = "": frames need a terminator or gap_ms above 0')
    yield from _of_driver(scanner, at)
    for key in ("terminator", "preamble"):
        yield from _of_bytes(getattr(scanner, key), (*at, key))
    for key in ReplySettings.__struct_fields__:
        yield from _of_bytes(getattr(scanner.reply, key), (*at, "reply", key))
    yield from of_formats(scanner.house_format, at)


def _of_other_drivers(scanner: ScannerSettings, at: Key) -> Iterator[ConfigProblem]:
    default = ScannerSettings(name="x", driver=scanner.driver)
    for key in ScannerSettings.__struct_fields__:
        is_taken = key in DRIVERS[scanner.driver].keys or key not in KEYS_OF_DRIVERS
        if not is_taken and getattr(scanner, key) != getattr(default, key):
            yield ConfigProblem((*at, key), f': means nothing for driver = "{scanner.driver}"; leave it out')


def _of_driver(scanner: ScannerSettings, at: Key) -> Iterator[ConfigProblem]:
    """What only the driver knows: which keyboard layouts there are, say."""
    check = DRIVERS[scanner.driver].check
    if check is None:
        return
    try:
        check(msgspec.to_builtins(scanner))
    except DeviceOptionError as error:
        text = str(error)
        key = text[: len(text) - len(text.lstrip(ascii_letters + "_"))]
        yield ConfigProblem((*at, key), text.removeprefix(key))


def _of_bytes(value: str, key: Key) -> Iterator[ConfigProblem]:
    if not value.isascii() and max(value) > "\xff":
        yield ConfigProblem(key, f" = {value!r}: each character stands for one byte, U+0000 to U+00FF")


def of_formats(formats: tuple[HouseFormat, ...], at: Key) -> Iterator[ConfigProblem]:
    """Problems in house formats; `at` is the key of the table above."""
    for place, each in enumerate(formats):
        table = (*at, "house_format", place)
        try:
            groups = patterns.compiled(each.pattern).groupindex
        except ValueError as error:
            yield ConfigProblem((*table, "pattern"), f" = {each.pattern!r}: {error}")
            continue
        if each.check != "none" and "serial" not in groups:
            says = f' = "{each.check}": checks the serial number, but the pattern has no group serial'
            yield ConfigProblem((*table, "check"), says)
        if each.strip_check and each.check == "none":
            yield ConfigProblem((*table, "strip_check"), " = true: there is no check digit; set check")


def mistakes_in(config: Config) -> Iterator[ConfigProblem]:
    """Problems in a configuration whose types are valid."""
    yield from _of_documents(config)
    if config.database.password_file and not USER_OF_URL.match(config.database.url):
        yield ConfigProblem(
            ("database", "password_file"), ": database.url must name a user and hold no password"
        )
    yield from of_secret_file(config.database.password_file, ("database", "password_file"))
    yield from _of_display(config.display)
    yield from _of_label_printer(config.label_printer)
    yield from of_formats(config.house_format, ())
    for place, scanner in enumerate(config.scanner):
        yield from of_scanner(scanner, ("scanner", place))
    for place, publisher in enumerate(config.publish):
        yield from of_publisher(publisher, ("publish", place))


def _of_documents(config: Config) -> Iterator[ConfigProblem]:
    """A generated serial number must not look like a document number, a generated document number must."""
    key, pattern = ("preferences", "document_pattern"), config.preferences.document_pattern
    try:
        documents = patterns.linear(pattern)
    except ValueError as error:
        yield ConfigProblem(key, f" = {pattern!r}: {error}")
        return
    generate = config.generate
    sample = generate.filled(config.station.location) + "0" * generate.digits
    if documents.fullmatch(sample):
        yield ConfigProblem(
            ("generate", "prefix"),
            f" = {generate.prefix!r}: a serial number like {sample} would be read as a document's number "
            "(preferences.document_pattern)",
            also=(key, ("station", "location"), ("generate", "digits")),
        )
    sample = generate.document_prefix + "0" * generate.document_digits
    if config.preferences.unannounced_returns and not documents.fullmatch(sample):
        yield ConfigProblem(
            ("generate", "document_prefix"),
            f" = {generate.document_prefix!r}: a document's number like {sample} would not be read as one "
            "(preferences.document_pattern)",
            also=(key, ("generate", "document_digits"), ("preferences", "unannounced_returns")),
        )


def _of_display(display: DisplaySettings) -> Iterator[ConfigProblem]:
    """Communication with other machines must be encrypted."""
    for key, other in (("certificate", "key"), ("key", "certificate")):
        if getattr(display, key) and not getattr(display, other):
            yield ConfigProblem(("display", key), f" is set, but display.{other} is not; set both")
    listen = ("display", "listen")
    try:
        display.address()
    except ValueError:
        yield ConfigProblem(listen, f" = {display.listen!r}: {ALLOWED['display.listen']}")
        return
    if not display.is_loopback and not display.certificate:
        yield ConfigProblem(
            listen,
            f" = {display.listen!r}: other machines are served with TLS only; "
            "set display.certificate and display.key, or listen on 127.0.0.1",
        )


_PRINTER_KEYS = {"queue": "queue", "socket": "address", "file": "directory"}
"""Kind of label printer to the key that identifies it."""


def _of_label_printer(printer: LabelPrinterSettings) -> Iterator[ConfigProblem]:
    for kind, key in _PRINTER_KEYS.items():
        value = getattr(printer, key)
        if kind == printer.kind and not value:
            says = f' = "": kind = "{kind}" needs it; see config.example.toml'
            yield ConfigProblem(("label_printer", key), says, also=(("label_printer", "kind"),))
        if kind != printer.kind and value:
            yield ConfigProblem(
                ("label_printer", key), f': means nothing for kind = "{printer.kind}"; leave it out'
            )
    if printer.address and not 0 < int(printer.address.rpartition(":")[2]) <= MAX_PORT:
        yield ConfigProblem(
            ("label_printer", "address"), f" = {printer.address!r}: {ALLOWED['label_printer.address']}"
        )
