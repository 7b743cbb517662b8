"""`haechi.evidence.witness`: what a witness signs and what it refuses, without the network."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.log import Log
from haechi.evidence.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, tree_root
from haechi.evidence.note import verify
from haechi.evidence.signer import FileSigner, make_key
from haechi.evidence.vkey import COSIGNATURE
from haechi.evidence.witness import cosigned
from haechi.evidence.witness.memory import Memory
from haechi.evidence.witness.request import AddCheckpoint, origin_name
from haechi.evidence.witness.witness import Reply, Witness
from haechi.model.errors import EvidenceError

ORIGIN = "example.org/log"
HASHES = [leaf_hash(bytes([n])) for n in range(20)]
OTHERS = [*HASHES[:7], *(leaf_hash(b"forged" + bytes([n])) for n in range(13))]


class World:
    """A log's key, a witness, and requests for heads of two histories that part after seven entries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = make_key(folder / "log.key", ORIGIN)
        self.cosigner = make_key(folder / "w.key", "witness.example", COSIGNATURE)
        Memory.make(folder / "memory")
        self.witness = self.reborn()

    def reborn(self) -> Witness:
        """The witness after its process died: only what is on the disk is left."""
        return Witness(self.cosigner, [self.log.key], Memory(self.folder / "memory", self.cosigner.key))

    def point(self, size: int, hashes: list[bytes] = HASHES, signer: FileSigner | None = None) -> Checkpoint:
        bare = Checkpoint(ORIGIN, size, tree_root(hashes[:size]))
        return replace(bare, signatures=((signer or self.log).sign(bare.body),))

    def ask(self, old: int, size: int, hashes: list[bytes] = HASHES) -> Reply:
        proof = tuple(consistency_proof(hashes[:size], old)) if 0 < old < size else ()
        return self.witness.add_checkpoint(AddCheckpoint(old, proof, self.point(size, hashes)).body())

    def signed(self, size: int, reply: Reply) -> bool:
        point = self.point(size)
        return reply.status == 200 and verify(point.body, [reply.body.strip()], self.cosigner.key) is not None


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_heads_that_continue_are_signed(world: World) -> None:
    for old, size in [(0, 3), (3, 3), (3, 7), (7, 16), (16, 20)]:
        assert world.signed(size, world.ask(old, size))
        world.witness = world.reborn()
    head = world.witness.memory.head(ORIGIN)
    assert head is not None and head[0].size == 20
    assert world.witness.newest(origin_name(ORIGIN)) == head[0].text()
    assert world.witness.newest(origin_name("another")) is None
    assert not world.witness.memory.refused()


def test_an_empty_log_can_be_signed(world: World) -> None:
    assert tree_root([]) == EMPTY_ROOT
    assert world.signed(0, world.ask(0, 0))
    assert world.signed(5, world.ask(0, 5))


def test_an_empty_log_with_a_root_is_refused(world: World) -> None:
    bare = Checkpoint(ORIGIN, 0, bytes(32))
    point = replace(bare, signatures=(world.log.sign(bare.body),))
    assert world.witness.add_checkpoint(AddCheckpoint(0, (), point).body()).status == 422


def test_who_does_not_know_the_size_is_told_it(world: World) -> None:
    world.ask(0, 7)
    for old, size in [(0, 16), (3, 16), (8, 16), (3, 3), (0, 7)]:
        reply = world.ask(old, size)
        assert (reply.status, reply.body, reply.type) == (409, "7\n", "text/x.tlog.size")


def test_a_fork_is_refused_at_the_same_size_and_later(world: World) -> None:
    assert world.signed(8, world.ask(0, 8))
    reply = world.ask(8, 8, OTHERS)
    assert reply.status == 409 and reply.type.startswith("text/plain") and "fork" in reply.body
    assert world.ask(8, 12, OTHERS).status == 422
    assert world.signed(12, world.ask(8, 12))
    refused = [Checkpoint.parse(path.read_text()) for path in world.witness.memory.refused()]
    assert sorted(point.size for point in refused) == [8, 12]
    assert all(verify(point.body, point.signatures, world.log.key) for point in refused)


