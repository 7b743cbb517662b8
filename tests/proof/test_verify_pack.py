"""`haechi verify PACK`: what was tampered with is named, nothing crashes, and no clean pack is ever accused."""

import base64
import hashlib
import json
import os
import random
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.evidence.authority import Authority
from tests.proof.packs import Shop, copied, files_of, filled, rezip

from haechi.evidence import timestamp
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.merkle import node_hash
from haechi.evidence.signer import make_key, sign_bytes
from haechi.evidence.tlog_proof import TlogProof
from haechi.evidence.vkey import COSIGNATURE
from haechi.evidence.witness import cosigned
from haechi.model.errors import EvidenceError, InputError
from haechi.proof.pack import MARK, TRAILER
from haechi.proof.prove import prove_record
from haechi.proof.verdict import Verdict, all_good
from haechi.proof.verify_pack import verify_pack
from haechi.store.leaves import KeyLeaf, signed_part
from haechi.store.store import Store, now

TAMPERINGS = int(os.environ.get("HAECHI_TAMPERINGS", "200"))
Files = dict[str, bytes]


class World:
    """A shop, its packs, a witness that cosigned its log, and another shop that has nothing to do with it."""

    def __init__(self, root: Path) -> None:
        (root / "shop").mkdir()
        self.root, self.shop = root, filled(root / "shop")
        self.witness = make_key(root / "witness.key", "witness.example", COSIGNATURE)
        self.cosign(self.shop)
        self.person, self.record = root / "person.zip", root / "record.zip"
        self.shop.person("M003", self.person)
        self.shop.record("gateway", 4, self.record)

    def cosign(self, shop: Shop) -> None:
        point = shop.store.snapshot().head
        cosigned.keep(shop.store.root, point, [self.witness.sign(point.body)])

    def check(self, pack: Path) -> list[Verdict]:
        return verify_pack(pack, [self.shop.vkey], [self.witness.vkey])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("packs"))


def bad(verdicts: list[Verdict]) -> set[tuple[str, str]]:
    return {(verdict.thing, verdict.state) for verdict in verdicts if verdict.bad}


def states(verdicts: list[Verdict], thing: str) -> list[str]:
    return [verdict.state for verdict in verdicts if verdict.thing == thing]


# Clean packs


def test_a_clean_pack_is_whole_throughout(world: World) -> None:
    for pack in (world.person, world.record):
        told = world.check(pack)
        assert {verdict.state for verdict in told} == {"whole"}, told
        assert {"archive", "signature", "witness", "seal", "log", "manifest", "rows"} == {
            v.thing for v in told
        }


def test_without_a_key_the_signature_is_unknown_and_the_key_is_told(world: World) -> None:
    told = verify_pack(world.person)
    assert all_good(told)
    (signature,) = [verdict for verdict in told if verdict.thing == "signature"]
    assert (signature.state, world.shop.vkey in signature.sentence) == ("unknown", True)


