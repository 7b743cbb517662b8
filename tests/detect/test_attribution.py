"""Insider or outsider: what speaks for each, in small worlds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from haechi.detect.attribution import weigh
from haechi.detect.cases import build_cases
from haechi.detect.runner import run_rules
from haechi.model.settings import IssuerSettings, KeySettings, NetworkSettings, Settings
from haechi.model.values import Attribution, AttributionFact

from .test_network import DATA
from .worlds import T0, Record, accesses, engine_of, rule_file

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def attributed(
    tmp_path: Path, *access: list[Record], settings: Settings | None = None, **tables: list[Record]
) -> Attribution:
    """The attribution of the only case of a world."""
    rules = tmp_path / "rules"
    rule_file(rules, "bad-key", "key", severity="critical", claimed=True)
    rule_file(rules, "bad-account", "actor")
    rule_file(rules, "bad-address", "client_ip")
    engine = engine_of(*access, **tables)
    settings = settings or Settings()
    try:
        detection = run_rules(engine, settings, rules, ("bad-key", "bad-account", "bad-address"))
        (case,) = build_cases(engine, detection, settings.network)
        return case.attribution
    finally:
        engine.close()


def facts(attribution: Attribution) -> dict[str, str]:
    """What each kind of fact speaks for."""
    return {fact.kind: fact.speaks_for for fact in [*attribution.for_, *attribution.against]}


def numbers(attribution: Attribution, kind: str) -> dict[str, int]:
    (fact,) = [fact for fact in [*attribution.for_, *attribution.against] if fact.kind == kind]
    for number in fact.numbers.values():
        # Every number that a reader needs stands in the sentence: none of them is a bare verdict.
        assert number in (0, 1) or f"{number:,}" in fact.sentence
    return fact.numbers


STAFF = {"actor": "kim", "actor_kind": "staff"}
OFFICE = {"client_ip": "198.51.100.1"}


def test_a_clerk_at_the_usual_desk_is_an_insider(tmp_path: Path) -> None:
    shift = [{"kind": "shift", "actor": "kim", "first": T0, "last": T0 + timedelta(hours=8)}]
    found = attributed(
        tmp_path,
        accesses(40, host="bad-account", subject="m{n}", **STAFF, **OFFICE),
        accesses(30, subject="x{n}", **STAFF, **OFFICE),
        reason=shift,
    )
    assert found.leaning == "insider"
    assert facts(found) == {"staff_account": "insider", "usual_address": "insider", "shift": "insider"}
    assert numbers(found, "staff_account") == {"requests": 40, "of": 40, "accounts": 1, "issued": 0}
    assert numbers(found, "usual_address") == {"requests": 30, "of": 30, "addresses": 1}
    assert numbers(found, "shift") == {"requests": 40, "of": 40}
    assert found.against == []


def test_credentials_that_were_issued_are_counted(tmp_path: Path) -> None:
    found = attributed(
        tmp_path,
        accesses(10, host="bad-account", credential=b"t" * 16, **STAFF),
        issuance=[{"credential": b"t" * 16, "actor": "kim", "time": T0}],
    )
    assert numbers(found, "staff_account")["issued"] == 10


def test_a_clerks_account_in_strange_hands_is_an_outsiders(tmp_path: Path) -> None:
    """A stolen session: the account is staff's, nothing else fits."""
    shift = [{"kind": "shift", "actor": "kim", "first": T0 + DAY, "last": T0 + DAY + timedelta(hours=8)}]
    found = attributed(
        tmp_path,
        accesses(40, host="bad-account", subject="m{n}", client_ip="203.0.113.{n}", **STAFF),
        accesses(30, start=T0 + DAY, subject="x{n}", **STAFF, **OFFICE),
        reason=shift,
    )
    assert found.leaning == "outsider"
    assert facts(found) == {
        "staff_account": "insider", "usual_address": "outsider", "known_address": "outsider",
        "many_addresses": "outsider", "shift": "outsider",
    }  # fmt: skip
    assert [fact.kind for fact in found.against] == ["staff_account"]
    assert numbers(found, "many_addresses") == {"addresses": 40}


def test_a_key_that_a_leaver_could_read(tmp_path: Path) -> None:
    key = KeySettings("spare", not_after=T0 - DAY, readers=["p1", "p2", "p3"])
    found = attributed(
        tmp_path,
        accesses(60, host="bad-key", key="spare", actor="m{n}", subject="m{n}", client_ip="203.0.113.{n}"),
        accesses(30, actor="lee", actor_kind="staff", subject="x{n}", **OFFICE),
        settings=Settings(issuers=[IssuerSettings("login", keys=[key])]),
        person=[
            {"person": "p1", "account": "han", "departed": T0 - 90 * DAY},
            {"person": "p2", "account": "lee"},
        ],
    )
    assert numbers(found, "key_readers") == {"readers": 3, "left": 1}
    assert found.leaning == "insider"
    assert {fact.kind for fact in found.against} == {"known_address", "many_addresses"}
    # The members whose names were forged are victims: nothing speaks of their accounts.
    assert not {"staff_account", "member_accounts"} & set(facts(found))


