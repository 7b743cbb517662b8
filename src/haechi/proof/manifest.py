"""`manifest.json`: what a pack is, what was asked, and the SHA-256 of each file in it. RFC 8785 JSON.

Its own SHA-256 stands in the evidence log (a `custody` entry), so that no file can be dropped or changed later.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Final, Literal

import msgspec

from haechi.evidence import jcs
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.hashing import DIGEST
from haechi.model.errors import EvidenceError, HaechiError

FORMAT: Final = "haechi-pack-1"
MANIFEST: Final = "manifest.json"
ROWS: Final = "rows.jsonl"
ROWS_CSV: Final = "rows.csv"
STATEMENT: Final = "statement.json"
PEOPLE: Final = "people.csv"
# What stands in log/ is made after the seal: the manifest cannot know it.
CHECKPOINT: Final = "log/checkpoint"
KEYS: Final = "log/keys.json"
HISTORY: Final = "log/history.json"
SEAL: Final = "log/seal.json"
SEAL_PROOF: Final = "log/seal.tlog-proof"
COSIGNED: Final = "log/cosigned/"
STAMPED: Final = "log/stamped/"
TSR: Final = ".tsr"

_SIZE: Final = "[1-9][0-9]{0,18}"
_OF_LOG: Final = re.compile(
    rf"log/(batches/[0-9]{{10,19}}\.tlog-proof|cosigned/{_SIZE}|stamped/{_SIZE}(\.tsr)?)", re.ASCII
)

Kind = Literal["record", "person", "case", "scope", "leaver"]
Told = str | int | None


def header_file(number: int) -> str:
    return f"batches/{number:010d}.json"


def units_file(number: int) -> str:
    return f"batches/{number:010d}.proof"


def entry_proof_file(number: int) -> str:
    return f"log/batches/{number:010d}.tlog-proof"


def of_log(name: str) -> bool:
    """Whether a pack can hold a file of that name that the manifest does not know: those made after the seal."""
    return name in (CHECKPOINT, KEYS, HISTORY, SEAL, SEAL_PROOF) or _OF_LOG.fullmatch(name) is not None


class FileEntry(msgspec.Struct, frozen=True):
    bytes: int
    sha256: str


class Head(msgspec.Struct, frozen=True):
    """A head of the log: `root` in hex."""

    origin: str
    size: int
    root: str

    @classmethod
    def of(cls, point: Checkpoint) -> Head:
        return cls(point.origin, point.size, point.root.hex())

    def __str__(self) -> str:
        """`ORIGIN SIZE ROOT` on one line, as a checkpoint is named elsewhere."""
        return f"{self.origin} {self.size} {base64.b64encode(bytes.fromhex(self.root)).decode()}"


class Gone(msgspec.Struct, frozen=True):
    """Batches that could have held rows of the answer, and whose files are gone: expired, or missing."""

    why: Literal["expired", "missing"]
    source: str
    batches: list[tuple[int, int]]  # inclusive
    rows: int
    first: int | None
    last: int | None


class Manifest(msgspec.Struct, frozen=True):
    """Times are microseconds since 1970 UTC."""

    kind: Kind
    asked: dict[
        str, Told
    ]  # {"person": ...}, {"source": ..., "seq": ...}, {"case": ...}, with "from" and "to"
    made: int
    by: str
    software: str
    checkpoint: Head  # at which the answer was computed
    rows: int
    batches: int
    gone: list[Gone]
    nonce: str  # hex, 32 random bytes: the seal in the log cannot be guessed back
    files: dict[str, FileEntry]
    format: Literal["haechi-pack-1"] = FORMAT

    def data(self) -> bytes:
        return jcs.canonical(msgspec.to_builtins(self))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data()).hexdigest()


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest. Raises `EvidenceError` where it is not one, or not in its one form."""
    try:
        found = msgspec.json.decode(data, type=Manifest)
        plain = json.loads(data)
        if jcs.canonical(plain) != data:  # doubled names, for one: two readers would read two manifests
            raise _unreadable("it is not in RFC 8785 form")
    except (msgspec.DecodeError, ValueError, RecursionError, HaechiError) as error:
        if isinstance(error, EvidenceError):
            raise
        raise _unreadable("it is not JSON of its form") from None
    if not _hex(found.nonce) or not _hex(found.checkpoint.root):
        raise _unreadable("a hash in it is not 32 bytes in hex")
    return found


def _hex(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == DIGEST and len(text) == 2 * DIGEST
    except ValueError:
        return False


def _unreadable(why: str) -> EvidenceError:
    return EvidenceError(f"the manifest cannot be read: {why}", where=MANIFEST)
