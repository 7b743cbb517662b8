"""Legal holds: what may neither expire nor be erased, and how two people end one.

A hold is an entry of the evidence log, and so is each person's agreement to lift it. Whether a hold stands is
worked out from these entries alone, so that an outsider comes to the same answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from haechi.evidence.signer import Signer, sign_bytes, verify_bytes
from haechi.evidence.vkey import Vkey
from haechi.model.errors import StoreError
from haechi.store.account import account, person_of
from haechi.store.catalog import Catalog
from haechi.store.header import BatchHeader
from haechi.store.leaves import HoldLeaf, LiftLeaf, signed_part, write_leaf
from haechi.store.store import Store, now

NEEDED = 2  # different people who must agree to lift a hold


class Holds(Protocol):
    """What is asked of a catalog here."""

    @property
    def holds(self) -> Mapping[str, HoldLeaf]:
        """By id, in the order of the log."""
        ...

    @property
    def lifts(self) -> Mapping[str, Sequence[LiftLeaf]]:
        """By the hold's id."""
        ...


@dataclass(frozen=True)
class Standing:
    """One hold and what became of it. `agreed`: one agreement a person, the earliest."""

    hold: HoldLeaf
    agreed: tuple[LiftLeaf, ...]

    @property
    def active(self) -> bool:
        """Whether it still protects what it covers."""
        return len(self.agreed) < NEEDED

    @property
    def ended(self) -> int | None:
        """When it ended, microseconds since 1970 UTC."""
        return None if self.active else self.agreed[NEEDED - 1].at


def standings(catalog: Holds) -> list[Standing]:
    """Every hold with the agreements to lift it that count, in the order in which the holds were laid."""
    lifts = catalog.lifts
    return [Standing(hold, tuple(_agreed(hold, lifts.get(hold.id, ())))) for hold in catalog.holds.values()]


def active_holds(catalog: Holds) -> list[HoldLeaf]:
    """The holds that stand."""
    return [standing.hold for standing in standings(catalog) if standing.active]


def holding(batch: BatchHeader, holds: Iterable[HoldLeaf]) -> list[HoldLeaf]:
    """Those of the holds that protect a batch. One without times is protected by every hold on its source."""
    return [hold for hold in holds if _covers(hold, batch)]


def next_id(holds: Mapping[str, HoldLeaf]) -> str:
    """The name of the next hold: H-1, H-2 and so on."""
    numbers = [int(name[2:]) for name in holds if name[:2] == "H-" and name[2:].isdecimal()]
    return f"H-{max(numbers, default=0) + 1}"


def add_hold(
    store: Store,
    order: str,
    *,
    first: int | None = None,
    last: int | None = None,
    sources: Sequence[str] = (),
    lifters: Sequence[str] = (),
) -> HoldLeaf:
    """Lay a hold, also while another process collects. It stands when this returns.

    first, last: microseconds since 1970 UTC, both included; None: from the beginning, without end
    sources:     names; none: all
    lifters:     public keys of those of whom two may lift it; none: two accounts of the operating system

    Raises:
        StoreError: the span ends before it begins, one lifter alone is named, or the log cannot be written.
    """
    if first is not None and last is not None and last < first:
        raise StoreError("the span of the hold ends before it begins", kept="no hold was laid")
    if 0 < len(set(lifters)) < NEEDED:
        raise StoreError("a hold that one person alone could lift is none", kept="no hold was laid")
    made: list[HoldLeaf] = []

    def lay(catalog: Catalog) -> list[HoldLeaf]:
        name = next_id(catalog.holds)
        made.append(HoldLeaf(now(), account(), name, first, last, tuple(sources), order, tuple(lifters)))
        return made

    store.decide(lay)
    return made[0]


