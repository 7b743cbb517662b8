"""One-time links: what they say is signed with the workspace's key, and only their hash is kept.

A token is `base64url(payload) "." base64url(signature)`, without padding. The payload is JSON: the question, the
message it came in, the role of its reader, and when it expires. The same message always gets the same token, so that
a message that is sent again after a crash is the same message; without the key nobody can work it out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection
from typing import Final, Literal

import msgspec

from haechi.evidence.signer import Signer, sign_bytes, verify_bytes

Role = Literal["self", "manager"]
LONGEST: Final = 1024  # letters of a token
_DOMAIN: Final = b"haechi-ask-link-1\n"  # so that the signature fits nothing else that the key signs


class Link(msgspec.Struct, frozen=True):
    """What a token says. `expires`: microseconds since 1970 UTC."""

    ask: str
    message: str
    role: Role
    expires: int


def token_of(link: Link, signer: Signer) -> str:
    """The token. Ed25519 signs the same bytes alike each time."""
    payload = msgspec.json.encode(link)
    return f"{_text(payload)}.{_text(base64.b64decode(sign_bytes(signer, _DOMAIN + payload)))}"


def read_token(token: str, vkeys: Collection[str]) -> Link | None:
    """What a token says, if one of these keys signed it; None for anything else. It may have expired or been used."""
    payload_text, dot, signature_text = token.partition(".")
    if not dot or len(token) > LONGEST or not token.isascii():
        return None
    payload, signature = _bytes(payload_text), _bytes(signature_text)
    if payload is None or signature is None or f"{_text(payload)}.{_text(signature)}" != token:
        return None
    encoded = base64.b64encode(signature).decode()
    if not any(verify_bytes(vkey, _DOMAIN + payload, encoded) for vkey in vkeys):
        return None
    try:
        return msgspec.json.decode(payload, type=Link)
    except (msgspec.DecodeError, ValueError):
        return None


def hash_of(token: str) -> str:
    """What is kept of a token: SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
