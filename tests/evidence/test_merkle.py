"""`haechi.evidence.merkle` and `hashing` against the definitions in RFC 6962 and RFC 9162."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.evidence import hashing, merkle
from haechi.evidence.hashing import sha256_rows

TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]
texts = st.lists(st.text(st.characters(codec="utf-8")), max_size=30)


def defined_leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def defined_root(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if len(hashes) == 0:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + defined_root(hashes[:split]) + defined_root(hashes[split:])).digest()


def some_hashes(count: int) -> list[bytes]:
    return [defined_leaf(str(number).encode()) for number in range(count)]


def as_array(hashes: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)


@pytest.mark.parametrize("kind", TYPES, ids=str)
@settings(max_examples=25, deadline=None)
@given(values=texts, cut=st.integers(0, 30), skip=st.integers(0, 3))
def test_leaf_hashes_are_those_of_hashlib(kind: pa.DataType, values: list[str], cut: int, skip: int) -> None:
    raw = [value.encode() for value in values]
    whole = pa.array(values if "string" in str(kind) else raw, kind)
    chunked = pa.chunked_array(
        [whole[:cut], whole[cut:]], kind
    )  # sliced: the second begins inside its buffers
    expected = b"".join(defined_leaf(value) for value in raw)
    assert merkle.leaf_hashes(whole).tobytes() == expected
    assert merkle.leaf_hashes(chunked).tobytes() == expected
    assert merkle.leaf_hashes(whole[skip:]).tobytes() == expected[32 * min(skip, len(raw)) :]


def test_order_is_kept_over_many_batches() -> None:
    values = [f"record {number}" for number in range(50_000)]
    hashes = merkle.leaf_hashes(pa.array(values))
    assert hashes.shape == (50_000, 32)
    assert hashes.dtype == np.uint8
    assert hashes.tobytes() == b"".join(defined_leaf(value.encode()) for value in values)


def test_nulls_and_other_types_have_no_hash() -> None:
    with pytest.raises(ValueError, match="null"):
        merkle.leaf_hashes(pa.array(["a", None]))
    with pytest.raises(ValueError, match="int64"):
        merkle.leaf_hashes(pa.array([1]))


def test_hashing_without_a_prefix() -> None:
    assert sha256_rows(pa.array(["abc"])).tobytes() == hashlib.sha256(b"abc").digest()


def test_several_threads_hash_at_once() -> None:
    def work(number: int) -> bool:
        values = [f"{number}/{row}" for row in range(5_000)]
        found = merkle.leaf_hashes(pa.array(values))
        return merkle.tree_root(found) == defined_root([defined_leaf(value.encode()) for value in values])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(12)))


@pytest.mark.parametrize(
    "count", [*range(18), 255, 256, 257, 1_023, 1_024, 1_025, 2_049, 4_095, 4_097, 5_000, 6_145]
)
def test_the_root_is_the_defined_one(count: int) -> None:
    hashes = some_hashes(count)
    assert merkle.tree_root(hashes) == defined_root(hashes)
    assert merkle.tree_root(as_array(hashes)) == defined_root(hashes)


def test_the_root_of_rows_that_are_not_contiguous() -> None:
    hashes = as_array(some_hashes(6_000))
    assert merkle.tree_root(hashes[::2]) == defined_root([row.tobytes() for row in hashes[::2]])


def test_large_levels_are_cut_into_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_SLICE", 700)
    hashes = some_hashes(5_001)
    assert merkle.tree_root(hashes) == defined_root(hashes)


def test_known_values() -> None:
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_every_leaf_of_every_small_tree_is_proved() -> None:
    for size in range(1, 35):
        hashes = some_hashes(size)
        root = defined_root(hashes)
        for index in range(size):
            proof = merkle.inclusion_proof(as_array(hashes), index)
            assert merkle.verify_inclusion(hashes[index], index, size, proof, root)
            for other in range(size):
                assert merkle.verify_inclusion(hashes[index], other, size, proof, root) == (other == index)


def test_every_small_tree_is_proved_to_extend_its_beginnings() -> None:
    for total in range(1, 35):
        hashes = some_hashes(total)
        root = defined_root(hashes)
        for size in range(1, total + 1):
            older = defined_root(hashes[:size])
            proof = merkle.consistency_proof(hashes, size)
            assert merkle.verify_consistency(size, total, older, root, proof)
            assert size == total or not merkle.verify_consistency(size, total, root, older, proof)


def test_proofs_outside_the_tree_are_refused() -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_proof(some_hashes(3), 3)
    for size in (0, 4):
        with pytest.raises(IndexError):
            merkle.consistency_proof(some_hashes(3), size)


@given(st.integers(2, 200), st.data())
def test_a_changed_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    hashes = some_hashes(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(hashes, index)
    at = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:at], defined_leaf(b"other"), *proof[at + 1 :]]
    root = defined_root(hashes)
    assert not merkle.verify_inclusion(hashes[index], index, size, changed, root)
    assert not merkle.verify_inclusion(hashes[index], index, size, proof[:at] + proof[at + 1 :], root)
    assert not merkle.verify_inclusion(hashes[index], index, size, [*proof, proof[0]], root)


@given(
    st.integers(-3, 2**70), st.integers(-3, 2**70), st.lists(st.binary(max_size=33), max_size=80), st.binary()
)
def test_a_verifier_answers_no_to_rubbish(one: int, two: int, proof: list[bytes], root: bytes) -> None:
    assert not merkle.verify_inclusion(root, one, two, proof, b"x" * 32)
    assert not merkle.verify_consistency(one, two, root, root + b"x", proof)


@given(st.integers(0, 700), st.sampled_from([1, 2, 8, 256]))
def test_subtree_roots_are_the_roots_over_each_whole_group(count: int, size: int) -> None:
    hashes = np.frombuffer(
        b"".join(hashlib.sha256(bytes([i % 251, i % 7])).digest() for i in range(count)), np.uint8
    )
    hashes = hashes.reshape(-1, 32)
    got = [bytes(root) for root in merkle.subtree_roots(hashes, size)]
    assert got == [merkle.tree_root(hashes[at : at + size]) for at in range(0, count // size * size, size)]
