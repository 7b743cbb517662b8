"""Whatever is changed in a log's files is seen, and the file is named."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.evidence.log import Log
from haechi.model.errors import StoreError

ORIGIN = "drill.example/log"


def numbered(first: int, count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(first, first + count)]


def made(root: Path, *steps: int) -> Log:
    log = Log(root, ORIGIN).open()
    for step in steps:
        log.append(numbered(log.checkpoint.size, step))
    return log


def files_of(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """600 entries: two full tiles, a partial one with an earlier partial form, a level above."""
    root = tmp_path_factory.mktemp("log")
    made(root, 520, 80)
    yield root
    shutil.rmtree(root)


def refuses(root: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Log(root, ORIGIN).open().check()
    return caught.value.diagnostics()


def test_every_byte_of_a_small_log(tmp_path: Path) -> None:
    made(tmp_path, 2, 1)
    for path in files_of(tmp_path):
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :])
            refuses(tmp_path)
        path.write_bytes(whole)
    Log(tmp_path, ORIGIN).open().check()


@settings(max_examples=150, deadline=None)
@given(data=st.data(), flip=st.integers(1, 255))
def test_any_byte_of_a_larger_log(large: Path, data: st.DataObject, flip: int) -> None:
    path = data.draw(st.sampled_from(files_of(large)))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
    try:
        refuses(large)
    finally:
        path.write_bytes(whole)
    Log(large, ORIGIN).open().check()


@pytest.mark.parametrize(
    "name",
    [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/002.p/88",
    ],
)
def test_missing_cut_and_lengthened_files_are_named(large: Path, name: str) -> None:
    path = large / name
    whole = path.read_bytes()
    try:
        path.unlink()
        assert f"missing: {name}" in refuses(large)
        for changed in (whole[:-1], whole + b"\x00", whole[:-32], whole + whole[:32], b""):
            path.write_bytes(changed)
            assert f"altered: {name}" in refuses(large)
    finally:
        path.write_bytes(whole)


def test_the_altered_tile_is_the_one_that_is_named(large: Path) -> None:
    for name in ("tile/0/000", "tile/0/001", "tile/entries/001", "tile/entries/002.p/88", "tile/0/002.p/8"):
        path = large / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert f"altered: {name}\n" in refuses(large)
        path.write_bytes(whole)


def test_at_the_edge_the_pair_that_disagrees_is_named(large: Path) -> None:
    for name in ("tile/0/002.p/88", "tile/1/000.p/2"):
        path = large / name
        whole = path.read_bytes()
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        assert f"altered: {name} and what it stands over disagree" in refuses(large)
        path.write_bytes(whole)


def test_a_checkpoint_of_other_entries_is_refused(tmp_path: Path) -> None:
    made(tmp_path / "one", 5)
    other = Log(tmp_path / "two", ORIGIN).open()
    other.append([b"something else"] * 5)
    shutil.copy(tmp_path / "two/checkpoint", tmp_path / "one/checkpoint")
    assert "the checkpoint was altered" in refuses(tmp_path / "one")


def test_an_altered_entry_is_not_handed_out(large: Path) -> None:
    path = large / "tile/entries/001"
    whole = path.read_bytes()
    try:
        path.write_bytes(whole.replace(b"entry 300", b"entry 3OO"))
        found = Log(large, ORIGIN).open().entries()
        assert [next(found) for _ in range(256)] == numbered(0, 256)
        with pytest.raises(StoreError, match=r"altered: tile/entries/001$"):
            next(found)
    finally:
        path.write_bytes(whole)


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    made(tmp_path, 3)
    for name in ("tile/0/000.p/3", "checkpoint"):
        path = tmp_path / name
        path.unlink()
        path.mkdir()
        assert "cannot be read" in refuses(tmp_path)
