"""What a pack takes from the log: its head, the seal, the entries of the batches, keys, cosigned heads, timestamps."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.log import Log
from haechi.evidence.merkle import node_hash, tree_root
from haechi.evidence.note import Signature
from haechi.evidence.tiles import HEIGHT, WIDTH
from haechi.evidence.tlog_proof import TlogProof
from haechi.evidence.tree import Tree
from haechi.model.errors import EvidenceError, StoreError
from haechi.proof import manifest as names
from haechi.proof.forms import History, KeyEntries, LoggedEntry
from haechi.store import layout

_HEADS: Final = 3  # cosigned and timestamped heads that a pack takes along, the newest ones


@dataclass(frozen=True)
class Outside:
    """Who outside the company vouched for the log. Nothing is verified here: `haechi verify` does that.

    witnesses: their names as the cosigned heads tell them; witnessed, stamped: entries of the newest cosigned and
    of the newest timestamped head, 0 where there is none
    """

    witnesses: tuple[str, ...] = ()
    witnessed: int = 0
    stamped: int = 0

    @property
    def size(self) -> int:
        """So many of the log's first entries somebody vouched for."""
        return max(self.witnessed, self.stamped)


def outside(log: Log) -> Outside:
    """What the store holds of the kind, as a pack takes it along."""
    found: set[str] = set()
    witnessed = 0
    for _, data in _cosigned(log):
        point = Checkpoint.parse(data.decode())
        others = set(_signers(point)) - {point.origin}
        found |= others
        witnessed = max(witnessed, point.size) if others else witnessed
    return Outside(tuple(sorted(found)), witnessed, max((size for size, _ in _stamped(log)), default=0))


def _signers(point: Checkpoint) -> Iterator[str]:
    for line in point.signatures:
        with suppress(EvidenceError):  # what is no signature vouches for nothing; haechi verify names it
            yield Signature.parse(line).name


def entries_at(log: Log, indices: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """The entries at these sorted indices. Each bundle of the log is read once."""
    for bundle, inside in groupby(indices, lambda index: index // WIDTH):
        first = bundle * WIDTH
        held = list(log.entries(first, min(first + WIDTH, log.checkpoint.size)))
        for index in inside:
            yield index, held[index - first]


def key_indices(log: Log, since: int) -> list[int]:
    """Where the log names its keys: entry 0, and each replacement. `since`: the first entry that can be one."""
    found = [0]
    for index, entry in enumerate(log.entries(since), since):
        if b'"kind":"key"' in entry and msgspec.json.decode(entry).get("kind") == "key":
            found.append(index)
    return found


def log_files(
    log: Log, seal: int, batches: dict[int, int], computed: int, keys: Sequence[int]
) -> dict[str, bytes]:
    """The files below `log/` of a pack, all under the log's head as it was opened.

    seal: index of the pack's `custody` entry; batches: number -> index of its entry; computed: the log's size when the
    answer was computed; keys: indices of the entries that name keys
    """
    point = log.checkpoint
    files = {
        names.CHECKPOINT: point.text().encode(),
        names.SEAL: next(log.entries(seal, seal + 1)),
        names.SEAL_PROOF: _proof(log, seal),
        names.KEYS: msgspec.json.encode(KeyEntries([_logged(log, index) for index in keys])),
    }
    files |= {names.entry_proof_file(number): _proof(log, index) for number, index in batches.items()}
    heads = dict(_cosigned(log))
    stamped = dict(_stamped(log))
    sizes = {computed, *(Checkpoint.parse(data.decode()).size for data in heads.values()), *stamped}
    tree = Tree.load(log.root, point)
    for size, stamp in stamped.items():
        body = Checkpoint(point.origin, size, root_at(tree, size)).body
        files |= {f"{names.STAMPED}{size}": body.encode(), f"{names.STAMPED}{size}{names.TSR}": stamp}
    paths = {str(size): _base64(log.consistency(size)) for size in sorted(sizes) if 0 < size < point.size}
    return files | heads | {names.HISTORY: msgspec.json.encode(History(paths))}


def root_at(tree: Tree, size: int) -> bytes:
    """The root that the log had at an earlier size."""
    peaks: list[bytes] = []
    first = 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            level, within = divmod(height, HEIGHT)
            index, slot = divmod(first >> HEIGHT * level, WIDTH)
            peaks.append(tree_root(tree.hashes(level, index)[slot : slot + (1 << within)]))
            first += 1 << height
    root = peaks.pop()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return root


def _proof(log: Log, index: int) -> bytes:
    return TlogProof(index, tuple(log.inclusion(index)), log.checkpoint).text().encode()


def _logged(log: Log, index: int) -> LoggedEntry:
    entry = next(log.entries(index, index + 1)).decode()
    return LoggedEntry(index, entry, _base64(log.inclusion(index)))


def _base64(nodes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(node).decode() for node in nodes]


def _cosigned(log: Log) -> Iterator[tuple[str, bytes]]:
    """The newest heads with witnesses' cosignatures that the store keeps, up to the log's own."""
    for size, path in _newest(layout.cosigned_folder(log.root), "", log.checkpoint.size):
        data = path.read_bytes()
        try:
            fits = Checkpoint.parse(data.decode()).size == size
        except (StoreError, UnicodeDecodeError):
            fits = False
        if fits:  # a damaged one helps nobody; haechi verify names it
            yield f"{names.COSIGNED}{size}", data


def _stamped(log: Log) -> Iterator[tuple[int, bytes]]:
    for size, path in _newest(layout.stamped_folder(log.root), names.TSR, log.checkpoint.size):
        yield size, path.read_bytes()


def _newest(folder: Path, suffix: str, most: int) -> list[tuple[int, Path]]:
    found = [
        (int(path.name.removesuffix(suffix)), path)
        for path in folder.glob(f"*{suffix}")
        if path.name.removesuffix(suffix).isdecimal()
    ]
    return sorted(item for item in found if 0 < item[0] <= most)[-_HEADS:]
