"""The whole configuration as one typed, frozen value."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote

import msgspec

from station.errors import ConfigError
from station.host.credentials import read_secret
from station.publish_settings import PublishSettings  # noqa: TC001 - msgspec looks it up
from station.settings import (
    ArchiveSettings,
    DatabaseSettings,
    DisplaySettings,
    GenerateSettings,
    HouseFormat,
    LabelPrinterSettings,
    LogSettings,
    Preferences,
    ScannerSettings,
    SoundSettings,
    StationSettings,
    Table,
)

USER_OF_URL = re.compile(r"^[a-z0-9+]+://[^/?#@:]+(?=@)")
"""Scheme and user of a database URL that holds no password."""


class Config(Table, frozen=True):
    """The whole configuration."""

    station: StationSettings = msgspec.field(default_factory=StationSettings)
    database: DatabaseSettings = msgspec.field(default_factory=DatabaseSettings)
    archive: ArchiveSettings = msgspec.field(default_factory=ArchiveSettings)
    scanner: tuple[ScannerSettings, ...] = ()
    house_format: tuple[HouseFormat, ...] = ()
    preferences: Preferences = msgspec.field(default_factory=Preferences)
    generate: GenerateSettings = msgspec.field(default_factory=GenerateSettings)
    display: DisplaySettings = msgspec.field(default_factory=DisplaySettings)
    sound: SoundSettings = msgspec.field(default_factory=SoundSettings)
    label_printer: LabelPrinterSettings = msgspec.field(default_factory=LabelPrinterSettings)
    publish: tuple[PublishSettings, ...] = ()
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
        return USER_OF_URL.sub(lambda found: f"{found[0]}:{quote(password, safe='')}", self.database.url)
