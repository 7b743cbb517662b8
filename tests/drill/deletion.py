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
    """Copy a workspace without this share of the lines of its gateway (or issuance) logs. Returns the lines lost.

    Each log becomes one plain file: what is lost counts here, not how it was packed.
    """
    shutil.copytree(world, out, ignore=shutil.ignore_patterns("store", "*.key", "logs"))
    (out / "logs").mkdir()
    lost = 0
    for log, ending in (("gateway", "json"), ("issuance", "jsonl")):
        lines = [line for path in sorted((world / "logs").glob(f"{log}-*")) for line in _read(path)]
        kept = _kept(lines, kind, share, random) if (log == "issuance") == (kind == "issuance") else lines
        (out / "logs" / f"{log}-all.{ending}").write_bytes(b"".join(kept))
        lost += len(lines) - len(kept)
    return lost


def _kept(lines: list[bytes], kind: str, share: float, random: Random) -> list[bytes]:
    begin = random.randrange(max(1, round(len(lines) * (1 - share))))
    if kind == "time":
        return lines[:begin] + lines[begin + round(len(lines) * share) :]
    machine = random.choice([b'"node":"gw-1"', b'"node":"gw-2"'])
    return [line for line in lines if random.random() >= share or (kind == "machine" and machine not in line)]


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
