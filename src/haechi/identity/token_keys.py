"""Keys that sign tokens: in a file, or in OpenBao's transit engine, which signs and never shows its key."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from haechi.evidence import bounded
from haechi.identity.interface import Asking
from haechi.identity.probes.web import Web
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

_MOST: Final = 65_536  # bytes of a key's file
_BY_CURVE: Final = {
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
    "Ed25519": "EdDSA",
    "Ed448": "EdDSA",
}
_PEM: Final[tuple[type[Any], ...]] = (ECKey, RSAKey, OKPKey)
# RFC 7518, sections 3.3 and 3.4; RFC 8037: type of a transit key -> algorithm, hash.
_TRANSIT: Final = {
    "ecdsa-p256": ("ES256", "sha2-256"),
    "ecdsa-p384": ("ES384", "sha2-384"),
    "ecdsa-p521": ("ES512", "sha2-512"),
    "rsa-2048": ("RS256", "sha2-256"),
    "rsa-3072": ("RS256", "sha2-256"),
    "rsa-4096": ("RS256", "sha2-256"),
    "ed25519": ("EdDSA", ""),
}


@dataclass(frozen=True)
class FileKey:
    """A private key from a file."""

    algorithm: str
    _key: Any = field(repr=False)

    @classmethod
    def open(cls, path: Path) -> FileKey:
        """Read a private key: PEM, or a JWK (RFC 7517).

        Raises:
            IdentityError: it cannot be read or is no private key. The message tells nothing of its content.
        """
        try:
            data = bounded.read(path, _MOST)
        except OSError as error:
            raise IdentityError(
                f"the signing key cannot be read: {error.strerror}", where=str(path)
            ) from None
        key = _read(data)
        if key is None or not (isinstance(key, OctKey) or key.is_private):
            raise IdentityError("the file holds no private key in PEM or as a JWK", where=str(path))
        return cls(_algorithm(key), key)

    def sign(self, data: bytes) -> bytes:
        try:
            return bytes(JWSRegistry.algorithms[self.algorithm].sign(data, self._key))
        except (JoseError, ValueError, KeyError):
            raise IdentityError(f"the signing key cannot sign with {self.algorithm}") from None


@dataclass(frozen=True)
class TransitKey:
    """A version of a key in OpenBao's transit engine, which is asked to sign. version: 0 is the newest."""

    system: SystemSettings
    asking: Asking
    name: str
    version: int
    algorithm: str
    _hash: str

    @classmethod
    def open(cls, system: SystemSettings, asking: Asking, name: str, version: int = 0) -> TransitKey:
        """`name` as facts name it: `transit/keys/login`. Raises `IdentityError`."""
        reply = Web(system, asking).ask("GET", f"v1/{quote(name)}", headers=_headers(system, asking))
        said = reply.json(system.name)
        kind = said.get("data", {}).get("type") if reply.status == 200 and isinstance(said, dict) else None
        if kind not in _TRANSIT:
            raise IdentityError(
                f"{system.name} answered {reply.status}, and tells of no key that signs tokens"
            )
        return cls(system, asking, name, version, *_TRANSIT[kind])

    def sign(self, data: bytes) -> bytes:
        where = f"v1/{quote(self.name.replace('/keys/', '/sign/', 1))}" + (
            f"/{self._hash}" if self._hash else ""
        )
        body: dict[str, Any] = {"input": base64.b64encode(data).decode(), "marshaling_algorithm": "jws"}
        body |= {"key_version": self.version} if self.version else {}
        body |= {"signature_algorithm": "pkcs1v15"} if self.algorithm.startswith("RS") else {}
        path = Web(self.system, self.asking).address(where).path
        web = Web(self.system, self.asking, questions={path})
        reply = web.ask("POST", where, headers=_headers(self.system, self.asking), json=body)
        said = reply.json(self.system.name)
        signature = said.get("data", {}).get("signature") if reply.status == 200 else None
        if not isinstance(signature, str) or signature.count(":") != 2:
            raise IdentityError(f"{self.system.name} answered {reply.status} and did not sign")
        text = signature.rpartition(":")[2].replace("+", "-").replace("/", "_").rstrip("=")
        try:
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            raise IdentityError(f"{self.system.name} answered with a signature that is not base64") from None


def _headers(system: SystemSettings, asking: Asking) -> dict[str, str]:
    return {"x-vault-token": asking.secret(system.credential).decode("latin-1")} if system.credential else {}


def _read(data: bytes) -> Any:
    if data.lstrip().startswith(b"{"):
        try:
            return JWKRegistry.import_key(msgspec.json.decode(data, type=dict[str, Any]))
        except (JoseError, ValueError, TypeError, KeyError, msgspec.DecodeError):
            return None
    for kind in _PEM:
        try:
            return kind.import_key(data)
        except (JoseError, ValueError, TypeError):
            continue
    return None


def _algorithm(key: Key) -> str:
    if isinstance(named := key.get("alg"), str) and named in JWSRegistry.algorithms and named != "none":
        return named
    if isinstance(key, RSAKey):
        return "RS256"
    if isinstance(key, OctKey):
        return "HS256"
    return _BY_CURVE.get(str(getattr(key, "curve_name", "")), "ES256")
