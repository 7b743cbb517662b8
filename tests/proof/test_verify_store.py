"""Verifying a store: what is whole, what is wrong and where, in the words that a person gets."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from tests.evidence.authority import Authority
from tests.proof.evidence import ERASED, KEY, Evidence, SignedShop, bad, described, make_evidence

from haechi.evidence import durable, timestamp
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.log import Log
from haechi.evidence.merkle import leaf_hash
from haechi.evidence.signer import FileSigner, make_key, sign_bytes
from haechi.evidence.vkey import COSIGNATURE
from haechi.evidence.witness.cosigned import keep
from haechi.model.errors import StoreError
from haechi.proof import verify_batch
from haechi.proof.verdict import State, Verdict, worst_first
from haechi.proof.verify_history import Head, read_head
from haechi.proof.verify_log import roots_at
from haechi.proof.verify_store import Trust, Verified, verify_store
from haechi.store import erase as erasing
from haechi.store import layout
from haechi.store.compact import compact
from haechi.store.erase import erase
from haechi.store.expire import expire
from haechi.store.holds import seal_of
from haechi.store.leaves import (
    ClockLeaf,
    CustodyLeaf,
    ErasureLeaf,
    ExpiryLeaf,
    HoldLeaf,
    KeyLeaf,
    Leaf,
    LiftLeaf,
    signed_part,
    write_leaf,
)
from haechi.store.store import Store, Writer, now


@pytest.fixture
def shop(tmp_path: Path) -> SignedShop:
    return SignedShop(tmp_path)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    folder = tmp_path_factory.mktemp("evidence")
    (folder / "shop").mkdir()
    return make_evidence(folder / "shop", folder / "older")


def told(found: Verified, state: str, words: str) -> Verdict:
    """The one bad verdict; it must be of this state and say these words."""
    (verdict,) = bad(found)
    assert verdict.state == state and words in verdict.sentence, verdict
    assert not found.whole and found.sentence.startswith("Not whole")
    return verdict


def by_thing(found: Verified, thing: str) -> list[Verdict]:
    return [verdict for verdict in found.verdicts if verdict.thing == thing]


class TestWhole:
    def test_everything_that_a_store_can_have(self, evidence: Evidence) -> None:
        found = evidence.verify(evidence.shop.path)
        assert found.whole and bad(found) == [], described(found)
        assert all(verdict.state == "whole" for verdict in found.verdicts), described(found)
        assert found.counts["expired_batches"] == 2 and found.counts["erased_records"] > 0
        assert found.counts["compactions"] > 0
        batches = [verdict for verdict in found.verdicts if verdict.thing.startswith("batch ")]
        assert len(batches) == found.counts["batches"]
        assert sum(verdict.count for verdict in batches) == (
            found.counts["records"] + found.counts["set_aside"] + found.counts["erased_records"]
        )
        words = " ".join(verdict.sentence for verdict in by_thing(found, "witness"))
        assert "one.example" in words and "two.example" in words

    def test_nothing_is_changed(self, evidence: Evidence) -> None:
        before = {path: path.read_bytes() for path in evidence.root.rglob("*") if path.is_file()}
        evidence.verify(evidence.shop.path)
        assert before == {path: path.read_bytes() for path in evidence.root.rglob("*") if path.is_file()}

    def test_an_outsider_without_a_key_is_told_whose_it_is(self, evidence: Evidence) -> None:
        found = verify_store(evidence.shop.path)
        assert found.whole and "without a key that you trust" in found.sentence
        (signature,) = by_thing(found, "signature")
        assert signature.state == "unknown" and evidence.shop.signer.vkey in signature.sentence
        (witness,) = by_thing(found, "witness")
        assert witness.state == "unknown" and witness.count == 2

    def test_an_empty_store(self, shop: SignedShop) -> None:
        with shop.store.writer():
            pass
        found = shop.verify()
        assert found.whole and found.counts["records"] == 0

    def test_many_batches_of_one_day_in_one_sorted_file(self, shop: SignedShop) -> None:
        for lines in (30, 50, 70):
            shop.collect([400], ("gateway",), lines)
        compact(shop.store, shop.settings.store)
        found = shop.verify()
        assert found.whole, described(found)
        (compaction,) = by_thing(found, "compaction 0")
        assert compaction.count == 150 and "3 batches" in compaction.sentence

    def test_while_another_process_writes(self, shop: SignedShop) -> None:
        shop.take([400])
        stop = threading.Event()

        def write() -> None:
            day = 401
            while not stop.is_set():
                shop.collect([day], ("gateway",), 20)
                day += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(6):
                found = shop.verify()
                assert found.whole, described(found)
        finally:
            stop.set()
            writer.join()


class TestSignature:
    def test_an_unsigned_store(self, tmp_path: Path) -> None:
        shop = SignedShop(tmp_path)
        shop.path.mkdir()
        with Store.open(shop.path).writer():
            pass
        told(verify_store(shop.path), "unsigned", "not signed")

    def test_a_foreign_key(self, shop: SignedShop, tmp_path: Path) -> None:
        shop.take([400], ["gateway"])
        other = make_key(tmp_path / "other", "other.example")
        told(shop.verify(Trust([other.vkey])), "unsigned", "not the key that you trust")

    def test_a_store_signed_anew_by_somebody_else(self, shop: SignedShop, tmp_path: Path) -> None:
        shop.take([400], ["gateway"])
        origin = shop.signer.key.name
        thief = make_key(tmp_path / "thief", origin)
        point = shop.store.snapshot().head
        resigned = Checkpoint(point.origin, point.size, point.root, signatures=(thief.sign(point.body),))
        (shop.path / "checkpoint").write_text(resigned.text())
        told(shop.verify(Trust([shop.signer.vkey])), "unsigned", "not signed by the log's own key")

    def test_a_key_that_was_replaced_with_the_old_ones_consent(
        self, shop: SignedShop, tmp_path: Path
    ) -> None:
        shop.take([400], ["gateway"])
        old, new = shop.signer, make_key(tmp_path / "new", shop.signer.key.name)
        rotate(shop, old, new)
        for key in (old.vkey, new.vkey):
            found = shop.verify(Trust([key]))
            assert found.whole, described(found)

    def test_a_key_that_was_replaced_without_it(self, shop: SignedShop, tmp_path: Path) -> None:
        shop.take([400], ["gateway"])
        old, new = shop.signer, make_key(tmp_path / "new", shop.signer.key.name)
        rotate(shop, new, new, old.vkey)
        found = shop.verify(Trust([old.vkey]))
        assert {(v.thing, v.state) for v in bad(found)} >= {("key", "unsigned"), ("signature", "unsigned")}
        assert any("not signed by the key before" in v.sentence for v in bad(found))


def rotate(shop: SignedShop, consenting: FileSigner, new: FileSigner, replaces: str = "") -> None:
    leaf = KeyLeaf(now(), new.vkey, replaces or consenting.vkey)
    leaf = msgspec.structs.replace(leaf, signature=sign_bytes(consenting, signed_part(leaf)))
    Log(shop.path, shop.signer.key.name, [new]).open().append([write_leaf(leaf)])


class TestHeads:
    def test_an_old_store_put_back(self, evidence: Evidence, tmp_path: Path) -> None:
        shutil.copytree(evidence.older[1] / "store", tmp_path / "store")
        for key in evidence.root.glob(f"{KEY}*"):
            shutil.copy(key, tmp_path)
        verdict = told(evidence.verify(tmp_path / "store"), "missing", "put back")
        assert verdict.thing == "head" and verdict.count > 0

    def test_a_fork_shown_to_a_witness(self, shop: SignedShop, tmp_path: Path) -> None:
        shop.take([400], ["gateway"])
        shutil.copytree(shop.root, tmp_path / "twin")
        twin = SignedShop(tmp_path / "twin")
        shop.take([401], ["gateway"])
        twin.take([402], ["gateway"])
        witness = make_key(tmp_path / "w", "w.example", COSIGNATURE)
        seen = twin.store.snapshot().head
        keep(shop.path, seen, [witness.sign(seen.body)])
        found = shop.verify(Trust([shop.signer.vkey], [witness.key]))
        verdict = told(found, "forked", "w.example")
        assert str(seen) in verdict.sentence and found.checkpoint in verdict.sentence

    def test_a_head_that_an_auditor_kept(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        kept = (shop.path / "checkpoint").read_bytes()
        shop.take([401], ["gateway"])
        head = read_head("witness", "kept", kept)
        assert isinstance(head, Head)
        assert shop.verify(Trust([shop.signer.vkey], kept=[head])).whole

    def test_roots_of_earlier_sizes(self, tmp_path: Path) -> None:
        log = Log(tmp_path, "log.example").open()
        points = [log.append([str(number).encode()]) for number in range(40)]
        hashes = [leaf_hash(entry) for entry in log.entries()]
        found = roots_at(hashes, [*range(50), 7])
        assert found.keys() == set(range(41))
        assert all(found[point.size] == point.root for point in points)

    def test_an_append_that_was_interrupted_is_no_fork(self, shop: SignedShop, tmp_path: Path) -> None:
        """Tiles of an append that never got its head go before the next one, so that they never pass for ours."""
        shop.take([400], ["gateway"])
        size = shop.store.snapshot().head.size
        look = CustodyLeaf(now(), "somebody", "verify", {})
        shutil.copytree(shop.root, tmp_path / "twin")
        SignedShop(tmp_path / "twin").store.note([look])
        for level in ("entries", "0"):
            tile = f"tile/{level}/000.p/{size + 1}"
            shutil.copy(tmp_path / "twin" / "store" / tile, shop.path / tile)
        found = shop.verify()
        assert found.whole and [v.state for v in found.verdicts if v.state != "whole"] == ["note"]
        shop.store.note([look, look, look])
        assert shop.verify().whole, described(shop.verify())

    def test_a_tile_beyond_the_head_that_does_not_continue_it(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        size = shop.store.snapshot().head.size
        partial = shop.path / f"tile/entries/000.p/{size}"
        shutil.copy(partial, partial.with_name(str(size + 1)))
        told(shop.verify(), "strange", "does not continue")

    def test_tiles_of_two_later_heads_are_no_interrupted_append(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        old = (shop.path / "checkpoint").read_text()
        shop.take([401, 402], ["gateway"])
        (shop.path / "checkpoint").write_text(old)
        found = verify_store(shop.path, Trust([shop.signer.vkey]))
        assert {v.thing for v in bad(found)} == {"log", "files"} and "put back" in bad(found)[0].sentence


class TestRawLinesPackedAnew:
    """Whoever changes a line with plain tools writes other frames, and no index."""

    @pytest.fixture
    def lines(self, shop: SignedShop) -> list[bytes]:
        shop.take([400], ["gateway"])
        packed = layout.raw_file(shop.path, 0).read_bytes()
        reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
        return reader.read().splitlines(keepends=True)

    def pack(self, shop: SignedShop, lines: list[bytes]) -> None:
        packed = zstandard.ZstdCompressor().compress(b"".join(lines))
        layout.raw_file(shop.path, 0).write_bytes(packed)

    def test_the_line_is_named(self, shop: SignedShop, lines: list[bytes]) -> None:
        lines[7] = lines[7].replace(b" ", b"  ", 1)
        self.pack(shop, lines)
        wrong = [verdict for verdict in bad(shop.verify()) if verdict.line is not None]
        assert [(verdict.line, verdict.count) for verdict in wrong] == [(8, 1)]

    def test_a_dropped_line_leaves_the_file_and_its_lines(self, shop: SignedShop, lines: list[bytes]) -> None:
        self.pack(shop, lines[:7] + lines[8:])
        verdict = told(shop.verify(), "altered", "Which of them cannot be told: gateway, seq 1 to")
        assert f"lines 1 to {len(lines)}" in verdict.sentence and verdict.where.endswith(".raw.zst")


class TestStamps:
    @pytest.fixture
    def stamped(self, shop: SignedShop, tmp_path: Path) -> Authority:
        if shutil.which("openssl") is None:
            pytest.skip("needs openssl")
        shop.take([400], ["gateway"])
        authority = Authority(tmp_path / "authority")
        with authority.serving() as url:
            timestamp.stamp(shop.path, shop.store.snapshot().head, url, authority.roots)
        return authority

    def test_an_authority_that_is_trusted(self, shop: SignedShop, stamped: Authority) -> None:
        found = shop.verify(Trust([shop.signer.vkey], roots=stamped.roots))
        assert found.whole and by_thing(found, "timestamp")[0].state == "whole"
        assert by_thing(shop.verify(), "timestamp")[0].state == "unknown"

    def test_the_head_that_was_stamped_stands_beside_it(self, shop: SignedShop, stamped: Authority) -> None:
        (head,) = (path for path in (shop.path / "stamped").iterdir() if path.suffix != ".tsr")
        assert head.read_text() == (shop.path / "checkpoint").read_text()
        head.write_text(head.read_text().replace("\n\n", "x\n\n", 1))
        assert {(v.thing, v.state) for v in bad(shop.verify())} == {("head", "altered")}

    def test_another_authority(self, shop: SignedShop, stamped: Authority, tmp_path: Path) -> None:
        other = Authority(tmp_path / "other")
        told(shop.verify(Trust([shop.signer.vkey], roots=other.roots)), "altered", "timestamp does not hold")

    def test_of_another_head(self, shop: SignedShop, stamped: Authority) -> None:
        (stamp,) = (shop.path / "stamped").glob("*.tsr")
        stamp.rename(stamp.with_name("2.tsr"))
        told(shop.verify(Trust([shop.signer.vkey], roots=stamped.roots)), "altered", "another checkpoint")


class TestFolder:
    def test_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="no store here"):
            verify_store(tmp_path / "none")

    def test_no_store(self, tmp_path: Path) -> None:
        (tmp_path / "readme.txt").write_text("hello")
        with pytest.raises(StoreError, match="no store"):
            verify_store(tmp_path)

    def test_without_a_checkpoint(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        (shop.path / "checkpoint").unlink()
        told(shop.verify(), "missing", "no checkpoint")

    def test_half_copied(self, shop: SignedShop) -> None:
        shop.take([400, 401, 402], ["gateway"])
        for path in sorted((shop.path / "batches").rglob("*.*"))[6:]:
            path.unlink()
        found = shop.verify()
        assert {v.state for v in bad(found)} == {"missing"}
        assert {v.thing for v in bad(found)} == {"batch 1", "batch 2"}

    def test_a_file_that_cannot_be_read(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        path = layout.raw_file(shop.path, 0)
        path.unlink()
        path.mkdir()  # even the superuser cannot read this
        assert "not readable" in bad(shop.verify())[0].sentence

    def test_a_file_that_nobody_knows(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        (shop.path / "batches" / "0000" / "notes.txt").write_text("hello")
        assert told(shop.verify(), "strange", "nobody knows").where == "batches/0000/notes.txt"

    def test_left_over_files_are_no_more_than_a_note(self, shop: SignedShop) -> None:
        shop.take([400, 401], ["gateway"])
        shutil.copy(layout.raw_file(shop.path, 0), layout.raw_file(shop.path, 2))
        (shop.path / "tmp" / "half").write_text("x")
        with shop.store.reading():
            compact(shop.store, shop.settings.store)
        found = shop.verify()
        assert found.whole and {v.state for v in found.verdicts} == {"whole", "note"}

    def test_files_of_two_later_batches_are_no_left_overs(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        for number in (1, 2):
            shutil.copy(layout.raw_file(shop.path, 0), layout.raw_file(shop.path, number))
        told(shop.verify(), "missing", "2 batches that no entry covers")


class TestInterrupted:
    """What a crash leaves at its worst moments accuses nobody, before the next run mends it and after."""

    def test_an_erasure_between_its_entry_and_its_files(
        self, shop: SignedShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop.take([400, 401])
        compact(shop.store, shop.settings.store)
        shop.take([402])

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(erasing, "take_places", crash)
            erase(shop.store, shop.settings.store, ERASED, "asked for")
        assert any((shop.path / "next").iterdir())
        found = shop.verify()
        assert found.whole and found.counts["erased_records"] == 6, described(found)
        with shop.store.writer():
            pass
        assert shop.verify().counts == found.counts and shop.verify().whole

    def test_an_expiry_whose_files_are_still_there(self, shop: SignedShop) -> None:
        shop.take([0, 400])
        with shop.store.reading():
            expire(shop.store, shop.settings)
            found = shop.verify()
        assert found.whole and found.counts["expired_batches"] == 2
        assert {v.state for v in found.verdicts} == {"whole", "note"}

    def test_a_compaction_without_its_entry(self, shop: SignedShop, monkeypatch: pytest.MonkeyPatch) -> None:
        shop.take([400], ["gateway"])

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(Writer, "append", crash)
            patched.setattr(Writer, "append_held", crash)
            compact(shop.store, shop.settings.store)
        assert list((shop.path / "compact").iterdir())
        found = shop.verify()
        assert found.whole and [v.thing for v in found.verdicts if v.state == "note"] == ["files"]


class TestUnits:
    def test_more_units_than_fit_into_memory(self, shop: SignedShop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verify_batch, "_IN_MEMORY", 10)
        shop.take([400], ["gateway"])
        assert shop.verify().whole
        rewrite(layout.records_file(shop.path, 0), 5, "status", 500)
        assert [v.seq for v in bad(shop.verify()) if v.seq is not None] == [6]

    def test_an_altered_record_is_named_by_file_and_line(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        rewrite(layout.records_file(shop.path, 0), 5, "status", 500)
        file, unit = bad(shop.verify())[0], bad(shop.verify())[1]
        assert file.where == "batches/0000/0000000000.parquet" and "1 no longer fit" in file.sentence
        assert (unit.source, unit.seq, unit.line, unit.state) == ("gateway", 6, 6, "altered")
        assert unit.path.endswith("gateway-400.log")

    def test_an_altered_record_of_a_compaction(self, shop: SignedShop) -> None:
        shop.take([400, 401], ["gateway"])
        compact(shop.store, shop.settings.store)
        rewrite(layout.compact_file(shop.path, 1), 5, "status", 500)
        found = shop.verify()
        units = [v for v in bad(found) if v.seq is not None]
        assert len(units) == 1 and units[0].thing == "batch 1" and units[0].path.endswith("gateway-401.log")
        assert [v.state for v in by_thing(found, "batch 0")] == ["whole"]

    def test_a_record_taken_out(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        path = layout.records_file(shop.path, 0)
        table = pq.read_table(path)
        pq.write_table(table.slice(3), path)
        unit = next(v for v in bad(shop.verify()) if v.seq is not None)
        assert (unit.state, unit.seq, unit.count) == ("missing", 1, 3)

    def test_a_record_put_in_twice(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        path = layout.records_file(shop.path, 0)
        table = pq.read_table(path)
        pq.write_table(pa.concat_tables([table, table.slice(2, 1)]), path)
        unit = next(v for v in bad(shop.verify()) if v.seq is not None)
        assert (unit.state, unit.seq) == ("altered", 3) and "more than once" in unit.sentence

    def test_leaf_hashes_altered_but_nothing_else(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        path = layout.leaves_file(shop.path, 0)
        data = bytearray(path.read_bytes())
        data[-40] ^= 1
        path.write_bytes(data)
        assert told(shop.verify(), "altered", "leaf hashes").where == "batches/0000/0000000000.leaves"

    def test_keys_lost_accuse_no_record(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        (path,) = (p for p in (shop.path / "keys").iterdir() if p.name != "store")
        path.write_bytes(path.read_bytes()[::-1])
        found = shop.verify()
        told(found, "altered", "person-period keys")
        assert {v.state for v in by_thing(found, "batch 0")} == {"unknown"}


def rewrite(path: Path, row: int, column: str, value: object) -> None:
    """Write a Parquet file again with one value changed."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[row][column] = value
    pq.write_table(type(table).from_pylist(rows, schema=table.schema), path)


