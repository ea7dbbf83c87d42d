"""The question that stands, as the database holds it."""

from __future__ import annotations

import msgspec

from station.questions import Question

question_decoder = msgspec.json.Decoder(Question)
"""The desk's thread and the displays' share it."""
