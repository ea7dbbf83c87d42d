"""Why a receiver can't be reached, in a few words."""

from __future__ import annotations


def reason_of(error: Exception) -> str:
    """What the system or TLS says; nothing that a receiver sent."""
    says: str = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    return says or type(error).__name__
