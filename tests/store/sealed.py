"""Is every batch as its entry in the log says? Worked out unit by unit, from `docs/evidence.md` alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from haechi.evidence import jcs
from haechi.evidence.merkle import tree_root
from haechi.model.tables import SCHEMAS
from haechi.store import layout
from haechi.store.catalog import Catalog
from haechi.store.header import BatchHeader
from haechi.store.leaves_file import LeavesFile
from haechi.store.raw_file import RawFile
from haechi.store.store import Store

MAGIC = b"haechi-keys-1\n"


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def check_store(store: Store) -> dict[int, list[int]]:
    """Check the log, all hashes of files, roots and leaves. Returns the seqs in each batch whose unit is gone."""
    store.log().check()
    catalog = store.snapshot().catalog
    for period, wanted in catalog.period_keys.items():
        assert sha(layout.period_file(store.root, period).read_bytes()).hex() == wanted, period
    for leaf in catalog.live_compactions():
        assert sha(layout.compact_file(store.root, leaf.number).read_bytes()).hex() == leaf.sha256
    gone = {}
    for batch in catalog.batches:
        if batch.number not in catalog.expired:
            gone[batch.number] = _check_batch(store, catalog, batch)
            assert len(gone[batch.number]) == catalog.erased.get(batch.number, 0)
    return gone


def _check_batch(store: Store, catalog: Catalog, batch: BatchHeader) -> list[int]:
    for kind, file in layout.batch_files(store.root, batch.number).items():
        wanted = catalog.file_hash(batch.number, kind)
        if wanted:
            assert sha(file.read_bytes()).hex() == wanted, file
        elif kind != "records":  # that one may stay until nobody reads
            assert not file.exists(), file
    leaves = LeavesFile.open(layout.leaves_file(store.root, batch.number))
    assert leaves.count == batch.units and tree_root(leaves.hashes).hex() == batch.root
    raw = RawFile.open(layout.raw_file(store.root, batch.number))
    records = _records(store.root, catalog, batch)
    gone = []
    for unit in range(batch.units):
        seq = batch.seq_from + unit
        if seq not in records:
            assert raw.unit(unit) == b"", "a unit without a record has no bytes"
            gone.append(seq)
            continue
        person, record = records[seq]
        blind = sha(leaves.batch_key + _key(store.root, batch.period, person) + seq.to_bytes(8, "big"))
        leaf = blind + sha(raw.unit(unit)) + sha(record)
        assert sha(b"\0" + leaf) == bytes(leaves.hashes[unit]), f"unit {seq}"
    return gone


def _records(root: Path, catalog: Catalog, batch: BatchHeader) -> dict[int, tuple[str, bytes]]:
    """seq -> the person and the canonical form of each record and each set-aside unit that is there."""
    files = []
    if batch.rows:
        home = catalog.compacted.get(batch.number)
        own = layout.records_file(root, batch.number)
        files.append(own if home is None else layout.compact_file(root, home))
    if batch.set_aside:
        files.append(layout.aside_file(root, batch.number))
    found = {}
    for file in files:
        rows = pq.read_table(file)
        assert rows.schema.metadata[b"haechi.salt"]
        for row in range(len(rows)):
            values = {name: _plain(rows[name][row]) for name in rows.column_names}
            if batch.seq_from <= values["seq"] <= batch.seq_to:
                found[values["seq"]] = (_person(batch, values), jcs.canonical(values))
    return found


def _person(batch: BatchHeader, values: dict[str, Any]) -> str:
    if set(values) != set(SCHEMAS[batch.table].names):
        return ""  # a set-aside unit
    names = {
        "access": ("subject", "actor"),
        "issuance": ("actor",),
        "subject": ("subject",),
        "person": ("person",),
    }
    return next((values[name] for name in names[batch.table] if values[name] is not None), "")


def _plain(scalar: Any) -> Any:
    if hasattr(scalar, "value"):
        return scalar.value if scalar.is_valid else None
    value = scalar.as_py()
    return value.hex() if isinstance(value, bytes) else value


def _key(root: Path, period: str, person: str) -> bytes:
    data = layout.period_file(root, period).read_bytes()
    name = sha(person.encode())
    explicit = data[len(MAGIC) + 4096 * 32 :]
    for at in range(0, len(explicit), 64):
        if explicit[at : at + 32] == name:
            return explicit[at + 32 : at + 64]
    bucket = len(MAGIC) + 32 * (int.from_bytes(name[:2], "big") >> 4)
    return sha(data[bucket : bucket + 32] + name)
