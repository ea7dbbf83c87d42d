"""The service as it is shipped, with the network drop-in and PostgreSQL at another address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import ROOT
from tests.lab.addresses import add_address
from tests.lab.documented import Script, example, type_into_editors
from tests.lab.fleet import Fleet
from tests.lab.station import CONFIG

if TYPE_CHECKING:
    from tests.lab.packaged import Package

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(1800)]
ADDRESS = "192.0.2.10"
"""That which network.conf opens."""
PASSWORD = "/etc/scanstation/database-password"  # noqa: S105 - where it is
SERVER = f"""\
set -e
cd /etc/postgresql/*/main
echo "listen_addresses = '{ADDRESS}'" >conf.d/lab.conf
echo "host returns scanstation {ADDRESS}/32 scram-sha-256" >>pg_hba.conf
systemctl start "postgresql@$(basename "$(dirname "$PWD")")-main"
cd /
runuser -u postgres -- psql --quiet <<'SQL'
CREATE ROLE scanstation LOGIN PASSWORD 'S3cret of the dock';
CREATE DATABASE returns OWNER scanstation;
SQL
echo "{ADDRESS} db.example.com" >>/etc/hosts
"""


def test_a_station_books_in_a_database_elsewhere_with_the_password_as_a_credential(package: Package) -> None:
    guest, script = package.guest, Script("install.md")
    script.skip("sudo apt install ./", "sudo scanstation import", "echo 'SUBSYSTEM", "sudo apt install cage")
    add_address(guest, ADDRESS)
    guest.run(SERVER)

    type_into_editors(guest, "S3cret of the dock")
    script.run(guest, "sudo install -m 0600 /dev/null /etc/scanstation/database-password")
    assert guest.run(f"stat -c '%U %a' {PASSWORD}").out == "root 600\n"
    guest.put(CONFIG, guest.get(CONFIG) + example("install.md", "[database]").encode())
    package.drop_in("override", opened())
    script.run(guest, "sudo scanstation db upgrade")
    package.command("import /root/documents")
    package.wait_for_scanners(4)
    Fleet(guest).serial.scan("CM-1001")
    Fleet(guest).serial.scan("PR400001")

    package.wait_for_serial_numbers("PR400001")
    rows = guest.run("runuser -u postgres -- psql -At returns -c 'SELECT count(*) FROM history'").out
    assert rows == "1\n"
    assert package.shown("User") == "scanstation"


def opened() -> str:
    """The drop-in as the page says: pasted, without the sign before the password's LoadCredential."""
    text = (ROOT / "systemd/examples/network.conf").read_text()
    assert "\n#LoadCredential=database-password:" in text
    return text.replace("#LoadCredential=database-password:", "LoadCredential=database-password:")
