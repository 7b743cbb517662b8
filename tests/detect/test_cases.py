"""One cause, one case; what many honest people share welds nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from haechi.detect.cases import CaseDraft, build_cases
from haechi.detect.runner import run_rules
from haechi.model.settings import Settings
from haechi.store.duckdb_engine import DuckDBEngine

from .worlds import T0, accesses, engine_of, rule_file


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    rule_file(folder, "bad-key", "key", severity="critical", claimed=True)
    rule_file(folder, "bad-account", "actor")
    rule_file(folder, "busy-address", "client_ip", tier="behaviour", severity="medium")
    return folder


def cases_of(engine: DuckDBEngine, rules: Path, *only: str) -> list[CaseDraft]:
    return build_cases(
        engine, run_rules(engine, Settings(), rules, only or ("bad-key", "bad-account", "busy-address"))
    )


def keys_of(cases: list[CaseDraft]) -> list[list[str]]:
    return sorted(case.entities["key"] for case in cases)


def test_no_finding_no_case(rules: Path) -> None:
    assert cases_of(engine_of(accesses(3, client_ip="192.0.2.1")), rules) == []


def test_same_accesses_are_one_case(rules: Path) -> None:
    engine = engine_of(accesses(4, host="bad-key bad-account", key="k1", actor="kim"))
    (case,) = cases_of(engine, rules)
    assert case.accesses == 4
    assert len(case.findings) == 2
    assert case.title == "Test bad-key: key k1"


def test_a_carriers_address_and_a_common_browser_weld_nothing(rules: Path) -> None:
    carrier = {"client_ip": "203.0.113.1", "client": "Browser"}
    engine = engine_of(
        accesses(20, host="bad-key", key="k1", **carrier),
        accesses(20, host="bad-key", key="k2", **carrier),
        accesses(100, key="main", step=timedelta(seconds=20), **carrier),
    )
    cases = cases_of(engine, rules)
    assert keys_of(cases) == [["k1"], ["k2"]]
    assert all("client_ip" not in case.entities and "client" not in case.entities for case in cases)
    assert all(case.entity_counts["client_ip_shared"] == 1 for case in cases)


def test_an_address_of_the_attackers_own_joins_their_keys(rules: Path) -> None:
    engine = engine_of(
        accesses(20, host="bad-key", key="k1", client_ip="192.0.2.1", client="Browser"),
        accesses(
            20,
            start=T0 + timedelta(days=2),
            host="bad-key",
            key="k2",
            client_ip="192.0.2.1",
            client="Browser",
        ),
        accesses(15, client_ip="192.0.2.1", client="Browser"),
        accesses(500, client_ip="198.51.100.{n}", client="Browser"),
    )
    (case,) = cases_of(engine, rules)
    assert case.entities["key"] == ["k1", "k2"]
    assert case.entities["client_ip"] == ["192.0.2.1"]
    assert case.entity_counts["client_ip"] == 1
    assert "client" not in case.entities


def test_honest_use_between_two_attacks_keeps_an_address_from_joining(rules: Path) -> None:
    """Each case fills the address in its own hours; over both spans together it is mostly other people's."""
    engine = engine_of(
        accesses(20, host="bad-key", key="k1", client_ip="192.0.2.1"),
        accesses(20, start=T0 + timedelta(days=2), host="bad-key", key="k2", client_ip="192.0.2.1"),
        accesses(50, start=T0 + timedelta(days=1), client_ip="192.0.2.1"),
    )
    assert keys_of(cases_of(engine, rules)) == [["k1"], ["k2"]]


def test_two_forgers_of_the_same_members_name_are_strangers(rules: Path) -> None:
    """A forged token's actor and subject are its victim, who must join nothing and be accused of nothing."""
    victim = {"actor": "m1", "subject": "m1"}
    engine = engine_of(
        accesses(20, host="bad-key", key="k1", client_ip="192.0.2.1", **victim),
        accesses(20, host="bad-key", key="k2", client_ip="192.0.2.2", **victim),
    )
    cases = cases_of(engine, rules)
    assert keys_of(cases) == [["k1"], ["k2"]]
    assert all("actor" not in case.entities for case in cases)


def test_a_busy_address_does_not_weld_the_strangers_behind_it(rules: Path) -> None:
    carrier = "203.0.113.1"
    engine = engine_of(
        accesses(20, host="bad-key busy-address", key="k1", client_ip=carrier),
        accesses(80, host="bad-key", key="k1", client_ip="192.0.2.1"),
        accesses(20, host="bad-key busy-address", key="k2", client_ip=carrier),
        accesses(80, host="bad-key", key="k2", client_ip="192.0.2.2"),
        accesses(100, host="busy-address", key="main", client_ip=carrier),
        accesses(200, key="main", client_ip=carrier),
    )
    cases = cases_of(engine, rules)
    assert keys_of([case for case in cases if case.tier == "provenance"]) == [["k1"], ["k2"]]
    assert [case.entities["client_ip"] for case in cases if case.tier == "behaviour"] == [[carrier]]


