"""Our log, signatures and cosignatures under an independent verifier, tlog-scales; and its notes under ours."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import given
from hypothesis import strategies as st

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.log import Log
from haechi.evidence.merkle import leaf_hash, verify_consistency, verify_inclusion
from haechi.evidence.note import Note, verify
from haechi.evidence.signer import FileSigner, make_key, open_key
from haechi.evidence.vkey import COSIGNATURE, Vkey
from haechi.evidence.witness.memory import Memory
from haechi.evidence.witness.request import AddCheckpoint
from haechi.evidence.witness.witness import Witness
from haechi.model.errors import EvidenceError
from haechi.store.leaves import CustodyLeaf
from haechi.store.rotate import rotate
from haechi.store.store import Store, make_store_key, now

signing = pytest.importorskip("tlog_scales.signing", reason="tlog-scales is not installed")
tlog = pytest.importorskip("tlog_scales.tlog")
reader = pytest.importorskip("tlog_scales.reader")
backend = pytest.importorskip("tlog_scales.backend")

ORIGIN = "example.org/log"
SIZES = [1, 2, 255, 256, 257, 511, 700]  # either side of full tiles


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 700 entries, each of its heads signed; `heads` tells them."""
    folder = tmp_path_factory.mktemp("log")
    log = Log(folder / "log", ORIGIN, (make_key(folder / "log.key", ORIGIN),)).open()
    (folder / "heads").mkdir()
    for size in SIZES:
        point = log.append([entry(n) for n in range(log.checkpoint.size, size)])
        (folder / "heads" / str(size)).write_text(point.text())
    return folder


def entry(number: int) -> bytes:
    return f"entry {number}".encode()


def opened(folder: Path) -> Log:
    return Log(folder / "log", ORIGIN).open()


def theirs(folder: Path) -> tuple[object, object]:
    """Their reader on our folder, and the checkpoint that it found."""
    tiles = reader.TilesReader(backend.LocalBackend(folder / "log"))
    return tiles, tiles.get_checkpoint()


def head(folder: Path, size: int) -> str:
    return (folder / "heads" / str(size)).read_text()


def test_our_keys_are_read_and_written_alike(folder: Path, tmp_path: Path) -> None:
    for key in (
        open_key(folder / "log.key"),
        make_key(tmp_path / "w.key", "witness.example/w1", COSIGNATURE),
    ):
        assert signing.Vkey.from_string(key.vkey).serialize() == key.vkey


def test_our_heads_verify_there(folder: Path) -> None:
    vkey = signing.Vkey.from_string(open_key(folder / "log.key").vkey)
    for size in SIZES:
        point = tlog.Checkpoint.from_text(head(folder, size))
        point.verify(vkey)
        assert (point.size, point.serialize()) == (size, head(folder, size))
        with pytest.raises(InvalidSignature):
            tlog.Checkpoint.from_text(head(folder, size).replace(f"\n{size}\n", f"\n{size + 1}\n")).verify(
                vkey
            )


def test_our_tiles_give_the_same_root_there(folder: Path) -> None:
    tiles, point = theirs(folder)
    assert tiles.calculate_root_hash() == point.root_hash
    for number in (0, 255, 256, 511, 512, 699):
        assert tiles.get_entry(number) == entry(number)
    for size in SIZES:
        assert tiles.mth(0, size) == tlog.Checkpoint.from_text(head(folder, size)).root_hash


def test_our_inclusion_proofs_verify_there_and_theirs_here(folder: Path) -> None:
    tiles, point = theirs(folder)
    log = opened(folder)
    for number in (0, 1, 254, 255, 256, 511, 512, 698, 699):
        hashed = leaf_hash(entry(number))
        ours = tlog.InclusionProof(number, point.size, log.inclusion(number))
        ours.check(hashed, point.root_hash)
        proof = tiles.get_inclusion_proof(number, point.size).node_hashes
        assert verify_inclusion(hashed, number, point.size, proof, point.root_hash)
        assert proof == log.inclusion(number)
        with pytest.raises(tlog.InclusionProofInvalid):
            ours.check(leaf_hash(b"another"), point.root_hash)


