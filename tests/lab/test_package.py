"""The Debian package on a real system: upgraded and downgraded, with data of this and of older versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.repository.database import open_engine, transaction
from station.repository.migrations import migrate
from tests.lab.fleet import Fleet
from tests.lab.packaged import DATABASE, bring_newer
from tests.lab.station import CONFIG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.packaged import Package

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(1800)]


def test_an_upgrade_of_a_working_station_keeps_all_and_starts_it_again(package: Package, deb: Path) -> None:
    guest, serial = package.guest, Fleet(package.guest).serial
    guest.run(f"sed -i 's/station-1/dock-7/' {CONFIG}; systemctl restart scanstation")
    package.wait_for_scanners(4)
    serial.scan("CM-1001")
    serial.scan("PR400001")
    package.wait_for_serial_numbers("PR400001")
    newer, old = bring_newer(guest, deb), package.pid

    said = package.install(newer)

    assert "unpacking" in said.out.lower()
    assert package.pid not in {0, old}
    assert package.shown("ActiveState") == "active"
    assert package.serial_numbers() == ["PR400001"]
    assert 'name = "dock-7"' in guest.get(CONFIG).decode()
    assert guest.run(f"stat -c '%U %a' {CONFIG}").out.split() == ["root", "640"]
    package.wait_for_scanners(4)
    serial.scan("CM-1001")
    serial.scan("PR400002")
    package.wait_for_serial_numbers("PR400001", "PR400002")


def test_an_upgrade_backs_up_and_migrates_and_a_downgrade_says_what_it_can_not_do(
    package: Package, deb: Path, tmp_path: Path
) -> None:
    guest = package.guest
    guest.run(f"systemctl stop scanstation; rm {DATABASE}*")
    guest.put(DATABASE, older_database(tmp_path))
    guest.run(f"chown scanstation: {DATABASE}")

    said = package.install(bring_newer(guest, deb))

    assert "upgraded, schema" in said.err
    (copy,) = guest.run("ls /var/lib/scanstation/backups").out.split()
    assert copy.startswith("schema-0001")
    owners = guest.run("stat -c %U /var/lib/scanstation/* /var/lib/scanstation/backups/*").out
    assert set(owners.split()) == {"scanstation"}
    assert package.shown("ActiveState") == "inactive"
    package.command("db check")

    guest.run(
        f"python3 -c \"import sqlite3; c = sqlite3.connect('{DATABASE}');"
        " c.execute('UPDATE alembic_version SET version_num = 9999'); c.commit()\""
    )
    said = package.install(deb.name)

    assert "this is an older version than the one before" in said.err
    assert "was written by a newer scanstation" in said.err
    assert "was written by a newer scanstation" in package.command("run", code=1).err


def older_database(directory: Path) -> bytes:
    """Of the first version's schema."""
    engine = open_engine(f"sqlite:///{directory / 'old.db'}")
    with transaction(engine) as connection:
        migrate(connection, "0001")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return (directory / "old.db").read_bytes()
