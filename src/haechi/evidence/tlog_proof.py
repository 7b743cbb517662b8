"""A proof that one entry stands in a log, as c2sp.org/tlog-proof text: it needs nothing beside it but the log's key.

c2sp.org/tlog-proof@v1
index 12
<base64 hashes of the audit path, one a line>

<the checkpoint>
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.merkle import leaf_hash, verify_inclusion
from haechi.evidence.vkey import unbase64
from haechi.model.errors import EvidenceError, StoreError

MAGIC: Final = "c2sp.org/tlog-proof@v1"
MAX_BYTES: Final = 1 << 18  # of a proof's text: a path of 64 hashes and a checkpoint with all its signatures
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
_LONGEST_PATH: Final = 64


@dataclass(frozen=True)
class TlogProof:
    """One entry's place in a log at one checkpoint. `extra` is not authenticated; Haechi writes none."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint
    extra: bytes = b""

    def text(self) -> str:
        """The whole proof as it stands in a file; `parse` reads it back."""
        lines = [MAGIC]
        if self.extra:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(node).decode() for node in self.path]
        return "".join(f"{line}\n" for line in lines) + "\n" + self.checkpoint.text()

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Read a proof's bytes; nothing is verified. Raises `EvidenceError`, and nothing else."""
        if len(data) > MAX_BYTES:
            raise _unreadable("it is too long")
        try:
            head, blank, point = data.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise _unreadable("it is no text") from None
        lines = head.split("\n")
        if not blank or lines.pop(0) != MAGIC:
            raise _unreadable("it does not begin as one")
        extra = _decoded(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else b""
        index = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if index is None:
            raise _unreadable("it does not say which entry it is for")
        if len(lines) > _LONGEST_PATH:
            raise _unreadable("its path is longer than any tree is high")
        try:
            checkpoint = Checkpoint.parse(point)
        except StoreError as error:
            raise _unreadable(error.what) from None
        found = cls(int(index[1]), decoded_path(lines), checkpoint, extra)
        if found.text().encode() != data:
            raise _unreadable("it is not in the one form in which a proof is written")
        return found

    def proves(self, entry: bytes) -> bool:
        """Whether it shows that `entry` stands at `index` under its checkpoint. Says nothing of signatures."""
        point = self.checkpoint
        return verify_inclusion(leaf_hash(entry), self.index, point.size, self.path, point.root)


def decoded_path(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Base64 hashes of a path. Raises `EvidenceError` for what is not base64 in its one right form."""
    return tuple(_decoded(line) for line in lines)


def _decoded(text: str) -> bytes:
    data = unbase64(text)
    if data is None:
        raise _unreadable("a hash in it is not base64")
    return data


def _unreadable(why: str) -> EvidenceError:
    return EvidenceError(f"a proof of an entry of the log cannot be read: {why}")
