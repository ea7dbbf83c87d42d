"""The configuration: TOML to typed, frozen values, with errors that name the file and the key.

Every key, with its unit, default and meaning, stands in ``config.example.toml``. Every table may be left
out: the defaults here run a station with SQLite and no scanners.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from station import patterns
from station.config_words import ALLOWED, explain
from station.credentials import read_secret
from station.errors import ConfigError
from station.settings import (
    DRIVER_KEYS,
    MAX_PORT,
    PROTOCOLS,
    DatabaseSettings,
    DisplaySettings,
    GenerateSettings,
    HouseFormat,
    LabelPrinterSettings,
    LogSettings,
    MatchSettings,
    Preferences,
    ScannerSettings,
    SoundSettings,
    StationSettings,
    Table,
)

DEFAULT_PATH = Path("/etc/scanstation/config.toml")
_USER_OF_URL = re.compile(r"^[a-z0-9+]+://[^/?#@:]+(?=@)")
"""Scheme and user of a database URL that holds no password."""


class Config(Table, frozen=True):
    """The whole configuration."""

    station: StationSettings = msgspec.field(default_factory=StationSettings)
    database: DatabaseSettings = msgspec.field(default_factory=DatabaseSettings)
    scanner: tuple[ScannerSettings, ...] = ()
    house_format: tuple[HouseFormat, ...] = ()
    preferences: Preferences = msgspec.field(default_factory=Preferences)
    generate: GenerateSettings = msgspec.field(default_factory=GenerateSettings)
    display: DisplaySettings = msgspec.field(default_factory=DisplaySettings)
    sound: SoundSettings = msgspec.field(default_factory=SoundSettings)
    label_printer: LabelPrinterSettings = msgspec.field(default_factory=LabelPrinterSettings)
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
        """The SQLAlchemy URL that is in force, with the password.

        Raises:
            ConfigError: the password can't be read.
        """
        if not self.database.password_file:
            return self.database.url or f"sqlite:///{self.state_directory() / 'scanstation.db'}"
        password = read_secret(self.database.password_file, "database.password_file")
        return _USER_OF_URL.sub(lambda found: f"{found[0]}:{quote(password, safe='')}", self.database.url)


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
        config = msgspec.convert(raw, Config)  # noqa: TID251 - before there are threads
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
        patterns.linear(config.preferences.document_pattern)
    except ValueError as error:
        raise ConfigError(
            f"{source}: preferences.document_pattern = {config.preferences.document_pattern!r}: {error}",
        ) from error
    if config.database.password_file and not _USER_OF_URL.match(config.database.url):
        raise ConfigError(
            f"{source}: database.password_file: database.url must name a user and hold no password"
        )
    _check_generate(config, source)
    _check_display(config.display, f"{source}: display")
    _check_label_printer(config.label_printer, f"{source}: label_printer")
    _check_formats(config.house_format, source)
    names = [scanner.name for scanner in config.scanner]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f'{source}: two scanners are named "{name}"; give each a name of its own')
    for number, scanner in enumerate(config.scanner, start=1):
        _check_scanner(scanner, f"{source}: scanner[{number}]")


def _check_display(display: DisplaySettings, where: str) -> None:
    """Nothing that is said to other machines may be overheard."""
    try:
        display.address()
    except ValueError:
        raise ConfigError(f"{where}.listen = {display.listen!r}: {ALLOWED['display.listen']}") from None
    for key, other in (("certificate", "key"), ("key", "certificate")):
        if getattr(display, key) and not getattr(display, other):
            raise ConfigError(f"{where}.{key} is set, but display.{other} is not; set both")
    if not display.is_loopback and not display.certificate:
        raise ConfigError(
            f"{where}.listen = {display.listen!r}: other machines are served with TLS only; "
            "set display.certificate and display.key, or listen on 127.0.0.1"
        )


def _check_generate(config: Config, source: str) -> None:
    """A serial number that looks like a document's number would open one."""
    sample = config.generate.filled(config.station.location) + "0" * config.generate.digits
    if patterns.linear(config.preferences.document_pattern).fullmatch(sample):
        raise ConfigError(
            f"{source}: generate.prefix = {config.generate.prefix!r}: a serial number like {sample} would be "
            "read as a document's number (preferences.document_pattern)",
        )


_PRINTER_KEYS = {"queue": "queue", "socket": "address", "file": "directory"}
"""For each kind of label printer the key that says which it is."""


def _check_label_printer(printer: LabelPrinterSettings, where: str) -> None:
    for kind, key in _PRINTER_KEYS.items():
        value = getattr(printer, key)
        if kind == printer.kind and not value:
            raise ConfigError(f'{where}.{key} = "": kind = "{kind}" needs it; see config.example.toml')
        if kind != printer.kind and value:
            raise ConfigError(f'{where}.{key}: means nothing for kind = "{printer.kind}"; leave it out')
    if printer.address and not 0 < int(printer.address.rpartition(":")[2]) <= MAX_PORT:
        raise ConfigError(f"{where}.address = {printer.address!r}: {ALLOWED['label_printer.address']}")


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
