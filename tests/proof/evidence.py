"""A signed store with everything in it that a store can have, to verify and to tamper with."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from tests.evidence.authority import Authority
from tests.store.shop import Shop

from haechi.evidence import timestamp
from haechi.evidence.signer import FileSigner, make_key, open_key
from haechi.evidence.vkey import COSIGNATURE
from haechi.evidence.witness.cosigned import keep
from haechi.model.settings import RetentionSettings
from haechi.proof.verdict import Verdict
from haechi.proof.verify_store import Trust, Verified, verify_store
from haechi.report.custody import Look, record
from haechi.store.compact import compact
from haechi.store.erase import erase
from haechi.store.expire import expire
from haechi.store.holds import add_hold, lift_hold
from haechi.store.store import Store, make_store_key

KEY = "haechi.key"
LINES = 40
ERASED = "M7"


class SignedShop(Shop):
    """A shop whose log is signed. Days from 400 on are kept for a year yet, earlier ones are over."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        yearly = RetentionSettings("1y", "fewer than 50,000 persons")
        self.settings = msgspec.structs.replace(self.settings, retention=yearly)
        if not (root / KEY).exists():
            make_store_key(root / KEY)

    @property
    def signer(self) -> FileSigner:
        return open_key(self.root / KEY)

    @property
    def store(self) -> Store:
        return Store.open(self.path, self.signer)

    def take(self, days: Sequence[int], sources: Sequence[str] = ("gateway", "partner")) -> None:
        self.collect(days, sources, LINES)

    def verify(self, trust: Trust | None = None) -> Verified:
        """As the workspace's owner does."""
        own = Trust(keys=[self.signer.vkey]) if trust is None else trust
        return verify_store(self.path, own, self.root / KEY, self.settings)


@dataclass(frozen=True)
class Evidence:
    """The store of `shop`, as it is and as it was.

    older: copies of the whole folder at earlier times, the earliest first
    heads: all checkpoints that it had at these times
    """

    shop: SignedShop
    trust: Trust
    older: tuple[Path, ...]
    heads: tuple[str, ...]

    @property
    def root(self) -> Path:
        return self.shop.root

    def copy(self, to: Path) -> Path:
        """The store and its key in another folder; the store's path there."""
        shutil.copytree(self.root / "store", to / "store")
        for key in self.root.glob(f"{KEY}*"):
            shutil.copy(key, to / key.name)
        return to / "store"

    def verify(self, store: Path) -> Verified:
        return verify_store(store, self.trust, store.parent / KEY, self.shop.settings)


def make_evidence(root: Path, older: Path) -> Evidence:
    """Batches of two sources with lines set aside: expired, held, compacted, erased and as they came; cosigned
    by two witnesses and timestamped.
    """
    shop = SignedShop(root)
    anna, boris = (make_key(root / name, name) for name in ("anna", "boris"))
    one, two = (make_key(root / name, f"{name}.example", COSIGNATURE) for name in ("one", "two"))
    copies: list[Path] = []
    heads: list[str] = []

    def remember() -> None:
        heads.append((shop.path / "checkpoint").read_text())
        copies.append(older / str(len(copies)))
        shutil.copytree(shop.path, copies[-1] / "store")
        for key in root.glob(f"{KEY}*"):
            shutil.copy(key, copies[-1] / key.name)

    shop.take([0, 1])
    add_hold(shop.store, "order 7", sources=["partner"], lifters=[anna.vkey, boris.vkey])
    expire(shop.store, shop.settings)
    remember()
    shop.take([400, 401])
    compact(shop.store, shop.settings.store)
    remember()
    lift_hold(shop.store, "H-1", "closed", anna)
    lift_hold(shop.store, "H-1", "closed", boris)
    erase(shop.store, shop.settings.store, ERASED, "asked for")
    shop.take([402])
    add_hold(shop.store, "order 8", sources=["gateway"])
    record(shop.store, Look("case show", {"case": "C-1"}))
    roots = vouch(shop, [one, two], root / "authority")
    remember()
    shop.take([403], ["gateway"])
    remember()
    trust = Trust([shop.signer.vkey], [one.key, two.key], roots=roots)
    return Evidence(shop, trust, tuple(copies), tuple(heads))


def vouch(shop: SignedShop, witnesses: Sequence[FileSigner], authority: Path) -> bytes | None:
    """Have the newest head cosigned, and timestamped where openssl is there; the authority's root certificate."""
    point = shop.store.snapshot().head
    keep(shop.path, point, [witness.sign(point.body) for witness in witnesses])
    if shutil.which("openssl") is None:
        return None
    made = Authority(authority)
    with made.serving() as url:
        timestamp.stamp(shop.path, point, url, made.roots)
    return made.roots


def bad(found: Verified) -> list[Verdict]:
    return [verdict for verdict in found.verdicts if verdict.bad]


def described(found: Verified) -> str:
    """What is wrong, for a failing test."""
    return "\n".join(
        f"{v.state} {v.thing}: {v.sentence} [{v.where}]" for v in found.verdicts if v.state != "whole"
    )
