"""Rows as lines and as a table for people, and the archive that holds them."""

import csv
import hashlib
import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.model.errors import EvidenceError, StoreError
from haechi.model.tables import SCHEMAS
from haechi.proof.manifest import Gone, Head, Manifest, read_manifest
from haechi.proof.pack import TRAILER, draft, write_pack
from haechi.proof.rows import (
    Row,
    columns_of,
    csv_head,
    csv_lines,
    hashes_of,
    make_row,
    ordered,
    read_chunks,
    read_head,
    time_text,
    write_lines,
)

RECORD = '{"actor":null,"bytes":5,"seq":7,"source":"web","time":1740960003000000}'
texts = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.lists(st.tuples(st.integers(0, 2**40), texts, texts, st.binary(max_size=40)), max_size=20))
def test_rows_read_back_and_hash_as_the_formula_says(made: list[tuple[int, str, str, bytes]]) -> None:
    rows = [
        make_row(3, at, source, at + 5, text, hashlib.sha256(raw).digest(), raw)
        for at, source, text, raw in made
    ]
    file = io.BytesIO()
    write_lines(rows, file)
    file.seek(0)
    assert [row for chunk in read_chunks(file) for row in chunk] == rows
    assert [row.raw_bytes for row in rows] == [raw for *_, raw in made]
    leaves = [
        bytes.fromhex(row.blind) + hashlib.sha256(raw).digest() + hashlib.sha256(row.record.encode()).digest()
        for row, (*_, raw) in zip(rows, made, strict=True)
    ]
    assert list(map(bytes, hashes_of(rows))) == [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]


def test_many_rows_hash_like_few() -> None:
    rows = [make_row(0, at, "web", at, RECORD, bytes([at % 256]) * 32, str(at).encode()) for at in range(600)]
    few = b"".join(hashes_of(rows[at : at + 50]).tobytes() for at in range(0, 600, 50))
    assert hashes_of(rows).tobytes() == few


@pytest.mark.parametrize(
    "line",
    [
        b"{}\n",
        b"[1]\n",
        b"nonsense\n",
        b"\xff\n",
        b'{"batch":0,"index":0,"source":"a","seq":1,"record":"{}","blind":"00","raw":"a"}',  # no line end
        b'{"batch":0,"index":0,"source":"a","seq":1,"record":"{}","record":"{}","blind":"00","raw":"a"}\n',
        b'{"batch":0,"index":0,"source":"a","seq":1,"record":"{}","blind":"00","raw":"a","more":1}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_line_that_is_no_row_is_named(line: bytes) -> None:
    good = b'{"batch":0,"index":0,"source":"a","seq":1,"record":"{}","blind":"00","raw":"a"}\n'
    with pytest.raises(EvidenceError) as told:
        list(read_chunks(io.BytesIO(good + line)))
    assert told.value.where == "line 2"


@pytest.mark.parametrize("raw", [{}, {"raw": "a", "raw64": "YQ=="}, {"raw64": "?"}])
def test_raw_bytes_stand_in_a_row_once(raw: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"once|base64|alphabet|padding"):
        hashes_of([Row(0, 0, "a", 1, "{}", "00" * 32, **raw)])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+1", "@x", "\tx", "\rx", "＝1", "＠SUM(A1)"])
def test_no_cell_is_a_formula(text: str) -> None:
    record = json.dumps({"actor": text, "client": text, "seq": 7})
    row = make_row(0, 0, text, 7, record, bytes(32), text.encode())
    (line,) = csv.reader(io.StringIO(csv_lines([row], ("actor", "client")).decode()))
    cells = [cell for cell in line if text in cell]
    assert len(cells) == 4  # source, actor, client, raw
    assert all(cell == f"'{text}" for cell in cells)


def test_a_table_line_says_what_the_record_says() -> None:
    row = make_row(
        0,
        6,
        "web",
        7,
        '{"actor":"M1","bytes":-12,"time":1740960003000000,"bound":true}',
        bytes(32),
        b"GET\r\n",
    )
    columns = ordered(columns_of([row]))
    table = csv_head(columns) + csv_lines([row], columns)
    assert read_head(table.splitlines()[0]) == columns
    head, line = csv.reader(io.StringIO(table.decode("utf-8-sig")))
    assert head == ["time", "actor", "bound", "bytes", "raw", "source", "seq", "batch", "index"]
    told = dict(zip(head, line, strict=True))
    assert (told["batch"], told["index"], told["seq"], told["actor"], told["bytes"]) == (
        "0",
        "6",
        "7",
        "M1",
        "-12",
    )
    assert (told["time"], told["raw"], told["bound"]) == ("2025-03-03T00:00:03.000000Z", "GET", "true")


def test_the_table_can_show_every_column_of_every_table() -> None:
    shown = {*csv_head(ordered([name for table in SCHEMAS.values() for name in table.names])).decode("utf-8-sig")
             .strip().split(",")}  # fmt: skip
    assert {name for table in SCHEMAS.values() for name in table.names} <= shown


def test_times_beyond_the_calendar_stay_numbers() -> None:
    assert time_text(10**18) == str(10**18)
    assert time_text(-1) == "1969-12-31T23:59:59.999999Z"


def a_manifest() -> Manifest:
    gone = Gone("expired", "web", [(0, 3)], 10, 1, None)
    return Manifest(
        "person", {"person": "해치"}, 5, "x", "haechi", Head("a", 1, "00" * 32), 1, 1, [gone], "11" * 32, {}
    )


def test_a_manifest_reads_back() -> None:
    assert read_manifest(a_manifest().data()) == a_manifest()


@given(st.data())
def test_a_bent_manifest_is_refused_or_another(data: st.DataObject) -> None:
    good = a_manifest().data()
    at = data.draw(st.integers(0, len(good) - 1))
    bent = good[:at] + data.draw(st.binary(max_size=3)) + good[at + 1 :]
    try:
        found = read_manifest(bent)
    except EvidenceError:
        return
    assert bent == good or found != a_manifest() or json.loads(bent) != json.loads(good)


def test_a_pack_is_written_alike_each_time_and_closed_by_its_digest(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        with draft(tmp_path / "spill") as drafted:
            drafted.add("rows.jsonl", b"x" * 100_000)
            drafted.add("README.en.txt", b"hello")
            drafted.add("batches/0000000001.json", b"{}")
            write_pack(tmp_path / name, drafted, b"{}", {"log/checkpoint": b"c"})
    data = (tmp_path / "a.zip").read_bytes()
    assert data == (tmp_path / "b.zip").read_bytes()
    assert data[-TRAILER:] == f"haechi-pack-1 sha256:{hashlib.sha256(data[:-85]).hexdigest()}".encode()
    assert stat.S_IMODE((tmp_path / "a.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        names = ["README.en.txt", "manifest.json", "rows.jsonl", "batches/0000000001.json", "log/checkpoint"]
        assert archive.namelist() == names
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip", "spill"]
    assert not list((tmp_path / "spill").iterdir())


def test_a_pack_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "out.zip").mkdir()
    with draft(tmp_path / "spill") as drafted, pytest.raises(StoreError, match="cannot be written"):
        drafted.add("rows.jsonl", b"x")
        write_pack(tmp_path / "out.zip", drafted, b"{}", {})
    assert not list((tmp_path / "out.zip").iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.zip", "spill"]
