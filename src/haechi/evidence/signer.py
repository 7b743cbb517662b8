"""Who signs: the interface, and a key in a file behind it.

The interface is no more than a public key and one signature line, so that a key in a token (PKCS#11) or in a
key service can stand behind it: those sign bytes and tell nothing else.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from haechi.evidence import durable, note
from haechi.evidence.vkey import COSIGNATURE, KEY_BYTES, NOTE, SIGNATURE_BYTES, Vkey, key_id, unbase64
from haechi.model.errors import EvidenceError

STATEMENT: Final = "haechi-statement-1"  # first line of what `sign_bytes` signs
_PRIVATE = "PRIVATE+KEY"
_MAX_FILE = 4_096  # bytes


class Signer(Protocol):
    """A signing key, wherever it is kept."""

    @property
    def vkey(self) -> str:
        """Its public key, `name+id+base64`."""
        ...

    def sign(self, body: str) -> str:
        """One signature line over a note's text, without a newline at its end. `body` ends in one."""
        ...


class FileSigner:
    """An Ed25519 key in a file of its own. Of the kind COSIGNATURE it signs with the time: a witness's key."""

    def __init__(self, path: Path, name: str, kind: int, private: Ed25519PrivateKey) -> None:
        self.path, self.key = path, Vkey(name, kind, private.public_key().public_bytes_raw())
        self._private = private

    @property
    def vkey(self) -> str:
        return str(self.key)

    def sign(self, body: str) -> str:
        if self.key.kind == COSIGNATURE:
            return self.cosign(body, int(time.time()))
        return note.sign(body, self.key.name, self._private)

    def cosign(self, body: str, at: int) -> str:
        """One cosignature line over a checkpoint's text. `at`: seconds since 1970 UTC."""
        return note.cosign(body, self.key.name, self._private, at)


def make_key(path: Path, name: str, kind: int = NOTE) -> FileSigner:
    """Make a key and put it at `path`, mode 0600, its public key beside it as `<path>.pub`.

    A file that is there is never replaced. The key is on the disk, whole, before it has its name.

    Raises:
        EvidenceError: there is a file at `path`, it cannot be written, or the name cannot be a key's.
    """
    signer = FileSigner(path, name, kind, Ed25519PrivateKey.generate())
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_secret(aside, _private_text(signer))
            _name(aside, path)
        finally:
            aside.unlink(missing_ok=True)
        durable.sync_directory(path.parent)
        durable.replace(public_file(path), f"{signer.vkey}\n".encode())
    except OSError as error:
        raise EvidenceError(f"a key cannot be written: {error.strerror}", where=str(path)) from error
    return signer


def open_key(path: Path) -> FileSigner:
    """Read a key that `make_key` made.

    Raises:
        EvidenceError: there is none, it cannot be read, others may read it, or it is no key. The message
            never tells what stands in the file.
    """
    name, kind, seed = _parse_private(_read_secret(path), path)
    signer = FileSigner(path, name, kind, Ed25519PrivateKey.from_private_bytes(seed))
    _publish_again(path, signer.vkey)
    return signer


def public_file(path: Path) -> Path:
    """Where the public key of a key file stands."""
    return path.with_name(f"{path.name}.pub")


def sign_bytes(signer: Signer, data: bytes) -> str:
    """A signature over any bytes, base64: over the note text of two lines, `haechi-statement-1` and the base64 of
    SHA-256 of the data. No checkpoint has two lines, so neither can be passed off as the other.
    """
    signature = note.Signature.parse(signer.sign(_statement(data)))
    return base64.b64encode(signature.data).decode()


def verify_bytes(vkey: str, data: bytes, signature: str) -> bool:
    """Whether `sign_bytes` made the signature with this key over these bytes. False for garbage too."""
    try:
        key = Vkey.parse(vkey)
    except EvidenceError:
        return False
    raw = unbase64(signature)
    if key.kind != NOTE or raw is None or len(raw) != SIGNATURE_BYTES:
        return False
    return key.verifies(_statement(data).encode(), raw)


def _publish_again(path: Path, vkey: str) -> None:
    """Put right the public key's file after a crash while a key was made or replaced, where that can be done."""
    public = public_file(path)
    with suppress(OSError):  # a folder that nobody may write to: the key works without
        if not public.exists() or public.read_bytes() != f"{vkey}\n".encode():
            durable.replace(public, f"{vkey}\n".encode())


def _statement(data: bytes) -> str:
    return f"{STATEMENT}\n{base64.b64encode(sha256(data).digest()).decode()}\n"


def _private_text(signer: FileSigner) -> bytes:
    """The notes' own form of a private key: it carries the name, without which the key is of no use."""
    seed = signer._private.private_bytes_raw()
    key = signer.key
    secret = base64.b64encode(bytes([key.kind]) + seed).decode()
    return f"{_PRIVATE}+{key.name}+{key.id.hex()}+{secret}\n".encode()


def _parse_private(text: str, path: Path) -> tuple[str, int, bytes]:
    mark = f"{_PRIVATE}+"
    name, _, rest = text.removesuffix("\n").removeprefix(mark).partition("+")
    written, _, encoded = rest.partition("+")  # base64 may hold plus signs too, so cut from the left
    secret = unbase64(encoded) or b""
    if len(secret) != 1 + KEY_BYTES or not text.startswith(mark):
        raise _no_key(path, "it is not of the form PRIVATE+KEY+name+id+base64")
    kind, seed = secret[0], secret[1:]
    if kind not in (NOTE, COSIGNATURE):
        raise _no_key(path, "it is of a kind that Haechi does not know")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    if key_id(name, kind, public).hex() != written:
        raise _no_key(path, "its id does not fit its name and key: the file was damaged")
    return name, kind, seed


def _write_secret(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _name(aside: Path, path: Path) -> None:
    try:
        os.link(aside, path)  # unlike a rename it never replaces
    except FileExistsError:
        raise EvidenceError(
            "there is a key already; it was not replaced",
            where=str(path),
            kept="the key that is there",
            todo="use it, or choose another file name; haechi key rotate replaces a workspace's key",
        ) from None


def _read_secret(path: Path) -> str:
    try:
        # Without blocking: a pipe in the key's place must not hold up the program.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise _no_key(path, "it is not a file")
            if state.st_mode & 0o077:
                raise EvidenceError(
                    "others may read the signing key",
                    where=str(path),
                    todo="find out who could have read it; chmod 600 the file, and replace the key if in doubt",
                )
            data = file.read(_MAX_FILE + 1)
    except FileNotFoundError:
        raise EvidenceError(
            "there is no signing key", where=str(path), todo="restore the key file, or make a key"
        ) from None
    except OSError as error:
        raise EvidenceError(f"the signing key cannot be read: {error.strerror}", where=str(path)) from error
    try:
        return data.decode() if len(data) <= _MAX_FILE else ""
    except UnicodeDecodeError:
        return ""


def _no_key(path: Path, why: str) -> EvidenceError:
    return EvidenceError(
        f"the signing key cannot be read: {why}", where=str(path), todo="restore the key file"
    )
