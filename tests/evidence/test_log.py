"""`haechi.evidence.log`: what was appended can be read, by anyone who opens the folder, and proved."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.log import Log
from haechi.evidence.merkle import EMPTY_ROOT, leaf_hash, tree_root, verify_consistency, verify_inclusion
from haechi.evidence.tiles import MAX_ENTRY
from haechi.model.errors import StoreError

ORIGIN = "drill.example/log"


def numbered(first: int, count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(first, first + count)]


def opened(root: Path) -> Log:
    return Log(root, ORIGIN).open()


class LogMachine(RuleBasedStateMachine):
    """Appends, reopenings and proofs in any order, against a list."""

    @initialize(folder=st.uuids())
    def begin(self, folder: object) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix=str(folder))
        self.root = Path(self.folder.name) / "log"
        self.log = opened(self.root)
        self.model: list[bytes] = []
        self.heads: list[Checkpoint] = []

    @rule(count=st.one_of(st.integers(0, 5), st.integers(250, 260), st.just(600)))
    def append(self, count: int) -> None:
        new = numbered(len(self.model), count)
        self.model += new
        head = self.log.append(new)
        assert head == self.log.checkpoint
        self.heads.append(head)

    @rule()
    def reopen(self) -> None:
        self.log = opened(self.root)

    @rule()
    def recover(self) -> None:
        assert self.log.recover() == []

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        end = data.draw(st.integers(0, len(self.model)))
        start = data.draw(st.integers(0, end))
        assert list(self.log.entries(start, end)) == self.model[start:end]

    @rule(data=st.data())
    def prove(self, data: st.DataObject) -> None:
        head = self.log.checkpoint
        if head.size:
            index = data.draw(st.integers(0, head.size - 1))
            proof = self.log.inclusion(index)
            assert verify_inclusion(leaf_hash(self.model[index]), index, head.size, proof, head.root)
        for older in self.heads:
            if older.size:
                proof = self.log.consistency(older.size)
                assert verify_consistency(older.size, head.size, older.root, head.root, proof)

    @invariant()
    def head_is_right(self) -> None:
        if hasattr(self, "log"):
            head = self.log.checkpoint
            root = tree_root([leaf_hash(entry) for entry in self.model])
            assert (head.size, head.root) == (len(self.model), root)

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self.log.check()
            self.folder.cleanup()


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)


def test_a_folder_that_is_not_there_is_an_empty_log(tmp_path: Path) -> None:
    log = opened(tmp_path / "none")
    assert log.checkpoint == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert list(log.entries()) == []
    assert log.recover() == []
    log.check()
    assert not (tmp_path / "none").exists()


def test_nothing_appended_writes_nothing(tmp_path: Path) -> None:
    assert opened(tmp_path).append([]).size == 0
    assert list(tmp_path.iterdir()) == []


def test_the_files_are_those_of_the_standard(tmp_path: Path) -> None:
    log = opened(tmp_path)
    for first, count in ((0, 5), (5, 2), (7, 600)):
        log.append(numbered(first, count))
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {
        "checkpoint",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/95",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/95",
    }
    assert (tmp_path / "checkpoint").read_text() == log.checkpoint.text()


def test_three_levels(tmp_path: Path) -> None:
    entries = numbered(0, 65_600)
    log = opened(tmp_path)
    log.append(entries[:65_535])
    older = log.checkpoint
    head = log.append(entries[65_535:])
    assert (tmp_path / "tile/2/000.p/1").stat().st_size == 32
    assert head.root == tree_root([leaf_hash(entry) for entry in entries])
    again = opened(tmp_path)
    assert list(again.entries(65_500)) == entries[65_500:]
    for index in (0, 255, 256, 40_000, 65_535, 65_599):
        proof = again.inclusion(index)
        assert verify_inclusion(leaf_hash(entries[index]), index, head.size, proof, head.root)
    assert verify_consistency(older.size, head.size, older.root, head.root, again.consistency(older.size))


def test_appending_reads_nothing_and_writes_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = opened(tmp_path)
    log.append(numbered(0, 3_000))
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"read {path.name}"))
        log.append([b"one more"])
    assert len({path for path in tmp_path.rglob("*") if path.is_file()} - before) == 2


def test_the_holder_of_an_earlier_checkpoint_reads_on(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    writer.append(numbered(0, 300))
    reader = opened(tmp_path)
    for first in range(300, 900, 50):  # tile 1 fills up and its partial forms go
        writer.append(numbered(first, 50))
        assert list(reader.entries()) == numbered(0, 300)
        assert reader.checkpoint.size == 300
    assert not (tmp_path / "tile/0/001.p").exists()
    reader.open()
    assert list(reader.entries()) == numbered(0, 900)


def test_entries_begun_before_an_append_end_where_they_would_have(tmp_path: Path) -> None:
    log = opened(tmp_path)
    log.append(numbered(0, 3))
    found = log.entries()
    log.append(numbered(3, 400))
    assert list(found) == numbered(0, 3)


def test_ranges_outside_the_log(tmp_path: Path) -> None:
    log = opened(tmp_path)
    log.append(numbered(0, 3))
    for start, end in ((0, 4), (-1, 2), (3, 2)):
        with pytest.raises(IndexError):
            log.entries(start, end)
    with pytest.raises(IndexError):
        log.inclusion(3)
    with pytest.raises(IndexError):
        log.consistency(0)


def test_an_entry_too_long_changes_nothing(tmp_path: Path) -> None:
    log = opened(tmp_path)
    log.append([b"x" * MAX_ENTRY, b""])
    with pytest.raises(StoreError, match="longer than 65535 bytes"):
        log.append([b"good", b"x" * (MAX_ENTRY + 1)])
    assert list(opened(tmp_path).entries()) == [b"x" * MAX_ENTRY, b""]
    assert log.append([b"good"]).size == 3


def test_a_log_must_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not open"):
        Log(tmp_path, ORIGIN).append([b"x"])


def test_another_logs_checkpoint_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).append([b"x"])
    with pytest.raises(StoreError, match="another log's"):
        Log(tmp_path, "other.example/log").open()


def test_signatures_of_others_do_not_hinder(tmp_path: Path) -> None:
    head = opened(tmp_path).append([b"x"])
    (tmp_path / "checkpoint").write_text(f"{head.body}\n\u2014 witness.example c2lnbmF0dXJl\n", "utf-8")
    assert opened(tmp_path).checkpoint.signatures == ("\u2014 witness.example c2lnbmF0dXJl",)