def test_a_rollback_is_refused(world: World) -> None:
    world.ask(0, 16)
    assert world.ask(16, 7).status == 400
    assert world.ask(7, 7).body == "16\n"
    head = world.witness.memory.head(ORIGIN)
    assert head is not None and head[0].size == 16


def test_wrong_proofs_are_refused(world: World) -> None:
    world.ask(0, 7)
    proof = tuple(consistency_proof(HASHES[:16], 7))
    for wrong in [(), proof[:-1], (*proof, bytes(32)), (bytes(32), *proof[1:]), proof[::-1]]:
        body = AddCheckpoint(7, wrong, world.point(16)).body()
        assert world.witness.add_checkpoint(body).status == 422
    same = AddCheckpoint(7, (bytes(32),), world.point(7)).body()
    assert world.witness.add_checkpoint(same).status == 422


def test_only_the_logs_key_counts(world: World, tmp_path: Path) -> None:
    stranger = make_key(tmp_path / "stranger.key", ORIGIN)
    foreign = make_key(tmp_path / "foreign.key", "example.org/else")
    bare = world.point(3).body
    for signatures, status in [
        ((), 403),
        ((stranger.sign(bare),), 403),
        ((world.log.sign(world.point(4).body),), 403),
        ((stranger.sign(bare), world.log.sign(bare)), 200),
    ]:
        body = AddCheckpoint(0, (), replace(world.point(3), signatures=signatures)).body()
        assert world.witness.add_checkpoint(body).status == status
    elsewhere = Checkpoint("example.org/else", 3, bytes(32))
    elsewhere = replace(elsewhere, signatures=(foreign.sign(elsewhere.body),))
    assert world.witness.add_checkpoint(AddCheckpoint(0, (), elsewhere).body()).status == 404


def test_a_replaced_key_of_the_log(world: World, tmp_path: Path) -> None:
    later = make_key(tmp_path / "later.key", ORIGIN)
    world.ask(0, 3)
    memory = Memory(world.folder / "memory", world.cosigner.key)
    witness = Witness(world.cosigner, [world.log.key, later.key], memory)
    proof = tuple(consistency_proof(HASHES[:7], 3))
    request = AddCheckpoint(3, proof, world.point(7, signer=later))
    assert witness.add_checkpoint(request.body()).status == 200


def test_a_clock_set_back_signs_nothing(world: World) -> None:
    body = AddCheckpoint(0, (), world.point(3)).body()
    assert world.witness.add_checkpoint(body, lambda: 1_800_000_000.0).status == 200
    again = AddCheckpoint(3, (), world.point(3)).body()
    reply = world.witness.add_checkpoint(again, lambda: 1_700_000_000.0)
    assert reply.status == 500 and "clock" in reply.body
    assert world.witness.add_checkpoint(again, lambda: 1_800_000_000.0).status == 200


def test_a_changed_memory_is_not_believed(world: World) -> None:
    world.ask(0, 7)
    path = world.folder / "memory" / origin_name(ORIGIN)
    kept = path.read_text()
    changed = [
        "",
        kept.replace("\n7\n", "\n3\n"),
        world.point(7, OTHERS).text(),
        "\n".join(kept.split("\n")[:-2]) + "\n",
    ]
    for text in changed:
        path.write_text(text)
        with pytest.raises(EvidenceError, match="memory"):
            world.ask(7, 16)
    path.write_text(kept)
    assert world.signed(16, world.ask(7, 16))


def test_a_lost_memory_is_not_begun_anew(world: World) -> None:
    world.ask(0, 7)
    folder = world.folder / "memory"
    with pytest.raises(EvidenceError, match="memory of another witness"):
        Memory.make(folder)
    folder.rename(world.folder / "elsewhere")
    with pytest.raises(EvidenceError, match="memory is missing"):
        world.reborn()


def test_keys_of_the_wrong_kind(world: World) -> None:
    memory = world.witness.memory
    with pytest.raises(EvidenceError, match="not a witness's"):
        Witness(world.log, [], memory)
    with pytest.raises(EvidenceError, match="log's key"):
        Witness(world.cosigner, [world.cosigner.key], memory)


