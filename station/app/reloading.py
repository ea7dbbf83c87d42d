"""Reloading: a running station reads its configuration again, and applies what can change at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from station.config.changes import Changeover
from station.errors import StationError
from station.outputs.log import configure

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.app.daemon import Daemon
    from station.config.schema import Config
    from station.ops.systemd import ServiceManager

log = structlog.get_logger()


def reload(
    daemon: Daemon, manager: ServiceManager, load: Callable[[], Config], is_ending: Callable[[], bool]
) -> None:
    """Apply the configuration that `load` returns; if it is wrong, log that and keep the old one.

    `is_ending`: whether the station is about to stop; then don't wait for anything.
    """
    manager.reloading()
    try:
        change = Changeover.between(daemon.config, load())
        daemon.reconfigure(change.config, is_ending)
    except StationError as error:
        _refuse(daemon, str(error))
    except Exception as error:
        # A bug must not stop the dock.
        log.exception("reload_failed")
        daemon.status.remark(f"the changed configuration is partly in force, restart the station: {error!r}")
    else:
        _report(daemon, change)
    finally:
        manager.ready()


def _refuse(daemon: Daemon, reason: str) -> None:
    log.error("configuration_refused", reason=reason)
    daemon.status.remark(f"the changed configuration is not in force: {reason}")


def _report(daemon: Daemon, change: Changeover) -> None:
    if any(key.startswith("log.") for key in change.changed):
        configure(change.config.log)
    log.info("configuration_reloaded", changed=", ".join(change.changed) or "nothing")
    remark = f"needs a restart: {', '.join(change.kept)}" if change.kept else ""
    if remark:
        log.warning("configuration_kept", reason=remark)
    daemon.status.remark(remark)
