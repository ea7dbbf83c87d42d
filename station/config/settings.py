"""The tables of the configuration as typed, frozen values, with their defaults.

Every key, with its unit, default and meaning, stands in ``config.example.toml``.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from drivers import DRIVERS

if TYPE_CHECKING:
    from collections.abc import Iterable

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Code = Annotated[str, msgspec.Meta(max_length=64)]
Bytes = Annotated[str, msgspec.Meta(max_length=64)]
"""Bytes written as text, one character a byte (U+0000 to U+00FF)."""
HostName = Annotated[str, msgspec.Meta(max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=60_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]
MAX_PORT = 65_535


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration: what it doesn't know, it refuses."""


class AreaSettings(Table, frozen=True):
    """Stock areas a save books units into (D3); an empty one is taken from the location."""

    returned: Code = ""
    sold: Code = ""
    credit_orders: Code = ""


class StationSettings(Table, frozen=True):
    """Which station this is."""

    name: Name = "station-1"
    location: Code = ""
    """The logged-in location; empty: the default location of the database."""
    stock_areas: AreaSettings = msgspec.field(default_factory=AreaSettings)
    state_directory: str = ""
    """Where the embedded database and the lock live; empty: ``/var/lib/scanstation`` or the user's own."""


class DatabaseSettings(Table, frozen=True):
    """Where documents, units and history are."""

    url: str = ""
    """SQLAlchemy URL; empty: SQLite in the state directory."""
    password_file: str = ""
    """File whose one line is the password of the URL's user; empty: none, or in the URL."""


class ArchiveSettings(Table, frozen=True):
    """What ``db archive`` takes out of the database."""

    after_days: Days = 0
    """Since a document's end; 0: never."""
    posts_after_days: Days = 90
    """Since a program posted something with an ``Idempotency-Key``; 0: never."""


class MatchSettings(Table, frozen=True):
    """Which device a scanner is."""

    path: str = ""
    by_id: str = ""
    vid: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] | None = None
    pid: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] | None = None
    usb_serial: str = ""
    port_path: str = ""


class ReplySettings(Table, frozen=True):
    """Bytes written back to the scanner after the commit, one setting an outcome."""

    good: Bytes = ""
    attention: Bytes = ""
    refused: Bytes = ""
    question: Bytes = ""


Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Affix = Annotated[str, msgspec.Meta(max_length=64)]
Gs1 = Literal["identifier", "always", "never"]


class HouseFormat(Table, frozen=True):
    """A company's own label format; they are tried in order."""

    name: Affix = ""
    prefix: Affix = ""
    suffix: Affix = ""
    case: Literal["keep", "upper", "lower"] = "keep"
    pattern: Pattern = "(?P<serial>.+)"
    check: Literal["none", "mod10", "mod43", "luhn"] = "none"
    strip_check: bool = False


class LabelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How labels are read that come from one scanner."""

    gs1: Gs1 = "identifier"
    house_format: tuple[HouseFormat, ...] = ()
    """The scanner's own, then the station's."""

    def before(self, house_format: tuple[HouseFormat, ...]) -> LabelSettings:
        """The same, and then these formats."""
        if not house_format:
            return self
        return LabelSettings(gs1=self.gs1, house_format=self.house_format + house_format)


def _one_of(words: Iterable[str]) -> msgspec.Meta:
    """Of text that is one of these words: as a `Literal`, which can't be made of what drivers say."""
    return msgspec.Meta(pattern=f"^({'|'.join(map(re.escape, words))})\\Z")


DriverName = Annotated[str, _one_of(DRIVERS)]
Protocol = Annotated[str, _one_of(("", *(each for driver in DRIVERS.values() for each in driver.protocols)))]


class ScannerSettings(Table, frozen=True):
    """One scanner; which drivers take a key, the drivers' descriptions say."""

    name: Name
    driver: DriverName
    match: MatchSettings = msgspec.field(default_factory=MatchSettings)
    terminator: Bytes = "\r"
    preamble: Bytes = ""
    gap_ms: Milliseconds = 0
    frame_timeout_ms: Milliseconds = 1000
    max_length: Annotated[int, msgspec.Meta(ge=1, le=65_536)] = 4096
    encoding: Literal["utf-8", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "shift_jis"] = "utf-8"
    aim: Literal["auto", "always", "never"] = "auto"
    gs1: Gs1 = "identifier"
    house_format: tuple[HouseFormat, ...] = ()
    layout: str = "us"
    """evdev: the layout the scanner types for."""
    dead_keys: Literal["reject", "compose"] = "reject"
    """evdev: whether a dead key joins the next one."""
    function_keys: dict[str, Bytes] = {}
    """evdev: what a function key (``F8``) stands for."""
    protocol: Protocol = ""
    transport: Literal["auto", "libusb", "hidraw"] = "auto"
    """usb: how reports are read."""
    baud_rate: Annotated[int, msgspec.Meta(ge=50, le=4_000_000)] = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1
    flow_control: Literal["none", "xonxoff", "rtscts"] = "none"
    reply: ReplySettings = msgspec.field(default_factory=ReplySettings)


