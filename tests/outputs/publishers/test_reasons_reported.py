"""A publisher's failures in the log and in systemctl status."""

from __future__ import annotations

import structlog

from station.events import DatabaseChanged, PublisherChanged
from station.ops.systemd import ServiceManager, ServiceStatus
from station.outputs.log import EventLog


def test_the_service_status_shows_a_failing_publisher_until_it_works_again() -> None:
    status = ServiceStatus(ServiceManager(), ["left"])
    status.on_event(PublisherChanged("erp", ok=False, detail="https://erp:443: Connection refused"))
    status.on_event(DatabaseChanged(ok=False, detail="the disk is full"))
    assert status.text() == (
        "0 of 1 scanners connected, missing: left; the disk is full; "
        "publisher erp: https://erp:443: Connection refused"
    )
    status.on_event(PublisherChanged("erp", ok=True, detail=""))
    status.on_event(DatabaseChanged(ok=True, detail=""))
    assert status.text() == "0 of 1 scanners connected, missing: left"


def test_the_log_warns_of_a_publisher_that_fails_and_notes_one_that_works_again() -> None:
    with structlog.testing.capture_logs() as lines:
        log = EventLog("dock-1")
        log.on_event(PublisherChanged("erp", ok=False, detail="Connection refused"))
        log.on_event(PublisherChanged("erp", ok=True, detail=""))
    assert [(each["event"], each["log_level"], each["publisher"]) for each in lines] == [
        ("publisher_changed", "warning", "erp"),
        ("publisher_changed", "info", "erp"),
    ]
