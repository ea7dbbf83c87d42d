"""The tables of the configuration as typed, frozen values, with their defaults.

``config.example.toml`` describes every key with its unit, default and meaning.
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
"""Bytes written as text, one character for each byte (U+0000 to U+00FF)."""
HostName = Annotated[str, msgspec.Meta(max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=60_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]
MAX_PORT = 65_535


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration; it refuses unknown keys."""


class AreaSettings(Table, frozen=True):
    """Stock areas into which a save books units (D3); empty: the location's."""

    returned: Code = ""
    sold: Code = ""
    credit_orders: Code = ""


class StationSettings(Table, frozen=True):
    """The identity of the station."""

    name: Name = "station-1"
    location: Code = ""
    """The logged-in location; empty: the default location in the database."""
    stock_areas: AreaSettings = msgspec.field(default_factory=AreaSettings)
    state_directory: str = ""
    """Directory of the embedded database and the lock; empty: ``/var/lib/scanstation`` or the user's own."""


class DatabaseSettings(Table, frozen=True):
    """The database of documents, units and history."""

    url: str = ""
    """SQLAlchemy URL; empty: SQLite in the state directory."""
    password_file: str = ""
    """File whose only line is the password of the URL's user; empty: none, or in the URL."""


class ArchiveSettings(Table, frozen=True):
    """What ``db archive`` removes from the database."""

    after_days: Days = 0
    """Counted from the end of a document; 0: never."""
    posts_after_days: Days = 90
    """Counted from a post with an ``Idempotency-Key``; 0: never."""


class MatchSettings(Table, frozen=True):
    """Identifies the device of a scanner."""

    path: str = ""
    by_id: str = ""
    vid: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] | None = None
    pid: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] | None = None
    usb_serial: str = ""
    port_path: str = ""


class ReplySettings(Table, frozen=True):
    """Bytes written back to the scanner after the commit, one setting for each tone."""

    good: Bytes = ""
    attention: Bytes = ""
    refused: Bytes = ""
    question: Bytes = ""


Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Affix = Annotated[str, msgspec.Meta(max_length=64)]
Gs1 = Literal["identifier", "always", "never"]


class HouseFormat(Table, frozen=True):
    """A company's own label format; formats are tried in order."""

    name: Affix = ""
    prefix: Affix = ""
    suffix: Affix = ""
    case: Literal["keep", "upper", "lower"] = "keep"
    pattern: Pattern = "(?P<serial>.+)"
    check: Literal["none", "mod10", "mod43", "luhn"] = "none"
    strip_check: bool = False


class LabelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the labels of one scanner are read."""

    gs1: Gs1 = "identifier"
    house_format: tuple[HouseFormat, ...] = ()
    """The scanner's own formats, then the station's."""

    def before(self, house_format: tuple[HouseFormat, ...]) -> LabelSettings:
        """The same settings with these formats appended."""
        if not house_format:
            return self
        return LabelSettings(gs1=self.gs1, house_format=self.house_format + house_format)


def _one_of(words: Iterable[str]) -> msgspec.Meta:
    """Of text that is one of these words: as a `Literal`, which can't be made of what drivers say."""
    return msgspec.Meta(pattern=f"^({'|'.join(map(re.escape, words))})\\Z")


DriverName = Annotated[str, _one_of(DRIVERS)]
Protocol = Annotated[str, _one_of(("", *(each for driver in DRIVERS.values() for each in driver.protocols)))]


class ScannerSettings(Table, frozen=True):
    """One scanner; the drivers' descriptions list the keys that each driver accepts."""

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
    """evdev: the keyboard layout for which the scanner types."""
    dead_keys: Literal["reject", "compose"] = "reject"
    """evdev: whether a dead key is composed with the next key."""
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


AskFirst = Literal["prompt", "allow", "refuse"]
Detail = Literal["off", "optional", "required"]