def test_an_account_of_somebody_who_had_left(tmp_path: Path) -> None:
    found = attributed(
        tmp_path,
        accesses(10, host="bad-account", actor="han", subject="m{n}"),
        person=[{"person": "p1", "account": "han", "departed": T0 - 90 * DAY}],
    )
    assert facts(found) == {"staff_account": "insider", "leaver_account": "insider"}
    assert found.leaning == "insider"


def test_passwords_tried_from_outside(tmp_path: Path) -> None:
    tried = {"action": "login", "client_ip": "203.0.113.9"}
    found = attributed(
        tmp_path,
        accesses(50, start=T0 - timedelta(hours=1), actor="m{n}", outcome="failure", step=SECOND, **tried),
        accesses(120, host="bad-address", actor="m{n}", subject="m{n}", client_ip="203.0.113.9", step=SECOND),
        accesses(9, host="bad-address", outcome="failure", step=SECOND, **tried),
        accesses(40, actor="lee", actor_kind="staff", subject="x{n}", **OFFICE),
        subject=[{"subject": f"m{n}"} for n in range(1, 121)],
    )
    assert found.leaning == "outsider"
    assert numbers(found, "failed_logins") == {"requests": 59, "accounts": 50, "addresses": 1}
    assert numbers(found, "member_accounts") == {"accounts": 120, "requests": 120, "of": 120}
    # All of them exist, which says nothing here: they were logged in to.
    assert found.against == []


@pytest.mark.parametrize(("registered", "side"), [(120, "insider"), (60, "outsider")])
def test_numbers_known_or_guessed(tmp_path: Path, registered: int, side: str) -> None:
    found = attributed(
        tmp_path,
        accesses(120, host="bad-address", subject="m{n}", client_ip="203.0.113.9", step=SECOND),
        subject=[{"subject": f"m{n}"} for n in range(1, registered + 1)],
    )
    assert facts(found) == {"member_ids": side}
    assert numbers(found, "member_ids") == {"persons": 120, "never_existed": 120 - registered}
    # One sign alone is no leaning.
    assert found.leaning == "unknown"


def test_an_address_that_staff_use_too(tmp_path: Path) -> None:
    found = attributed(
        tmp_path,
        accesses(20, host="bad-address", **OFFICE),
        accesses(30, actor="lee", actor_kind="staff", subject="x{n}", **OFFICE),
    )
    assert facts(found) == {"known_address": "insider"}
    assert numbers(found, "known_address") == {"addresses": 1, "of": 1, "accounts": 1, "requests": 30}


def test_without_evidence_nothing_is_said(tmp_path: Path) -> None:
    found = attributed(tmp_path, accesses(5, host="bad-address", client_ip="203.0.113.9"))
    assert found == Attribution("unknown", [], [])


@pytest.mark.skipif(not DATA.is_dir(), reason="the MaxMind test databases are not here")
def test_networks_that_hide_who_is_behind_them(tmp_path: Path) -> None:
    network = NetworkSettings(anonymous=str(DATA / "GeoIP2-Anonymous-IP-Test.mmdb"))
    found = attributed(
        tmp_path,
        accesses(9, host="bad-key", key="k", client_ip="71.160.223.{n}"),
        accesses(1, host="bad-key", key="k", client_ip="192.0.2.1"),
        settings=Settings(network=network),
    )
    assert numbers(found, "rented_networks") == {"addresses": 10, "rented": 9, "owners": 0, "countries": 0}
    assert found.leaning == "outsider"


def fact(side: Any, weight: int) -> AttributionFact:
    return AttributionFact("x", side, "x", {}, weight)


@pytest.mark.parametrize(
    ("inside", "outside", "leaning"),
    [
        ([3], [], "insider"),
        ([1], [], "unknown"),
        ([3], [2], "unknown"),
        ([1], [2, 1], "outsider"),
        ([], [], "unknown"),
    ],
)
def test_it_leans_only_where_one_side_clearly_outweighs(
    inside: list[int], outside: list[int], leaning: str
) -> None:
    found = weigh([fact("insider", w) for w in inside] + [fact("outsider", w) for w in outside])
    assert found.leaning == leaning
    assert len(found.for_) + len(found.against) == len(inside) + len(outside)
