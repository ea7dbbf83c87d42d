"""Which changes of the configuration a running station applies."""

from __future__ import annotations

from typing import Any

import pytest

from station.config.changes import Changeover
from station.config.loading import from_table

SCANNER = {"name": "left", "driver": "serial", "match": {"path": "/dev/ttyS0"}}
TLS = {"certificate": "c", "key": "k"}


def between(old: dict[str, Any], new: dict[str, Any]) -> Changeover:
    return Changeover.between(from_table(old, "old"), from_table(new, "new"))


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ({}, {"preferences": {"negative": "refuse"}}, "preferences.negative"),
        ({}, {"scanner": [SCANNER]}, "scanner.left"),
        ({"scanner": [SCANNER]}, {}, "scanner.left"),
        ({"scanner": [SCANNER]}, {"scanner": [{**SCANNER, "gap_ms": 5}]}, "scanner.left"),
        ({}, {"house_format": [{"prefix": "S"}]}, "house_format"),
        ({}, {"station": {"location": "MAIN"}}, "station.location"),
        ({}, {"station": {"stock_areas": {"returned": "BACK"}}}, "station.stock_areas"),
        ({}, {"generate": {"digits": 7}}, "generate.digits"),
        ({}, {"display": {"language": "de"}}, "display.language"),
        ({"display": TLS}, {"display": {**TLS, "key": "other"}}, "display.key"),
        ({}, {"sound": {"command": ["beep"]}}, "sound.command"),
        ({}, {"log": {"level": "debug"}}, "log.level"),
    ],
)
def test_a_change_that_is_applied(old: dict[str, Any], new: dict[str, Any], changed: str) -> None:
    change = between(old, new)

    assert (change.changed, change.kept) == ((changed,), ())
    assert change.config == from_table(new, "new")


@pytest.mark.parametrize(
    ("new", "kept"),
    [
        ({"station": {"name": "dock-2"}}, ("station.name",)),
        ({"station": {"state_directory": "/tmp/x"}}, ("station.state_directory",)),  # noqa: S108
        ({"database": {"url": "sqlite:///x"}}, ("database.url",)),
        ({"display": {"listen": "127.0.0.1:9"}}, ("display.listen",)),
        ({"display": {"require_token": True}}, ("display.require_token",)),
        ({"display": TLS}, ("display.certificate", "display.key")),
    ],
)
def test_a_change_that_needs_a_restart_keeps_the_old_value(
    new: dict[str, Any], kept: tuple[str, ...]
) -> None:
    change = between({}, new)

    assert (change.changed, change.kept) == ((), kept)
    assert change.config == from_table({}, "old")


def test_one_table_may_hold_keys_of_both_kinds() -> None:
    change = between({}, {"station": {"name": "dock-2", "location": "MAIN"}})

    assert (change.changed, change.kept) == (("station.location",), ("station.name",))
    assert change.config == from_table({"station": {"location": "MAIN"}}, "both")


def test_the_same_configuration_changes_nothing() -> None:
    assert between({"scanner": [SCANNER]}, {"scanner": [SCANNER]}).changed == ()