def test_our_consistency_proofs_verify_there_and_theirs_here(folder: Path) -> None:
    tiles, point = theirs(folder)
    log = opened(folder)
    for size in SIZES[:-1]:
        root = tlog.Checkpoint.from_text(head(folder, size)).root_hash
        tlog.ConsistencyProof(size, point.size, log.consistency(size)).check(root, point.root_hash)
        proof = tiles.get_consistency_proof(size, point.size).node_hashes
        assert verify_consistency(size, point.size, root, point.root_hash, proof)
        with pytest.raises(tlog.ConsistencyProofInvalid):
            tlog.ConsistencyProof(size, point.size, log.consistency(size)).check(bytes(32), point.root_hash)


def test_our_witnesss_cosignatures_verify_there(folder: Path, tmp_path: Path) -> None:
    cosigner = make_key(tmp_path / "w.key", "witness.example/w1", COSIGNATURE)
    Memory.make(tmp_path / "memory")
    witness = Witness(cosigner, [open_key(folder / "log.key").key], Memory(tmp_path / "memory", cosigner.key))
    old, proof = 0, ()
    for size in SIZES:
        ours = Checkpoint.parse(head(folder, size))
        if old:
            tiles, _ = theirs(folder)
            proof = tuple(tiles.get_consistency_proof(old, size).node_hashes)
        reply = witness.add_checkpoint(AddCheckpoint(old, proof, ours).body())
        assert reply.status == 200, reply.body
        point = tlog.Checkpoint.from_text(ours.text() + reply.body)
        keys = [signing.Vkey.from_string(key) for key in (cosigner.vkey, open_key(folder / "log.key").vkey)]
        assert len(signing.VkeySet(*keys).verify(point.signatures, point)) == 2
        told = signing.Ed25519CosignatureVerifier.get_timestamp(point.signatures[-1].payload)
        assert abs(told - time.time()) < 60
        old = size


class Theirs:
    """Their signer of plain notes."""

    def __init__(self, seed: bytes, name: str = ORIGIN) -> None:
        self.signer = signing.PlainEd25519Signer(name, seed)
        self.key = Vkey.parse(self.signer.vkey.serialize())

    def text(self, size: int, root: bytes, more: Sequence[object] = ()) -> str:
        text: str = tlog.Checkpoint.make_signed(ORIGIN, size, root, [self.signer, *more]).serialize()
        return text


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_their_notes_verify_here(seed: bytes, size: int, root: bytes) -> None:
    signer = Theirs(seed)
    text = signer.text(size, root)
    note, point = Note.parse(text), Checkpoint.parse(text)
    assert (point.size, point.root, point.text(), str(note)) == (size, root, text, text)
    assert verify(note.text, note.signatures, signer.key)
    with pytest.raises(EvidenceError):
        verify(note.text.replace(ORIGIN, "example.org/gol"), note.signatures, signer.key)


def test_signatures_of_kinds_unknown_here_are_passed_over() -> None:
    """Such as their ML-DSA cosignatures, which need not trouble anybody who does not ask for them."""
    signer = Theirs(bytes(32))
    quantum = signing.MLDSA44CosignatureSigner("witness.example/pq", bytes(32))
    text = signer.text(7, bytes(32), [quantum])
    note = Note.parse(text)
    assert len(note.signatures) == 2
    assert verify(note.text, note.signatures, signer.key)
    with pytest.raises(EvidenceError, match="kind that Haechi does not know"):
        Vkey.parse(quantum.vkey.serialize())


def test_a_store_verifies_there(tmp_path: Path) -> None:
    """A whole store's log, through the replacement of its key."""
    key = tmp_path / "haechi.key"
    first: FileSigner = make_store_key(key)
    for _ in range(3):
        Store.open(tmp_path / "store", open_key(key)).note([CustodyLeaf(now(), "uid 1", "case show", {})])
    second, _ = rotate(tmp_path / "store", key)
    tiles = reader.TilesReader(backend.LocalBackend(tmp_path / "store"))
    point = tiles.get_checkpoint()
    assert tiles.calculate_root_hash() == point.root_hash
    for signer in (first, second):
        point.verify(signing.Vkey.from_string(signer.vkey))
    assert b'"kind":"key"' in tiles.get_entry(point.size - 1)
