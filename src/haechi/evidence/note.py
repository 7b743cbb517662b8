"""Signed notes, c2sp.org/signed-note: a text, a blank line, signature lines. And witnesses' cosignatures,
c2sp.org/tlog-cosignature, which are signature lines with a time.

A signature line is `\u2014 NAME BASE64`, the base64 being 4 bytes of key id and the signature.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from haechi.evidence.checkpoint import SIGNATURE_MARK
from haechi.evidence.vkey import COSIGNATURE, NOTE, SIGNATURE_BYTES, Vkey, good_name, unbase64
from haechi.model.errors import EvidenceError

MAX_SIGNATURES: Final = 100  # the standard asks for 16 at least
MAX_NOTE: Final = 1 << 16  # bytes
_TIME_BYTES = 8
_MAX_TIME = 2**63 - 1
_ID_BYTES = 4
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Signature:
    """One signature line, taken apart. `data` is the 64 bytes, of a cosignature 8 bytes of time before them."""

    name: str
    key_id: bytes
    data: bytes

    def __str__(self) -> str:
        return f"{SIGNATURE_MARK}{self.name} {base64.b64encode(self.key_id + self.data).decode()}"

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Read one line, without its newline. Raises `EvidenceError`."""
        name, _, encoded = line.removeprefix(SIGNATURE_MARK).partition(" ")
        blob = unbase64(encoded)
        if (
            not line.startswith(SIGNATURE_MARK)
            or not good_name(name)
            or blob is None
            or len(blob) <= _ID_BYTES
        ):
            raise _unreadable("a signature line is not an em dash, a name and base64")
        return cls(name, blob[:_ID_BYTES], blob[_ID_BYTES:])

    def by(self, key: Vkey) -> bool:
        """Whether the line says that it is this key's. It may lie: `verify` finds out."""
        return (self.name, self.key_id) == (key.name, key.id)


@dataclass(frozen=True)
class Signed:
    """A signature that is right. `time` is the cosignature's, in seconds since 1970 UTC; None: it tells none."""

    key: Vkey
    line: str
    time: int | None


@dataclass(frozen=True)
class Note:
    """A text with its last newline, and its signature lines without theirs, in order."""

    text: str
    signatures: tuple[str, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{line}\n" for line in self.signatures)

    @classmethod
    def parse(cls, data: bytes | str) -> Note:
        """Read a whole note. Nothing is verified. Raises `EvidenceError` that says what is wrong."""
        text = _decoded(data)
        if _CONTROL.search(text):
            raise _unreadable("it holds a control character")
        body, blank, signed = text.rpartition("\n\n")
        if not blank or not signed.endswith("\n"):
            raise _unreadable("it has no signatures")
        lines = tuple(signed.removesuffix("\n").split("\n"))
        if len(lines) > MAX_SIGNATURES:
            raise _unreadable(f"it has more than {MAX_SIGNATURES} signatures")
        for line in lines:
            Signature.parse(line)
        return cls(f"{body}\n", lines)


def sign(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """The signature line of a log's or person's key over a note's text. `text` ends in a newline."""
    key = Vkey(name, NOTE, private.public_key().public_bytes_raw())
    return str(Signature(name, key.id, private.sign(_signable(text))))


def cosign(text: str, name: str, private: Ed25519PrivateKey, time: int) -> str:
    """The cosignature line of a witness's key over a checkpoint's text. `time`: seconds since 1970 UTC."""
    if not 0 <= time <= _MAX_TIME:
        raise EvidenceError("a cosignature cannot tell this time", todo="set the machine's clock right")
    key = Vkey(name, COSIGNATURE, private.public_key().public_bytes_raw())
    data = time.to_bytes(_TIME_BYTES, "big") + private.sign(_cosigned(_signable(text), time))
    return str(Signature(name, key.id, data))


def verify(text: str, lines: Sequence[str], key: Vkey) -> Signed | None:
    """The key's signature among the lines, verified; None where no line is this key's.

    Lines of other keys, known or not, are passed over, even unreadable ones: they claim nothing here.
    Of several cosignatures of one key the newest is answered.

    Raises:
        EvidenceError: a line says that it is this key's, and the signature is wrong.
    """
    found: list[Signed] = []
    for line in lines[:MAX_SIGNATURES]:
        try:
            signature = Signature.parse(line)
        except EvidenceError:
            continue
        if not signature.by(key):
            continue
        time = _verified(text, signature, key)
        found.append(Signed(key, line, time))
    return max(found, key=lambda signed: signed.time or 0, default=None)


def _verified(text: str, signature: Signature, key: Vkey) -> int | None:
    message, data, time = _signable(text), signature.data, None
    if key.kind == COSIGNATURE:
        time = int.from_bytes(data[:_TIME_BYTES], "big")
        message, data = _cosigned(message, time), data[_TIME_BYTES:]
    right = len(data) == SIGNATURE_BYTES and (time or 0) <= _MAX_TIME and key.verifies(message, data)
    if not right:
        raise EvidenceError(
            f"the signature of {key.name} is wrong: the text was altered, or another key signed it",
            todo="get the text again from a copy of the log or from a witness, and find out who changed it",
        )
    return time


def _cosigned(text: bytes, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n".encode() + text


def _signable(text: str) -> bytes:
    if not text.endswith("\n"):
        raise _unreadable("its text does not end with a newline")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _unreadable("it is not UTF-8") from None


def _decoded(data: bytes | str) -> str:
    if len(data) > MAX_NOTE:
        raise _unreadable(f"it is longer than {MAX_NOTE} bytes")
    try:
        return data.encode().decode() if isinstance(data, str) else data.decode()
    except UnicodeError:
        raise _unreadable("it is not UTF-8") from None


def _unreadable(why: str) -> EvidenceError:
    return EvidenceError(
        f"a signed note cannot be read: {why}", todo="get the note again from whoever published it"
    )
