"""Strangers behind one carrier's address stay strangers, whatever the rules say of that address."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from haechi.detect.cases import CaseDraft, build_cases
from haechi.detect.runner import run_rules
from haechi.model.settings import Settings
from haechi.model.tables import ACCESS
from haechi.store.duckdb_engine import memory_engine

from .worlds import T0, Record, accesses, engine_of, rule_file

CARRIER = "203.0.113.1"
RULES = ("bad-key", "bad-account", "bad-client", "busy-address")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("welding") / "rules"
    rule_file(folder, "bad-key", "key", severity="critical", claimed=True)
    rule_file(folder, "bad-account", "actor", tier="purpose")
    rule_file(folder, "bad-client", "client", tier="behaviour")
    rule_file(folder, "busy-address", "client_ip", tier="behaviour", severity="medium")
    return folder


def cases_of(rules: Path, *groups: list[Record]) -> list[CaseDraft]:
    return [case for case, _ in causes_of(rules, *groups)]


def causes_of(rules: Path, *groups: list[Record]) -> list[tuple[CaseDraft, set[tuple[str, str]]]]:
    """The cases, each with what its findings are about."""
    engine = engine_of(*groups)
    try:
        detection = run_rules(engine, Settings(), rules, RULES)
        return [
            (case, {(detection.findings[n].entity_kind, detection.findings[n].entity) for n in case.findings})
            for case in build_cases(engine, detection)
        ]
    finally:
        engine.close()


# How an incident is found, and by what its accesses are told apart.
KINDS = {"bad-key": "key", "bad-account": "actor", "bad-client": "client"}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[list[Record]], list[tuple[str, str]], bool]:
    """Incidents of strangers, each with addresses of its own and perhaps the carrier's, among honest people there."""
    busy = draw(st.booleans())  # whether a rule flags all that the carrier's address does
    groups: list[list[Record]] = []
    incidents: list[tuple[str, str]] = []
    behind = 0
    for n in range(draw(st.integers(2, 4))):
        rule = draw(st.sampled_from(sorted(KINDS)))
        who = f"{KINDS[rule]}-{n}"
        there, elsewhere = draw(st.integers(0, 20)), draw(st.integers(0, 20))
        start = T0 + timedelta(minutes=draw(st.integers(0, 20)))
        own = {KINDS[rule]: who, "subject": f"m{n}-{{n}}"}
        groups.append(accesses(there, start, client_ip=CARRIER, host=rule + " busy-address" * busy, **own))
        groups.append(accesses(elsewhere, start, client_ip=f"192.0.2.{n}", host=rule, **own))
        behind += there
        if there + elsewhere:
            incidents.append((KINDS[rule], who))
    honest = draw(st.integers(behind + 1, behind + 60))
    host = {"host": "busy-address"} if busy else {}
    groups.append(
        accesses(honest, T0, actor="h{n}", subject="h{n}", client="Browser", client_ip=CARRIER, **host)
    )
    draw(st.randoms(use_true_random=False)).shuffle(groups)
    return groups, incidents, busy


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(world=worlds())
def test_no_two_incidents_become_one_case(
    rules: Path, world: tuple[list[list[Record]], list[tuple[str, str]], bool]
) -> None:
    groups, incidents, busy = world
    busy_address = {("client_ip", CARRIER)} if busy else set()
    causes = causes_of(rules, *groups)
    assert sorted(map(sorted, (cause for _, cause in causes))) == sorted(
        [[one] for one in [*incidents, *busy_address]]
    )


def test_fifty_thousand_members_behind_one_address(rules: Path) -> None:
    """Two forgers, a clerk and a script among 50,000 honest people, all of it flagged as busy too."""
    n = 50_000
    honest = pa.table({
        "time": pa.array(np.datetime64(T0) + np.arange(n) * np.timedelta64(1, "s"), pa.timestamp("us")),
        "source": pa.repeat("web", n),
        "seq": np.arange(1, n + 1),
        "actor": [f"m{i}" for i in range(n)],
        "subject": [f"m{i}" for i in range(n)],
        "client": [f"Browser {i % 40}" for i in range(n)],
        "client_ip": pa.repeat(CARRIER, n),
        "host": pa.repeat("busy-address", n),
    })  # fmt: skip
    bad = [
        *accesses(30, host="bad-key busy-address", key="k1", client_ip=CARRIER),
        *accesses(30, host="bad-key busy-address", key="k2", client_ip=CARRIER),
        *accesses(30, host="bad-account busy-address", actor="kim", subject="x{n}", client_ip=CARRIER),
        *accesses(30, host="bad-client busy-address", client="Script", client_ip=CARRIER),
    ]
    rows = [{"source": "bad", "seq": seq, **record} for seq, record in enumerate(bad, 1)]
    columns = [
        honest[name] if name in honest.column_names else pa.nulls(n, ACCESS.field(name).type)
        for name in ACCESS.names
    ]
    whole = pa.concat_tables([
        pa.table(columns, names=ACCESS.names).cast(ACCESS), pa.Table.from_pylist(rows, schema=ACCESS),
    ])  # fmt: skip
    engine = memory_engine({"access": whole})
    cases = build_cases(engine, run_rules(engine, Settings(), rules, RULES))
    engine.close()
    assert sorted(case.accesses for case in cases) == [30, 30, 30, 30, n + 120]


def test_an_address_of_one_script_that_changes_its_name_is_one_case(rules: Path) -> None:
    """What mostly does what is flagged by others joins them, though it is an address."""
    script = [
        accesses(10, host="bad-client busy-address", client=f"Script {n}", client_ip="192.0.2.1")
        for n in range(8)
    ]
    (case,) = cases_of(rules, *script, accesses(5, host="busy-address", client_ip="192.0.2.1"))
    assert len(case.findings) == 9


def test_one_script_over_many_addresses_is_one_case(rules: Path) -> None:
    """Some of its addresses are busy enough to be flagged themselves."""
    groups = [
        accesses(10, host="bad-client busy-address", client="Script", client_ip=f"192.0.2.{n}")
        for n in range(3)
    ]
    (case,) = cases_of(
        rules, *groups, accesses(90, host="bad-client", client="Script", client_ip="198.51.100.{n}")
    )
    assert len(case.findings) == 4


def test_a_weak_finding_goes_with_the_strong_one_that_it_shares_most_with(rules: Path) -> None:
    groups = [
        accesses(30, host="bad-key bad-client", key="k1", client="Script", client_ip="192.0.2.1"),
        accesses(20, host="bad-key bad-client", key="k2", client="Script", client_ip="192.0.2.2"),
    ]
    causes = causes_of(rules, *groups, accesses(900, step=timedelta(seconds=1), client="Script"))
    assert sorted(sorted(cause) for _, cause in causes) == [
        [("client", "Script"), ("key", "k1")],
        [("key", "k2")],
    ]
