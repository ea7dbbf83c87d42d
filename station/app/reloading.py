"""Reloading: a running station reads its configuration again, and takes over what can be."""

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
    """Take over what `load` gives; when it is wrong, all stays as it was, and that is told.

    `is_ending`: whether the station is to stop meanwhile; then nothing is waited for.
    """
    manager.reloading()
    try:
        change = Changeover.between(daemon.config, load())
        daemon.reconfigure(change.config, is_ending)
    except StationError as error:
        _refuse(daemon, str(error))
    except Exception as error:
        # A fault of ours must not stop the dock.
        log.exception("reload_failed")
        daemon.status.remark(f"the changed configuration is in force in part, restart the station: {error!r}")
    else:
        _tell(daemon, change)
    finally:
        manager.ready()


def _refuse(daemon: Daemon, reason: str) -> None:
    log.error("configuration_refused", reason=reason)
    daemon.status.remark(f"the changed configuration is not in force: {reason}")


def _tell(daemon: Daemon, change: Changeover) -> None:
    if any(key.startswith("log.") for key in change.changed):
        configure(change.config.log)
    log.info("configuration_reloaded", changed=", ".join(change.changed) or "nothing")
    remark = f"needs a restart: {', '.join(change.kept)}" if change.kept else ""
    if remark:
        log.warning("configuration_kept", reason=remark)
    daemon.status.remark(remark)
