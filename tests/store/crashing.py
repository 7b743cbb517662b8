"""Each verb that changes a store, run in a process of its own that is killed on the way.

The process kills itself with SIGKILL before its n-th step: opening a file to write, renaming, removing, linking,
making a folder, flushing. So a point is the same point every time. Others are killed from outside at any time.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from tests.store.sealed import check_store
from tests.store.shop import Shop

from haechi.collect import blocks
from haechi.evidence.signer import make_key, open_key
from haechi.model.settings import RetentionSettings
from haechi.store.catalog import Catalog
from haechi.store.compact import compact
from haechi.store.erase import erase
from haechi.store.expire import expire
from haechi.store.holds import add_hold
from haechi.store.store import Store

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.store.crashing"])

KEY = "haechi.key"
ERASED = "M7"
_STEPS = ("os.rename", "os.remove", "os.mkdir", "os.link", "os.rmdir")
_ASIDE = "SELECT * EXCLUDE path FROM aside ORDER BY source, seq"
_NEW = (3, 4)  # days that are collected by the verb itself


class Signed(Shop):
    """A shop whose log is signed."""

    @property
    def store(self) -> Store:
        return Store.open(self.path, open_key(self.root / KEY))


def prepare(root: Path) -> None:
    """The store before: four batches of two sources, three of them sorted, some records old enough to expire."""
    root.mkdir()
    make_key(root / KEY, "shop")
    shop = Signed(root)
    shop.collect([0], ("gateway", "partner"), lines=60)
    shop.collect([400], lines=60)
    compact(shop.store, shop.settings.store)
    shop.collect([1], lines=60)
    for day in _NEW:
        shop.log(day, lines=120)


def _collect(shop: Shop) -> None:
    shop.collect_files([shop.root / f"gateway-{day}.log" for day in _NEW])


def _expire(shop: Shop) -> None:
    expire(
        shop.store, msgspec.structs.replace(shop.settings, retention=RetentionSettings("1y", "few persons"))
    )


VERBS: dict[str, Callable[[Shop], Any]] = {
    "collect": _collect,
    "compact": lambda shop: compact(shop.store, shop.settings.store),
    "expire": _expire,
    "hold": lambda shop: add_hold(shop.store, "court 7"),
    "erase": lambda shop: erase(shop.store, shop.settings.store, ERASED, "asked for it"),
}


def run(verb: str, root: Path, die_at: int, told: Path | None = None) -> None:
    """Run a verb; before step `die_at` (from 1; 0: never) the process is killed. `told` gets the count of steps."""
    blocks.BLOCK_BYTES = 1 << 12  # several batches a file
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(event: str, given: tuple[Any, ...]) -> None:
        if event in _STEPS or (event == "open" and _writes(given)):
            step()

    flush = os.fsync

    def flushed(descriptor: int) -> None:
        step()
        flush(descriptor)

    os.fsync = flushed
    sys.addaudithook(hear)
    VERBS[verb](Signed(root))
    if told:
        told.write_text(str(steps))


def _writes(given: tuple[Any, ...]) -> bool:
    _, mode, flags = given
    return bool(set(mode or "") & set("wax+")) or bool(mode is None and flags & (os.O_WRONLY | os.O_RDWR))


def start(verb: str, root: Path, die_at: int = 0, told: Path | None = None) -> Any:
    """The process, started."""
    child = FORKS.Process(target=run, args=(verb, root, die_at, told))
    child.start()
    return child


@dataclass(frozen=True)
class Wanted:
    """What a verb makes of the store when nothing disturbs it."""

    records: pa.Table
    aside: pa.Table
    catalog: Catalog

    @classmethod
    def of(cls, shop: Shop) -> Wanted:
        return cls(shop.table(), shop.table(_ASIDE), shop.store.snapshot().catalog)


def check_again(root: Path, verb: str, wanted: Wanted) -> None:
    """After a crash: it opens, it verifies, and the same verb once more makes the store what it should be."""
    shop = Signed(root)
    shop.store.log().check()
    shop.store.snapshot()
    VERBS[verb](shop)
    gone = check_store(shop.store)
    found = Wanted.of(shop)
    assert found.records.equals(wanted.records) and found.aside.equals(wanted.aside)
    assert sum(map(len, gone.values())) == sum(wanted.catalog.erased.values())
    assert shop.files("tmp/*") == shop.files("next/*") == []
    catalog = found.catalog
    kinds = ("records", "aside", "raw", "leaves")
    files = [1 for batch in catalog.batches for kind in kinds if catalog.file_hash(batch.number, kind)]
    assert len(shop.files("batches/*/*")) == len(files)
    assert len(shop.files("compact/*")) == len(catalog.live_compactions())
    assert len({batch.number for batch in catalog.batches}) == len(catalog.batches)
    assert catalog.expired == wanted.catalog.expired and set(catalog.holds) >= set(wanted.catalog.holds)


def copy(template: Path, target: Path) -> Path:
    shutil.copytree(template, target)
    return target
