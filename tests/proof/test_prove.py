"""`haechi prove`: the rows that were asked for and nothing else, sealed before anybody sees them."""

import hashlib
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.proof.packs import MEMBERS, Shop, copied, files_of, filled

from haechi.evidence.blind import blinds
from haechi.evidence.log import Log
from haechi.evidence.signer import make_key
from haechi.evidence.tree import Tree
from haechi.evidence.vkey import COSIGNATURE
from haechi.evidence.witness import cosigned
from haechi.model.errors import HaechiError, InputError, StoreError
from haechi.proof.prove import prove_person
from haechi.proof.prove_log import root_at
from haechi.proof.prove_select import Window
from haechi.proof.span import in_words
from haechi.proof.verdict import all_good
from haechi.proof.verify_pack import verify_pack
from haechi.report.custody import entries
from haechi.store import layout
from haechi.store.erase import erase
from haechi.store.keys import period_of
from haechi.store.leaves import CustodyLeaf, ExpiryLeaf
from haechi.store.leaves_file import LeavesFile
from haechi.store.open import open_engine
from haechi.store.raw_file import RawFile
from haechi.store.store import Store, now
from haechi.workspace.times import zone

DAY = 86_400_000_000
FIRST = 1_740_960_000_000_000  # the first record, 2025-03-03


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return filled(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def pack(shop: Shop) -> Path:
    shop.person("M003", shop.root / "M003.zip")
    return shop.root / "M003.zip"


def rows_of(pack: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in files_of(pack)["rows.jsonl"].splitlines()]


def test_a_person_gets_all_their_rows_and_no_other(shop: Shop, pack: Path) -> None:
    with closing(open_engine(shop.store.snapshot(), shop.settings.store)) as engine:
        wanted = engine.rows("SELECT source, seq FROM access WHERE subject = 'M003' ORDER BY ALL")
    rows = rows_of(pack)
    assert [(row["source"], row["seq"]) for row in rows] == wanted
    assert len(rows) == 4 * 300 // MEMBERS + 2
    assert all(json.loads(str(row["record"]))["subject"] == "M003" for row in rows)


def test_a_pack_of_one_person_shows_nobody_else(shop: Shop, pack: Path) -> None:
    inside = b"\n".join(files_of(pack).values())
    for number in range(MEMBERS):
        assert (f"M{number:03d}".encode() in inside) == (number == 3)
    own = {(str(row["source"]), row["seq"]) for row in rows_of(pack)}
    others = 0
    for header in shop.store.snapshot().batches:
        leaves = LeavesFile.open(layout.leaves_file(shop.store.root, header.number))
        raw = RawFile.open(layout.raw_file(shop.store.root, header.number))
        assert leaves.batch_key.hex().encode() not in inside
        for unit in range(header.units):
            if (header.source, header.seq_from + unit) not in own:
                others += 1
                assert raw.unit(unit).strip() not in inside
    assert others > 1_000


def test_blinds_of_others_stay_secret(shop: Shop, pack: Path) -> None:
    inside = b"\n".join(files_of(pack).values())
    header = shop.store.snapshot().batches[0]
    leaves = LeavesFile.open(layout.leaves_file(shop.store.root, 0))
    people = [
        f"M{(seq - header.seq_from) % MEMBERS:03d}" for seq in range(header.seq_from, header.seq_from + 100)
    ]
    hashed = np.frombuffer(b"".join(hashlib.sha256(person.encode()).digest() for person in people), np.uint8)
    keys = shop.store.keys.period(header.period).person_keys(hashed.reshape(-1, 32))
    made = blinds(keys, leaves.batch_key, np.arange(header.seq_from, header.seq_from + 100))
    told = [bytes(blind).hex().encode() in inside for blind in made]
    assert told == [person == "M003" for person in people]
    assert not any(key.tobytes().hex().encode() in inside or key.tobytes() in inside for key in keys)


def test_the_seal_is_in_the_log_and_names_nobody(shop: Shop, pack: Path) -> None:
    files = files_of(pack)
    seal = json.loads(files["log/seal.json"])
    assert seal["sealed"] == hashlib.sha256(files["manifest.json"]).hexdigest()
    assert seal["verb"] == "prove person"
    assert (seal["what"]["rows"], "M003" in files["log/seal.json"].decode()) == (50, False)
    assert any(leaf.sealed == seal["sealed"] for leaf in entries(shop.store))
    period = shop.store.keys.period(period_of(now()))
    person = np.frombuffer(hashlib.sha256(b"M003").digest(), np.uint8).reshape(1, 32)
    key = period.person_keys(person).tobytes()
    assert seal["what"]["person"] == hashlib.sha256(key + b"custody").hexdigest()


def test_a_window_bounds_the_rows(shop: Shop, tmp_path: Path) -> None:
    shop.person("M003", tmp_path / "a.zip", Window(FIRST + DAY, FIRST + 2 * DAY))
    times = [json.loads(str(row["record"]))["time"] for row in rows_of(tmp_path / "a.zip")]
    assert len(times) == 300 // MEMBERS + 2
    assert FIRST + DAY <= min(times) <= max(times) < FIRST + 2 * DAY
    assert all_good(verify_pack(tmp_path / "a.zip", [shop.vkey]))


def test_a_part_of_the_records_is_never_called_all_of_them(shop: Shop, tmp_path: Path) -> None:
    """The span stands in the pages and in what verify says, in the asker's zone and in UTC."""
    seoul = zone("Asia/Seoul")
    assert seoul is not None
    window = Window(FIRST + DAY, FIRST + 2 * DAY)
    made = prove_person(shop.store, shop.settings.store, "M003", tmp_path / "a.zip", window, None, seoul)
    first = "2025-03-04 09:00:00 Asia/Seoul (2025-03-04 00:00:00 UTC)"
    end = "2025-03-05 09:00:00 Asia/Seoul (2025-03-05 00:00:00 UTC)"
    assert made.span == f"from {first} up to, but not including, {end}"
    files = files_of(tmp_path / "a.zip")
    for language, every in (("en", "all records"), ("ko", "기록 전부"), ("ja", "すべての記録")):
        page = files[f"README.{language}.txt"].decode()
        assert first in page and end in page
        assert every not in page
    (note,) = [v for v in verify_pack(tmp_path / "a.zip", [shop.vkey]) if v.thing == "answer"]
    assert (note.state, made.span in note.sentence) == ("note", True)


@pytest.mark.parametrize("named", ["../../etc/passwd", 7, None])
def test_a_span_in_a_zone_that_is_none_is_told_in_utc(named: str | int | None) -> None:
    assert in_words({"from": FIRST + 500_000, "zone": named}) == "from 2025-03-03 00:00:00.500000 UTC"
    assert in_words({"to": 10**18, "zone": named}) == f"up to, but not including, {10**18}"


def test_the_page_tells_who_else_vouches_for_the_log(shop: Shop, tmp_path: Path) -> None:
    """Nobody; then a witness, for all that the pack holds; then for a part of it."""
    other = copied(shop, tmp_path / "shop")
    witness = make_key(tmp_path / "witness.key", "witness.example", COSIGNATURE)

    def cosign() -> None:
        point = other.store.snapshot().head
        cosigned.keep(other.store.root, point, [witness.sign(point.body)])

    def page(name: str, vouch: Callable[[], None] | None = None) -> str:
        prove_person(other.store, other.settings.store, "M003", tmp_path / name, Window(), vouch)
        return files_of(tmp_path / name)["README.en.txt"].decode()

    alone = page("a.zip")
    assert "Nobody does." in alone and "could have rewritten everything before" in alone
    at = other.store.snapshot().batches[0].collected // 1_000_000
    assert f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" in alone
    # A witness that is asked only now is asked before the page is written, too.
    size = other.store.snapshot().head.size
    told = page("b.zip", cosign)
    assert f"witness.example: the log's first {size} entries." in told
    assert "All that this pack holds is among them" in told and "Nobody does." not in told
    other.collect([9])
    assert "Not all that this pack holds is among them" in page("c.zip")


def test_what_the_page_says_to_type_is_right(shop: Shop, pack: Path, tmp_path: Path) -> None:
    """Step 1 by hand, the same line in each language."""
    files = files_of(pack)
    lines = {
        line.strip()
        for language in ("en", "ko", "ja")
        for line in files[f"README.{language}.txt"].decode().splitlines()
        if line.strip().startswith("python3 -c ")
    }
    (line,) = lines
    for name, flip, said in (("good", 0, "True"), ("bad", 1, "False")):
        (tmp_path / name).mkdir()
        data = bytearray(pack.read_bytes())
        data[1000] ^= flip
        (tmp_path / name / "PACK.zip").write_bytes(data)
        run = [sys.executable, *shlex.split(line)[1:]]
        made = subprocess.run(run, cwd=tmp_path / name, capture_output=True, text=True, check=True)
        assert made.stdout.strip() == said


def test_somebody_of_whom_nothing_is_known_gets_an_empty_pack(shop: Shop, tmp_path: Path) -> None:
    made = shop.person("nobody", tmp_path / "a.zip")
    assert (made.rows, made.batches, made.span) == (0, 0, "")
    told = verify_pack(tmp_path / "a.zip", [shop.vkey])
    assert all_good(told)
    assert any(v.state == "note" and "no record of the person was in the store" in v.sentence for v in told)
    files = files_of(tmp_path / "a.zip")
    for language, words in (
        ("en", "no record of this person (nobody)"),
        ("ko", "기록 없음"),
        ("ja", "記録なし"),
    ):
        assert words in files[f"README.{language}.txt"].decode()


def test_an_id_is_a_value_and_never_sql(shop: Shop, tmp_path: Path) -> None:
    for person in ("' OR 1=1 --", "$1", "M003'; DROP VIEW access; --", "$person ${what}", "\u202eM003"):
        assert shop.person(person, tmp_path / "a.zip").rows == 0
        assert all_good(verify_pack(tmp_path / "a.zip", [shop.vkey]))
    with pytest.raises(InputError):
        shop.person("", tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_one_record_and_one_line_that_was_set_aside(shop: Shop, tmp_path: Path) -> None:
    shop.record("gateway", 4, tmp_path / "a.zip")
    (row,) = rows_of(tmp_path / "a.zip")
    assert (row["seq"], json.loads(str(row["record"]))["subject"]) == (4, "M003")
    shop.record("gateway", 151, tmp_path / "b.zip")
    (row,) = rows_of(tmp_path / "b.zip")
    assert row["raw"] == "broken gateway 0\n"
    for name in ("a.zip", "b.zip"):
        assert all_good(verify_pack(tmp_path / name, [shop.vkey]))


@pytest.mark.parametrize(("source", "seq"), [("gateway", 99_999), ("gateway", 0), ("nowhere", 1)])
def test_what_was_never_collected_cannot_be_proved(shop: Shop, tmp_path: Path, source: str, seq: int) -> None:
    with pytest.raises(InputError, match=r"there is no") as told:
        shop.record(source, seq, tmp_path / "a.zip")
    wanted = "numbers go from 1 to 1204" if source == "gateway" else "sources are: gateway, partner"
    assert wanted in told.value.todo
    assert not (tmp_path / "a.zip").exists()


def test_what_expired_is_named(shop: Shop, tmp_path: Path) -> None:
    other = copied(shop, tmp_path / "shop")
    header = other.store.snapshot().batches[0]
    with other.store.writer() as writer:
        writer.append([ExpiryLeaf(now(), "me", header.source, ((0, 0),), header.rows, "2y", "")])
        writer.tidy()
    made = other.person("M003", tmp_path / "a.zip")
    assert [(gone.why, gone.source, gone.batches, gone.rows) for gone in made.gone] == [
        ("expired", "gateway", [(0, 0)], 300)
    ]
    assert made.rows == 50 - 12
    told = verify_pack(tmp_path / "a.zip", [shop.vkey])
    assert all_good(told)
    assert any("expired" in verdict.sentence and "300 rows" in verdict.sentence for verdict in told)
    with pytest.raises(InputError, match="retention ended"):
        other.record("gateway", 4, tmp_path / "b.zip")
    later = other.person("M003", tmp_path / "c.zip", Window(FIRST + 2 * DAY, None))
    assert later.gone == []


def test_what_is_missing_is_named(shop: Shop, tmp_path: Path) -> None:
    other = copied(shop, tmp_path / "shop")
    layout.records_file(other.store.root, 1).unlink()
    made = other.person("M003", tmp_path / "a.zip")
    assert [(gone.why, gone.batches) for gone in made.gone] == [("missing", [(1, 1)])]
    assert any("missing from the store" in verdict.sentence for verdict in verify_pack(tmp_path / "a.zip"))


def _alter_record(shop: Shop) -> None:
    file = layout.records_file(shop.store.root, 0)
    table = pq.read_table(file)
    at = table.schema.get_field_index("bytes")
    changed = [value + 1 for value in table["bytes"].to_pylist()]
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(changed, pa.int64())), file)


