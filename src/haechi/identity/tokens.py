"""Obituary tokens: made with a signing key before it is retired, so that its death can be seen afterwards.

They are good for years and good for nothing: their subject is nobody, their scope is empty. Each gateway must let
one in while the key lives, which shows that nothing else keeps it out, and refuse it ever after.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote

import msgspec

from haechi.evidence import durable
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings
from haechi.workspace.load import Workspace

FOLDER: Final = "obituary"
SUBJECT: Final = "haechi-obituary"
ISSUED: Final = "issued.jsonl"  # issuance records of these tokens, in the same folder
_SUFFIX: Final = ".jwt"
_LONGEST: Final = 200  # characters of a file's name


class TokenSigner(Protocol):
    """A key that signs tokens, wherever it is kept."""

    @property
    def algorithm(self) -> str:
        """As in RFC 7518, `ES256`."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature as JWS wants it (RFC 7515, RFC 7518). Raises `IdentityError`."""
        ...


@dataclass(frozen=True)
class Obituary:
    """What an obituary token says. extra: further claims, for gateways that want them."""

    issuer: str
    kid: str
    life: timedelta
    subject: str = SUBJECT
    audience: str = ""
    extra: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Minted:
    """A token and what an issuer notes of it. The token does not show in its repr."""

    kid: str
    token: str = field(repr=False)
    record: dict[str, Any]  # a line of an issuance log, without its node's count


def mint(order: Obituary, signer: TokenSigner, now: datetime) -> Minted:
    """A token in the compact form of RFC 7515. Raises `IdentityError`: the key does not sign."""
    header = {"alg": signer.algorithm, "kid": order.kid, "typ": "JWT"}
    claims: dict[str, Any] = {
        **(order.extra or {}),
        "iss": order.issuer,
        "sub": order.subject,
        "scope": "",
        "jti": f"haechi-obituary-{secrets.token_hex(16)}",
        "iat": int(now.timestamp()),
        "exp": int((now + order.life).timestamp()),
    }
    if order.audience:
        claims["aud"] = order.audience
    said = f"{_base64(msgspec.json.encode(header))}.{_base64(msgspec.json.encode(claims))}"
    token = f"{said}.{_base64(signer.sign(said.encode()))}"
    record = {
        "time": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        "event": "access_token.issued",
        "kid": order.kid,
        "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
        **{name: claims[name] for name in ("iss", "sub", "jti", "exp")},
    }
    return Minted(order.kid, token, record)


def keep(workspace: Workspace, minted: Minted, *, replace: bool = False) -> Path:
    """Put a token where only its owner may read it, and a record that it was made beside it.

    The records can be read with the issuer's own, so that the probes' requests are not taken for forgeries.

    Raises:
        IdentityError: the folder cannot be written, the kid is too long for a file's name, or there is a token of
            this kid already and nobody said `replace`: once the key is retired it cannot be made again.
    """
    name = quote(minted.kid, safe="")
    if not 0 < len(name) <= _LONGEST:
        raise IdentityError("this kid is too long for the name of a file, or empty")
    file = workspace.root / FOLDER / f"{name}{_SUFFIX}"
    if file.exists() and not replace:
        raise IdentityError(
            f"there is an obituary token of {minted.kid} already",
            where=str(file),
            kept="it is as it was",
            todo="--replace puts the new one in its place; once its key is retired the old one cannot be made again",
        )
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.chmod(0o700)
        log = file.parent / ISSUED
        records = log.read_bytes() if log.exists() else b""
        record = {**minted.record, "node": SUBJECT, "seq": records.count(b"\n") + 1}
        _private(log, records + msgspec.json.encode(record) + b"\n")
        _private(file, minted.token.encode())
    except OSError as error:
        raise IdentityError(f"an obituary token cannot be kept: {error.strerror}", where=str(file)) from None
    return file


def _private(path: Path, data: bytes) -> None:
    """Put data at a path, never readable by others, not even for a moment."""
    aside = durable.temporary(path)
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    durable.replace(path, data)


def kept(workspace: Workspace) -> dict[str, Path]:
    """The obituary tokens of a workspace, by `kid`."""
    return {
        unquote(path.name.removesuffix(_SUFFIX)): path
        for path in sorted((workspace.root / FOLDER).glob(f"*{_SUFFIX}"))
    }


def probes(workspace: Workspace) -> list[ProbeSettings]:
    """The questions that follow: does any gateway still let one in?"""
    return [
        ProbeSettings(
            name=f"obituary-{kid}-{system.name}",
            system=system.name,
            kind="gateway",
            target=kid,
            credential=f"file:{path.relative_to(workspace.root)}",
        )
        for kid, path in kept(workspace).items()
        for system in workspace.settings.systems
        if system.kind == "gateway"
    ]


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
