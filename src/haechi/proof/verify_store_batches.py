"""All batches of a store: in groups, on all processors, in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from haechi.proof.verdict import Verdict, amount
from haechi.proof.verify_batch import Group
from haechi.proof.verify_store_files import Shelf
from haechi.proof.verify_store_units import report
from haechi.store import layout
from haechi.store.header import BatchHeader
from haechi.store.leaves import CompactionLeaf, numbers_of

Progress = Callable[[int, int], None]  # batches done, batches in all


def check_batches(shelf: Shelf, progress: Progress | None = None) -> Iterator[Verdict]:
    """A verdict on each batch whose files should be there, and on each compaction."""
    catalog = shelf.catalog
    numbers = {header.number for header in catalog.batches}
    single = [
        header
        for header in catalog.batches
        if header.number not in catalog.compacted and header.number not in catalog.expired
    ]
    done, total = 0, len(numbers - catalog.expired)
    with ThreadPoolExecutor(os.cpu_count() or 1, "verify") as pool:
        for leaf in catalog.live_compactions():
            held = [
                number for number in numbers_of(leaf.batches) if catalog.compacted.get(number) == leaf.number
            ]
            yield from _compaction(shelf, leaf, [catalog.batch(n) for n in held if n in numbers], pool)
            done += len(held)
            if progress:
                progress(done, total)
        for verdicts in pool.map(lambda header: _single(shelf, header), single):
            yield from verdicts
            done += 1
            if progress:
                progress(done, total)


def _single(shelf: Shelf, header: BatchHeader) -> list[Verdict]:
    group = Group(shelf, [header])
    group.load(0)
    path = shelf.file(layout.records_file, header.number)
    wanted = shelf.catalog.file_hash(header.number, "records")
    damage = shelf.compare(f"batch {header.number}", "its records are", path, wanted, header.rows)
    if damage is None or damage.state != "missing":
        group.read(path, header.table, header.source)
    else:
        group.broken = "missing"
    found = report(group, group.members[0], damage)
    if group.foreign or (group.broken and damage is None):
        found = [verdict for verdict in found if verdict.state != "whole"]
        found.append(_strangers(f"batch {header.number}", group, shelf.name(path)))
    return found


def _compaction(
    shelf: Shelf, leaf: CompactionLeaf, headers: list[BatchHeader], pool: ThreadPoolExecutor
) -> Iterator[Verdict]:
    thing = f"compaction {leaf.number}"
    path = shelf.file(layout.compact_file, leaf.number)
    if not headers:
        yield Verdict(
            thing, "unknown", "the entries of all its batches are lost", shelf.name(path), leaf.source
        )
        return
    group = Group(shelf, headers)
    for _ in pool.map(group.load, range(len(group.members))):
        pass
    damage = shelf.compare(thing, "its file is", path, leaf.sha256, leaf.rows)
    if damage is None or damage.state != "missing":
        group.read(path, leaf.table, leaf.source, pool)
    else:
        group.broken = "missing"
    if damage is not None:
        yield damage
    found = sum(member.rows for member in group.members) + group.foreign
    if group.foreign or (group.broken and damage is None):
        yield _strangers(thing, group, shelf.name(path))
    elif not group.broken and found != leaf.rows:
        told = f"it holds {found:,} records, and its entry says {leaf.rows:,}"
        yield Verdict(thing, "altered", told, shelf.name(path), leaf.source, count=abs(found - leaf.rows))
    elif damage is None:
        told = (
            f"{amount(leaf.rows, 'record')} of {amount(len(headers), 'batch', 'batches')} of {leaf.source}, none lost "
            "and none doubled"
        )
        yield Verdict(thing, "whole", told, shelf.name(path), leaf.source, count=leaf.rows)
    for member in group.members:
        yield from report(group, member, damage)


def _strangers(thing: str, group: Group, where: str) -> Verdict:
    if group.broken:
        return Verdict(thing, "altered", f"its records cannot be read to their end ({group.broken})", where)
    told = f"{amount(group.foreign, 'row')} in it: no unit of its batches"
    return Verdict(thing, "altered", told, where, count=group.foreign)
