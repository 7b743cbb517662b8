"""A honey key: published among an issuer's keys, and never used. Whoever signs with it has read the vault.

RFC 7517 (JSON Web Key), RFC 7518 (algorithms).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import ECKey, OKPKey, RSAKey

from haechi.evidence import durable
from haechi.model.errors import IdentityError

ALGORITHMS: Final = ("ES256", "ES384", "RS256", "EdDSA")


@dataclass(frozen=True)
class Honey:
    """public: as it is published. private: PEM (PKCS #8), for the vault alone."""

    kid: str
    public: dict[str, Any]
    private: bytes

    def __repr__(self) -> str:
        return f"Honey({self.kid})"


def make(kid: str, algorithm: str) -> Honey:
    """A new key. Raises `IdentityError` for an algorithm that is not of `ALGORITHMS`."""
    about: Any = {"use": "sig", "alg": algorithm}
    key: Any
    match algorithm:
        case "ES256" | "ES384":
            key = ECKey.generate_key(f"P-{algorithm[2:]}", about)
        case "RS256":
            key = RSAKey.generate_key(2048, about)
        case "EdDSA":
            key = OKPKey.generate_key("Ed25519", about)
        case _:
            raise IdentityError(f"a honey key is of {', '.join(ALGORITHMS)}")
    # A key that bears its thumbprint as a name looks like every other one (RFC 7638).
    name = kid or key.thumbprint()
    public = {"kid": name, **{k: v for k, v in key.as_dict(private=False).items() if k != "kid"}}
    return Honey(name, public, key.as_pem(private=True))


def put(honey: Honey, path: Path) -> None:
    """Write the private half where only its owner may read it; a file that is there is never replaced.

    Raises:
        IdentityError: there is a file, or it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(honey.private)
            file.flush()
            os.fsync(file.fileno())
        durable.sync_directory(path.parent)
    except OSError as error:
        raise IdentityError(
            f"the private half cannot be written: {error.strerror}", where=str(path)
        ) from None
