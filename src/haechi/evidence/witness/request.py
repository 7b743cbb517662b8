"""The body of an `add-checkpoint` request, c2sp.org/tlog-witness: an old size, a consistency proof, a checkpoint."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.hashing import DIGEST
from haechi.evidence.note import MAX_SIGNATURES
from haechi.evidence.vkey import unbase64
from haechi.model.errors import EvidenceError, StoreError

PATH: Final = "/add-checkpoint"
HEADS: Final = "/heads/"  # and SHA-256 of the origin in hex: the newest head that the witness signed
SIZE_TYPE: Final = "text/x.tlog.size"  # of an answer 409 that tells the size at which the witness stands
MAX_BODY: Final = 1 << 16  # bytes, of a request and of an answer
MAX_PROOF: Final = 63  # hashes

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class AddCheckpoint:
    """Ask a witness that signed the head of `old` entries to sign `point`. `proof`: RFC 6962, lowest node first."""

    old: int
    proof: tuple[bytes, ...]
    point: Checkpoint

    def body(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [f"old {self.old}", *(base64.b64encode(node).decode() for node in self.proof)]
        return ("".join(f"{line}\n" for line in lines) + "\n" + self.point.text()).encode()

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """Read a request. Raises `EvidenceError` that says what is wrong with it."""
        if len(body) > MAX_BODY:
            raise _unreadable(f"it is longer than {MAX_BODY} bytes")
        try:
            head, _, text = body.decode().partition("\n\n")
            point = Checkpoint.parse(text)
        except UnicodeDecodeError:
            raise _unreadable("it is not UTF-8") from None
        except StoreError as error:
            raise _unreadable(error.what) from None
        first, *rest = head.split("\n")
        old = _OLD.fullmatch(first)
        if old is None:
            raise _unreadable("its first line is not `old` and a size")
        proof = tuple(unbase64(line) or b"" for line in rest)
        if len(proof) > MAX_PROOF or any(len(node) != DIGEST for node in proof):
            raise _unreadable(f"its proof is not up to {MAX_PROOF} lines of base64, 32 bytes each")
        if len(point.signatures) > MAX_SIGNATURES:
            raise _unreadable(f"it has more than {MAX_SIGNATURES} signatures")
        return cls(int(old[1]), proof, point)


def origin_name(origin: str) -> str:
    """How a log is named in paths and file names: SHA-256 of its origin, hex."""
    return sha256(origin.encode()).hexdigest()


def _unreadable(why: str) -> EvidenceError:
    return EvidenceError(f"a request to a witness cannot be read: {why}")
