"""Secrets in files of their own, not in the configuration.

A service is given them by systemd (``LoadCredential=``, systemd.exec(5)) in a directory that only it can
read; any other program reads the file that the configuration names.
"""

from __future__ import annotations

import os
from pathlib import Path

from station.errors import ConfigError


def credential(path: str) -> Path:
    """Where to read the secret that lies in `path`: the service's own copy if it was given one.

    systemd names credentials freely; here they bear the name of the file.
    """
    if directory := os.environ.get("CREDENTIALS_DIRECTORY"):
        given = Path(directory) / Path(path).name
        if given.exists():
            return given
    return Path(path)


def read_secret(path: str, key: str) -> str:
    """A secret of one line; `key` of the configuration names the file.

    Raises:
        ConfigError: it can't be read, or is empty.
    """
    file = credential(path)
    try:
        secret = file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is no text"
        raise ConfigError(
            f'{key} = "{path}": {file} can\'t be read: {why}; give it to the user of the station, or to the '
            "service with LoadCredential="
        ) from error
    if not secret or "\n" in secret:
        raise ConfigError(f'{key} = "{path}": {file} must hold one line, the secret')
    return secret
