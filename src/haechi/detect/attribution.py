"""Insider or outsider: the evidence of a case both ways, each a sentence with its numbers, and where it leans.

It leans only where one side outweighs the other by two. Weights: 1 a sign, 2 a habit that fits or does not,
3 the means (an account at work), 5 means that few have (a secret key). Counts come from the engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from haechi.detect.queries import query, statements
from haechi.detect.sentence import counted
from haechi.model.values import Attribution, AttributionFact, NetworkShare
from haechi.store.interface import Engine

# Below these, numbers say nothing of a habit.
OTHER_REQUESTS, FAILED_LOGINS, ACCOUNTS, ADDRESSES, PERSONS = 20, 10, 10, 20, 100
MOST, FEW, GUESSED = 0.5, 0.2, 0.05
DIFFERENCE = 2
NETWORKS_LISTED = 10

Side = Literal["insider", "outsider"]
Facts = dict[int, list[AttributionFact]]  # by number of case
Row = tuple[Any, ...]


def attribute(
    engine: Engine, asked: Mapping[int, tuple[int, int] | None], networks: bool = False
) -> dict[int, Attribution]:
    """The evidence of every case. Call it after the engine's tables of cases are made.

    `asked`: how many subjects each case asked for and how many of them never existed; None where no registry
    tells. `networks`: there is a table `case_network` of the cases' addresses.
    """
    for statement in statements("attribution_tables"):
        engine.execute(statement)
    facts: Facts = defaultdict(list)
    readers = (
        ("attribution_work", _work), ("attribution_key", _key), ("attribution_place", _place),
        ("attribution_shift", _shift), ("attribution_login", _login), ("attribution_member", _member),
        *((("attribution_network", _network),) if networks else ()),
    )  # fmt: skip
    for name, read in readers:
        for case, *row in engine.rows(query(name)):
            facts[case] += read(*row)
    for case, counts in asked.items():
        # Who logs in as a member needs no list of members' numbers.
        if counts and not any(fact.kind == "member_accounts" for fact in facts[case]):
            facts[case] += _members_asked(*counts)
    return {case: weigh(facts[case]) for case in asked}


def weigh(facts: Iterable[AttributionFact]) -> Attribution:
    """Where the facts lean; the weightiest come first."""
    order = sorted(facts, key=lambda fact: -fact.weight)
    inside = [fact for fact in order if fact.speaks_for == "insider"]
    outside = [fact for fact in order if fact.speaks_for == "outsider"]
    difference = sum(fact.weight for fact in inside) - sum(fact.weight for fact in outside)
    if difference <= -DIFFERENCE:
        return Attribution("outsider", outside, inside)
    return Attribution("insider" if difference >= DIFFERENCE else "unknown", inside, outside)


def _work(
    accesses: int, of: int, accounts: int, account: str, left: int, issued: int
) -> Iterator[AttributionFact]:
    if accesses < MOST * of:
        return
    who = f"the staff account {account}" if accounts == 1 else f"{accounts:,} staff accounts"
    proof = f"; {issued:,} with credentials that were issued to the account" if issued else ""
    numbers = {"requests": accesses, "of": of, "accounts": accounts, "issued": issued}
    said = f"{accesses:,} of {counted(of, 'request')} came from {who}{proof}."
    yield AttributionFact("staff_account", "insider", said, numbers, 3)
    if left:
        whose = counted(left, "of these accounts belongs|of these accounts belong")
        said = f"{whose} to persons who had left before the first request."
        yield AttributionFact("leaver_account", "insider", said, {"accounts": left}, 2)


def _key(key: str, readers: int, left: int, retired: Any) -> Iterator[AttributionFact]:
    if readers:
        gone = f", of whom {left:,} had left before the first request" if left else ""
        who = counted(readers, "person could|persons could")
        said = f"The credentials were made with the key {key}, which {who} read{gone}."
        yield AttributionFact("key_readers", "insider", said, {"readers": readers, "left": left}, 5)
    if retired is not None:
        when = f"{retired:%Y-%m-%d}"
        said = f"The key {key} was retired on {when}, before the first request: whoever used it had kept it."
        yield AttributionFact("retired_key", "insider", said)


def _place(
    addresses: int, known: int, accounts: int, requests: int, usual: int, usual_there: int, honest: int
) -> Iterator[AttributionFact]:
    its = f"its {addresses:,} addresses" if addresses != 1 else "its only address"
    if usual >= OTHER_REQUESTS:
        numbers = {"requests": usual_there, "of": usual, "addresses": addresses}
        if usual_there:
            said = f"The same accounts made {usual_there:,} of their {usual:,} other requests from {its}."
            yield AttributionFact("usual_address", "insider", said, numbers, 2)
        else:
            said = f"The accounts made none of their {usual:,} other requests from {its}."
            yield AttributionFact("usual_address", "outsider", said, numbers, 2)
    elif known:
        numbers = {"addresses": known, "of": addresses, "accounts": accounts, "requests": requests}
        said = (
            f"{known:,} of {counted(addresses, 'address|addresses')} also served {counted(requests, 'other request')}"
            f" of {counted(accounts, 'staff account')}."
        )
        yield AttributionFact("known_address", "insider", said, numbers, 2)
    if not known and honest >= OTHER_REQUESTS:
        said = f"No staff account made any of its {honest:,} other requests from {its}."
        yield AttributionFact("known_address", "outsider", said, {"requests": honest, "addresses": addresses})
    if addresses >= ADDRESSES:
        said = f"It came from {addresses:,} addresses; people at work have few."
        yield AttributionFact("many_addresses", "outsider", said, {"addresses": addresses})


def _shift(accesses: int, within: int) -> Iterator[AttributionFact]:
    numbers = {"requests": within, "of": accesses}
    said = f"{within:,} of {counted(accesses, 'request')} fell into the shifts of those accounts."
    if within >= (1 - FEW) * accesses:
        yield AttributionFact("shift", "insider", said, numbers)
    elif within <= FEW * accesses:
        yield AttributionFact("shift", "outsider", f"Only {said}" if within else said, numbers)


def _login(accesses: int, accounts: int, addresses: int) -> Iterator[AttributionFact]:
    if accesses >= FAILED_LOGINS:
        numbers = {"requests": accesses, "accounts": accounts, "addresses": addresses}
        whose = f", for {counted(accounts, 'account')}" if accounts else ""  # a failed log-in may name nobody
        said = f"{counted(accesses, 'log-in')} failed from {addresses:,} of its addresses{whose}: passwords were tried."
        yield AttributionFact("failed_logins", "outsider", said, numbers, 2)


def _member(accounts: int, accesses: int, of: int) -> Iterator[AttributionFact]:
    if accounts >= ACCOUNTS and accesses >= MOST * of:
        numbers = {"accounts": accounts, "requests": accesses, "of": of}
        share = f"{accesses:,} of {counted(of, 'request')}"
        said = f"{accounts:,} accounts of members were used for their own data, in {share}."
        yield AttributionFact("member_accounts", "outsider", said, numbers, 2)


def _network(addresses: int, owners: int, countries: int, rented: int) -> Iterator[AttributionFact]:
    numbers = {"addresses": addresses, "rented": rented, "owners": owners, "countries": countries}
    if rented >= MOST * addresses:
        said = (
            f"{rented:,} of {counted(addresses, 'address|addresses')} lie in networks where machines are rented or hide"
            f" who is behind them, by {counted(owners, 'owner')}."
        )
        yield AttributionFact("rented_networks", "outsider", said, numbers, 2)


def _members_asked(asked: int, ghosts: int) -> Iterator[AttributionFact]:
    if asked < PERSONS:
        return
    numbers = {"persons": asked, "never_existed": ghosts}
    if ghosts >= GUESSED * asked:
        said = (
            f"Of {asked:,} members asked for, {ghosts:,} never existed: the numbers were counted or guessed."
        )
        yield AttributionFact("member_ids", "outsider", said, numbers)
    elif not ghosts:
        said = f"All of the {asked:,} members asked for exist: whoever asked knew their numbers."
        yield AttributionFact("member_ids", "insider", said, numbers)


def case_networks(engine: Engine, shares: int = NETWORKS_LISTED) -> dict[int, list[NetworkShare]]:
    """The networks of every case, those with the most requests first; the table `case_network` tells of addresses."""
    found: dict[int, list[NetworkShare]] = defaultdict(list)
    rows = engine.rows(query("case_networks"), {"listed": shares})
    for case, *row in rows:
        found[case].append(NetworkShare(*row))
    return found
