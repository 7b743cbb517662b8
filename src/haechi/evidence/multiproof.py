"""One proof for many leaves of one tree: the fewest hashes from which the root can be made again.

The tree is that of RFC 6962. Where two of the leaves share a part of their way up, that part is proved once. The
hashes stand level by level from the leaves up, within a level by their place; for a single leaf that is exactly its
audit path (RFC 9162, 2.1.3.1).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from haechi.evidence.hashing import DIGEST, Hashes, as_column, sha256_rows
from haechi.evidence.merkle import node_hash, tree_root

Places = npt.NDArray[np.int64]

GROUP: Final = 256
_GROUP_LEVELS: Final = 8  # GROUP = 2 ** _GROUP_LEVELS
_NODE: Final = b"\x01"
_FEW: Final = 1_024  # below this a hashlib loop ends before a query has been planned


def prove(hashes: Hashes, indices: Places, groups: Hashes | None = None) -> Hashes:
    """The hashes that prove the leaves at `indices` (sorted, distinct) in the tree over `hashes` (n, 32).

    `groups`: the roots of its full groups of 256 leaves, (n // 256, 32), as a `.leaves` file holds them. With them
    only the groups that hold one of the leaves are hashed. Raises `IndexError` where `indices` are out of
    order or not in the tree.
    """
    count = len(hashes)
    if not _good(indices, count):
        raise IndexError(f"leaves asked for are not sorted, distinct places in a tree of size {count}")
    if groups is None or len(groups) != count // GROUP:
        return _siblings(hashes, indices, levels=64)[0]
    tail = count % GROUP
    numbers = np.unique(indices >> _GROUP_LEVELS)
    full = numbers[numbers < len(groups)]
    # Groups are whole subtrees: those that are asked for, side by side, have the same lower levels as in the tree.
    below = [np.asarray(hashes[at * GROUP : (at + 1) * GROUP]) for at in full.tolist()]
    if tail:
        below.append(np.asarray(hashes[count - tail :]))
    places = (np.searchsorted(full, indices >> _GROUP_LEVELS) << _GROUP_LEVELS) + indices % GROUP
    lower, _ = _siblings(np.concatenate(below), places, _GROUP_LEVELS)
    roots = np.asarray(groups)
    if tail:
        last = np.frombuffer(tree_root(below[-1]), np.uint8).reshape(1, DIGEST)
        roots = np.concatenate([roots, last])
    upper, _ = _siblings(roots, numbers, levels=64)
    return np.concatenate([lower, upper])


def root_of(leaves: Hashes, indices: Places, count: int, proof: Hashes) -> bytes | None:
    """The root of the tree of `count` leaves that these leaves and this proof lead to.

    `leaves` (m, 32) are the hashes of the leaves at `indices` (m). None where the proof is no proof for such leaves,
    whatever it holds; nothing is ever raised.
    """
    if not _good(indices, count) or len(leaves) != len(indices):
        return None
    if leaves.ndim != 2 or leaves.shape[1] != DIGEST or proof.ndim != 2 or proof.shape[1] != DIGEST:
        return None
    used = 0
    while count > 1:
        missing = _missing(indices, count)
        if used + len(missing) > len(proof):
            return None
        places = np.concatenate([indices, missing])
        order = np.argsort(places, kind="stable")
        nodes = np.concatenate([leaves, proof[used : used + len(missing)]])[order]
        used += len(missing)
        leaves, indices, count = _above(nodes), _parents(indices), (count + 1) // 2
    return leaves.tobytes() if used == len(proof) else None


def _good(indices: Places, count: int) -> bool:
    """Whether these are some sorted, distinct places among `count`."""
    if indices.ndim != 1 or not len(indices) or int(indices[0]) < 0 or int(indices[-1]) >= count:
        return False
    return bool((indices[1:] > indices[:-1]).all())


def _siblings(level: Hashes, indices: Places, levels: int) -> tuple[Hashes, Hashes]:
    """The proof's hashes of so many levels from here up, and the level reached."""
    found = [np.empty((0, DIGEST), np.uint8)]
    for _ in range(levels):
        if len(level) <= 1:
            break
        found.append(level[_missing(indices, len(level))])
        level, indices = _above(level), _parents(indices)
    return np.concatenate(found), level


def _parents(indices: Places) -> Places:
    """The places above sorted places, each once."""
    above = indices >> 1
    first = np.ones(len(above), np.bool_)
    first[1:] = above[1:] != above[:-1]
    return above[first]


def _missing(indices: Places, count: int) -> Places:
    """The partners of these nodes that are not among them: in order. A lone last node has none."""
    partners = indices ^ 1
    beside = np.zeros(len(indices), np.bool_)  # the partner stands next to it in the list
    pairs = indices[1:] == partners[:-1]
    beside[:-1] |= pairs
    beside[1:] |= pairs
    return partners[~beside & (partners < count)]


def _above(level: Hashes) -> Hashes:
    """The next level: neighbours hashed, a last node without a partner as it is."""
    pairs = len(level) // 2
    rows = np.ascontiguousarray(level[: 2 * pairs]).reshape(pairs, 2 * DIGEST)
    if pairs < _FEW:
        joined = b"".join(node_hash(row[:DIGEST], row[DIGEST:]) for row in map(bytes, rows))
        above = np.frombuffer(joined, np.uint8).reshape(pairs, DIGEST)
    else:
        above = sha256_rows(as_column(rows), _NODE)
    return above if len(level) == 2 * pairs else np.concatenate([above, level[-1:]])
