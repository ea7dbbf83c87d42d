"""Certificates of a test's own authority."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """Files in a test's directory."""

    certificate: Path
    key: Path
    ca: Path

    @property
    def context(self) -> ssl.SSLContext:
        """The context of a program that trusts the authority."""
        return ssl.create_default_context(cafile=str(self.ca))

    @property
    def settings(self) -> str:
        """The keys for [display]."""
        return f'certificate = "{self.certificate}"\nkey = "{self.key}"'


def certificates(directory: Path, *names: str) -> Certificates:
    """A certificate for these names and addresses."""
    authority = trustme.CA()
    issued = authority.issue_cert(*(names or ("localhost", "127.0.0.1")))
    files = Certificates(directory / "cert.pem", directory / "key.pem", directory / "ca.pem")
    authority.cert_pem.write_to_path(str(files.ca))
    issued.private_key_pem.write_to_path(str(files.key))
    for part in issued.cert_chain_pems:
        part.write_to_path(str(files.certificate), append=True)
    return files
