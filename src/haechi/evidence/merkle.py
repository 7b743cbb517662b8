"""Merkle tree hashes and proofs of RFC 6962 and RFC 9162, section 2.1, with SHA-256.

A tree is given by its leaf hashes. A verifier answers False to whatever does not prove its claim; it does not
raise, however hostile its input.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from haechi.evidence.hashing import DIGEST, Hashes, as_column, sha256_rows

EMPTY_ROOT: Final = hashlib.sha256().digest()

LEAF_PREFIX: Final = b"\x00"
_NODE = b"\x01"
_FEW: Final = 1_024  # below this a hashlib loop ends before a query has been planned

Range = tuple[int, int]  # leaves [first, end)


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf: SHA-256 of 0x00 and its bytes."""
    return hashlib.sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 of 0x01 and its two children, 32 bytes each."""
    return hashlib.sha256(_NODE + left + right).digest()


def leaf_hashes(texts: pa.Array[Any] | pa.ChunkedArray[Any]) -> Hashes:
    """Leaf hashes of a column of strings (their UTF-8 bytes) or of bytes, in order; shape (n, 32), uint8.

    Safe to call from several threads at once. Raises `ValueError` where a row is null or of another type.
    """
    return sha256_rows(texts, LEAF_PREFIX)


def tree_root(hashes: Hashes | Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order, an (n, 32) uint8 array or 32-byte values. `EMPTY_ROOT` for none."""
    if len(hashes) == 0:
        return EMPTY_ROOT
    if len(hashes) > _FEW:
        hashes = _climb(_as_array(hashes))
    return _few_root(_as_list(hashes))


def subtree_roots(hashes: Hashes, size: int) -> Hashes:
    """The roots over each `size` leaves in order, a power of two; leaves beyond the last whole group are left out."""
    level = hashes[: len(hashes) // size * size]
    while size > 1 and len(level):
        level = sha256_rows(as_column(level.reshape(-1, 2 * DIGEST)), _NODE)
        size //= 2
    return level


def _climb(level: Hashes) -> Hashes:
    """Hash whole levels until few nodes are left. A last node without a partner goes up as it is."""
    while len(level) > _FEW:
        pairs = len(level) // 2
        above = sha256_rows(as_column(level[: 2 * pairs].reshape(pairs, 2 * DIGEST)), _NODE)
        level = above if len(level) == 2 * pairs else np.concatenate([above, level[-1:]])
    return level


def _few_root(level: list[bytes]) -> bytes:
    while len(level) > 1:
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


def _as_array(hashes: Hashes | Sequence[bytes]) -> Hashes:
    if isinstance(hashes, np.ndarray):
        return hashes
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, DIGEST)


def _as_list(hashes: Hashes | Sequence[bytes]) -> list[bytes]:
    if isinstance(hashes, np.ndarray):
        joined = hashes.tobytes()
        return [joined[start : start + DIGEST] for start in range(0, len(joined), DIGEST)]
    return list(hashes)


def inclusion_proof(hashes: Hashes | Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of a leaf (RFC 9162, 2.1.3.1), lowest node first. `IndexError` outside the tree."""
    return [tree_root(hashes[first:end]) for first, end in inclusion_ranges(index, len(hashes))]


def consistency_proof(hashes: Hashes | Sequence[bytes], size: int) -> list[bytes]:
    """The proof that the first `size` leaves are an earlier tree (2.1.4.1). `IndexError` outside it."""
    return [tree_root(hashes[first:end]) for first, end in consistency_ranges(size, len(hashes))]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Which leaves each node of an audit path stands over, lowest node first."""
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} is not in a tree of size {size}")
    path, first, end = [], 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((first, middle))
            first = middle
    return path[::-1]


def consistency_ranges(size: int, total: int) -> list[Range]:
    """Which leaves each node of a consistency proof stands over, lowest node first."""
    if not 0 < size <= total:
        raise IndexError(f"a tree of size {total} holds no earlier tree of size {size}")
    path, first, end = [], 0, total
    while size < end:
        middle = first + _split(end - first)
        if size <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((first, middle))
            first = middle
    if first > 0:  # a tree that is whole inside the other needs no node: the verifier holds its root
        path.append((first, end))
    return path[::-1]


def _split(count: int) -> int:
    """The largest power of two below `count`: how many leaves stand left of the root."""
    return 1 << (count - 1).bit_length() - 1


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf hash `leaf` is number `index` of the tree of that size and root."""
    if not 0 <= index < size or not _all_digests([leaf, *proof]):
        return False
    nodes = iter(proof)
    hashed = leaf
    last = size - 1
    while last > 0:
        if index & 1 or index < last:  # otherwise: last of its level without a partner, goes up as it is
            node = next(nodes, None)
            if node is None:
                return False
            hashed = node_hash(node, hashed) if index & 1 else node_hash(hashed, node)
        index, last = index >> 1, last >> 1
    return next(nodes, None) is None and hashed == root


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree (size1, root1) is the beginning of the tree (size2, root2).

    An empty first tree is the beginning of every tree, which no proof can add to: False.
    """
    if not 0 < size1 <= size2:
        return False
    if size1 == size2:
        return not proof and root1 == root2
    if not _all_digests([root1, *proof]):
        return False
    return _rebuild(size1 - 1, size2 - 1, iter(proof), root1) == (root1, root2)


def _rebuild(index: int, last: int, nodes: Iterator[bytes], root1: bytes) -> tuple[bytes, bytes] | None:
    """Both roots from a consistency proof (RFC 9162, 2.1.4.2); None where nodes are missing or left over."""
    while index & 1:  # the first tree's last leaf ends a perfect subtree: begin at that subtree
        index, last = index >> 1, last >> 1
    seed = next(nodes, None) if index else root1
    if seed is None:
        return None
    older = newer = seed
    while last > 0:
        if index & 1 or index < last:
            node = next(nodes, None)
            if node is None:
                return None
            if index & 1:
                older, newer = node_hash(node, older), node_hash(node, newer)
            else:
                newer = node_hash(newer, node)
        index, last = index >> 1, last >> 1
    return (older, newer) if next(nodes, None) is None else None


def _all_digests(values: Sequence[bytes]) -> bool:
    return all(len(value) == DIGEST for value in values)
