"""Obituary tokens: made with a signing key before it is retired, so that its death can be seen afterwards.

They are good for years and good for nothing: their subject is nobody, their scope is empty. Each gateway must let
one in while the key lives, which shows that nothing else keeps it out, and refuse it ever after.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote

import msgspec

from haechi.evidence import bounded, durable
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings
from haechi.workspace.load import Workspace

FOLDER: Final = "obituary"
SUBJECT: Final = "haechi-obituary"
_SUFFIX: Final = ".jwt"
_LONGEST: Final = 200  # characters of a file's name
_MOST: Final = 16_384  # bytes of a token


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


def mint(order: Obituary, signer: TokenSigner, now: datetime) -> str:
    """The token, as RFC 7515 writes it in short."""
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
    return f"{said}.{_base64(signer.sign(said.encode()))}"


def keep(workspace: Workspace, kid: str, token: str) -> Path:
    """Put a token where only its owner may read it. An older one of the key is replaced: it can prove no more.

    Raises:
        IdentityError: the folder cannot be written, or the kid is too long for a file's name.
    """
    name = quote(kid, safe="")
    if not 0 < len(name) <= _LONGEST:
        raise IdentityError("this kid is too long for the name of a file, or empty")
    file = workspace.root / FOLDER / f"{name}{_SUFFIX}"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.chmod(0o700)
        aside = durable.temporary(file)
        aside.unlink(missing_ok=True)
        aside.touch(mode=0o600)
        durable.replace(file, token.encode())
    except OSError as error:
        raise IdentityError(f"an obituary token cannot be kept: {error.strerror}", where=str(file)) from None
    return file


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


def read(path: Path) -> str:
    """A token that was kept. Raises `IdentityError`."""
    try:
        return bounded.read(path, _MOST).decode("ascii")
    except (OSError, UnicodeDecodeError):
        raise IdentityError("an obituary token cannot be read", where=str(path)) from None


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
