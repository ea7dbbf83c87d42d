"""Whom a publisher takes for its receiver: who shows a certificate of an authority that is trusted."""

from __future__ import annotations

import ssl

from station.errors import ConfigError


def tls_context(ca_file: str, key: str) -> ssl.SSLContext:
    """The trust in those of a PEM file, or with none in those of this machine; `key` names it.

    Raises:
        ConfigError: the file can't be used.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except ssl.SSLError as error:
        raise ConfigError(f'{key} = "{ca_file}": holds no certificate in PEM') from error
    except OSError as error:
        raise ConfigError(f'{key} = "{ca_file}": can\'t be read: {error.strerror}') from error
