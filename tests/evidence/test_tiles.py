"""`haechi.evidence.tiles` and `edge`: the names and contents that the C2SP tlog-tiles text gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.evidence import tiles
from haechi.evidence.edge import Edge
from haechi.evidence.merkle import leaf_hash, tree_root
from haechi.evidence.tiles import ENTRIES, Tile


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(2, 1000, 17), "tile/2/x001/000.p/17"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(ENTRIES, 5, 1), "tile/entries/005.p/1"),
    ],
)
def test_paths_of_the_standard(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(-1, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_leads_back_to_its_tile(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "tile/0",
        "tile/64/000",
        "tile/00/000",
        "tile/0/x000/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/300",
        "tile/0/001.p/07",
        "tile/0/001.tmp",
        "tile/0/1",
        "tile/0/001/002",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/000\n",
    ],
)
def test_other_paths_are_no_tiles(path: str) -> None:
    assert Tile.parse(path) is None


def test_the_example_of_seventy_thousand() -> None:
    assert list(tiles.edge_tiles(70_000)) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles.edge_tiles(256)) == [Tile(1, 0, 1)]
    assert list(tiles.edge_tiles(0)) == []


@pytest.mark.parametrize(("size", "levels"), [(0, 0), (1, 1), (255, 1), (256, 2), (65_535, 2), (65_536, 3)])
def test_levels(size: int, levels: int) -> None:
    assert tiles.levels(size) == levels


def test_what_a_size_covers() -> None:
    assert Tile(0, 272).covered(70_000)
    assert Tile(0, 273, 112).covered(70_000)
    assert not Tile(0, 273, 113).covered(70_000)
    assert not Tile(0, 273).covered(70_000)
    assert Tile(1, 1, 17).covered(70_000)
    assert not Tile(1, 1, 18).covered(70_000)
    assert Tile(ENTRIES, 273, 112).covered(70_000)
    assert not Tile(ENTRIES, 274, 1).covered(70_000)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_come_back(entries: list[bytes]) -> None:
    assert tiles.unpack_entries(tiles.pack_entries(entries)) == entries


def test_a_bundle_is_length_and_entry() -> None:
    assert tiles.pack_entries([b"", b"ab"]) == b"\x00\x00\x00\x02ab"
    assert len(tiles.pack_entries([b"x" * tiles.MAX_ENTRY])) == tiles.MAX_ENTRY + 2
    with pytest.raises(OverflowError):
        tiles.pack_entries([b"x" * (tiles.MAX_ENTRY + 1)])


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x01", b"\x00\x00\x00", b"\xff\xffshort"])
def test_a_cut_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="cut short"):
        tiles.unpack_entries(data)


def test_a_cut_tile_is_refused() -> None:
    with pytest.raises(ValueError, match="cut short"):
        tiles.unpack_hashes(b"x" * 33)


@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
def test_the_edge_has_the_root_of_the_whole(steps: list[int]) -> None:
    edge, leaves = Edge(), list[bytes]()
    for step in steps:
        new = [str(len(leaves) + number).encode() for number in range(step)]
        leaves += new
        edge, written = edge.extended(new)
        assert edge.size == len(leaves)
        assert edge.root() == tree_root([leaf_hash(leaf) for leaf in leaves])
        assert all(tile.covered(edge.size) for tile in written)
        assert len(edge.levels) == tiles.levels(edge.size)