def test_a_pack_is_checked_by_hand_as_its_page_says(world: World) -> None:
    """With hashlib and json alone, following README.en.txt."""
    data = world.record.read_bytes()
    assert hashlib.sha256(data[:-85]).hexdigest() == data[-64:].decode()
    files = files_of(world.record)
    manifest = json.loads(files["manifest.json"])
    for name, entry in manifest["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == entry["sha256"]
    assert json.loads(files["log/seal.json"])["sealed"] == hashlib.sha256(files["manifest.json"]).hexdigest()

    def h(text: bytes) -> bytes:
        return hashlib.sha256(text).digest()

    row = json.loads(files["rows.jsonl"])
    raw = base64.b64decode(row["raw64"]) if "raw64" in row else row["raw"].encode()
    leaf = bytes.fromhex(row["blind"]) + h(raw) + h(row["record"].encode())
    proof, node = json.loads(files["batches/0000000000.proof"]), h(b"\0" + leaf)
    index, last, nodes = row["index"], proof["leaves"] - 1, list(proof["nodes"])
    while last:
        if index % 2:
            node = h(b"\1" + bytes.fromhex(nodes.pop(0)) + node)
        elif index < last:
            node = h(b"\1" + node + bytes.fromhex(nodes.pop(0)))
        index, last = index // 2, last // 2
    assert node.hex() == json.loads(files["batches/0000000000.json"])["root"]


def test_an_outside_verifier_agrees(world: World) -> None:
    tlog = pytest.importorskip("tlog_scales.tlog")
    signing = pytest.importorskip("tlog_scales.signing")
    files = files_of(world.person)
    pairs = [("log/seal.json", "log/seal.tlog-proof")]
    pairs += [(f"batches/{n:010d}.json", f"log/batches/{n:010d}.tlog-proof") for n in range(5)]
    for entry, proof in pairs:
        head, _, note = files[proof].decode().partition("\n\n")
        _, index, *path = head.split("\n")
        point = tlog.Checkpoint.from_text(note)
        point.verify(signing.Vkey.from_string(world.shop.vkey))
        nodes = [base64.b64decode(node) for node in path]
        inclusion = tlog.InclusionProof(int(index.removeprefix("index ")), point.size, nodes)
        inclusion.check(hashlib.sha256(b"\0" + files[entry]).digest(), point.root_hash)


# Whose signature


def test_another_key_is_not_trusted(world: World, tmp_path: Path) -> None:
    stranger = make_key(tmp_path / "stranger.key", "example.org/other")
    told = verify_pack(world.person, [stranger.vkey])
    assert bad(told) == {("origin", "strange"), ("signature", "unsigned")}
    same_name = make_key(tmp_path / "same.key", world.shop.key.key.name)
    assert bad(verify_pack(world.person, [same_name.vkey])) == {("signature", "unsigned")}


def test_what_is_no_key_is_refused(world: World) -> None:
    for arguments in ([["nonsense"]], [[], ["nonsense"]]):
        with pytest.raises(EvidenceError):
            verify_pack(world.person, *arguments)


def test_a_pack_from_another_store_is_named(world: World, tmp_path: Path) -> None:
    other = filled(tmp_path)
    other.person("M003", tmp_path / "other.zip")
    assert ("origin", "strange") in bad(verify_pack(tmp_path / "other.zip", [world.shop.vkey]))
    assert all_good(verify_pack(tmp_path / "other.zip", [other.vkey]))
    # Its log beneath our rows, and ours beneath its rows.
    ours, theirs = files_of(world.person), files_of(tmp_path / "other.zip")
    for rows, log in ((ours, theirs), (theirs, ours)):
        mixed = {name: data for name, data in rows.items() if not name.startswith("log/")}
        mixed |= {name: data for name, data in log.items() if name.startswith("log/")}
        assert bad(verify_pack(rezip(mixed, tmp_path / "mixed.zip")))


def test_a_replaced_key_is_followed_from_the_old_one(world: World, tmp_path: Path) -> None:
    shop = copied(world.shop, tmp_path / "shop")
    new = make_key(tmp_path / "new.key", shop.key.key.name)
    leaf = KeyLeaf(now(), new.vkey, shop.vkey)
    shop.store.note([replace_signature(leaf, shop)])
    shutil.copy(tmp_path / "new.key", shop.root / "haechi.key")
    shop.person("M003", tmp_path / "a.zip")
    for trusted in (shop.vkey, new.vkey):
        told = verify_pack(tmp_path / "a.zip", [trusted])
        assert all_good(told), told
        assert states(told, "signature") == ["whole"]
    # A forger who names the trusted key first, and "replaces" it by another without its signature.
    files = files_of(tmp_path / "a.zip")
    keys = json.loads(files["log/keys.json"])
    keys["entries"].pop()
    forged = rezip({**files, "log/keys.json": json.dumps(keys).encode()}, tmp_path / "forged.zip")
    assert ("signature", "unsigned") in bad(verify_pack(forged, [shop.vkey]))


def replace_signature(leaf: KeyLeaf, shop: Shop) -> KeyLeaf:
    import msgspec

    return msgspec.structs.replace(leaf, signature=sign_bytes(shop.key, signed_part(leaf)))


def test_a_replacement_that_the_old_key_did_not_sign_is_named(world: World, tmp_path: Path) -> None:
    shop = copied(world.shop, tmp_path / "shop")
    new = make_key(tmp_path / "new.key", shop.key.key.name)
    leaf = KeyLeaf(now(), new.vkey, shop.vkey, sign_bytes(new, b"something else"))
    shop.store.note([leaf])
    shutil.copy(tmp_path / "new.key", shop.root / "haechi.key")
    shop.person("M003", tmp_path / "a.zip")
    assert ("key", "unsigned") in bad(verify_pack(tmp_path / "a.zip", [shop.vkey]))


# Witnesses and timestamps


def test_a_witness_that_was_named_must_have_signed(world: World, tmp_path: Path) -> None:
    absent = make_key(tmp_path / "absent.key", "absent.example", COSIGNATURE)
    told = verify_pack(world.person, [world.shop.vkey], [world.witness.vkey, absent.vkey])
    assert bad(told) == {("witness", "missing")}


def test_a_witness_that_saw_another_history_is_a_fork(world: World, tmp_path: Path) -> None:
    files = files_of(world.person)
    (name,) = [name for name in files if name.startswith("log/cosigned/")]
    point = Checkpoint.parse(files[name].decode())
    other = replace(point, root=bytes(32), signatures=())
    signed = replace(other, signatures=(world.shop.key.sign(other.body), world.witness.sign(other.body)))
    forked = rezip({**files, name: signed.text().encode()}, tmp_path / "forked.zip")
    assert ("witness", "forked") in bad(world.check(forked))


@pytest.fixture(scope="module")
def stamped(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Authority]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("stamped")
    authority = Authority(folder / "clock")
    shop = copied(world.shop, folder / "shop")
    os.environ["NO_PROXY"] = "127.0.0.1"
    with authority.serving() as url:
        timestamp.stamp(shop.store.root, shop.store.snapshot().head, url, authority.roots)
    shop.person("M003", folder / "stamped.zip")
    return folder / "stamped.zip", authority


def test_a_timestamp_dates_the_log(world: World, stamped: tuple[Path, Authority]) -> None:
    pack, authority = stamped
    told = verify_pack(pack, [world.shop.vkey], (), authority.roots, datetime.now(UTC))
    assert all_good(told), told
    assert states(told, "timestamp") == ["whole"]
    assert states(verify_pack(pack), "timestamp") == ["unknown"]
    assert states(verify_pack(world.person, (), (), authority.roots), "timestamp") == ["unknown"]


def test_a_wrong_or_expired_timestamp_is_named(
    world: World, stamped: tuple[Path, Authority], tmp_path: Path
) -> None:
    pack, authority = stamped
    late = datetime.now(UTC) + timedelta(days=60)
    (verdict,) = [v for v in verify_pack(pack, (), (), authority.roots, late) if v.thing == "timestamp"]
    assert (verdict.state, "expired" in verdict.sentence) == ("altered", True)
    foreign = Authority(tmp_path / "foreign")
    assert ("timestamp", "altered") in bad(verify_pack(pack, (), (), foreign.roots))
    files = files_of(pack)
    (name,) = [name for name in files if name.endswith(".tsr")]
    for data in (b"", b"garbage", files[name][:-9], files[name][:200] + files[name][201:]):
        told = verify_pack(rezip({**files, name: data}, tmp_path / "a.zip"), (), (), authority.roots)
        assert ("timestamp", "altered") in bad(told)
    body = name.removesuffix(".tsr")
    point = replace(Checkpoint.parse(files[body].decode()), root=bytes(32))
    told = verify_pack(
        rezip({**files, body: point.body.encode()}, tmp_path / "a.zip"), (), (), authority.roots
    )
    assert ("timestamp", "altered") in bad(told)


# Things that are no pack


def test_what_is_no_pack_is_named(world: World, tmp_path: Path) -> None:
    good = world.person.read_bytes()
    cases = {
        "empty": b"",
        "text": b"hello\n" * 100,
        "half": good[: len(good) // 2],
        "head": good[:30],
        "tail": good[len(good) // 2 :],
        "end": good[:-1],
        "more": good + b"\n",
    }
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        assert any(thing == "archive" for thing, _ in bad(world.check(tmp_path / name))), name
    with pytest.raises(InputError):
        world.check(tmp_path / "nothing.zip")
    with pytest.raises(InputError):
        world.check(tmp_path)


def test_another_zip_is_no_pack(world: World, tmp_path: Path) -> None:
    assert bad(world.check(rezip({"hello.txt": b"hello"}, tmp_path / "a.zip")))
    assert bad(world.check(rezip({}, tmp_path / "b.zip")))


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "a\\..\\b", "log/../../x", "C:x", "\u202e.txt"]
)
def test_names_that_lead_elsewhere_are_named_and_nothing_is_unpacked(
    world: World, tmp_path: Path, name: str
) -> None:
    rezip({**files_of(world.person), name: b"x"}, tmp_path / "a.zip")
    assert ("archive", "strange") in bad(world.check(tmp_path / "a.zip"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_is_named(world: World, tmp_path: Path) -> None:
    files = list(files_of(world.person).items())
    for extra in (("rows.csv", b"other"), files[3], files[-1]):
        for order in ([*files, extra], [extra, *files]):
            assert ("archive", "strange") in bad(world.check(rezip(order, tmp_path / "a.zip")))


@pytest.mark.parametrize("place", ["before", "between", "behind"])
def test_a_file_that_the_list_does_not_name_is_named(world: World, tmp_path: Path, place: str) -> None:
    """Programs that read a zip as it comes would show it; the sums are made to fit."""
    body = world.person.read_bytes()[:-TRAILER]
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("rows.csv", "forged")
    hidden = (tmp_path / "other.zip").read_bytes().partition(b"PK\x01\x02")[0]
    end = body.rfind(b"PK\x05\x06")
    (listed,) = struct.unpack("<I", body[end + 16 : end + 20])
    moved = struct.pack("<I", listed + len(hidden))
    forged = {
        "before": hidden + body,
        "between": body[:listed] + hidden + body[listed : end + 16] + moved + body[end + 20 :],
        "behind": world.person.read_bytes(),
    }[place]
    pack = tmp_path / "pack.zip"
    pack.write_bytes(forged + MARK + hashlib.sha256(forged).hexdigest().encode())
    assert ("archive", "strange") in bad(world.check(pack))


def test_a_bomb_is_named_and_not_unpacked(world: World, tmp_path: Path) -> None:
    bomb = rezip({**files_of(world.person), "log/checkpoint": bytes(200_000_000)}, tmp_path / "a.zip")
    assert bomb.stat().st_size < 1_000_000
    told = world.check(bomb)
    assert bad(told) == {("size", "strange")}


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_further(world: World, tmp_path: Path) -> None:
    bomb = rezip({**files_of(world.person), "log/checkpoint": bytes(100_000_000)}, tmp_path / "a.zip")
    data = bytearray(bomb.read_bytes())
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = 0
        while (start := data.find(mark, start)) >= 0:
            if struct.unpack_from("<I", data, start + at)[0] == 100_000_000:
                struct.pack_into("<I", data, start + at, 300)
            start += 4
    bomb.write_bytes(data)
    assert ("log", "altered") in bad(world.check(bomb))


def test_encrypted_and_oddly_packed_files_are_named(world: World, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        for name, data in files_of(world.person).items():
            archive.writestr(name, data)
    assert ("archive", "strange") in bad(world.check(tmp_path / "a.zip"))


HOSTILE = [
    b"",
    b"null",
    b"{}",
    b"[]",
    b"\xff\xfe",
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b'{"entries":[{"index":-1,"entry":"","path":[]}]}',
    b'{"entries":[{"index":0,"entry":"{}","path":["%%"]}]}',
    b'{"consistency":{"1":["AAAA"],"-5":[]}}',
    b'{"format":"haechi-multiproof-1","leaves":99999999999999999999,"nodes":[]}',
    b'{"format":"haechi-multiproof-1","leaves":-1,"nodes":["zz"]}',
    b"1e999",
    b"9" * 10_000,
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_json_anywhere_is_named(world: World, tmp_path: Path, data: bytes) -> None:
    files = files_of(world.record)
    for name in files:
        told = world.check(rezip({**files, name: data}, tmp_path / "a.zip"))
        assert bad(told), name


# Tampering: at random, with the bytes of the archive and with what it holds


def tampered_bytes(data: bytes, random: random.Random) -> bytes:
    """Flip, drop, swap, truncate or duplicate bytes of the file."""
    at, size = random.randrange(len(data)), random.randrange(1, 40)
    match random.choice(["flip", "drop", "swap", "truncate", "duplicate"]):
        case "flip":
            return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
        case "drop":
            return data[:at] + data[at + size :]
        case "swap":
            other = random.randrange(len(data))
            low, high = sorted((at, other))
            swapped = bytearray(data)
            swapped[low], swapped[high] = swapped[high], swapped[low]
            return bytes(swapped)
        case "truncate":
            return data[:at]
        case _:
            return data[:at] + data[at : at + size] + data[at:]


def tampered_files(files: Files, random: random.Random) -> Files:
    """The same to one of the files in it, or to their list; zipped again as if nothing had happened."""
    # Signatures of timestamps are left out: a DER file may hold bytes that nothing signs.
    name = random.choice([name for name in files if not name.endswith(".tsr")])
    changed = dict(files)
    match random.choice(["bytes", "bytes", "bytes", "drop", "swap", "rename", "line"]):
        case "bytes":
            changed[name] = tampered_bytes(files[name], random)
        case "drop":
            del changed[name]
        case "swap":
            other = random.choice(list(files))
            changed[name], changed[other] = files[other], files[name]
        case "rename":
            changed[f"{name}x"] = changed.pop(name)
        case _:
            lines = files["rows.jsonl"].splitlines(keepends=True)
            first, second = random.randrange(len(lines)), random.randrange(len(lines))
            lines[first], lines[second] = lines[second], lines[random.choice([first, second])]
            changed["rows.jsonl"] = b"".join(lines)
    return changed


@pytest.mark.parametrize("size", [0, 1, 10**6, 2**32 - 2])
def test_a_list_of_files_that_says_to_be_longer_than_it_is(world: World, tmp_path: Path, size: int) -> None:
    """It places the files before the beginning of the archive, or far behind its end."""
    data = bytearray(world.record.read_bytes())
    end = len(data) - TRAILER - 22
    assert data[end : end + 4] == b"PK\5\6"
    for field in (12, 16):  # the list's length, its place
        changed = bytearray(data)
        changed[end + field : end + field + 4] = struct.pack("<I", size)
        (tmp_path / "a.zip").write_bytes(changed)
        assert bad(world.check(tmp_path / "a.zip"))


def test_every_tampering_with_a_packs_bytes_is_named(world: World, tmp_path: Path) -> None:
    random_ = random.Random(20251130)
    good = {pack: pack.read_bytes() for pack in (world.person, world.record)}
    for number in range(TAMPERINGS):
        pack = random_.choice([world.person, world.record])
        data = tampered_bytes(good[pack], random_)
        (tmp_path / "a.zip").write_bytes(data)
        assert bool(bad(world.check(tmp_path / "a.zip"))) == (data != good[pack]), number


def test_every_tampering_with_what_a_pack_holds_is_named(world: World, tmp_path: Path) -> None:
    random_ = random.Random(33_700_000)
    good = {pack: files_of(pack) for pack in (world.person, world.record)}
    for number in range(TAMPERINGS):
        pack = random_.choice([world.person, world.record])
        files = tampered_files(good[pack], random_)
        told = world.check(rezip(files, tmp_path / "a.zip"))
        # A stray line that looks like a signature by somebody unknown is told as that, and speaks against nothing.
        assert ({verdict.state for verdict in told} != {"whole"}) == (files != good[pack]), (number, told)


# Forgers who know the format


def forge(files: Files, change: Callable[[list[bytes]], list[bytes]]) -> Files:
    """Change the rows, and make everything fit again that a forger can: table, counts, sums, digest."""
    import io

    from haechi.evidence import jcs
    from haechi.proof.rows import columns_of, csv_head, csv_lines, ordered, read_chunks

    lines = change(files["rows.jsonl"].splitlines(keepends=True))
    forged = {**files, "rows.jsonl": b"".join(lines)}
    rows = [row for chunk in read_chunks(io.BytesIO(forged["rows.jsonl"])) for row in chunk]
    columns = ordered(columns_of(rows))
    forged["rows.csv"] = csv_head(columns) + csv_lines(rows, columns)
    return fitted(forged, rows=len(rows), batches=len({row.batch for row in rows}), jcs=jcs)


def fitted(files: Files, jcs: object, **counts: int) -> Files:
    manifest = json.loads(files["manifest.json"]) | counts
    for name in list(manifest["files"]):
        if name not in files:
            del manifest["files"][name]
    for name, data in files.items():
        if name != "manifest.json" and not name.startswith("log/"):
            manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return {**files, "manifest.json": jcs.canonical(manifest)}  # type: ignore[attr-defined]


def changed_rows() -> Iterator[tuple[str, Callable[[list[bytes]], list[bytes]]]]:
    def record(lines: list[bytes]) -> list[bytes]:
        return [lines[0].replace(b"M003", b"M004"), *lines[1:]]

    def status(lines: list[bytes]) -> list[bytes]:
        return [line.replace(b'\\"status\\":200', b'\\"status\\":403') for line in lines]

    yield "drop one", lambda lines: lines[1:]
    yield "drop a batch", lambda lines: [line for line in lines if b'"batch":1,' not in line]
    yield "drop all", lambda lines: []
    yield "one twice", lambda lines: [lines[0], *lines]
    yield "two swapped", lambda lines: [lines[1], lines[0], *lines[2:]]
    yield "batches swapped", lambda lines: sorted(lines, key=lambda line: b'"batch":0,' in line)
    yield "another person", record
    yield "another outcome", status
    yield "raw line", lambda lines: [line.replace(b"GET /members", b"PUT /members") for line in lines]
    yield (
        "blind",
        lambda lines: (
            [line.replace(b'"blind":"', b'"blind":"0')[:-3] + b'"}\n' for line in lines[:0]] + lines[::-1]
        ),
    )
    yield "index", lambda lines: [lines[0].replace(b'"index":3,', b'"index":4,'), *lines[1:]]


CHANGES = dict(changed_rows())


@pytest.mark.parametrize("name", CHANGES)
def test_a_forger_who_makes_all_sums_fit_is_named_by_the_seal(
    world: World, tmp_path: Path, name: str
) -> None:
    files = forge(files_of(world.person), CHANGES[name])
    told = world.check(rezip(files, tmp_path / "a.zip"))
    assert ("seal", "altered") in bad(told)
    assert not {("archive", "altered"), ("file", "altered"), ("file", "missing")} & bad(told)


def test_a_dropped_row_with_a_right_proof_of_the_rest_is_named_by_the_seal(
    world: World, tmp_path: Path
) -> None:
    """Somebody who holds one row's pack cannot pass it off as the larger one, whose proofs it could be cut from."""
    large, small = files_of(world.person), files_of(world.record)
    mixed = {name: data for name, data in small.items() if name != "manifest.json"}
    mixed["manifest.json"] = large["manifest.json"]
    from haechi.evidence import jcs

    forged = fitted(mixed, jcs, rows=1, batches=1)
    told = world.check(rezip(forged, tmp_path / "a.zip"))
    assert bad(told) == {("seal", "altered")}


def test_the_rows_are_checked_against_the_question(world: World, tmp_path: Path) -> None:
    """The company itself seals a pack whose rows are not the person's."""
    import haechi.proof.prove as prove
    from haechi.proof.prove_select import select_person

    shop = copied(world.shop, tmp_path / "shop")
    original = select_person
    prove.select_person = lambda engine, person, window, folder: original(engine, "M004", window, folder)
    try:
        shop.person("M003", tmp_path / "a.zip")
    finally:
        prove.select_person = original
    assert bad(verify_pack(tmp_path / "a.zip", [shop.vkey])) == {("answer", "strange")}


def test_a_table_for_people_that_says_something_else_is_named(world: World, tmp_path: Path) -> None:
    """Even where the company sealed it."""
    import haechi.proof.prove_rows as prove_rows

    shop = copied(world.shop, tmp_path / "shop")
    original = prove_rows.csv_lines
    prove_rows.csv_lines = lambda rows, columns: original(rows, columns).replace(b"M003", b"M004")
    try:
        shop.person("M003", tmp_path / "a.zip")
    finally:
        prove_rows.csv_lines = original
    (verdict,) = [v for v in verify_pack(tmp_path / "a.zip", [shop.vkey]) if v.bad]
    assert (verdict.thing, verdict.where) == ("rows", "rows.csv")


def test_a_table_for_people_that_leaves_a_column_out_is_named(world: World, tmp_path: Path) -> None:
    import haechi.proof.prove_rows as prove_rows

    shop = copied(world.shop, tmp_path / "shop")
    original = prove_rows.ordered
    prove_rows.ordered = lambda columns: original(set(columns) - {"fields"})
    try:
        shop.person("M003", tmp_path / "a.zip")
    finally:
        prove_rows.ordered = original
    (verdict,) = [v for v in verify_pack(tmp_path / "a.zip", [shop.vkey]) if v.bad]
    assert (verdict.thing, verdict.where) == ("rows", "rows.csv")


def test_a_head_of_another_size_does_not_carry_the_proofs(world: World, tmp_path: Path) -> None:
    """The log's owner signs a head over a tree of their own making."""
    files = files_of(world.person)
    seal = TlogProof.parse(files["log/seal.tlog-proof"])
    point = replace(seal.checkpoint, root=node_hash(bytes(32), bytes(32)), signatures=())
    signed = replace(point, signatures=(world.shop.key.sign(point.body),))
    told = world.check(rezip({**files, "log/checkpoint": signed.text().encode()}, tmp_path / "a.zip"))
    assert {("seal", "altered"), ("key", "altered"), ("witness", "forked")} <= bad(told)


def test_a_witness_that_is_asked_after_the_seal_vouches_for_it(world: World, tmp_path: Path) -> None:
    shop = copied(world.shop, tmp_path / "shop")
    made = prove_record(
        shop.store, shop.settings.store, "gateway", 4, tmp_path / "a.zip", lambda: world.cosign(shop)
    )
    told = world.check(tmp_path / "a.zip")
    assert {verdict.state for verdict in told} == {"whole"}
    assert f"log/cosigned/{made.entry + 1}" in files_of(tmp_path / "a.zip")


def test_a_pack_of_an_unsigned_log_is_unsigned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shop, "store", property(lambda shop: Store.open(shop.root / "store")))
    filled(tmp_path).record("gateway", 4, tmp_path / "a.zip")
    assert bad(verify_pack(tmp_path / "a.zip")) == {("signature", "unsigned")}


@pytest.mark.parametrize("vkey", ["garbage", "a+b+c", "\u2014", "x" * 5_000])
def test_a_log_that_names_no_key_where_a_key_should_be(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vkey: str
) -> None:
    """Whoever makes a log of their own can put anything into its first entry."""
    import haechi.store.store as core

    made = core.LogLeaf
    monkeypatch.setattr(core, "LogLeaf", lambda at, origin, key, sealed: made(at, origin, vkey, sealed))
    monkeypatch.setattr(core, "_check_key", lambda log, catalog: None)
    shop = filled(tmp_path)
    world.cosign(shop)
    shop.record("gateway", 4, tmp_path / "a.zip")
    told = bad(verify_pack(tmp_path / "a.zip", (), [world.witness.vkey]))
    assert {("key", "altered"), ("signature", "unsigned")} <= told