def _alter_raw(shop: Shop) -> None:
    shutil.copy(layout.raw_file(shop.store.root, 1), layout.raw_file(shop.store.root, 0))


def _alter_leaves(shop: Shop) -> None:
    file = layout.leaves_file(shop.store.root, 0)
    data = bytearray(file.read_bytes())
    data[16 + 32 + 8 + 5 * 32] ^= 1  # unit 5, somebody else's: the proof leads to another root
    file.write_bytes(data)


def _alter_keys(shop: Shop) -> None:
    file = next(iter((shop.store.root / "keys").glob("2*")))
    data = bytearray(file.read_bytes())
    for at in range(14, len(data), 32):
        data[at] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("alter", [_alter_record, _alter_raw, _alter_leaves, _alter_keys])
def test_what_was_altered_is_not_handed_out(shop: Shop, tmp_path: Path, alter: object) -> None:
    other = copied(shop, tmp_path / "shop")
    alter(other)  # type: ignore[operator]
    before = other.store.snapshot().head.size
    with pytest.raises(StoreError, match="sealed when it was collected"):
        other.person("M003", tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
    assert other.store.snapshot().head.size == before


def test_nothing_is_written_that_the_log_does_not_hold(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's file comes after the entry in the log; without the entry there is no file."""
    other = copied(shop, tmp_path / "shop")
    seen: list[bool] = []
    note = type(other.store).note

    def watched(store: object, leaves: list[CustodyLeaf]) -> object:
        seen.append((tmp_path / "a.zip").exists())
        return note(store, leaves)  # type: ignore[arg-type]

    monkeypatch.setattr(type(other.store), "note", watched)
    other.person("M003", tmp_path / "a.zip")
    assert seen == [False]
    (other.root / "haechi.key").unlink()
    monkeypatch.setattr(Shop, "store", property(lambda shop: Store.open(shop.root / "store")))
    with pytest.raises(HaechiError):
        other.person("M003", tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_others_keep_their_proofs_when_somebody_is_erased(shop: Shop, tmp_path: Path) -> None:
    other = copied(shop, tmp_path / "shop")
    other.person("M004", tmp_path / "early.zip")
    assert erase(other.store, other.settings.store, "M004", "asked for it").batches
    made = other.person("M003", tmp_path / "a.zip")
    assert made.rows == 50
    assert all_good(verify_pack(tmp_path / "a.zip", [shop.vkey]))
    assert other.person("M004", tmp_path / "b.zip").rows == 0
    with pytest.raises(InputError, match="not in the store any more"):
        other.record("gateway", 5, tmp_path / "c.zip")
    # What was handed out before stays true.
    assert all_good(verify_pack(tmp_path / "early.zip", [shop.vkey]))


def test_a_pack_can_be_made_while_others_collect(shop: Shop, tmp_path: Path) -> None:
    other = copied(shop, tmp_path / "shop")
    with other.store.writer() as writer:
        assert other.person("M003", tmp_path / "a.zip").rows == 50
        writer.append([CustodyLeaf(now(), "me", "test", {})])
    assert all_good(verify_pack(tmp_path / "a.zip", [shop.vkey]))
    assert other.person("M003", tmp_path / "b.zip").rows == 50


def test_old_heads_in_a_long_log(shop: Shop, tmp_path: Path) -> None:
    """Roots of earlier sizes are made from tiles: over their borders too."""
    log = Log(tmp_path, "example.org/log").open()
    roots = {}
    for number in range(600):
        roots[number + 1] = log.append([str(number).encode()]).root
    tree = Tree.load(tmp_path, log.checkpoint)
    assert {size: root_at(tree, size) for size in roots} == roots
