"""Public keys as signed notes name them: `name+id+base64`, c2sp.org/signed-note.

The name says whose key it is, the id (4 bytes, made from name, kind and key) tells keys of one name apart.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from haechi.model.errors import EvidenceError

NOTE: Final = 1  # Ed25519 over the note's text: a log, a custodian
COSIGNATURE: Final = 4  # Ed25519 over the text with a time in front, c2sp.org/tlog-cosignature: a witness
KINDS: Final = (NOTE, COSIGNATURE)
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True)
class Vkey:
    """A public key. `kind` is NOTE or COSIGNATURE; `key` the 32 bytes of RFC 8032."""

    name: str
    kind: int
    key: bytes

    def __post_init__(self) -> None:
        if not good_name(self.name):
            raise _unreadable("its name is empty, or holds a space or a plus sign")
        if self.kind not in KINDS:
            raise _unreadable(
                "it is of a kind that Haechi does not know; Ed25519 keys have the kinds 1 and 4"
            )
        if len(self.key) != KEY_BYTES:
            raise _unreadable("it is not 32 bytes long")

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.key).decode()}"

    @property
    def id(self) -> bytes:
        """The key's id: 4 bytes."""
        return key_id(self.name, self.kind, self.key)

    @classmethod
    def parse(cls, text: str) -> Vkey:
        """Read a key as `str` writes it. Raises `EvidenceError` that says what is wrong with it."""
        name, _, rest = text.strip().partition("+")
        written, _, encoded = rest.partition("+")
        material = unbase64(encoded)
        if not material or not _ID.fullmatch(written):
            raise _unreadable("it is not of the form name+id+base64")
        found = cls(name, material[0], material[1:])
        if found.id.hex() != written:
            raise _unreadable("its id does not fit its name and key: a character was changed or lost")
        return found

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the 64 bytes are this key's Ed25519 signature over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def key_id(name: str, kind: int, key: bytes) -> bytes:
    """The 4 bytes by which a signature line names its key, beside the name."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def good_name(name: str) -> bool:
    """Whether a key may have this name: not empty, no space, no plus sign, no control character, valid UTF-8."""
    return bool(_NAME.fullmatch(name)) and not any("\ud800" <= letter <= "\udfff" for letter in name)


def unbase64(text: str) -> bytes | None:
    """The bytes of standard base64 in its one right form; None for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def _unreadable(why: str) -> EvidenceError:
    return EvidenceError(
        f"a public key cannot be read: {why}", todo="copy the whole key again from whoever published it"
    )