class Preferences(Table, frozen=True):
    """The settings of the rules; the comments in the example name each rule."""

    lookup: Annotated[tuple[Literal["serial", "mfr_serial"], ...], msgspec.Meta(min_length=1)] = (
        "serial",
        "mfr_serial",
    )
    own_location_only: bool = False
    prompt_when_not_on_document: bool = True
    negative: AskFirst = "prompt"
    other_customer: AskFirst = "prompt"
    late_return: AskFirst = "prompt"
    unexpected: AskFirst = "prompt"
    save_incomplete: AskFirst = "prompt"
    over_quantity: AskFirst = "allow"
    count_items: bool = True
    open_by_unit: bool = False
    unannounced_returns: bool = False
    reason: Detail = "optional"
    condition: Detail = "optional"
    operator: Literal["optional", "required"] = "optional"
    operator_timeout_min: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 0
    sign_off_at: Literal["never", "document"] = "never"
    signed_commands: bool = True
    switch_document: Literal["prompt", "allow"] = "prompt"
    fold_case: bool = False
    unknown_item_code: Literal["refuse", "ignore"] = "refuse"
    confirm_by_rescan: bool = False
    prompt_timeout_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0
    range_confirm_above: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1000
    document_pattern: Annotated[str, msgspec.Meta(max_length=200)] = "C[OM]-[0-9]+"
    command_prefix: Annotated[str, msgspec.Meta(min_length=1, max_length=16)] = "$$"


class GenerateSettings(Table, frozen=True):
    """The form of generated serial numbers (M5) and documents (M8): the prefix, then an increasing number."""

    prefix: Annotated[
        str, msgspec.Meta(min_length=1, max_length=32, pattern=r"^([A-Za-z0-9._/-]|\{location\})+$")
    ] = "{location}-"
    """``{location}`` is replaced with the code of the logged-in location."""
    digits: Annotated[int, msgspec.Meta(ge=1, le=12)] = 6

    document_prefix: Annotated[
        str, msgspec.Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._/-]+$")
    ] = "CM-9"
    """Of the documents of unannounced returns (M8)."""
    document_digits: Annotated[int, msgspec.Meta(ge=1, le=12)] = 7

    def filled(self, location: str) -> str:
        """The prefix of a location's numbers."""
        return self.prefix.replace("{location}", location)


LanguageCode = Literal["en", "es", "de", "fr"]


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings that the rules use; a new configuration replaces them as a whole, between two scans."""

    station: StationSettings = msgspec.field(default_factory=StationSettings)
    preferences: Preferences = msgspec.field(default_factory=Preferences)
    generate: GenerateSettings = msgspec.field(default_factory=GenerateSettings)
    house_format: tuple[HouseFormat, ...] = ()
    """The station's own formats, tried after those of the scanner."""


class DisplaySettings(Table, frozen=True):
    """Where the daemon listens for displays and commands, who has access, and the displays' language."""

    listen: Annotated[
        str, msgspec.Meta(pattern=r"^(localhost|[0-9.]{7,15}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}$")
    ] = "127.0.0.1:8321"
    host_names: tuple[HostName, ...] = ()
    """Host names of the station, in addition to its addresses."""
    certificate: str = ""
    """PEM file with the certificate and its chain; empty: no TLS."""
    key: str = ""
    """PEM file with the private key of the certificate."""
    require_token: bool = False
    """Whether programs on this machine need a token, too."""
    language: LanguageCode = "en"
    """ISO 639-1; also the language of printed sheets and labels."""

    def address(self) -> tuple[str, int]:
        """Host and port of `listen`, as sockets take them.

        Raises:
            ValueError: the address or port is invalid.
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
        """Whether only programs on this machine can connect."""
        host, _ = self.address()
        return host == "localhost" or ip_address(host).is_loopback

    @property
    def needs_token(self) -> bool:
        """Whether every client must authenticate."""
        return self.require_token or not self.is_loopback


class SoundSettings(Table, frozen=True):
    """Sounds on stations where no browser plays them."""

    command: Annotated[
        tuple[Annotated[str, msgspec.Meta(max_length=500)], ...], msgspec.Meta(max_length=32)
    ] = ()
    """Program and arguments; empty: none."""


class LabelPrinterSettings(Table, frozen=True):
    """Where the labels of generated serial numbers are printed (M5)."""

    kind: Literal["", "queue", "socket", "file"] = ""
    """A CUPS queue, the raw port of a printer, or a directory; empty: labels are not printed."""
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
    """Resolution of the print head: 152, 203, 300 or 600 dpi."""


class LogSettings(Table, frozen=True):
    """The log."""

    format: Literal["auto", "console", "json", "journal"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"
