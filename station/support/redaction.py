"""Takes secrets out of texts: those that are known, and whatever looks like one.

It is the last step, over every file of the bundle: what a part forgot doesn't get out.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from station.config.shown import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 4
"""A known secret that is shorter is taken out only where it looks like one: it is everywhere else, too."""

_NAMES = (
    r"(?:pass(?:word|wd|phrase)?|secret|token|credential|(?<=[_.-])pwd"
    r"|(?:api|access|private|hmac|signing)[_-]?key)s?"
)
_VALUE = r"(?!(?:true|false|null|none)\b|\"\"|'')(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s\"']+)"
_PATTERNS = tuple(
    # None begins with a run of anything without end: they are looked for in long lines of hex, too.
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        # user:password@ in a URL; a password is read up to the last @.
        r"(?P<kept>://[^\s:/?#@\"'<>]{0,200}:)[^\s\"'<>]{0,800}(?=@)",
        # Headers, as sent, as logged, and as curl is given them.
        r"(?P<kept>\b(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)[^\r\n\"']+",
        r"(?P<kept>\b(?:set-)?cookie[\"']?\s*[:=]\s*[\"']?)[^\r\n\"']+",
        r"(?P<kept>\bx-[\w-]{0,60}(?:signature|token|key)[\"']?\s*[:=]\s*[\"']?)[^\r\n\"']+",
        r"(?P<kept>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}",
        # NAME=value, as in the environment, TOML, logfmt, a query, libpq; "name": "value", as in JSON.
        rf"(?P<kept>{_NAMES}[\"']?\s*=\s*){_VALUE}",
        rf"(?P<kept>{_NAMES}[\"']\s*:\s*){_VALUE}",
        r"(?P<kept>\bpass(?:word|wd|phrase):\s+)[^\s\"']+",
        # systemd prints what SetCredential= holds.
        r"(?P<kept>\bSetCredential(?:Encrypted)?=)[^\n]+",
        r"(?P<kept>\bscanstation_)[\w-]{20,}",
        r"(?P<kept>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)",
    )
)


class Redactor:
    """Knows the station's secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        # The longest first: a secret may begin with another.
        ordered = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def clean(self, text: str) -> str:
        """The text with ``***`` where secrets were."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<kept>{HIDDEN}", text)
        return text


def _forms(secret: str) -> Iterable[str]:
    """How a secret may be written: as it is, in a URL, in JSON, in a Python string."""
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
