"""Whoever reads while somebody collects sees whole checkpoints, and nothing between two of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.store.shop import Shop

from haechi.collect import blocks
from haechi.store.store import Store

# Asks again and again what is there, until it is told to stop.
READER = """
import json, sys
from contextlib import closing
from pathlib import Path
from haechi.model.settings import StoreSettings
from haechi.store.open import open_engine
from haechi.store.store import Store
store, stop = Store.open(Path(sys.argv[1])), Path(sys.argv[2])
print("ready", flush=True)
last = False
while True:
    last = stop.exists()
    with store.reading():
        snapshot = store.snapshot()
        with closing(open_engine(snapshot, StoreSettings(memory="256MB", threads=1))) as engine:
            ((rows, sent),) = engine.rows("SELECT count(*), coalesce(sum(bytes), 0)::BIGINT FROM access")
            ((aside,),) = engine.rows("SELECT count(*) FROM aside")
            ((told,),) = engine.rows("SELECT coalesce(sum(rows), 0)::BIGINT FROM batch")
    print(json.dumps([snapshot.head.size, rows, sent, aside, told]), flush=True)
    if last:
        break
"""


def test_a_second_process_sees_whole_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1 << 13)
    shop, stop = Shop(tmp_path), tmp_path / "stop"
    shop.collect([0], lines=50)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(shop.path), str(stop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
        for day in range(1, 6):
            shop.collect([day], lines=2_000 + day)
        stop.touch()
        out, errors = reader.communicate(timeout=300)
    finally:
        reader.kill()
    assert reader.returncode == 0, errors
    seen = [tuple(json.loads(line)) for line in out.splitlines()]
    possible = states(shop.store)
    assert {state[0] for state in seen} <= possible.keys()
    assert [state for state in seen if state[1:] != possible[state[0]]] == []
    sizes = [state[0] for state in seen]
    assert sizes == sorted(sizes) and len(set(sizes)) > 3  # it did look in between, and never back
    assert seen[-1][0] == max(possible)


def states(store: Store) -> dict[int, tuple[int, int, int, int]]:
    """What stands in the store at each size of its log: records, bytes sent, units set aside, records as told."""
    catalog = store.snapshot().catalog
    headers = {catalog.entry_of(batch.number): batch for batch in catalog.batches}
    found, rows, sent, aside = {}, 0, 0, 0
    for size in range(1, store.snapshot().head.size + 1):
        batch = headers.get(size - 1)
        if batch is not None:
            rows, sent, aside = rows + batch.rows, sent + batch.bytes_sent, aside + batch.set_aside
        found[size] = (rows, sent, aside, rows)
    return found
