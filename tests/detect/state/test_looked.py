"""An inspection of some days flags exactly what a full one flags in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detect.worlds import engine_of

from haechi.detect.fixture import Scene, open_scene, read_fixture
from haechi.detect.prepare import EMPTY
from haechi.detect.rule import BUILT_IN, rule_files
from haechi.detect.runner import run_rules
from haechi.detect.state.keep import bind_records
from haechi.detect.state.looked import Days, Looked
from haechi.model.settings import Settings, WorkspaceSettings
from haechi.store.duckdb_engine import DuckDBEngine

FLAGS = "SELECT rule, entity_kind, entity, source, seq FROM flag ORDER BY ALL"
SCENES = [
    (path.stem, scene)
    for path in rule_files(None)
    for scene in read_fixture(BUILT_IN / "fixtures" / f"{path.stem}.toml")
]
UNCUT = "cannot be cut to a day: a full inspection runs it"
Flag = tuple[Any, ...]


def local_day(engine: DuckDBEngine, zone: str) -> dict[tuple[str, int], date]:
    sql = "SELECT source, seq, timezone($zone, timezone('UTC', date_trunc('hour', time)))::DATE FROM access"
    return {(source, seq): day for source, seq, day in engine.rows(sql, {"zone": zone})}


def flagged(engine: DuckDBEngine, asked: Settings, rule: str, days: Days | None = None) -> list[Flag]:
    looked = None
    if days:
        bind_records(engine, asked.workspace.timezone)
        looked = Looked(engine, asked, days)
    detection = run_rules(engine, asked, only=[rule], looked=looked)
    # A day can have nothing that the rule needs, and findings in place of accesses cannot be cut; no rule breaks on it.
    for run in detection.runs:
        assert run.ran or run.reason in EMPTY.values() or (days and UNCUT in run.reason), run
    return engine.rows(FLAGS)


def spans(found: set[date]) -> Iterator[Days]:
    for day in sorted(found)[:4]:
        yield Days(day, day)
    if found:
        yield Days(min(found), sorted(found)[len(found) // 2])


@pytest.mark.parametrize(("rule", "scene"), SCENES, ids=[f"{rule}: {scene.name}" for rule, scene in SCENES])
def test_every_rule_flags_the_same(rule: str, scene: Scene) -> None:
    with closing(open_scene(scene)[0]) as engine:
        day = local_day(engine, scene.settings.workspace.timezone)
        full = flagged(engine, scene.settings, rule)
    for days in spans({found for found in day.values() if found}):
        with closing(open_scene(scene)[0]) as engine:
            wanted = [flag for flag in full if days.first <= day[flag[3:]] <= days.last]
            assert flagged(engine, scene.settings, rule, days) == wanted, days


REQUEST = st.fixed_dictionaries(
    {
        "day": st.sampled_from([0, 1, 8, 9, 20]),  # the ends of two months
        "minute": st.integers(0, 24 * 60 - 1),
        "subject": st.sampled_from([None, *(f"m{n}" for n in range(12))]),
        "subjects": st.sampled_from([None, None, 1, 7]),
        "actor": st.sampled_from([None, "m1", "m2", "desk", "night"]),
        "credential": st.sampled_from([None, b"c" * 16, b"d" * 16]),
        "client_ip": st.sampled_from([f"192.0.2.{n}" for n in range(3)]),
        "client": st.sampled_from([None, "app", "browser"]),
        "status": st.sampled_from([None, 200, 200, 200, 403]),
        "fields": st.sampled_from(["name", "name", "name", "name", "", None]),
    }
)
BUDGETS = {
    f"{kind}_{span}": budget
    for kind in ("credential", "actor", "client_ip", "client")
    for span, budget in (("hour", 3), ("day", 3), ("month", 3))
}


ZONES = ("UTC", "Asia/Seoul", "Asia/Kolkata", "America/New_York")


@settings(max_examples=25, deadline=None)
@given(
    requests=st.lists(REQUEST, min_size=30, max_size=70),
    day=st.sampled_from([0, 1, 8, 9, 20]),
    more=st.sampled_from([0, 0, 1]),
    zone=st.sampled_from(ZONES),
    declared=st.sampled_from([[], ["m2"]]),
    share=st.sampled_from([0.0, 0.6]),
)
def test_budgets_of_persons(
    requests: list[dict[str, Any]], day: int, more: int, zone: str, declared: list[str], share: float
) -> None:
    begin = datetime(2025, 2, 20)
    access = [
        {
            **{k: v for k, v in r.items() if k not in ("day", "minute")},
            "time": begin + timedelta(days=r["day"], minutes=r["minute"]),
            "actor_kind": "staff" if r["actor"] in ("desk", "night") else None,
        }
        for r in requests
    ]
    reason = [{"kind": "ticket", "reference": "T1", "actor": "desk", "subject": "m3"}]
    asked = Settings(
        workspace=WorkspaceSettings(timezone=zone),
        rules={
            "persons-over-budget": {
                **BUDGETS,
                "personal_share": share,
                "declared": declared,
            }
        },
    )
    days = Days((begin + timedelta(days=day)).date(), (begin + timedelta(days=day + more)).date())
    tables = {"reason": reason, "issuance": [{"credential": b"c" * 16, "actor": "m1"}]}
    with closing(engine_of(access, **tables)) as engine:
        at = local_day(engine, zone)
        wanted = [
            f for f in flagged(engine, asked, "persons-over-budget") if days.first <= at[f[3:]] <= days.last
        ]
    with closing(engine_of(access, **tables)) as engine:
        assert flagged(engine, asked, "persons-over-budget", days) == wanted


@pytest.mark.parametrize("kind", ["credential", "actor", "client_ip", "client"])
def test_low_and_slow_is_seen_on_its_last_day(kind: str) -> None:
    """Three persons a day are under every budget but the month's: only what is carried tells."""
    whose = {"credential": b"c" * 16, "actor": "desk", "client_ip": "192.0.2.1", "client": "app"}[kind]
    others = [{"client_ip": f"198.51.100.{n}", "subject": f"n{n}", "actor": f"n{n}"} for n in range(60)]
    mine = [{kind: whose, "subject": f"m{n}"} for n in range(15)]
    access = [
        {**one, "time": datetime(2025, 5, 3 + n // 3 % 5, 9, n % 60), "fields": "name", "status": 200}
        for n, one in [*enumerate(mine), *enumerate(others)]
    ]
    if kind == "actor":
        access = [
            {**one, "actor_kind": "staff" if one.get("actor") == "desk" else "member"} for one in access
        ]
    budgets = {f"{kind}_hour": 5, f"{kind}_day": 5, f"{kind}_month": 12}
    asked = Settings(rules={"persons-over-budget": budgets})
    last = date(2025, 5, 7)
    with closing(engine_of(access)) as engine:
        at = local_day(engine, "UTC")
        wanted = [f for f in flagged(engine, asked, "persons-over-budget") if at[f[3:]] == last]
    assert len(wanted) == 3
    with closing(engine_of(access)) as engine:
        assert flagged(engine, asked, "persons-over-budget", Days(last, last)) == wanted
