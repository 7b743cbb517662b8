"""The evidence log: an append-only list of byte strings under a checkpoint, as C2SP tlog-tiles files.

    <root>/checkpoint            what exists: replaced as a whole, last of all
    <root>/tile/<level>/<index>  hash tiles
    <root>/tile/entries/<index>  the entries themselves

A file that a checkpoint covers is never changed. Partial tiles stay until their full tile is there, as the
standard asks, so that whoever holds an earlier checkpoint can still read all that it covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from haechi.evidence import durable
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.heads import Heads
from haechi.evidence.merkle import EMPTY_ROOT
from haechi.evidence.signer import Signer
from haechi.evidence.tiles import ENTRIES, MAX_ENTRY, WIDTH, Tile, pack_entries, pack_hashes
from haechi.evidence.tree import Tree, altered, content
from haechi.model.errors import StoreError


class Log:
    """One log in one folder. Any number of processes may read it; one at a time may write, and sees to that.

    Not shared between threads.
    """

    def __init__(
        self, root: Path, origin: str, signers: Sequence[Signer] = (), heads: Heads | None = None
    ) -> None:
        """`origin` is the log's name in its checkpoints, which `signers` sign. Nothing is read or written yet.

        `heads` remembers the newest signed head outside the log, so that an older one put back is noticed.
        """
        self.root, self.origin, self.signers, self.heads = root, origin, tuple(signers), heads
        self._tree: Tree | None = None

    def open(self, recovering: bool = False) -> Log:
        """Read the checkpoint and check the tiles at the right edge against it. Again: to see newer entries.

        Without a checkpoint the log is empty. `recovering`, for who may append: an append that a crash
        interrupted after its head was signed is completed. Raises `StoreError`, which names the file, where
        the checkpoint cannot be read, is another log's, older than the newest signed one or does not fit the
        tiles, and for tiles without one.
        """
        self._tree = None
        if recovering and self.heads:
            self._complete(self.heads)
        newest = self.heads.last() if self.heads else None  # before the checkpoint: that may be replaced now
        point = self._read_checkpoint()
        if newest is not None:
            self._compare(point or self._empty(), newest)
        if point is None:
            if self._has_tiles():
                raise StoreError(
                    "the evidence log has tiles but no checkpoint",
                    where=str(self._head),
                    kept="nothing was removed",
                    todo="restore the checkpoint from a backup; without it nothing says which batches exist",
                )
            point = self._empty()
        self._tree = Tree.load(self.root, point)
        return self

    @property
    def checkpoint(self) -> Checkpoint:
        """The head at which the log was opened, or to which it was appended since."""
        return self._opened().checkpoint

    @property
    def current(self) -> bool:
        """Whether the checkpoint on the disk is still the one at which the log was opened."""
        return self._tree is not None and self._read_checkpoint() in (self._tree.checkpoint, None)

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The entries from `start` up to `end` (default: all), each checked against the checkpoint when read.

        Raises `IndexError` outside the log, and while iterating `StoreError` at an altered or missing file.
        """
        tree = self._opened()
        last = tree.checkpoint.size if end is None else end
        if not 0 <= start <= last <= tree.checkpoint.size:
            raise IndexError(f"entries {start} to {last} are not in a log of size {tree.checkpoint.size}")
        return tree.entries(start, last)

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of entry `index` at this checkpoint, for `merkle.verify_inclusion`."""
        return self._opened().inclusion(index)

    def consistency(self, size: int) -> list[bytes]:
        """The proof that this checkpoint extends that of `size` entries, for `merkle.verify_consistency`."""
        return self._opened().consistency(size)

    def append(self, entries: Sequence[bytes]) -> Checkpoint:
        """Add entries and return the new head; when this returns they are on the disk.

        Raises `StoreError` where an entry is longer than 65,535 bytes or the files cannot be written; then
        the old head stands and the log can be used on. Only where the disk failed after the head was replaced
        is it unknown which one a crash would leave: the error says so, and the log must be opened again.
        """
        tree = self._opened()
        if not entries:
            return tree.checkpoint
        if any(len(entry) > MAX_ENTRY for entry in entries):
            raise StoreError(
                f"an entry of the evidence log is longer than {MAX_ENTRY} bytes", kept="the log is unchanged"
            )
        if self._is_abandoned(tree.checkpoint.size):
            self.recover()
        edge, tiles = tree.edge.extended(entries)
        point = self._signed(Checkpoint(self.origin, edge.size, edge.root()))
        files = {self.root / tile.path: data for tile, data in tiles.items()}
        self._tree = None  # until it is known what stands on the disk
        try:
            self._publish(point, files)
        except OSError as error:
            raise self._after_failure(error, tree, point, files) from error
        self._tree = Tree(self.root, point, edge)
        self._discard_outgrown(tiles)
        return point

    def recover(self) -> list[Path]:
        """Remove what a crash left: tiles that the checkpoint does not cover, outgrown and half-written ones.

        Returns what it removed. Only for the process that holds the writer's lock: what looks left over may
        be another's work under way.
        """
        size = self._opened().checkpoint.size
        left = []
        for path in sorted(self._files()):
            tile = Tile.parse(path.relative_to(self.root).as_posix())
            needless = tile is not None and (not tile.covered(size) or _outgrown(tile, size))
            if needless or path.name.endswith(durable.TEMPORARY):
                left.append(path)
        durable.discard(left)
        return left

    def check(self) -> None:
        """Read the whole log anew and hash everything. Raises `StoreError` that names what was altered."""
        tree = Log(self.root, self.origin).open()._opened()
        size = tree.checkpoint.size
        for _ in tree.entries(0, size):
            pass
        for path in sorted(self._files()):
            tile = Tile.parse(path.relative_to(self.root).as_posix())
            if tile is not None and not tile.full and tile.covered(size):
                _check_partial(tree, tile, path)

    @property
    def _head(self) -> Path:
        return self.root / "checkpoint"

    def _opened(self) -> Tree:
        if self._tree is None:
            raise StoreError(
                "the evidence log is not open", where=str(self.root), todo="open it, or open it again"
            )
        return self._tree

    def _empty(self) -> Checkpoint:
        return Checkpoint(self.origin, 0, EMPTY_ROOT)

    def _signed(self, point: Checkpoint) -> Checkpoint:
        return replace(point, signatures=tuple(signer.sign(point.body) for signer in self.signers))

    def _complete(self, heads: Heads) -> None:
        """Bring to its end what was interrupted between signing a head and putting it in place."""
        announced = heads.next()
        if announced is None:
            return
        point = self._read_checkpoint() or self._empty()
        if point.size < announced.size:
            try:
                Tree.load(self.root, announced)
            except StoreError:
                heads.withdraw()  # tiles are missing: it was never whole
                return
            durable.replace(self._head, announced.text().encode())
        heads.settle()

    def _compare(self, point: Checkpoint, newest: Checkpoint) -> None:
        if point.size > newest.size or (point.size, point.root) == (newest.size, newest.root):
            return
        if not point.size:
            raise StoreError(
                f"the store is gone or was begun anew: {newest.size} entries were signed with its key before",
                where=str(self.root),
                kept="nothing was changed",
                todo="restore the store from a backup; if it was removed on purpose, move the key's files away too, "
                "and a new log begins under a new key",
            )
        forked = point.size == newest.size
        raise StoreError(
            "the checkpoint is not the one that was signed at this size: the log was forked"
            if forked
            else f"the checkpoint was put back to an older one: {point.size} entries, but {newest.size} were signed",
            where=str(self._head),
            kept="nothing was changed",
            todo="restore the newest store from a backup, and find out who put back the older one",
        )

    def _read_checkpoint(self) -> Checkpoint | None:
        try:
            text = self._head.read_bytes().decode()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(
                "the checkpoint of the evidence log cannot be read",
                where=str(self._head),
                todo="make the file readable, or restore it from a backup",
            ) from error
        point = Checkpoint.parse(text)
        if point.origin != self.origin:
            raise StoreError(
                "the checkpoint is another log's: its origin differs",
                where=str(self._head),
                todo="open the log under the name that it was made with",
            )
        return point

    def _publish(self, point: Checkpoint, files: dict[Path, bytes]) -> None:
        """Tiles first, the head last: a crash in between leaves files that the old head does not cover."""
        if not self._head.exists():
            # An empty head first. So a missing head beside tiles always means damage, never a crash.
            self.root.mkdir(parents=True, exist_ok=True)
            durable.sync_directory(self.root.parent)
            durable.replace(self._head, self._signed(self._empty()).text().encode())
        durable.write_all(files, self.root)
        if self.heads:
            self.heads.announce(point.text())
        durable.replace(self._head, point.text().encode())
        if self.heads:
            self.heads.settle()

    def _after_failure(
        self, error: OSError, tree: Tree, point: Checkpoint, files: dict[Path, bytes]
    ) -> StoreError:
        try:
            standing = self._read_checkpoint()
        except StoreError:
            standing = point
        if standing == point:
            return StoreError(
                f"the disk failed while the evidence log's head was written: {error.strerror}",
                where=str(self.root),
                kept="all files; the new entries may or may not survive a crash of the machine",
                todo="see to the disk, then open the log again: its checkpoint says what was kept",
            )
        if self.heads:
            with suppress(OSError):
                self.heads.withdraw()
        durable.discard([*files, durable.temporary(self._head)])
        self._tree = tree
        return StoreError(
            f"the evidence log cannot be written: {error.strerror}",
            where=str(self.root),
            kept="everything up to the last checkpoint; the new entries were not added",
            todo="free space or repair the disk, then run again",
        )

    def _is_abandoned(self, size: int) -> bool:
        """Whether an append behind this head was interrupted. Its tiles must go: once the log has grown past them,
        nobody could tell them from earlier forms of ours that were altered.
        """
        index, width = divmod(size, WIDTH)
        full = self.root / Tile(ENTRIES, index).path
        if full.exists():
            return True
        partial = full.with_name(f"{full.name}.p")
        names = [path.name for path in partial.iterdir()] if partial.is_dir() else []
        return any(name.isdecimal() and int(name) > width for name in names)

    def _discard_outgrown(self, tiles: dict[Tile, bytes]) -> None:
        """Remove the partial forms of tiles that are full now."""
        for tile in tiles:
            folder = self.root / f"{tile.path}.p"
            if tile.full and folder.is_dir():
                durable.discard_directory(folder)

    def _files(self) -> Iterator[Path]:
        return (path for path in (self.root / "tile").rglob("*") if path.is_file())

    def _has_tiles(self) -> bool:
        return any(True for _ in self._files())


def _outgrown(tile: Tile, size: int) -> bool:
    """Whether the checkpoint covers the full form: one that merely stands there may be a crash's."""
    return not tile.full and Tile(tile.level, tile.index).covered(size)


def _check_partial(tree: Tree, tile: Tile, path: Path) -> None:
    """An earlier partial tile must be the beginning of the tile that it grew into."""
    if tile.level == ENTRIES:
        expected = pack_entries(tree.bundle(tile.index)[: tile.width])
    else:
        expected = pack_hashes(tree.hashes(tile.level, tile.index)[: tile.width])
    if content(path) not in (expected, None):  # None: its full form came while we looked
        raise altered(tile)
