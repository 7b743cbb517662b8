"""Haechi's own reading alone: `python -m benchmarks.peers.parse FILE`.

The same cutting, parsing, normalising and routing as `haechi collect`, in as many threads, and then nothing is kept:
no leaf, no file, no checkpoint. For comparison with programs that keep nothing either.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa

from haechi.collect import block as blocks
from haechi.collect.blocks import BlockReader
from haechi.collect.normalise import UNIT
from haechi.collect.opening import Unread, expand
from haechi.collect.place import Place
from haechi.collect.resume import Start
from haechi.collect.run import Collector, Job
from haechi.collect.tally import Entry
from haechi.model.settings import Settings
from haechi.store.store import Store


class Reader(Collector):
    """A collector that throws away what it has read."""

    records = 0

    def _read_blocks(
        self,
        plan: blocks.Plan,
        start: Start,
        path: str,
        reader: BlockReader,
        pool: ThreadPoolExecutor,
        entry: Entry,
    ) -> None:
        place, waiting = Place(path, start.begin, start.lines + 1, 0, 0), list[Future[int]]()
        for data, framed in reader.blocks(start.begin):
            waiting.append(pool.submit(_read, plan, place.take(data, framed)))
            while len(waiting) > (os.cpu_count() or 1):
                self.records += waiting.pop(0).result()
        self.records += sum(one.result() for one in waiting)


def _read(plan: blocks.Plan, block: blocks.Block) -> int:
    numbers = pa.array(np.arange(len(block.framed.text), dtype=np.int64))
    units = pa.table({UNIT: numbers, "line": block.framed.text})
    rows, _, _ = blocks._read_units(blocks._connection(plan.root), plan, block, units)
    return len(rows)


def main() -> None:
    jobs = [Job(item, None) for item in expand([sys.argv[1]]) if not isinstance(item, Unread)]
    with tempfile.TemporaryDirectory(prefix="haechi-parse-") as folder:
        store = Store.open(Path(folder))
        with store.writer() as writer:
            reader = Reader(writer, Settings(), live=False)
            reader.run(jobs)
    json.dump({"lines": reader.records}, sys.stdout)


if __name__ == "__main__":
    main()
