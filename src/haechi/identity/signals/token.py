"""Security event tokens (RFC 8417): a signal, signed, and typed so that no other token passes for one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from haechi.evidence import bounded
from haechi.identity.signals.event import Signal
from haechi.model.errors import IdentityError

TYPE: Final = "secevent+jwt"
KEY_FILE: Final = "signals.pem"
MOST: Final = 65_536  # bytes of a token
_ALGORITHMS: Final = [
    "ES256",
    "ES384",
    "RS256",
    "PS256",
    "EdDSA",
    "Ed25519",
]  # never a shared secret, never none
_AHEAD: Final = timedelta(minutes=5)  # that the sender's clock may be ahead


@dataclass(frozen=True)
class Wrong(Exception):
    """A token that is not taken. code: as RFC 8935, section 2.4; why: in words, without what the token said."""

    code: str
    why: str


@dataclass(frozen=True)
class Heard:
    """A token that was taken: its id and its claims."""

    jti: str
    claims: Mapping[str, Any]


def signing_key(root: Path) -> ECKey:
    """The workspace's key for signals (P-256, PEM, its owner's alone); made where there is none.

    Raises:
        IdentityError: it can be neither read nor made.
    """
    path = root / KEY_FILE
    try:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _named(ECKey.import_key(bounded.read(path, MOST)))
        made = ECKey.generate_key("P-256")
        with os.fdopen(descriptor, "wb") as file:
            file.write(made.as_pem(private=True))
            file.flush()
            os.fsync(file.fileno())
        return _named(made)
    except OSError as error:
        raise IdentityError(f"the key for signals: {error.strerror}", where=str(path)) from None
    except (JoseError, ValueError):
        raise IdentityError("the key for signals is no P-256 key in PEM", where=str(path)) from None


def public_keys(key: ECKey) -> dict[str, Any]:
    """The key set to publish: nothing private in it."""
    told = {**key.as_dict(private=False), "use": "sig", "alg": "ES256"}
    return {"keys": [{name: value for name, value in told.items() if name != "d"}]}


def sign(
    signal: Signal, key: ECKey, issuer: str, audience: str, subject_issuer: str, now: datetime
) -> tuple[str, str]:
    """A token with an id of its own: (id, token). It has no end (RFC 8417, section 2.2: no `exp`)."""
    jti = secrets.token_hex(16)
    claims = {
        "iss": issuer, "aud": audience, "jti": jti, "iat": int(now.timestamp()), **signal.claims(subject_issuer),
    }  # fmt: skip
    header = {"alg": "ES256", "typ": TYPE, "kid": key.thumbprint()}
    return jti, jws.serialize_compact(header, msgspec.json.encode(claims), key)


def verify(token: bytes, keys: KeySet, issuer: str, audience: str, now: datetime) -> Heard:
    """Check a token, and read it.

    Raises:
        Wrong: its form, type, signature, issuer, audience or time is not what it must be.
    """
    if len(token) > MOST:
        raise Wrong("invalid_request", "it is too long")
    try:
        # The key set picks by `kid`; a token without one may only come from an issuer with a single key.
        read = jws.deserialize_compact(token, keys, algorithms=_ALGORITHMS)
    except JoseError as error:
        bad_key = type(error).__name__ in ("BadSignatureError", "InvalidKeyIdError", "MissingKeyError")
        raise Wrong("invalid_key" if bad_key else "invalid_request", "its signature does not hold") from None
    except (ValueError, TypeError):
        raise Wrong("invalid_request", "it is no signed token") from None
    header = read.headers()
    if str(header.get("typ", "")).lower().removeprefix("application/") != TYPE:
        raise Wrong("invalid_request", f"its type is not {TYPE}")
    try:
        claims = msgspec.json.decode(read.payload, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Wrong("invalid_request", "its content is no JSON object") from None
    if claims.get("iss") != issuer:
        raise Wrong("invalid_issuer", "it is of another issuer")
    told = claims.get("aud")
    if audience not in (told if isinstance(told, list) else [told]):
        raise Wrong("invalid_audience", "it is for somebody else")
    jti, made = claims.get("jti"), claims.get("iat")
    if not isinstance(jti, str) or not 0 < len(jti) <= 200 or not jti.isprintable():
        raise Wrong("invalid_request", "it has no id")
    if isinstance(made, bool) or not isinstance(made, (int, float)):
        raise Wrong("invalid_request", "it does not say when it was made")
    if made > (now + _AHEAD).timestamp():
        raise Wrong("invalid_request", "it was made in the future")
    return Heard(jti, claims)


def _named(key: ECKey) -> ECKey:
    if key.curve_name != "P-256" or not key.is_private:
        raise ValueError
    return ECKey.import_key(
        key.as_dict(private=True), {"kid": key.thumbprint(), "use": "sig", "alg": "ES256"}
    )
