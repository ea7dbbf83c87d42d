"""Secrets in separate files, outside of the configuration.

Services get them from systemd (``LoadCredential=``, systemd.exec(5)) in a directory that only they can read;
other programs read the file that the configuration names.
"""

from __future__ import annotations

import os
from pathlib import Path

from station.errors import ConfigError


def credential(path: str) -> Path:
    """The file to read instead of `path`: the service's copy if systemd provides one.

    systemd allows any names of credentials; here they have the name of the file.
    """
    if directory := os.environ.get("CREDENTIALS_DIRECTORY"):
        copy = Path(directory) / Path(path).name
        if copy.exists():
            return copy
    return Path(path)


def read_secret(path: str, key: str) -> str:
    """Read a secret of one line; `key` of the configuration names the file.

    Raises:
        ConfigError: the file can't be read, or doesn't hold exactly one line.
    """
    file = credential(path)
    try:
        secret = file.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not text"
        raise ConfigError(
            f'{key} = "{path}": {file} can\'t be read: {why}; make it readable for the station, or pass '
            "it to the service with LoadCredential="
        ) from error
    if not secret or "\n" in secret:
        raise ConfigError(f'{key} = "{path}": {file} must hold one line, the secret')
    return secret
