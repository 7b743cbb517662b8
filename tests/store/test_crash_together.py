"""Two processes at once: nobody waits for long, nobody sees half of anything, and a hold is never overlooked."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from tests.store.crashing import VERBS, Signed, Wanted, check_again, copy, prepare, start
from tests.store.sealed import check_store
from tests.store.shop import Shop

from haechi.model.errors import StoreError
from haechi.model.settings import StoreSettings
from haechi.store.compact import compact
from haechi.store.holds import add_hold
from haechi.store.leaves import numbers_of
from haechi.store.open import open_engine


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("together") / "before"
    prepare(folder)
    return folder


def test_holds_are_laid_while_another_process_collects(template: Path, tmp_path: Path) -> None:
    undisturbed = Signed(copy(template, tmp_path / "undisturbed"))
    VERBS["collect"](undisturbed)
    root = copy(template, tmp_path / "shop")
    shop = Signed(root)
    child = start("collect", root)
    laid = []
    while child.is_alive() or not laid:
        laid.append(add_hold(shop.store, f"order {len(laid)}").id)
        time.sleep(0.02)
    child.join(120)
    assert child.exitcode == 0
    assert laid == [f"H-{number + 1}" for number in range(len(laid))]
    assert list(shop.store.snapshot().catalog.holds) == laid
    check_again(root, "collect", Wanted.of(undisturbed))


def test_a_reader_is_undisturbed_by_compaction(template: Path, tmp_path: Path) -> None:
    root = copy(template, tmp_path / "shop")
    shop = Signed(root)
    counted = "SELECT count(*), sum(seq), count(DISTINCT (source, seq)) FROM access"
    with shop.store.reading(), closing(open_engine(shop.store.snapshot(), shop.settings.store)) as engine:
        before = engine.rows(counted)
        child = start("compact", root)
        seen = []
        while child.is_alive() or not seen:
            seen.append(engine.rows(counted))
            # Who opens the store anew sees every record once too, before and after.
            with closing(open_engine(shop.store.snapshot(), shop.settings.store)) as other:
                seen.append(other.rows(counted))
        child.join(120)
        seen.append(engine.rows(counted))
    assert child.exitcode == 0 and set(map(tuple, seen)) == {tuple(before)}
    assert shop.store.snapshot().catalog.own_records("access") == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_hold_and_an_expiry_of_two_processes(template: Path, tmp_path: Path, attempt: int) -> None:
    root = copy(template, tmp_path / "shop")
    shop = Signed(root)
    children = [start("expire", root), start("hold", root)]
    for child in children[:: 1 - 2 * (attempt % 2)]:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0]
    kinds = [msgspec.json.decode(entry)["kind"] for entry in shop.store.log().open().entries()]
    catalog = shop.store.snapshot().catalog
    assert catalog.expired == {number for leaf in catalog.expiries for number in numbers_of(leaf.batches)}
    assert bool(catalog.expired) == ("expiry" in kinds)
    assert "expiry" not in kinds or kinds.index("expiry") < kinds.index("hold")
    check_store(shop.store)


def test_a_second_writer_is_refused(shop: Shop) -> None:
    shop.collect([0])
    with shop.store.writer(), pytest.raises(StoreError, match="another process is writing"):
        compact(shop.store, StoreSettings())
    assert compact(shop.store, StoreSettings()).files == 1
