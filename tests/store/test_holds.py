"""Legal holds: what they protect, and who ends them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.headers import Books, header, hold

from haechi.evidence.signer import FileSigner, make_key, sign_bytes
from haechi.model.errors import StoreError
from haechi.store.account import account, person_of
from haechi.store.holds import (
    Standing,
    active_holds,
    holding,
    make_lift,
    next_id,
    seal_of,
    standings,
)  # fmt: skip
from haechi.store.leaves import HoldLeaf, LiftLeaf, signed_part

_TIME = st.integers(0, 30)


@given(st.none() | _TIME, st.none() | _TIME, _TIME, _TIME, st.sampled_from([(), ("a",), ("b",), ("a", "b")]))
def test_a_hold_protects_what_shares_a_moment_with_it(
    begin: int | None, end: int | None, one: int, other: int, sources: tuple[str, ...]
) -> None:
    batch = header(0, min(one, other), max(one, other), source="a")
    moments = range(min(one, other), max(one, other) + 1)
    shares = any((begin is None or t >= begin) and (end is None or t <= end) for t in moments)
    laid = hold(first=begin, last=end, sources=sources)
    if begin is None or end is None or begin <= end:
        assert bool(holding(batch, [laid])) is (shares and (not sources or "a" in sources))


def test_a_batch_without_times_is_protected_by_every_hold_on_its_source() -> None:
    batch = header(0, None, None, source="members", table="subject")
    on_it, elsewhere = hold("H-1", 5, 6, ["members"]), hold("H-2", 5, 6, ["gateway"])
    assert holding(batch, [on_it, elsewhere, hold("H-3", 5, 6)]) == [on_it, hold("H-3", 5, 6)]


@given(st.lists(st.integers(1, 40), unique=True, max_size=8))
def test_the_next_name_is_new(numbers: list[int]) -> None:
    holds = {f"H-{n}": hold(f"H-{n}") for n in numbers}
    assert next_id({**holds, "other": hold("other")}) not in holds


def lift(name: str, by: str, at: int = 0, of: HoldLeaf | None = None) -> LiftLeaf:
    return LiftLeaf(at, by, name, "done", seal_of(of or hold(name)))


@given(st.lists(st.integers(0, 3), max_size=6))
def test_two_accounts_end_a_hold(uids: list[int]) -> None:
    lifts = [lift("H-1", f"name{n} (uid {uid})", n) for n, uid in enumerate(uids)]  # names change, uids stay
    (standing,) = standings(Books(holds={"H-1": hold()}, lifts={"H-1": lifts}))
    assert standing.active is (len(set(uids)) < 2)
    second = next((n for n, uid in enumerate(uids) if uid != uids[0]), None)
    assert standing.ended == second


def test_agreements_to_another_hold_of_that_name_count_nothing() -> None:
    of_another = [lift("H-1", f"a (uid {uid})", of=hold(sources=["x"])) for uid in (1, 2)]
    assert active_holds(Books(holds={"H-1": hold()}, lifts={"H-1": of_another})) == [hold()]


def test_the_same_person_is_refused(tmp_path: Path) -> None:
    once = make_lift(Standing(hold(), ()), at=1, by="anna (uid 1)", reason="over")
    standing = Standing(hold(), (once,))
    for same in ("anna (uid 1)", "renamed (uid 1)", "root (uid 0) for anna (uid 1)"):
        with pytest.raises(StoreError, match="second, different person"):
            make_lift(standing, at=2, by=same, reason="over")
    other = make_lift(standing, at=2, by="boris (uid 2)", reason="over")
    (now,) = standings(Books(holds={"H-1": hold()}, lifts={"H-1": [once, other]}))
    assert not now.active and now.agreed == (once, other)
    with pytest.raises(StoreError, match="lifted before"):
        make_lift(now, at=3, by="clara (uid 3)", reason="over")
    with pytest.raises(StoreError, match="names no custodians"):
        make_lift(standing, at=2, by="x", reason="over", signer=make_key(tmp_path / "k", "k"))


@pytest.fixture
def keys(tmp_path: Path) -> Callable[[str], FileSigner]:
    return lambda name: make_key(tmp_path / name, name)


def test_custodians_sign(keys: Callable[[str], FileSigner]) -> None:
    anna, boris, clara = (keys(name) for name in ("anna", "boris", "clara"))
    laid = hold(lifters=[anna.vkey, boris.vkey])
    first = make_lift(Standing(laid, ()), at=1, by="x (uid 1)", reason="over", signer=anna)
    standing = Standing(laid, (first,))
    with pytest.raises(StoreError, match="only be lifted with the keys"):
        make_lift(standing, at=2, by="y (uid 2)", reason="over")
    with pytest.raises(StoreError, match="none of the custodians"):
        make_lift(standing, at=2, by="y (uid 2)", reason="over", signer=clara)
    with pytest.raises(StoreError, match="second, different person"):
        make_lift(standing, at=2, by="y (uid 2)", reason="over", signer=anna)
    # One account may bring both keys: the keys are the persons here.
    second = make_lift(standing, at=2, by="x (uid 1)", reason="over", signer=boris)
    books = Books(holds={"H-1": laid}, lifts={"H-1": [first, second]})
    assert active_holds(books) == []


def forged(keys: Callable[[str], FileSigner], laid: HoldLeaf, anna: FileSigner) -> list[LiftLeaf]:
    """A second agreement beside anna's, in every way that makes it none."""
    stranger = keys("stranger")
    good = make_lift(Standing(laid, ()), at=2, by="y (uid 2)", reason="over", signer=anna)
    other = laid.lifters[1]
    replace = msgspec.structs.replace
    posing = replace(good, vkey=other)
    outsider = replace(good, vkey=stranger.vkey)
    return [
        good,  # anna once more
        replace(good, by="z (uid 9)"),
        posing,  # anna's signature under boris's key
        replace(posing, signature=sign_bytes(stranger, signed_part(posing))),
        replace(outsider, signature=sign_bytes(stranger, signed_part(outsider))),
        replace(posing, signature=""),
        replace(posing, signature="not base64"),
        replace(good, vkey="", signature=""),
        replace(good, vkey="garbage"),
    ]


