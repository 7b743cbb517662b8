"""Delete records from a made world, inspect what is left, and ask whether the truth lies within what is said."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pyarrow.compute as pc
import pyarrow.parquet as pq
import zstandard

from haechi.report.inspection import inspect
from haechi.report.workspaces import open_workspace

KINDS = ("time", "machine", "random", "issuance")
SHARES = (0.01, 0.1, 0.3)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Law:
    """What is said of all cases together, and what is true of their time. `most`: None is "no bound"."""

    confirmed: int  # bad requests that a case holds
    claimed: int  # requests that a case holds
    most: int | None
    truth: int
    persons: int
    persons_most: int | None
    true_persons: int

    @property
    def holds(self) -> bool:
        """Truth lies within confirmed and confirmed + possible, requests and persons alike."""
        above = self.most is not None and self.truth > self.confirmed + self.most
        crowd = self.persons_most is not None and self.true_persons > self.persons + self.persons_most
        return self.claimed == self.confirmed <= self.truth and not above and not crowd


def delete(world: Path, out: Path, kind: str, share: float, random: Random) -> int:
    """Copy a workspace without this share of the lines of its gateway (or issuance) logs. Returns the lines lost."""
    shutil.copytree(world, out, ignore=shutil.ignore_patterns("store", "*.key"))
    log = "issuance" if kind == "issuance" else "gateway"
    paths = sorted((out / "logs").glob(f"{log}-*"))
    texts = [_read(path) for path in paths]
    total = sum(len(lines) for lines in texts)
    begin = random.randrange(max(1, round(total * (1 - share))))
    window = range(begin, begin + round(total * share))
    machine = random.choice([b'"node":"gw-1"', b'"node":"gw-2"'])
    lost, at = 0, 0
    for path, lines in zip(paths, texts, strict=True):
        kept = []
        for line in lines:
            gone = at in window if kind == "time" else random.random() < share
            if kind == "machine" and machine not in line:
                gone = False
            at += 1
            lost += gone
            if not gone:
                kept.append(line)
        _write(path, kept)
    return lost


def law(workspace: Path, truth: Path) -> Law:
    """Inspect, and put all cases beside the truth of their time, a day more on either side."""
    requests, persons = pq.read_table(truth / "requests.parquet"), pq.read_table(truth / "persons.parquet")
    bad = set(zip(requests["node"].to_pylist(), requests["node_seq"].to_pylist(), strict=True))
    claimed: set[tuple[str, int]] = set()
    named: set[str] = set()
    most: int | None = 0
    crowd: int | None = 0
    first, last = datetime.max, datetime.min
    with inspect([], open_workspace(workspace)) as inspected:
        for case in inspected.inspection.cases:
            rows = inspected.requests(case.id)
            claimed |= set(zip(rows["node"].to_pylist(), rows["node_seq"].to_pylist(), strict=True))
            named |= set(inspected.persons(case.id)["person"].to_pylist())
            possible = case.scope.possible
            most = _add(most, possible.requests.at_most)
            crowd = _add(crowd, possible.persons.at_most)
            first = min(first, case.first_seen.replace(tzinfo=None) - DAY)
            last = max(last, case.last_seen.replace(tzinfo=None) + DAY)
    time = requests["time"]
    there = pc.sum(pc.and_(pc.greater_equal(time, first), pc.less_equal(time, last))).as_py() or 0
    shown = persons.filter(
        pc.and_(pc.greater_equal(persons["first_shown"], first), pc.less_equal(persons["first_shown"], last))
    )
    everybody = set(shown["person"].to_pylist())
    return Law(len(claimed & bad), len(claimed), most, there, len(named & everybody), crowd, len(everybody))


def _add(sum_: int | None, more: int | None) -> int | None:
    return None if sum_ is None or more is None else sum_ + more


def _read(path: Path) -> list[bytes]:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    elif path.suffix == ".zst":
        raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
    return raw.splitlines(keepends=True)


def _write(path: Path, lines: list[bytes]) -> None:
    raw = b"".join(lines)
    if path.suffix == ".gz":
        raw = gzip.compress(raw, mtime=0)
    elif path.suffix == ".zst":
        raw = zstandard.ZstdCompressor().compress(raw)
    path.write_bytes(raw)
