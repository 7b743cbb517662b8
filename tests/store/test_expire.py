"""Expiry: what goes, that its going is sealed, and that a hold wins at any moment."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from tests.store.sealed import check_store
from tests.store.shop import Shop

from haechi.evidence.signer import make_key
from haechi.model.errors import StoreError
from haechi.model.settings import RetentionSettings, Settings
from haechi.store import expire as module
from haechi.store.compact import compact
from haechi.store.expire import expire, preview
from haechi.store.holds import active_holds, add_hold, lift_hold, standings
from haechi.store.leaves import numbers_of
from haechi.store.store import Store, Writer

YEAR = RetentionSettings("1y", "fewer than 50,000 persons")
DAY = 86_400_000_000


@pytest.fixture
def yearly(shop: Shop) -> Settings:
    """Settings that keep records for a year: those of the shop are older."""
    return msgspec.structs.replace(shop.settings, retention=YEAR)


def test_by_default_two_years_are_kept(shop: Shop) -> None:
    shop.collect([0])
    assert preview(shop.store, shop.settings).going == ()
    before = shop.files("**/*")
    assert expire(shop.store, shop.settings).plan.going == ()
    assert shop.files("batches/**/*") == [file for file in before if file.startswith("batches/")]


def test_looking_changes_nothing(shop: Shop, yearly: Settings) -> None:
    shop.collect([0, 1])
    size = shop.store.snapshot().head.size
    (part,) = preview(shop.store, yearly).going
    assert (part.source, part.rows, part.set_aside, part.numbers) == ("gateway", 200, 2, (0, 1))
    assert shop.store.snapshot().head.size == size and shop.one("SELECT count(*) FROM access") == 200


def test_what_is_over_goes_and_is_sealed(shop: Shop, yearly: Settings) -> None:
    shop.collect([0, 1, 400], ("gateway", "partner"))
    compact(shop.store, yearly.store)
    done = expire(shop.store, yearly)
    assert [(part.source, part.rows) for part in done.plan.going] == [("gateway", 200), ("partner", 200)]
    assert done.remaining == 0
    catalog = shop.store.snapshot().catalog
    assert [(leaf.source, leaf.rows, leaf.keep, leaf.reason) for leaf in catalog.expiries] == [
        ("gateway", 200, "1y", YEAR.keep_reason),
        ("partner", 200, "1y", YEAR.keep_reason),
    ]
    assert len(catalog.expired) == 4 and shop.one("SELECT count(*) FROM access") == 200
    assert shop.one("SELECT count(*) FROM batch WHERE gone = 'expired'") == 4
    assert shop.one("SELECT count(*) FROM aside") == 2
    assert len(shop.files("batches/*/*.raw.zst")) == len(shop.files("compact/*")) == 2
    assert not any(check_store(shop.store).values())
    assert expire(shop.store, yearly).plan.going == ()


def test_the_same_file_is_not_stored_again(shop: Shop, yearly: Settings) -> None:
    shop.collect([0])
    expire(shop.store, yearly)
    shop.collect([0])
    assert shop.one("SELECT count(*) FROM access") == 0


def test_a_hold_wins_until_two_have_lifted_it(shop: Shop, yearly: Settings, tmp_path: Path) -> None:
    shop.collect([0, 1, 2])
    middle = shop.store.snapshot().batches[1]
    anna, boris = (make_key(tmp_path / name, name) for name in ("anna", "boris"))
    laid = add_hold(
        shop.store, "order 7", first=middle.first, last=middle.last, sources=["gateway"],
        lifters=[anna.vkey, boris.vkey],
    )  # fmt: skip
    assert laid.id == "H-1" and add_hold(shop.store, "order 8", first=0, last=1).id == "H-2"
    done = expire(shop.store, yearly)
    assert [part.numbers for part in done.plan.going] == [(0, 2)]
    assert [(part.numbers, part.holds) for part in done.plan.held] == [((1,), ("H-1",))]
    assert lift_hold(shop.store, "H-1", "closed", anna).active
    with pytest.raises(StoreError, match="different person"):
        lift_hold(shop.store, "H-1", "closed", anna)
    assert expire(shop.store, yearly).plan.going == ()
    assert not lift_hold(shop.store, "H-1", "closed", boris).active
    assert [part.numbers for part in expire(shop.store, yearly).plan.going] == [(1,)]
    with pytest.raises(StoreError, match="no hold of that name"):
        lift_hold(shop.store, "H-9", "closed", boris)
    assert [standing.active for standing in standings(shop.store.snapshot().catalog)] == [False, True]


def test_a_hold_that_protects_nothing_is_refused(shop: Shop) -> None:
    with pytest.raises(StoreError, match="ends before it begins"):
        add_hold(shop.store, "order", first=2, last=1)
    with pytest.raises(StoreError, match="one person alone"):
        add_hold(shop.store, "order", lifters=["a", "a"])


def test_files_go_when_nobody_reads(shop: Shop, yearly: Settings) -> None:
    shop.collect([0])
    with shop.store.reading():
        assert expire(shop.store, yearly).remaining == 4
        assert len(shop.files("batches/*/*")) == 4
    with shop.store.writer():
        pass
    assert shop.files("batches/*/*") == []


def test_a_crash_after_the_entry_is_made_good(
    shop: Shop, yearly: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.collect([0])
    tidied: list[int] = []

    def crash(_: Writer) -> None:
        tidied.append(1)
        if len(tidied) == 2:  # the first is that of the writer's beginning
            raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Writer, "tidy", crash)
        expire(shop.store, yearly)
    assert len(shop.files("batches/*/*")) == 4 and shop.one("SELECT count(*) FROM access") == 0
    with shop.store.writer():
        pass
    assert shop.files("batches/*/*") == []


def test_a_clock_that_leapt_ahead_expires_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.collect([0])
    later = module.now() + 2 * 366 * DAY
    monkeypatch.setattr(module, "now", lambda: later)
    with pytest.raises(StoreError, match="more than a month"):
        expire(shop.store, shop.settings)
    assert shop.one("SELECT count(*) FROM access") == 100
    assert expire(shop.store, shop.settings, clock_is_right=True).plan.going[0].rows == 100


def test_many_batches_need_several_entries(
    shop: Shop, yearly: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(3):  # one source's batches between the other's: no ranges to join
        shop.collect([day], ("gateway", "partner"), lines=20)
    monkeypatch.setattr(module, "MOST_RANGES", 2)
    expire(shop.store, yearly)
    leaves = shop.store.snapshot().catalog.expiries
    assert [len(leaf.batches) for leaf in leaves] == [2, 1, 2, 1]
    assert sum(leaf.rows for leaf in leaves) == 120


@pytest.mark.parametrize("attempt", range(4))
def test_a_hold_laid_at_the_same_moment(shop: Shop, yearly: Settings, attempt: int) -> None:
    """Whichever entry comes first in the log holds: no batch expires after a hold on it was laid."""
    shop.collect(range(4), lines=20)
    ready = threading.Barrier(2)

    def lay() -> None:
        ready.wait()
        for _ in range(3):
            add_hold(Store.open(shop.path), "order 1")

    other = threading.Thread(target=lay)
    other.start()
    ready.wait()
    expire(shop.store, yearly)
    other.join()
    snapshot = shop.store.snapshot()
    assert len(active_holds(snapshot.catalog)) == 3 and len(snapshot.catalog.holds) == 3
    kinds = [msgspec.json.decode(entry)["kind"] for entry in shop.store.log().open().entries()]
    expired = {number for leaf in snapshot.catalog.expiries for number in numbers_of(leaf.batches)}
    if "expiry" in kinds:
        assert kinds.index("expiry") < kinds.index("hold")
    assert expired in (set(), {0, 1, 2, 3})
    check_store(shop.store)
