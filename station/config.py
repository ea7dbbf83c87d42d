"""The configuration: TOML to typed, frozen values, with errors that name the file and the key.

Every key, with its unit, default and meaning, stands in ``config.example.toml``. Every table may be left
out: the defaults here run a station with SQLite and no scanners.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from station import patterns
from station.config_words import ALLOWED, explain
from station.errors import ConfigError

MAX_PORT = 65_535
DEFAULT_PATH = Path("/etc/scanstation/config.toml")

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Code = Annotated[str, msgspec.Meta(max_length=64)]
Bytes = Annotated[str, msgspec.Meta(max_length=64)]
"""Bytes written as text, one character a byte (U+0000 to U+00FF)."""
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=60_000)]


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


class ScannerSettings(Table, frozen=True):
    """One scanner."""

    name: Name
    driver: Literal["serial", "evdev", "usb"]
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
    protocol: Literal["", "ssi", "hidpos", "ibm", "symbol_com"] = ""
    """serial: ``ssi``; usb: one of the others, empty: as the report descriptor says."""
    transport: Literal["auto", "libusb", "hidraw"] = "auto"
    """usb: how reports are read."""
    baud_rate: Annotated[int, msgspec.Meta(ge=50, le=4_000_000)] = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1
    flow_control: Literal["none", "xonxoff", "rtscts"] = "none"
    reply: ReplySettings = msgspec.field(default_factory=ReplySettings)


DRIVER_KEYS: dict[str, tuple[str, ...]] = {
    "preamble": ("serial", "evdev"),
    "gap_ms": ("serial", "evdev"),
    "encoding": ("serial", "usb"),
    "layout": ("evdev",),
    "dead_keys": ("evdev",),
    "function_keys": ("evdev",),
    "protocol": ("serial", "usb"),
    "transport": ("usb",),
    **dict.fromkeys(("baud_rate", "data_bits", "parity", "stop_bits", "flow_control", "reply"), ("serial",)),
}
"""Keys that not every driver reads; set for another, they would silently do nothing."""

PROTOCOLS = {"serial": ("ssi",), "evdev": (), "usb": ("hidpos", "ibm", "symbol_com")}


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


class DisplaySettings(Table, frozen=True):
    """Where the daemon listens for displays and commands."""

    listen: Annotated[str, msgspec.Meta(pattern=r"^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):\d{1,5}$")] = (
        "127.0.0.1:8321"
    )


class LogSettings(Table, frozen=True):
    """The log."""

    format: Literal["auto", "console", "json", "journal"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(Table, frozen=True):
    """The whole configuration."""

    station: StationSettings = msgspec.field(default_factory=StationSettings)
    database: DatabaseSettings = msgspec.field(default_factory=DatabaseSettings)
    scanner: tuple[ScannerSettings, ...] = ()
    house_format: tuple[HouseFormat, ...] = ()
    preferences: Preferences = msgspec.field(default_factory=Preferences)
    display: DisplaySettings = msgspec.field(default_factory=DisplaySettings)
    log: LogSettings = msgspec.field(default_factory=LogSettings)

    def state_directory(self) -> Path:
        """Where this station keeps its state: as set, as systemd says, or the user's own.

        Root and system services use ``/var/lib/scanstation``; anyone else the XDG state directory, so that
        a first try needs no rights.
        """
        if self.station.state_directory:
            return Path(self.station.state_directory)
        if given := os.environ.get("STATE_DIRECTORY"):
            return Path(given.split(":")[0])
        if os.geteuid() == 0:
            return Path("/var/lib/scanstation")
        base = os.environ.get("XDG_STATE_HOME")
        try:
            return (Path(base) if base else Path.home() / ".local/state") / "scanstation"
        except RuntimeError:
            raise ConfigError(
                "this user has no home directory for the state; set station.state_directory",
            ) from None

    def database_url(self) -> str:
        """The SQLAlchemy URL that is in force."""
        return self.database.url or f"sqlite:///{self.state_directory() / 'scanstation.db'}"


def load(path: Path | None = None) -> Config:
    """Read the configuration: the file given, that of ``SCANSTATION_CONFIG``, the system's, or none.

    Raises:
        ConfigError: a file that was asked for isn't there, or a key is wrong.
    """
    asked = path or (Path(env) if (env := os.environ.get("SCANSTATION_CONFIG")) else None)
    if asked is None and not DEFAULT_PATH.exists():
        return Config()
    return load_file(asked or DEFAULT_PATH)


def load_file(path: Path) -> Config:
    """Read one configuration file.

    Raises:
        ConfigError: with the file, the key and what is allowed.
    """
    try:
        raw = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is no TOML: {error}") from error
    return from_table(raw, str(path))


def from_table(raw: dict[str, Any], source: str) -> Config:
    """Check a table as `load_file` does; `source` is named in errors."""
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: {explain(error, raw)}") from error
    _check_meaning(config, source)
    return config


def _check_meaning(config: Config, source: str) -> None:
    """What types can't say.

    Raises:
        ConfigError: names the key.
    """
    try:
        re.compile(config.preferences.document_pattern)
    except re.error as error:
        raise ConfigError(
            f"{source}: preferences.document_pattern = {config.preferences.document_pattern!r}: "
            f"is no regular expression: {error}",
        ) from error
    if int(config.display.listen.rpartition(":")[2]) > MAX_PORT:
        raise ConfigError(
            f"{source}: display.listen = {config.display.listen!r}: {ALLOWED['display.listen']}"
        )
    _check_formats(config.house_format, source)
    names = [scanner.name for scanner in config.scanner]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f'{source}: two scanners are named "{name}"; give each a name of its own')
    for number, scanner in enumerate(config.scanner, start=1):
        _check_scanner(scanner, f"{source}: scanner[{number}]")


def _check_scanner(scanner: ScannerSettings, where: str) -> None:
    if scanner.match == MatchSettings():
        raise ConfigError(f"{where}.match: says of no device which it is; set by_id, path, or vid and pid")
    for key, drivers in DRIVER_KEYS.items():
        default = getattr(ScannerSettings(name="x", driver="serial"), key)
        if scanner.driver not in drivers and getattr(scanner, key) != default:
            raise ConfigError(f'{where}.{key}: means nothing for driver = "{scanner.driver}"; leave it out')
    if scanner.protocol and scanner.protocol not in PROTOCOLS[scanner.driver]:
        raise ConfigError(f"{where}.protocol = {scanner.protocol!r}: {ALLOWED['scanner.protocol']}")
    if scanner.driver != "usb" and not scanner.terminator and not scanner.gap_ms:
        raise ConfigError(f'{where}.terminator = "": frames need a terminator or gap_ms above 0')
    if scanner.driver == "evdev":
        _check_keyboard(scanner, where)
    for key in ("terminator", "preamble"):
        _check_bytes(getattr(scanner, key), f"{where}.{key}")
    _check_formats(scanner.house_format, where)
    for key in ("good", "attention", "refused", "question"):
        _check_bytes(getattr(scanner.reply, key), f"{where}.reply.{key}")


def _check_formats(formats: tuple[HouseFormat, ...], where: str) -> None:
    joint = "." if where.endswith("]") else ": "
    for number, each in enumerate(formats, start=1):
        table = f"{where}{joint}house_format[{number}]"
        try:
            groups = patterns.compiled(each.pattern).groupindex
        except ValueError as error:
            raise ConfigError(f"{table}.pattern = {each.pattern!r}: {error}") from error
        if each.check != "none" and "serial" not in groups:
            raise ConfigError(
                f'{table}.check = "{each.check}": is of the serial number, but the pattern names none'
            )
        if each.strip_check and each.check == "none":
            raise ConfigError(f"{table}.strip_check = true: there is no check digit; set check")


def _check_keyboard(scanner: ScannerSettings, where: str) -> None:
    """The layout and the function keys, by the decoder itself: it knows which there are."""
    from drivers import decoder_for  # noqa: PLC0415 - only its user pays for it
    from drivers.base import DeviceOptionError  # noqa: PLC0415

    try:
        decoder_for("evdev", msgspec.to_builtins(scanner))
    except DeviceOptionError as error:
        raise ConfigError(f"{where}.{error}") from error


def _check_bytes(value: str, where: str) -> None:
    if not value.isascii() and max(value) > "\xff":
        raise ConfigError(f"{where} = {value!r}: each character stands for one byte, U+0000 to U+00FF")