class TestStatements:
    """Entries that Haechi would not write: what an insider with the key might append."""

    def test_a_clock_set_back(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        forge(shop, CustodyLeaf(now() - 7_200_000_000, "somebody", "verify", {}))
        told(shop.verify(), "strange", "clock was set back")

    def test_a_clock_that_was_put_right(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        early = now() - 7_200_000_000
        forge(shop, ClockLeaf(early, "somebody", now()), CustodyLeaf(early + 1, "somebody", "verify", {}))
        found = shop.verify()
        (clock,) = by_thing(found, "clock")
        assert found.whole and clock.state == "note" and "somebody said that the clock" in clock.sentence

    def test_a_time_that_has_not_come(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        forge(shop, CustodyLeaf(now() + 3 * 86_400_000_000, "somebody", "verify", {}))
        told(shop.verify(), "strange", "has not come yet")

    def test_an_expiry_by_a_clock_that_was_ahead(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        ahead = now() + 3 * 366 * 86_400_000_000
        gone = msgspec.structs.replace(expiry("1y"), at=ahead)
        forge(shop, gone, ClockLeaf(now(), "somebody", ahead))
        remove(shop, 0)
        told(shop.verify(), "strange", "its records were to be kept for")

    def test_an_expiry_against_a_hold(self, shop: SignedShop) -> None:
        shop.take([0], ["gateway"])
        forge(shop, HoldLeaf(now(), "x", "H-1", None, None, (), "order 1", ()), expiry("1y"))
        remove(shop, 0)
        told(shop.verify(), "strange", "the hold H-1 stood")

    def test_an_expiry_before_its_time(self, shop: SignedShop) -> None:
        shop.take([0], ["gateway"])
        forge(shop, expiry("2y"))
        remove(shop, 0)
        told(shop.verify(), "strange", "not kept for 2y")

    def test_an_expiry_against_the_settings(self, shop: SignedShop) -> None:
        shop.take([0], ["gateway"])
        forge(shop, expiry("30d"))
        remove(shop, 0)
        told(shop.verify(), "strange", "haechi.toml asks for 1y")
        told(verify_store(shop.path, Trust([shop.signer.vkey])), "strange", "must be kept for 1y at least")

    def test_a_hold_lifted_by_one_person_twice(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        hold = HoldLeaf(now(), "x", "H-1", None, None, (), "order 1", ())
        lift = LiftLeaf(now(), "anna (uid 1000)", "H-1", "closed", seals=seal_of(hold))
        forge(shop, hold, lift, lift)
        told(shop.verify(), "strange", "does not count")

    def test_a_lift_with_a_wrong_signature(self, shop: SignedShop, tmp_path: Path) -> None:
        shop.take([400], ["gateway"])
        anna, boris = (make_key(tmp_path / name, name) for name in ("anna", "boris"))
        hold = HoldLeaf(now(), "x", "H-1", None, None, (), "order 1", (anna.vkey, boris.vkey))
        lift = LiftLeaf(now(), "x", "H-1", "closed", anna.vkey, "AAAA", seal_of(hold))
        forge(shop, hold, lift)
        told(shop.verify(), "strange", "does not count")

    def test_an_erasure_that_destroyed_no_key(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        catalog = shop.store.snapshot().catalog
        ((period, keys),) = catalog.period_keys.items()
        forge(shop, ErasureLeaf(now(), "x", "asked", period, keys, {"0": 1}, {}, {}))
        found = shop.verify()
        assert any("no person's key was destroyed" in v.sentence for v in bad(found)), described(found)

    def test_a_key_that_nobody_handed_over_to(self, shop: SignedShop, tmp_path: Path) -> None:
        shop.take([400], ["gateway"])
        old, thief = shop.signer, make_key(tmp_path / "thief", shop.signer.key.name)
        shop.store.log().open().append([write_leaf(KeyLeaf(now(), thief.vkey, old.vkey, "AAAA"))])
        point = shop.store.snapshot().head
        text = Checkpoint(point.origin, point.size, point.root, (), (thief.sign(point.body),)).text()
        (shop.path / "checkpoint").write_text(text)
        found = verify_store(shop.path, Trust([old.vkey]))
        (signature,) = by_thing(found, "signature")
        assert signature.state == "unsigned" and "handed over" not in signature.sentence

    def test_a_link_in_a_files_place(self, shop: SignedShop, tmp_path: Path) -> None:
        shop.take([400], ["gateway"])
        path = layout.leaves_file(shop.path, 0)
        path.symlink_to(path.rename(tmp_path / "elsewhere"))
        assert told(shop.verify(), "strange", "a link").where == "batches/0000/0000000000.leaves"

    def test_entries_that_are_no_entries(self, shop: SignedShop) -> None:
        shop.take([400], ["gateway"])
        gone = ErasureLeaf(now(), "x", "asked", "2026-11", "", {"7": 1}, {}, {"9": (1, "")})
        forge(shop, gone, KeyLeaf(now(), "nonsense", shop.signer.vkey))
        shop.store.log().open().append([b"{}", b"no json", b'{"kind":"batch"}'])
        found = shop.verify()
        wrong = [(v.thing, v.where.rpartition(" ")[2]) for v in bad(found) if v.thing in ("log", "key")]
        assert wrong == [("key", "4"), *(("log", str(index)) for index in (3, 5, 6, 7))], described(found)

    @pytest.mark.parametrize(
        ("entry", "words"),
        [
            ('{"kind":"later"}', "does not know"),
            ('{"at":NOW,"kind":"log","origin":"another","store_key":"00","vkey":""}', "only the first one"),
            ('{"at":1,"at":NOW,"by":"x","kind":"custody","sealed":"","verb":"v","what":{}}', "two readers"),
            ('{"at": NOW,"by":"x","kind":"custody","sealed":"","verb":"v","what":{}}', "two readers"),
        ],
    )
    def test_entries_that_two_readers_read_in_two_ways(
        self, shop: SignedShop, entry: str, words: str
    ) -> None:
        shop.take([400], ["gateway"])
        shop.store.log().open().append([entry.replace("NOW", str(now())).encode()])
        told(shop.verify(), "strange", words)

    def test_an_entry_of_an_unknown_kind_excuses_nothing(self, shop: SignedShop) -> None:
        shop.take([400, 401, 402], ["gateway"])
        kept = [entry for entry in shop.store.log().open().entries() if b'"number":1,' not in entry]
        again(shop, [*kept, b'{"kind":"later"}'])
        remove(shop, 1)
        (shop.path / "stranger").write_bytes(b"x")
        found = shop.verify(Trust([shop.signer.vkey]))
        assert any("the log leaves out batches" in v.sentence for v in bad(found)), described(found)
        assert any(v.state == "strange" and v.where == "stranger" for v in found.verdicts), described(found)

    def test_a_batch_left_out_of_the_log(self, shop: SignedShop) -> None:
        shop.take([400, 401], ["gateway"])
        log = shop.store.log().open()
        kept = [entry for entry in log.entries() if b'"number":0,' not in entry]
        again(shop, kept)
        found = shop.verify(Trust([shop.signer.vkey]))
        assert any("is missing from the log" in v.sentence and v.seq == 1 for v in bad(found))


@pytest.mark.parametrize(
    "name", ["checkpoint", "origin", "cosigned/5", "stamped/5.tsr", "tile/0/000.p/5", "tile/entries/x001/000"]
)
@pytest.mark.parametrize("kind", ["pipe", "terabyte"])
def test_what_stands_in_a_files_place_holds_nothing_up(shop: SignedShop, name: str, kind: str) -> None:
    shop.take([400, 401, 402], ["gateway"])
    path = shop.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.touch()
        os.truncate(path, 1 << 40)
    found = shop.verify(Trust([shop.signer.vkey], roots=b""))
    assert any(verdict.where == name for verdict in bad(found)), described(found)


def forge(shop: SignedShop, *leaves: Leaf) -> None:
    """Append entries past all checks, with the right key."""
    log = shop.store.log().open(recovering=True)
    log.append([write_leaf(leaf) for leaf in leaves])


def again(shop: SignedShop, entries: list[bytes]) -> None:
    """The log written anew with other entries, by somebody who has its key and removes its memory."""
    shutil.rmtree(shop.path / "tile")
    (shop.path / "checkpoint").unlink()
    (shop.root / f"{KEY}.head").unlink()
    Log(shop.path, shop.signer.key.name, [shop.signer]).open().append(entries)


def expiry(kept: str) -> ExpiryLeaf:
    return ExpiryLeaf(now(), "x", "gateway", ((0, 0),), 40, kept, "")


def remove(shop: SignedShop, number: int) -> None:
    durable.discard(layout.batch_files(shop.path, number).values())


def test_the_gravest_comes_first() -> None:
    states: list[State] = ["whole", "note", "altered", "forked", "unknown", "missing"]
    verdicts = [Verdict("x", state, "") for state in states]
    assert [v.state for v in worst_first(verdicts)] == [
        "forked",
        "missing",
        "altered",
        "unknown",
        "note",
        "whole",
    ]
