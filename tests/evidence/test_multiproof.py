"""`haechi.evidence.multiproof` and `tlog_proof` against RFC 6962 and hostile input."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.evidence import merkle, multiproof
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.tlog_proof import TlogProof
from haechi.model.errors import EvidenceError


def some_hashes(count: int) -> np.ndarray:
    joined = b"".join(merkle.leaf_hash(str(number).encode()) for number in range(count))
    return np.frombuffer(joined, np.uint8).reshape(-1, 32)


def group_roots(hashes: np.ndarray) -> np.ndarray:
    roots = [merkle.tree_root(hashes[at : at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
    return np.frombuffer(b"".join(roots), np.uint8).reshape(-1, 32)


def places(indices: list[int]) -> np.ndarray:
    return np.array(sorted(indices), np.int64)


HASHES = some_hashes(2_000)


@st.composite
def choices(draw: st.DrawFn) -> tuple[int, np.ndarray]:
    count = draw(st.one_of(st.integers(1, 40), st.integers(200, 600), st.just(2_000)))
    chosen = draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=30))
    return count, places(list(chosen))


@settings(deadline=None)
@given(choices())
def test_a_proof_leads_to_the_root_and_is_the_shortest(choice: tuple[int, np.ndarray]) -> None:
    count, indices = choice
    hashes = HASHES[:count]
    proof = multiproof.prove(hashes, indices)
    assert multiproof.root_of(hashes[indices], indices, count, proof) == merkle.tree_root(hashes)
    assert multiproof.prove(hashes, indices, group_roots(hashes)).tobytes() == proof.tobytes()
    # Shortest: exactly the nodes of the single paths that no leaf of the choice stands under.
    ranges = {span for index in indices.tolist() for span in merkle.inclusion_ranges(index, count)}
    needed = [span for span in ranges if not any(span[0] <= index < span[1] for index in indices.tolist())]
    assert sorted(map(bytes, proof)) == sorted(merkle.tree_root(hashes[a:b]) for a, b in needed)


@settings(deadline=None)
@given(st.integers(1, 600), st.data())
def test_one_leaf_has_its_audit_path(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    proof = multiproof.prove(HASHES[:count], places([index]), group_roots(HASHES[:count]))
    assert list(map(bytes, proof)) == merkle.inclusion_proof(HASHES[:count], index)


@settings(deadline=None)
@given(choices(), st.data())
def test_another_leaf_place_size_or_hash_does_not_pass(
    choice: tuple[int, np.ndarray], data: st.DataObject
) -> None:
    count, indices = choice
    hashes = HASHES[:count]
    root = merkle.tree_root(hashes)
    proof = multiproof.prove(hashes, indices)
    leaves = hashes[indices].copy()
    at = data.draw(st.integers(0, leaves.size - 1))
    leaves.reshape(-1)[at] ^= data.draw(st.integers(1, 255))
    assert multiproof.root_of(leaves, indices, count, proof) != root
    if len(proof):
        bent = proof.copy()
        bent.reshape(-1)[data.draw(st.integers(0, bent.size - 1))] ^= 1
        assert multiproof.root_of(hashes[indices], indices, count, bent) != root
        assert multiproof.root_of(hashes[indices], indices, count, proof[:-1]) is None
    assert multiproof.root_of(hashes[indices], indices, count, np.concatenate([proof, leaves[:1]])) is None
    if len(indices) > 1:
        assert multiproof.root_of(hashes[indices[:-1]], indices[:-1], count, proof) != root
        assert multiproof.root_of(hashes[indices][::-1], indices, count, proof) != root


@settings(deadline=None)
@given(
    st.lists(st.integers(-5, 40), max_size=8),
    st.integers(-3, 40),
    st.integers(0, 9),
    st.integers(0, 12),
)
def test_hostile_proofs_never_raise(indices: list[int], count: int, leaves: int, nodes: int) -> None:
    found = multiproof.root_of(HASHES[:leaves], np.array(indices, np.int64), count, HASHES[:nodes])
    assert found is None or len(found) == 32


def test_proofs_of_another_width_are_none() -> None:
    narrow = np.zeros((1, 31), np.uint8)
    assert multiproof.root_of(narrow, places([0]), 1, HASHES[:0]) is None
    assert multiproof.root_of(HASHES[:1], places([0]), 2, narrow) is None


@pytest.mark.parametrize("indices", [[], [-1], [3], [1, 1], [2, 1]])
def test_what_is_not_in_the_tree_cannot_be_proved(indices: list[int]) -> None:
    with pytest.raises(IndexError):
        multiproof.prove(HASHES[:3], np.array(indices, np.int64))


def test_many_leaves_of_a_large_tree() -> None:
    random = np.random.default_rng(1)
    hashes = random.integers(0, 256, (1_000_000, 32), np.uint8)
    indices = np.sort(random.choice(len(hashes), 200_000, replace=False)).astype(np.int64)
    start = time.perf_counter()
    proof = multiproof.prove(hashes, indices)
    root = multiproof.root_of(hashes[indices], indices, len(hashes), proof)
    assert time.perf_counter() - start < 20  # about 1 s; generous, since other tests share the machine
    assert root == merkle.tree_root(hashes)


def a_proof(index: int = 5, count: int = 9) -> TlogProof:
    hashes = HASHES[:count]
    point = Checkpoint(
        "example.org/log", count, merkle.tree_root(hashes), (), ("\u2014 example.org/log AAAA",)
    )
    return TlogProof(index, tuple(merkle.inclusion_proof(hashes, index)), point)


def test_a_tlog_proof_is_written_as_the_standard_says() -> None:
    lines = a_proof().text().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 5"]
    assert lines[6:9] == ["", "example.org/log", "9"]


@given(st.integers(1, 40), st.data(), st.binary(max_size=20))
def test_a_tlog_proof_reads_back_and_proves_its_entry_alone(
    count: int, data: st.DataObject, extra: bytes
) -> None:
    index = data.draw(st.integers(0, count - 1))
    made = a_proof(index, count)
    made = TlogProof(made.index, made.path, made.checkpoint, extra)
    read = TlogProof.parse(made.text().encode())
    assert read == made
    assert read.proves(str(index).encode())
    assert not read.proves(b"another")


@given(st.binary(max_size=300))
def test_garbage_is_no_tlog_proof(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        TlogProof.parse(data)


@given(st.data())
def test_a_bent_tlog_proof_is_refused_or_proves_nothing_else(data: st.DataObject) -> None:
    good = a_proof().text().encode()
    at = data.draw(st.integers(0, len(good) - 1))
    bent = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    try:
        read = TlogProof.parse(bent)
    except EvidenceError:
        return
    if read.proves(b"5"):  # what was bent is a name or a signature: those are checked elsewhere
        assert (read.index, read.checkpoint.size, read.checkpoint.root) == (5, 9, a_proof().checkpoint.root)
