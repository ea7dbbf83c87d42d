"""Which of this machine's package sources hold Debian 12, to serve the guest too."""

from __future__ import annotations

import re
from pathlib import Path

SUITE = "bookworm"
_SUITES = {SUITE, f"{SUITE}-updates", f"{SUITE}-security"}
_APT = Path("/etc/apt")


def debian_sources() -> str:
    """The entries of /etc/apt that hold Debian 12, in the format most machines have them in.

    Raises:
        LookupError: no source holds Debian 12.
    """
    stanzas = _stanzas(_texts(sorted((_APT / "sources.list.d").glob("*.sources"))))
    lines = _lines(_texts([_APT / "sources.list", *sorted((_APT / "sources.list.d").glob("*.list"))]))
    # mmdebstrap takes one format at a time; a machine has Debian's own entries in one of the two.
    for found, between in ((stanzas, "\n\n"), (lines, "\n")):
        if any(SUITE in _words(source) for source in found):
            return between.join(found) + "\n"
    raise LookupError(f"no package source in {_APT} holds Debian 12 ({SUITE} main); add one")


def _texts(files: list[Path]) -> list[str]:
    return [path.read_text() for path in files if path.exists()]


def _stanzas(texts: list[str]) -> list[str]:
    """Stanzas without comments, that name one of our suites and the component main."""
    plain = [re.sub(r"(?m)^#.*\n?", "", text) for text in texts]
    stanzas = [stanza.strip() for text in plain for stanza in re.split(r"\n\s*\n", text)]
    return [stanza for stanza in stanzas if stanza and _serves(stanza)]


def _lines(texts: list[str]) -> list[str]:
    lines = [line.strip() for text in texts for line in text.splitlines()]
    return [line for line in lines if line.startswith("deb ") and _serves(line)]


def _serves(source: str) -> bool:
    words = _words(source)
    return bool(_SUITES & words) and "main" in words


def _words(source: str) -> set[str]:
    return set(source.split())
