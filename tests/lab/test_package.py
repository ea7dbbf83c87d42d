"""The Debian package on a real system: installed, upgraded, removed, purged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from station.store import schema
from station.store.database import open_engine, transaction
from tests.lab.gadgets import SerialScanner
from tests.lab.packaged import DEB, Package
from tests.lab.station import CONFIG
from tests.packaging.revision import revision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lab.machine import Machine
    from tests.lab.saved import Saved

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(1800)]
NEWER = "/run/newer.deb"
DATABASE = "/var/lib/scanstation/scanstation.db"


@pytest.fixture(scope="module")
def dock(lab: Saved, deb: Path) -> Iterator[Saved]:
    """The package installed as docs/install.md says, a scanner plugged in, the station at work on CM-1001."""

    def set_up(guest: Machine) -> None:
        package = Package(guest)
        # What the lab itself has put there.
        guest.run(f"rm -rf /var/lib/scanstation {CONFIG}; userdel stationer; groupdel scanstation")
        package.bring(deb)
        package.install()
        scanner = SerialScanner(guest, 0).create()
        scanner.plug()
        package.command(f"devices >>{CONFIG}")
        package.import_sample()
        package.start()
        guest.run("systemctl enable scanstation")
        package.wait_for_scanners(1)
        scanner.scan("CM-1001")
        scanner.scan("PR400001")
        package.wait_for(lambda: len(package.rows()) == 1, "a row of history")

    with lab.later(set_up) as saved:
        yield saved


@pytest.fixture
def package(dock: Saved) -> Iterator[Package]:
    with dock.restored() as guest:
        yield Package(guest)


def serial_numbers(package: Package) -> list[str]:
    return [row["serial_number"] for row in package.rows()]


def bring_newer(package: Package, deb: Path) -> None:
    """A later revision, made of the first one where both lie."""
    newer = revision(deb, "2")
    package.guest.put("/run/beginning", newer.beginning)
    package.guest.run(f"(cat /run/beginning; tail -c +{newer.files_at + 1} {DEB}) >{NEWER}")


def test_an_upgrade_of_a_working_station_keeps_all_and_starts_it_again(package: Package, deb: Path) -> None:
    guest = package.guest
    guest.run(f"sed -i 's/station-1/dock-7/' {CONFIG}")
    bring_newer(package, deb)
    old = package.pid

    said = package.install(NEWER)

    assert "unpacking" in said.out.lower()
    assert package.pid not in {0, old}
    assert package.shown("ActiveState") == "active"
    assert serial_numbers(package) == ["PR400001"]
    assert 'name = "dock-7"' in guest.get(CONFIG).decode()
    assert guest.run(f"stat -c '%U %a' {CONFIG}").out.split() == ["root", "640"]
    package.wait_for_scanners(1)
    SerialScanner(guest, 0).scan("CM-1001")
    SerialScanner(guest, 0).scan("PR400002")
    package.wait_for(lambda: serial_numbers(package) == ["PR400001", "PR400002"], "a second row")


def test_an_upgrade_backs_up_and_migrates_and_a_downgrade_says_what_it_can_not_do(
    package: Package, deb: Path, tmp_path: Path
) -> None:
    guest = package.guest
    guest.run(f"systemctl stop scanstation; rm {DATABASE}*")
    guest.put(DATABASE, older_database(tmp_path))
    guest.run(f"chown scanstation: {DATABASE}")
    bring_newer(package, deb)

    said = package.install(NEWER)

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
    said = package.install()

    assert "this is an older version than the one before" in said.err
    assert "was written by a newer scanstation" in said.err
    assert "was written by a newer scanstation" in package.command("run", code=1).err


def older_database(directory: Path) -> bytes:
    """Of the first version's schema."""
    engine = open_engine(f"sqlite:///{directory / 'old.db'}")
    with transaction(engine) as connection:
        alembic = schema._alembic()
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, str(ScriptDirectory.from_config(alembic).get_base()))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return (directory / "old.db").read_bytes()


def test_removing_keeps_the_data_a_new_installation_goes_on_with_it_and_purging_deletes_it(
    package: Package,
) -> None:
    guest = package.guest

    package.dpkg("--remove scanstation")

    assert package.shown("ActiveState") == "inactive"
    assert guest.run("ls -d /usr/lib/scanstation /usr/bin/scanstation", code=None).out == ""
    assert guest.run(f"ls {DATABASE} {CONFIG}").code == 0

    package.install()
    assert serial_numbers(package) == ["PR400001"]
    assert package.shown("UnitFileState") == "enabled"

    said = package.dpkg("--purge scanstation")

    assert "deleting the stations' databases" in said.err
    assert guest.run("ls -d /var/lib/scanstation /etc/scanstation /usr/lib/scanstation", code=None).out == ""
    assert guest.run("systemctl list-unit-files 'scanstation*' --no-legend", code=None).out == ""
