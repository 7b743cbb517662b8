"""The leaf hashes of a batch's units, kept: 32 bytes a unit, so that a proof needs no record but its own.

They also say which unit was altered, stay when a person's rows are erased, and need no records to be proven from.
`docs/evidence.md` defines the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from haechi.evidence.hashing import DIGEST, Hashes
from haechi.evidence.merkle import inclusion_ranges, subtree_roots, tree_root
from haechi.model.errors import StoreError

MAGIC: Final = b"haechi-leaves-1\n"
GROUP: Final = 256  # leaves whose root is kept as well
_HEAD: Final = len(MAGIC) + DIGEST + 8


@dataclass(frozen=True)
class LeavesFile:
    """One such file. `hashes` (n, 32) and `groups` (n // 256, 32) lie in the file until they are looked at."""

    batch_key: bytes
    hashes: Hashes
    groups: Hashes

    @classmethod
    def open(cls, path: Path) -> LeavesFile:
        """Raises `StoreError` where the file is missing or not of this form."""
        try:
            data = np.memmap(path, np.uint8, "r")
        except (OSError, ValueError) as error:
            raise _damaged(path, "is missing or empty") from error
        head = data[:_HEAD].tobytes()
        if len(head) < _HEAD or not head.startswith(MAGIC):
            raise _damaged(path, "does not begin as it should")
        count = int.from_bytes(head[-8:], "big")
        if len(data) != _HEAD + (count + count // GROUP) * DIGEST:
            raise _damaged(path, "has another length than it says")
        rows = data[_HEAD:].reshape(-1, DIGEST)
        return cls(head[len(MAGIC) : -8], rows[:count], rows[count:])

    @property
    def count(self) -> int:
        return len(self.hashes)

    def root(self) -> bytes:
        """The root over all leaves, from the hashes themselves."""
        return tree_root(np.asarray(self.hashes))

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of a unit, lowest node first; hashes a few hundred nodes. `IndexError` outside."""
        return [self._node(first, end) for first, end in inclusion_ranges(index, self.count)]

    def _node(self, first: int, end: int) -> bytes:
        if first % GROUP or end - first < GROUP:
            return tree_root(np.asarray(self.hashes[first:end]))
        whole = np.asarray(self.groups[first // GROUP : end // GROUP])
        return _joined(whole, np.asarray(self.hashes[end - end % GROUP : end]))


def content(batch_key: bytes, hashes: Hashes) -> tuple[bytes, bytes]:
    """The file's bytes, and the root over the leaves, which costs next to nothing beside the groups."""
    groups = subtree_roots(hashes, GROUP)
    data = b"".join([MAGIC, batch_key, len(hashes).to_bytes(8, "big"), hashes.tobytes(), groups.tobytes()])
    return data, _joined(groups, hashes[len(groups) * GROUP :])


def _joined(groups: Hashes, rest: Hashes) -> bytes:
    """The root over whole groups and leaves left over."""
    if not len(rest):
        return tree_root(groups)
    # Whole groups are nodes of one height; what is left over goes up beside them, as in any RFC 6962 tree.
    return tree_root([*map(bytes, groups), tree_root(rest)])


def _damaged(path: Path, why: str) -> StoreError:
    return StoreError(
        f"the leaf hashes of a batch cannot be read: the file {why}",
        where=str(path),
        kept="the records are untouched",
        todo="restore the file from a backup of the store",
    )