def test_two_heads_of_one_size_at_once(world: World) -> None:
    """Of many requests at the same time, half of them for a fork, only one history is ever signed."""
    histories = {"honest": HASHES, "forged": OTHERS}
    won = set()
    for old, size in [(0, 8), (8, 12), (12, 20)]:
        replies = at_once([(name, world, old, size, histories[name]) for name in ["honest", "forged"] * 4])
        assert len(replies) == 8
        won |= {name for name, reply in replies if reply.status == 200}
        assert len(won) == 1


def at_once(asked: list[tuple[str, World, int, int, list[bytes]]]) -> list[tuple[str, Reply]]:
    """All requests from threads of their own that begin together."""
    start = threading.Barrier(len(asked))
    replies: list[tuple[str, Reply]] = []

    def run(name: str, world: World, old: int, size: int, hashes: list[bytes]) -> None:
        start.wait()
        replies.append((name, world.ask(old, size, hashes)))

    threads = [threading.Thread(target=run, args=arguments) for arguments in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


@given(st.binary(max_size=400))
def test_rubbish_is_a_bad_request(data: bytes) -> None:
    for body in (
        data,
        b"old 0\n\n" + data,
        b"old 3\n" + data + b"\n\n" + Checkpoint("a", 3, bytes(32)).text().encode(),
    ):
        try:
            request = AddCheckpoint.parse(body)
        except EvidenceError:
            continue
        assert request.body() == body


@given(
    st.integers(0, 2**62), st.lists(st.binary(min_size=32, max_size=32), max_size=63), st.integers(0, 2**62)
)
def test_requests_are_read_back(old: int, proof: list[bytes], size: int) -> None:
    request = AddCheckpoint(
        old, tuple(proof), Checkpoint("a b", size, bytes(32), ("x",), ("\u2014 a AAAAAAA=",))
    )
    assert AddCheckpoint.parse(request.body()) == request


def test_cosigned_heads_are_kept(world: World, tmp_path: Path) -> None:
    other = make_key(tmp_path / "o.key", "other.example", COSIGNATURE)
    point = world.point(7)
    first, second = world.cosigner.sign(point.body), other.sign(point.body)
    path = cosigned.keep(tmp_path, point, [first])
    assert cosigned.keep(tmp_path, point, [second, first]) == path == tmp_path / "cosigned" / "7"
    assert cosigned.read(path).signatures == (*point.signatures, first, second)
    later = world.point(16)
    cosigned.keep(tmp_path, later, [second := other.sign(later.body)])
    found = cosigned.newest(tmp_path, [world.cosigner.key, other.key])
    assert {name: (head.size, signed.line) for name, (head, signed) in found.items()} == {
        world.cosigner.vkey: (7, first),
        other.vkey: (16, second),
    }
    (tmp_path / "cosigned" / "16").write_bytes(b"\xff")
    assert cosigned.newest(tmp_path, [other.key])[other.vkey][0].size == 7
    with pytest.raises(EvidenceError, match="cannot be read"):
        cosigned.read(tmp_path / "cosigned" / "16")


def test_a_cosigned_head_is_never_replaced_by_a_fork(world: World, tmp_path: Path) -> None:
    honest, forged = world.point(12), world.point(12, OTHERS)
    path = cosigned.keep(tmp_path, honest, [world.cosigner.sign(honest.body)])
    before = path.read_bytes()
    with pytest.raises(EvidenceError, match="a fork"):
        cosigned.keep(tmp_path, forged, [world.cosigner.sign(forged.body)])
    assert path.read_bytes() == before


def test_the_log_gives_the_proofs_that_a_witness_asks_for(world: World, tmp_path: Path) -> None:
    log = Log(tmp_path / "store", ORIGIN).open()
    size = 0
    for count in (1, 300, 5):
        point = log.append([b"entry"] * count)
        point = replace(point, signatures=(world.log.sign(point.body),))
        proof = tuple(log.consistency(size)) if size else ()
        assert world.witness.add_checkpoint(AddCheckpoint(size, proof, point).body()).status == 200
        size = point.size