def lift_hold(store: Store, name: str, reason: str, signer: Signer | None = None) -> Standing:
    """Agree to lift a hold. It stands until a second, different person has agreed too.

    Raises:
        StoreError: there is no such hold, or one of the reasons of `make_lift`.
    """
    made: list[Standing] = []

    def agree(catalog: Catalog) -> list[LiftLeaf]:
        standing = next((one for one in standings(catalog) if one.hold.id == name), None)
        if standing is None:
            known = ", ".join(catalog.holds) or "none"
            raise StoreError(f"there is no hold of that name; there are: {known}", kept="nothing was changed")
        lift = make_lift(standing, at=now(), by=account(), reason=reason, signer=signer)
        made.append(Standing(standing.hold, (*standing.agreed, lift)))
        return [lift]

    store.decide(agree)
    return made[0]


def make_lift(standing: Standing, *, at: int, by: str, reason: str, signer: Signer | None = None) -> LiftLeaf:
    """One person's agreement to lift a hold.

    Raises:
        StoreError: the hold has ended; the same person has agreed already; the hold names custodians, and there
            is no key or another person's; or it names none and a key was given.
    """
    hold = standing.hold
    if not standing.active:
        raise _refused(f"the hold {hold.id} was lifted before", "nothing is to be done")
    leaf = LiftLeaf(at=at, by=by, hold=hold.id, reason=reason, seals=seal_of(hold))
    if hold.lifters:
        leaf = _signed(leaf, hold, signer)
    elif signer is not None:
        raise _refused(
            f"the hold {hold.id} names no custodians: a key says nothing about it",
            "run the command without --key, each of the two people from an account of their own",
        )
    if any(_person(earlier) == _person(leaf) for earlier in standing.agreed):
        raise _refused(
            f"the same person has agreed to lift {hold.id} before: a second, different person is needed",
            "let another custodian agree"
            if hold.lifters
            else "let somebody else agree, from another account",
        )
    return leaf


def seal_of(hold: HoldLeaf) -> str:
    """SHA-256 of the hold's entry, hex: an agreement names it, so that it fits no other hold of that name."""
    return hashlib.sha256(write_leaf(hold)).hexdigest()


def _signed(leaf: LiftLeaf, hold: HoldLeaf, signer: Signer | None) -> LiftLeaf:
    if signer is None:
        raise _refused(
            f"the hold {hold.id} can only be lifted with the keys of two of its custodians",
            "name a custodian's key with --key",
        )
    if signer.vkey not in hold.lifters:
        raise _refused(
            f"this key belongs to none of the custodians of {hold.id}",
            "use the key of a person who was a custodian when the hold was laid",
        )
    named = msgspec.structs.replace(leaf, vkey=signer.vkey)
    return msgspec.structs.replace(named, signature=sign_bytes(signer, signed_part(named)))


def _agreed(hold: HoldLeaf, lifts: Sequence[LiftLeaf]) -> list[LiftLeaf]:
    """The agreements that count: of this very hold, by those who may, one a person."""
    found: dict[str, LiftLeaf] = {}
    for lift in lifts:
        if lift.hold == hold.id and lift.seals == seal_of(hold) and _may(hold, lift):
            found.setdefault(_person(lift), lift)
    return list(found.values())


def _may(hold: HoldLeaf, lift: LiftLeaf) -> bool:
    if not hold.lifters:
        return not lift.vkey
    return lift.vkey in hold.lifters and verify_bytes(lift.vkey, signed_part(lift), lift.signature)


def _person(lift: LiftLeaf) -> str:
    """Who agreed, to compare: the key itself and not its name, or the account."""
    return Vkey.parse(lift.vkey).key.hex() if lift.vkey else person_of(lift.by)


def _covers(hold: HoldLeaf, batch: BatchHeader) -> bool:
    if hold.sources and batch.source not in hold.sources:
        return False
    if batch.first is None or batch.last is None:
        return True
    begins_after = hold.first is not None and batch.last < hold.first
    ends_before = hold.last is not None and batch.first > hold.last
    return not (begins_after or ends_before)


def _refused(what: str, todo: str) -> StoreError:
    return StoreError(what, kept="the hold stands as it was", todo=todo)