class Preferences(Table, frozen=True):
    """How the rules are set; the comments in the example name each rule."""

    lookup: Annotated[tuple[Literal["serial", "mfr_serial"], ...], msgspec.Meta(min_length=1)] = (
        "serial",
        "mfr_serial",
    )
    own_location_only: bool = False
    prompt_when_not_on_document: bool = True
    negative: Literal["allow", "refuse"] = "allow"
    over_quantity: Literal["allow", "prompt", "refuse"] = "allow"
    fold_case: bool = False
    unknown_item_code: Literal["refuse", "ignore"] = "refuse"
    confirm_by_rescan: bool = False
    prompt_timeout_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0
    range_confirm_above: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1000
    document_pattern: Annotated[str, msgspec.Meta(max_length=200)] = "C[OM]-[0-9]+"
    command_prefix: Annotated[str, msgspec.Meta(min_length=1, max_length=16)] = "$$"


class GenerateSettings(Table, frozen=True):
    """What generated serial numbers look like (M5): the prefix, then a number that counts up."""

    prefix: Annotated[
        str, msgspec.Meta(min_length=1, max_length=32, pattern=r"^([A-Za-z0-9._/-]|\{location\})+$")
    ] = "{location}-"
    """``{location}`` stands for the code of the logged-in location."""
    digits: Annotated[int, msgspec.Meta(ge=1, le=12)] = 6

    def filled(self, location: str) -> str:
        """The prefix of a location's numbers."""
        return self.prefix.replace("{location}", location)


LanguageCode = Literal["en", "es", "de", "fr"]


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All that the rules go by: a new configuration replaces it whole, between two scans."""

    station: StationSettings = msgspec.field(default_factory=StationSettings)
    preferences: Preferences = msgspec.field(default_factory=Preferences)
    generate: GenerateSettings = msgspec.field(default_factory=GenerateSettings)
    house_format: tuple[HouseFormat, ...] = ()
    """The station's own formats, tried after those of a label's scanner."""


class DisplaySettings(Table, frozen=True):
    """Where the daemon listens for displays and commands, who may come, and what language displays speak."""

    listen: Annotated[
        str, msgspec.Meta(pattern=r"^(localhost|[0-9.]{7,15}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}$")
    ] = "127.0.0.1:8321"
    host_names: tuple[HostName, ...] = ()
    """Names by which the station may be called, beside its addresses."""
    certificate: str = ""
    """PEM file: the certificate, then those that vouch for it. Empty: no TLS."""
    key: str = ""
    """PEM file: its private key."""
    require_token: bool = False
    """Also of programs on this machine."""
    language: LanguageCode = "en"
    """ISO 639-1; also of what is printed."""

    def address(self) -> tuple[str, int]:
        """Host and port of `listen`, as sockets name them.

        Raises:
            ValueError: there is no such address or port.
        """
        host, _, port = self.listen.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if host != "localhost":
            ip_address(host)
        if int(port) > MAX_PORT:
            raise ValueError(port)
        return host, int(port)

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine can come."""
        host, _ = self.address()
        return host == "localhost" or ip_address(host).is_loopback

    @property
    def needs_token(self) -> bool:
        """Whether whoever comes must say who it is."""
        return self.require_token or not self.is_loopback


class SoundSettings(Table, frozen=True):
    """What the worker hears where no browser makes the sounds."""

    command: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=500)], ...], msgspec.Meta(max_length=32)
    ] = ()
    """Program and arguments; empty: none."""


class LabelPrinterSettings(Table, frozen=True):
    """Where the labels of generated serial numbers are printed (M5)."""

    kind: Literal["", "queue", "socket", "file"] = ""
    """A queue of CUPS, a printer's raw port, a directory; empty: nowhere."""
    queue: Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9_.@][A-Za-z0-9_.@+-]{0,126})?$")] = ""
    address: Annotated[
        str, msgspec.Meta(pattern=r"^((\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252}):\d{1,5})?$")
    ] = ""
    """Host and port."""
    directory: str = ""
    format: Literal["pdf", "zpl"] = "pdf"
    width_mm: Annotated[int, msgspec.Meta(ge=20, le=200)] = 57
    height_mm: Annotated[int, msgspec.Meta(ge=15, le=300)] = 32
    dots_per_mm: Literal[6, 8, 12, 24] = 8
    """The print head's: 152, 203, 300 or 600 dots an inch."""


class LogSettings(Table, frozen=True):
    """The log."""

    format: Literal["auto", "console", "json", "journal"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"
