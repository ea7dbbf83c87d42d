"""Migrations with Alembic. Imported only if there is something to migrate, because loading it is slow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent


def head() -> str:
    """Return the newest version."""
    return str(_scripts().get_current_head())


def known_versions() -> set[str]:
    """Return all versions that have a migration."""
    return {script.revision for script in _scripts().walk_revisions()}


def migrate(connection: Connection, version: str = "head") -> None:
    """Upgrade a database to a version, in the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