def test_a_busy_address_flagged_as_a_whole_welds_no_strangers_either(rules: Path) -> None:
    carrier = "203.0.113.1"
    engine = engine_of(
        accesses(20, host="bad-key busy-address", key="k1", client_ip=carrier),
        accesses(80, host="bad-key", key="k1", client_ip="192.0.2.1"),
        accesses(20, host="bad-key busy-address", key="k2", client_ip=carrier),
        accesses(80, host="bad-key", key="k2", client_ip="192.0.2.2"),
        accesses(100, host="busy-address", key="main", client_ip=carrier),
    )
    strong = [case for case in cases_of(engine, rules) if case.tier == "provenance"]
    assert keys_of(strong) == [["k1"], ["k2"]]


def test_a_stolen_credential_joins_what_was_done_with_it(rules: Path) -> None:
    engine = engine_of(
        accesses(5, host="bad-account", actor="kim", credential=b"s" * 16),
        accesses(5, start=T0 + timedelta(days=9), host="bad-account", actor="lee", credential=b"s" * 16),
        accesses(5, start=T0 + timedelta(days=9), host="bad-account", actor="han", credential=b"t" * 16),
        accesses(9, start=T0 + timedelta(days=9), actor="oh", credential=b"t" * 16),
        accesses(5, start=T0 + timedelta(days=5), host="bad-account", actor="min", credential=b"t" * 16),
    )
    cases = cases_of(engine, rules)
    assert sorted(case.entities["actor"] for case in cases) == [["han", "min"], ["kim", "lee"]]


def test_a_busy_address_that_is_the_forgers_belongs_to_the_case(rules: Path) -> None:
    engine = engine_of(accesses(20, host="bad-key busy-address", key="k1", client_ip="192.0.2.1"))
    (case,) = cases_of(engine, rules)
    assert (case.tier, len(case.findings)) == ("provenance", 2)
    # A weaker tier explains a case only where nothing stronger does.
    assert "busy" not in case.sentence
    assert case.sentence.endswith("20 requests from 1 address: Key k1 did it.")


def test_many_addresses_are_counted_exactly_and_listed_in_part(rules: Path) -> None:
    engine = engine_of(
        accesses(60, step=timedelta(seconds=1), host="bad-key", key="k1", client_ip="192.0.2.{n}"),
        accesses(5, host="bad-key", key="k1", client_ip="192.0.2.7"),
    )
    (case,) = cases_of(engine, rules)
    assert case.entity_counts["client_ip"] == 60
    assert len(case.entities["client_ip"]) == 50
    assert case.entities["client_ip"][0] == "192.0.2.7"


def test_ghosts_are_subjects_that_no_registry_holds(rules: Path) -> None:
    engine = engine_of(
        accesses(8, host="bad-key", key="k1", subject="m{n}"),
        accesses(8, host="bad-key", key="k1", subject="m{n}"),
        subject=[{"subject": "m1"}, {"subject": "m2"}],
    )
    (case,) = cases_of(engine, rules)
    assert case.entity_counts["ghosts"] == 6
    assert case.entities["ghosts"] == ["m3", "m4", "m5", "m6", "m7"]


def test_a_case_keeps_its_id_while_it_grows(rules: Path) -> None:
    early = accesses(5, host="bad-key", key="k1", client_ip="192.0.2.1")
    later = accesses(50, start=T0 + timedelta(days=1), host="bad-key bad-account", key="k1", actor="kim")
    (small,), (large,) = cases_of(engine_of(early), rules), cases_of(engine_of(early, later), rules)
    assert small.id == large.id
    assert large.accesses == 55


def test_the_order_of_records_changes_nothing(rules: Path) -> None:
    groups = [
        accesses(20, host="bad-key", key="k1", client_ip="192.0.2.1"),
        accesses(20, host="bad-key", key="k2", client_ip="192.0.2.1"),
        accesses(10, host="bad-account", actor="kim", client_ip="192.0.2.9"),
    ]
    there, back = (cases_of(engine_of(*order), rules) for order in (groups, groups[::-1]))
    assert [(c.id, c.entities, c.sentence) for c in there] == [(c.id, c.entities, c.sentence) for c in back]
    assert len(there) == 2
