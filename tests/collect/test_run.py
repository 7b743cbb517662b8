"""Every line of every input is accounted for, whatever the input."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from haechi.model.errors import StoreError
from haechi.model.settings import Settings, SourceSettings, WorkspaceSettings
from haechi.store import layout

Line = Callable[..., str]


def test_every_line_is_stored_or_set_aside(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "access.log"
    log.write_text(combined_line(0) + "nonsense\n" + combined_line(1) + "\n")
    report = bench.collect(log)
    assert (report.lines, report.stored, report.set_aside) == (4, 2, 2)
    assert [(a.line, a.reason) for a in report.aside] == [
        (2, "not a whole line of the common or combined format"),
        (4, "blank line"),
    ]
    assert report.aside[0].offset == len(combined_line(0)) and report.aside[0].length == len("nonsense\n")
    assert bench.rows("SELECT seq, client_ip, path, status, bytes FROM access ORDER BY seq") == [
        (1, "192.0.2.1", "/a", 200, 1),
        (3, "192.0.2.2", "/a", 200, 2),
    ]
    assert bench.rows("SELECT seq, line FROM aside ORDER BY seq") == [(2, 2), (4, 4)]


def test_raw_lines_are_kept_byte_for_byte(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "access.log"
    data = combined_line(0).encode() + b"\xff\xfe broken \x00\n" + combined_line(1).encode()
    log.write_bytes(data)
    bench.collect(log)
    raw = layout.raw_file(bench.store.root, 0).read_bytes()
    assert zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True).read() == data


@pytest.mark.parametrize("pack", [lambda d: d, gzip.compress, zstandard.ZstdCompressor().compress])
def test_packed_files_read_like_plain_ones(bench, tmp_path: Path, combined_line: Line, pack) -> None:
    log = tmp_path / "access.log.1"
    log.write_bytes(pack("".join(combined_line(i) for i in range(500)).encode()))
    report = bench.collect(log)
    assert (report.stored, report.set_aside) == (500, 0)
    assert bench.rows("SELECT sum(bytes) FROM access") == [(500 * 501 // 2,)]


def test_gzip_members_one_after_the_other(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "a.gz"
    log.write_bytes(b"".join(gzip.compress(combined_line(i).encode()) for i in range(50)))
    assert bench.collect(log).stored == 50


def test_half_a_gzip_gives_what_it_holds_and_says_so(bench, tmp_path: Path) -> None:
    line = '192.0.2.{} - - [14/Apr/2025:03:00:00 +0900] "GET /{} HTTP/1.1" 200 1 "-" "{}"\n'
    data = "".join(line.format(i % 250, i, os.urandom(20).hex()) for i in range(3000)).encode()
    log = tmp_path / "a.gz"
    packed = gzip.compress(data)
    log.write_bytes(packed[: len(packed) // 2])
    report = bench.collect(log)
    assert 1000 < report.stored < 2000
    assert report.set_aside == 0
    assert "ends in the middle" in report.sources[0].problem


def test_the_same_file_twice_is_stored_once(bench, tmp_path: Path, combined_line: Line) -> None:
    text = "".join(combined_line(i) for i in range(300))
    one, copy, packed = tmp_path / "a.log", tmp_path / "copy.log", tmp_path / "old.log.gz"
    one.write_text(text)
    copy.write_text(text)
    packed.write_bytes(gzip.compress(text.encode()))
    report = bench.collect(one, copy, packed, one)
    assert report.stored == 300
    assert bench.collect(one).stored == 0
    assert [s.lines for s in report.sources] == [300, 0, 0]
    assert all("already stored" in s.notes[0] for s in report.sources[1:])


def test_a_growing_file_is_read_on(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(combined_line(i) for i in range(10)))
    bench.collect(log)
    with log.open("a") as file:
        file.writelines(combined_line(i) for i in range(10, 15))
    assert bench.collect(log).stored == 5
    log.rename(tmp_path / "access.log.1")
    log.write_text("".join(combined_line(i, path="/new") for i in range(7)))
    report = bench.collect(tmp_path / "access.log.1", log)
    assert report.stored == 7
    assert bench.rows("SELECT count(*), count(DISTINCT seq), max(seq) FROM access") == [(22, 22, 22)]
    assert bench.rows("SELECT DISTINCT source FROM access") == [("access.log",)]


def test_an_unfinished_line_of_a_live_file_waits(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "access.log"
    whole = combined_line(1)
    log.write_text(combined_line(0) + whole[:40])
    report = bench.collect(log, live=True)
    assert (report.lines, report.stored) == (1, 1)
    assert "unfinished line" in report.sources[0].notes[-1]
    with log.open("a") as file:
        file.write(whole[40:])
    report = bench.collect(log, live=True)
    assert (report.stored, report.set_aside) == (1, 0)


@pytest.mark.parametrize("agent", ["x" * 100, "x"])  # above and below the 4 KiB by which a file is known
def test_a_file_that_shrinks_loses_and_doubles_nothing(
    bench, tmp_path: Path, combined_line: Line, agent: str
) -> None:
    log = tmp_path / "access.log"
    lines = [combined_line(i, agent=agent) for i in range(60)]
    log.write_text("".join(lines))
    bench.collect(log)
    log.write_text("".join(lines[:20]))
    report = bench.collect(log)
    assert report.stored == 0 and "shorter than when" in report.sources[0].notes[0]
    log.write_text("".join(lines[:20]) + combined_line(99, path="/other") * 3)
    report = bench.collect(log)
    assert report.stored == 3 and "goes on differently" in report.sources[0].notes[0]
    assert bench.collect(log).stored == 0
    assert bench.rows("SELECT count(*), count(DISTINCT seq) FROM access") == [(63, 63)]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_half_archive_and_then_the_whole_one(bench, tmp_path: Path, pack) -> None:
    line = '192.0.2.{} - - [14/Apr/2025:03:00:00 +0900] "GET /{} HTTP/1.1" 200 1 "-" "{}"\n'
    data = "".join(line.format(i % 250, i, os.urandom(20).hex()) for i in range(3000)).encode()
    log = tmp_path / "a.packed"
    packed = pack(data)
    log.write_bytes(packed[: len(packed) // 2])
    report = bench.collect(log)
    assert 500 < report.stored < 2500 and report.set_aside == 0
    assert "ends in the middle" in report.sources[0].problem
    assert bench.rows("SELECT problem FROM batch") == [(report.sources[0].problem,)]
    log.write_bytes(packed)
    assert bench.collect(log).set_aside == 0
    assert bench.rows("SELECT count(*), count(DISTINCT path) FROM access") == [(3000, 3000)]
    assert bench.rows("SELECT count(*) FROM batch WHERE problem <> ''") == [(0,)]


def test_a_damaged_byte_loses_only_what_stands_behind_it(bench, tmp_path: Path) -> None:
    line = '192.0.2.{} - - [14/Apr/2025:03:00:00 +0900] "GET /{} HTTP/1.1" 200 1 "-" "{}"\n'
    data = "".join(line.format(i % 250, i, os.urandom(20).hex()) for i in range(3000)).encode()
    packed = bytearray(gzip.compress(data))
    packed[len(packed) // 2] ^= 0xFF
    log = tmp_path / "a.gz"
    log.write_bytes(packed)
    report = bench.collect(log)
    assert report.stored > 1000 and "damaged" in report.sources[0].problem


def test_zeros_behind_an_archive_are_padding(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "a.gz"
    log.write_bytes(gzip.compress(combined_line(0).encode()) + bytes(10_000))
    report = bench.collect(log)
    assert report.stored == 1 and report.sources[0].problem == ""


@pytest.mark.parametrize("good", [0, 2000, 5000])
@pytest.mark.parametrize("bad", ['{"a": broken', '{"이름": "' + "홍길동" * 60, "[", '{"a":"\\ud800"}'])
def test_broken_json_anywhere_is_set_aside_alone(bench, tmp_path: Path, good: int, bad: str) -> None:
    line = '{"time":"2025-04-14T03:00:00Z","remote_addr":"192.0.2.9","request_method":"GET","uri":"/j"}\n'
    log = tmp_path / "a.json"
    log.write_text(line * (good + 20) + bad + "\n" + line)
    report = bench.collect(log)
    assert (report.stored, report.set_aside) == (good + 21, 1)
    assert report.aside[0].line == good + 21


def test_a_log_behind_a_hole_of_nuls_or_a_giant_line(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "a.log"
    good = "".join(combined_line(i) for i in range(9000)).encode()
    log.write_bytes(bytes(400_000) + good)
    assert bench.collect(log).stored == 9000
    other = tmp_path / "b.log"
    other.write_bytes(b"x" * 3_000_000 + b"\n" + good.replace(b"192.0.2.", b"192.0.3."))
    report = bench.collect(other)
    assert (report.stored, report.set_aside) == (9000, 1)


def test_it_does_not_read_its_own_store(bench, tmp_path: Path, combined_line: Line) -> None:
    (tmp_path / "a.log").write_text(combined_line(0))
    assert bench.collect(tmp_path).stored == 1
    report = bench.collect(tmp_path, str(tmp_path / "**" / "*"))
    assert report.stored == 0
    assert any("store of Haechi" in text for text in report.not_looked_at)


def test_links_that_lead_back_and_pipes_in_a_folder(bench, tmp_path: Path, combined_line: Line) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.log").write_text(combined_line(0))
    (logs / "again").symlink_to(logs)
    (logs / "once more").symlink_to(logs)
    os.mkfifo(logs / "pipe")
    report = bench.collect(logs)
    assert report.stored == 1 and len(report.not_looked_at) == 3


@pytest.mark.parametrize("name", [b"\xff\xfe.log", "x«seq»«source».log".encode(), b"it's [1] *.log"])
def test_hostile_file_names(bench, tmp_path: Path, combined_line: Line, name: bytes) -> None:
    log = tmp_path / os.fsdecode(name)
    log.write_bytes(combined_line(0).encode() + b"broken\n")
    report = bench.collect(log)
    assert (report.stored, report.set_aside) == (1, 1)
    source = report.sources[0].source
    assert bench.rows(
        "SELECT source FROM access UNION SELECT source FROM aside UNION SELECT source FROM batch"
    ) == [(source,)]


def test_the_workspaces_zone_is_that_of_its_sources(bench, tmp_path: Path) -> None:
    log = tmp_path / "app.jsonl"
    log.write_text('{"time":"2025-04-14 09:00:00","client_ip":"192.0.2.1","path":"/x"}\n')
    bench.settings = Settings(workspace=WorkspaceSettings(timezone="Asia/Seoul"))
    bench.collect(log, source=SourceSettings(name="app", paths=["app.jsonl"]))
    assert str(bench.rows("SELECT time FROM access")[0][0]) == "2025-04-14 00:00:00"


def test_a_store_is_for_its_owner_alone(bench) -> None:
    assert bench.store.root.stat().st_mode & 0o077 == 0


def test_stray_files_in_the_store_disturb_nothing(bench, tmp_path: Path, combined_line: Line) -> None:
    (tmp_path / "a.log").write_text(combined_line(0))
    bench.collect(tmp_path / "a.log")
    (bench.store.root / "batches" / ".DS_Store").touch()
    (bench.store.root / "batches" / "0000" / "notes.txt").touch()
    assert bench.collect(tmp_path / "a.log").stored == 0


def test_a_missing_file_of_the_store_leaves_a_hole(bench, tmp_path: Path, combined_line: Line) -> None:
    (tmp_path / "a.log").write_text(combined_line(0))
    bench.collect(tmp_path / "a.log")
    layout.records_file(bench.store.root, 0).unlink()
    assert bench.rows("SELECT count(*) FROM access") == [(0,)]
    assert bench.rows("SELECT gone, rows FROM batch") == [("missing", 1)]


def test_mixed_formats_in_one_file(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "mixed.log"
    json_line = (
        '{"time":"2025-04-14T03:00:00Z","remote_addr":"192.0.2.9","request_method":"GET","uri":"/j"}\n'
    )
    log.write_text(combined_line(0) + json_line + "neither\n" + combined_line(1) + json_line)
    report = bench.collect(log)
    assert (report.stored, report.set_aside) == (4, 1)
    assert sorted(report.sources[0].format.split("+")) == ["combined", "nginx-json"]
    assert bench.rows("SELECT seq, path FROM access ORDER BY seq") == [
        (1, "/a"),
        (2, "/j"),
        (4, "/a"),
        (5, "/j"),
    ]


def test_a_format_that_appears_late_in_a_file(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "late.log"
    late = '{"time":"2025-04-14T03:00:00Z","remote_addr":"192.0.2.9","request_method":"GET","uri":"/j","status":200}\n'
    log.write_text("".join(combined_line(i) for i in range(5000)) + late * 3)
    report = bench.collect(log)
    assert (report.stored, report.set_aside) == (5003, 0)


def test_broken_encoding_hides_no_request(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "access.log"
    good = combined_line(0, path="/secret").encode()
    log.write_bytes(
        good.replace(b"curl", b"\xff\xfe\xc3") + b"\0\0\0\0" + good + good.replace(b"curl", b"c\0rl")
    )
    report = bench.collect(log)
    assert (report.stored, report.set_aside) == (3, 0)
    assert bench.rows("SELECT count(*) FROM access WHERE path = '/secret'") == [(3,)]


def test_a_giant_line_is_set_aside_and_the_rest_read(bench, tmp_path: Path, combined_line: Line) -> None:
    log = tmp_path / "access.log"
    with log.open("wb") as file:
        file.write(combined_line(0).encode())
        for _ in range(100):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + combined_line(1).encode())
    report = bench.collect(log)
    assert (report.stored, report.set_aside) == (2, 1)
    assert report.aside[0].line == 2 and "longer than" in report.aside[0].reason
    assert report.aside[0].length == (100 << 20) + 1


@pytest.mark.parametrize("content", [os.urandom(100_000), b"\0" * 5000, b"\x7fELF" + bytes(range(256)) * 40])
def test_a_binary_file_is_named_with_what_was_tried(bench, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "core.bin"
    file.write_bytes(content)
    report = bench.collect(file)
    assert report.lines == 0
    assert report.sources[0].problem.startswith("unknown format; tried: ")
    assert "combined" in report.sources[0].problem


def test_an_empty_file_is_said_to_be_empty(bench, tmp_path: Path) -> None:
    (tmp_path / "a.log").touch()
    report = bench.collect(tmp_path / "a.log")
    assert report.lines == 0 and report.sources[0].notes == ["the file is empty"]


def test_missing_files_and_forbidden_folders_are_named(bench, tmp_path: Path, combined_line: Line) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "good.log").write_text(combined_line(0))
    (folder / "notes.txt").write_text("hello there\n")
    report = bench.collect(folder, tmp_path / "missing.log", tmp_path / "*.zip")
    assert report.stored == 1
    assert any("notes.txt: unknown format" in text for text in report.not_looked_at)
    assert [s.problem for s in report.sources if s.problem] == ["there is no such file", "no file matches"]


def test_odd_clocks_are_stored_and_said(bench, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    line = '192.0.2.1 - - [01/Jan/{}:00:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"\n'
    log.write_text(line.format(1970) + line.format(2025) + line.format(2099))
    report = bench.collect(log)
    assert report.stored == 3
    assert any(
        note.startswith("2 records are dated before 2000 or later than now")
        for note in report.sources[0].notes
    )


def test_local_time_without_zone_is_read_in_the_sources_zone(bench, tmp_path: Path) -> None:
    log = tmp_path / "app.jsonl"
    log.write_text('{"time":"2025-04-14 09:00:00","client_ip":"192.0.2.1","path":"/x","method":"GET"}\n')
    source = SourceSettings(name="app", paths=["app.jsonl"], timezone="Asia/Seoul")
    report = bench.collect(log, source=source)
    assert "Asia/Seoul" in " ".join(report.sources[0].notes)
    assert str(bench.rows("SELECT time FROM access")[0][0]) == "2025-04-14 00:00:00"


def test_secrets_are_hashed_and_forgotten(bench, tmp_path: Path) -> None:
    log = tmp_path / "app.jsonl"
    log.write_text(
        '{"time":"2025-04-14T09:00:00Z","client_ip":"192.0.2.1","path":"/x","authorization":"Bearer s3cret"}\n'
    )
    bench.collect(log)
    assert bench.rows("SELECT octet_length(credential) FROM access") == [(16,)]
    stored = layout.records_file(bench.store.root, 0).read_bytes()
    assert b"s3cret" not in stored


def test_a_second_writer_is_refused(bench) -> None:
    with (
        bench.store.writer(),
        pytest.raises(StoreError, match="another process is writing"),
        bench.store.writer(),
    ):
        pass