def test_what_nobody_signed_counts_nothing(keys: Callable[[str], FileSigner]) -> None:
    anna, boris = keys("anna"), keys("boris")
    laid = hold(lifters=[anna.vkey, boris.vkey])
    first = make_lift(Standing(laid, ()), at=1, by="x (uid 1)", reason="over", signer=anna)
    for bad in forged(keys, laid, anna):
        (standing,) = standings(Books(holds={"H-1": laid}, lifts={"H-1": [first, bad]}))
        assert standing.agreed == (first,), bad


def test_a_signed_agreement_fits_no_other_store(keys: Callable[[str], FileSigner]) -> None:
    anna, boris = keys("anna"), keys("boris")
    here, there = (hold(sources=[name], lifters=[anna.vkey, boris.vkey]) for name in ("here", "there"))
    lifts = [
        make_lift(Standing(there, ()), at=1, by="x (uid 1)", reason="over", signer=key)
        for key in (anna, boris)
    ]
    assert active_holds(Books(holds={"H-1": here}, lifts={"H-1": lifts})) == [here]
    assert active_holds(Books(holds={"H-1": there}, lifts={"H-1": lifts})) == []


def test_this_process_has_an_account() -> None:
    assert "(uid " in account()
    assert person_of("root (uid 0) for anna (uid 7)") == person_of("anna (uid 7)") == "uid 7"
    assert person_of("somebody") == "somebody"


def test_one_key_written_in_two_ways_is_one_person(tmp_path: Path) -> None:
    anna = make_key(tmp_path / "anna", "anna")
    laid = hold(lifters=[anna.vkey, f"{anna.vkey} "])
    both = []
    for spelling in laid.lifters:
        leaf = msgspec.structs.replace(lift("H-1", "anna", of=laid), vkey=spelling)
        both.append(msgspec.structs.replace(leaf, signature=sign_bytes(anna, signed_part(leaf))))
    (standing,) = standings(Books(holds={"H-1": laid}, lifts={"H-1": both}))
    assert standing.active and len(standing.agreed) == 1
