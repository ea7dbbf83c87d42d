"""The whole configuration, and its keys: how they are written, and their types."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import inspect

from station.config.credentials import read_secret
from station.config.publishing import PublishSettings
from station.config.settings import (
    ArchiveSettings,
    DatabaseSettings,
    DisplaySettings,
    GenerateSettings,
    HouseFormat,
    LabelPrinterSettings,
    LogSettings,
    Preferences,
    RuleSettings,
    ScannerSettings,
    SoundSettings,
    StationSettings,
    Table,
)
from station.errors import ConfigError

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

    def rules(self) -> RuleSettings:
        """The settings that the rules use."""
        return RuleSettings(
            station=self.station,
            preferences=self.preferences,
            generate=self.generate,
            house_format=self.house_format,
        )

    def state_directory(self) -> Path:
        """The directory of the station's state: the setting, systemd's, or the user's own.

        Root and system services use ``/var/lib/scanstation``; other users the XDG state directory, so that no
        privileges are needed to try the station.
        """
        if self.station.state_directory:
            return Path(self.station.state_directory)
        if directories := os.environ.get("STATE_DIRECTORY"):
            return Path(directories.split(":")[0])
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
        """The effective SQLAlchemy URL, including the password.

        Raises:
            ConfigError: the password can't be read.
        """
        if not self.database.password_file:
            return self.database.url or f"sqlite:///{self.state_directory() / 'scanstation.db'}"
        password = read_secret(self.database.password_file, "database.password_file")
        return USER_OF_URL.sub(lambda found: f"{found[0]}:{quote(password, safe='')}", self.database.url)


Key = tuple[str | int, ...]
"""The path to a value: names of tables and keys, and indexes in lists, from 0."""


def dotted(key: Key) -> str:
    """A key as people write it, ``scanner[1].reply.good``: list indexes start at 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key).lstrip(".")


def has(key: Key) -> bool:
    """Whether a key exists."""
    return _type_at(key) is not None


def is_text(key: Key) -> bool:
    """Whether the value of a key is a string."""
    kind = _type_at(key)
    if isinstance(kind, inspect.LiteralType):
        return all(isinstance(value, str) for value in kind.values)
    return isinstance(kind, inspect.StrType)


def is_rows(key: Key) -> bool:
    """Whether a key is a list of tables: ``[[scanner]]``."""
    kind = _type_at(key)
    return isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StructType)


def has_names(key: Key) -> bool:
    """Whether a key is a list of tables which are identified by a required name."""
    return is_rows(key) and is_required((*key, 0, "name"))


def is_required(key: Key) -> bool:
    """Whether a key is required in its table."""
    table = _type_at(key[:-1])
    fields = table.fields if isinstance(table, inspect.StructType) else ()
    return any(field.required for field in fields if (field.encode_name,) == key[-1:])


@lru_cache
def _type_at(key: Key) -> inspect.Type | None:
    if not key:
        return inspect.type_info(Config)
    above, last = _type_at(key[:-1]), key[-1]
    if isinstance(above, inspect.StructType):
        return next((field.type for field in above.fields if field.encode_name == last), None)
    if isinstance(above, inspect.VarTupleType) and isinstance(last, int):
        return above.item_type
    if isinstance(above, inspect.DictType) and isinstance(last, str):
        return above.value_type
    return None
