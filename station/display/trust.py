"""Whom a link to a station trusts, and by what it is let in."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from station.display.link import StationLink
from station.errors import UsageError

if TYPE_CHECKING:
    from station.settings import DisplaySettings

TOKEN = "SCANSTATION_TOKEN"  # noqa: S105 - the name of the variable
CA = "SCANSTATION_CA"


def link_to(url: str, ca: str = "") -> StationLink:
    """A link to a station anywhere.

    `ca`: a PEM file of certificates that vouch for it, beside those the system trusts; empty: as the variable
    ``SCANSTATION_CA`` says. The token is that of ``SCANSTATION_TOKEN``.

    Raises:
        UsageError: the file can't be used.
        StationError: the URL is none.
    """
    file = ca or os.environ.get(CA, "")
    context = ssl.create_default_context()
    if file:
        try:
            context.load_verify_locations(file)
        except OSError as error:
            reason = "is no file of certificates" if isinstance(error, ssl.SSLError) else error.strerror
            raise UsageError(f"{file}: {reason}; name a PEM file") from error
    return StationLink(url, _token(), context)


def link_to_own(url: str, display: DisplaySettings) -> StationLink:
    """A link to the station of this machine and configuration, at the URL that it told.

    It is known by its certificate itself, whatever name that bears: nobody need vouch for it.

    Raises:
        UsageError: the certificate can't be read.
        StationError: the URL is none.
    """
    if not url.startswith("https:") or not display.certificate:
        return link_to(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=_first_certificate(display.certificate))
    except (OSError, ValueError) as error:
        raise UsageError(f'display.certificate = "{display.certificate}": can\'t be read: {error}') from error
    return StationLink(url, _token(), context)


def _first_certificate(path: str) -> bytes:
    """The station's own: those behind it vouch for others too."""
    end = "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(Path(path).read_text().partition(end)[0].strip() + f"\n{end}\n")


def _token() -> str:
    return os.environ.get(TOKEN, "")
