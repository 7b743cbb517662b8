"""When a token was made and until when it is good, as it says itself (RFC 7519). Nothing is verified."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec


class _Claims(msgspec.Struct, frozen=True):
    iat: float | None = None
    exp: float | None = None


@dataclass(frozen=True)
class Times:
    """UTC; None where it does not say."""

    made: datetime | None
    ends: datetime | None


def times(token: bytes) -> Times | None:
    """None for what is no JSON Web Token."""
    parts = token.strip().split(b".")
    if len(parts) != 3:
        return None
    try:
        payload = base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4))
        claims = msgspec.json.decode(payload, type=_Claims)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    return Times(_time(claims.iat), _time(claims.exp))


def _time(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
