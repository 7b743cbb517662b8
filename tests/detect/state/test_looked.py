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
from haechi.detect.prepare import EMPTY, Shared, settings_tables
from haechi.detect.rule import BUILT_IN, read_rule, rule_files
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
        assert (
            run.ran
            or run.reason.removeprefix("in these days: ") in EMPTY.values()
            or (days and UNCUT in run.reason)
        ), run
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


MORNING = datetime(2025, 5, 1, 9)
FORGED = {"key": "k1", "client_ip": "203.0.113.9", "actor": "m1", "actor_kind": "member"}


def issued(n: int) -> list[dict[str, Any]]:
    return [
        {"time": MORNING + timedelta(days=d), "credential": bytes([d]) * 16, "issuer": "i"} for d in range(n)
    ]


def days_alike(rule: str, access: list[dict[str, Any]], asked: Settings | None = None, **tables: Any) -> int:
    """The rule flags on each day what it flags there in full. How many accesses in all."""
    asked = asked or Settings()
    with closing(engine_of(access, **tables)) as engine:
        at = local_day(engine, "UTC")
        full = flagged(engine, asked, rule)
    for day in sorted(set(at.values())):
        with closing(engine_of(access, **tables)) as engine:
            wanted = [flag for flag in full if at[flag[3:]] == day]
            assert flagged(engine, asked, rule, Days(day, day)) == wanted, day
    return len(full)


@pytest.mark.parametrize("address", ["203.0.113.9", None])
def test_a_refused_forgery_counts_where_the_address_got_through_on_another_day(address: str | None) -> None:
    honest = [
        {
            "time": MORNING + timedelta(days=d, hours=1),
            "credential": bytes([d]) * 16,
            "issuer": "i",
            "status": 200,
        }
        for d in range(8)
    ]
    forged = [
        FORGED
        | {"time": MORNING + timedelta(days=d, hours=2), "credential": bytes([100 + d]) * 16, "issuer": "i"}
        | {"status": 200 if d == 6 else 401, "client_ip": address}
        for d in range(3, 8)
    ]
    assert days_alike("never-issued", honest + forged, issuance=issued(9)) == 5


def test_a_day_on_which_nothing_is_vouched_for_is_no_mute_issuer() -> None:
    """On the third day there are forgeries alone: that the issuer vouches at all, other days tell."""
    honest = [
        {
            "time": MORNING + timedelta(days=d, hours=1),
            "credential": bytes([d]) * 16,
            "issuer": "i",
            "status": 200,
        }
        for d in range(8)
        if d != 3
    ]
    forged = [
        FORGED
        | {"time": MORNING + timedelta(days=3, hours=2, minutes=n), "credential": bytes([100 + n]) * 16}
        | {"issuer": "i", "status": 200}
        for n in range(5)
    ]
    assert days_alike("never-issued", honest + forged, issuance=issued(9)) == 5
    assert days_alike("never-issued", forged, issuance=issued(9)) == 0


def test_a_silence_is_told_by_what_is_carried() -> None:
    people = [{"person": "p1", "account": "kim", "joined": datetime(2024, 1, 1), "role": "desk"}]
    staff = {"actor": "kim", "actor_kind": "staff", "action": "view", "fields": "name", "status": 200}
    before = [staff | {"time": MORNING + timedelta(days=d), "subject": "m1"} for d in range(3)]
    after = [
        staff | {"time": MORNING + timedelta(days=90 + n // 20, minutes=n), "subject": f"m{n}"}
        for n in range(60)
    ]
    assert days_alike("dormant-account", before + after, person=people) == 60


@pytest.mark.parametrize("also", [False, True])
def test_an_address_is_its_clients_where_that_walked_on_another_day(also: bool) -> None:
    """On the third day one of the client's visits is no walk's, so that only the address walks there."""
    page = {"client": "app", "fields": "name", "status": 200}
    access = [
        page
        | {"time": MORNING + timedelta(days=d, minutes=n), "subject": f"m{100 + n}", "client_ip": "192.0.2.1"}
        for d in ((0, 2) if also else (2,))
        for n in range(40)
    ]
    access += [
        page | {"time": MORNING + timedelta(days=2, minutes=n), "client_ip": "192.0.2.1", "fields": None}
        for n in range(40)
    ]
    assert days_alike("id-walk", access) == 40 * (1 + also)
    with closing(engine_of(access)) as engine:
        kinds = {
            flag[1]
            for flag in flagged(engine, Settings(), "id-walk", Days(date(2025, 5, 3), date(2025, 5, 3)))
        }
    assert kinds == {"client" if also else "client_ip"}


VISIT = {"client": "app", "fields": "name", "status": 200, "action": "view"}


def visits(d: int, n: int, who: str, **more: Any) -> dict[str, Any]:
    return (
        VISIT
        | {"time": MORNING + timedelta(days=d, minutes=n), "subject": who, "client_ip": f"10.0.0.{n}"}
        | more
    )


def shoppers(days: int) -> list[dict[str, Any]]:
    """Members who come through a start page, one address each."""
    own = [visits(d, n, f"m{n}") for d in range(days) for n in range(30)]
    return [*own, *({**one, "subject": None, "fields": None} for one in own)]


@pytest.mark.parametrize("by", [{"client": "script"}, {"key": "k9"}, {"client_ip": "203.0.113.9"}])
def test_bare_visits_of_a_month_are_seen_on_each_of_its_days(by: dict[str, Any]) -> None:
    """Two persons a day are too few; twelve in the month are not. On one day an honest page hides the visit."""
    mine = [
        visits(d, 40 + n, f"m{2 * d + n}", **({"client": f"c{d}-{n}"} | by))
        for d in range(6)
        for n in range(2)
    ]
    hidden = [{**mine[-1], "subject": None, "fields": None, "key": None}]
    assert days_alike("personal-pages-only", shoppers(6) + mine) == 12
    assert days_alike("personal-pages-only", shoppers(6) + mine + hidden) == 11


def test_one_person_who_comes_back_each_day_is_one_person() -> None:
    """The address has twelve bare visits in the month, and nothing more than these is read for it."""
    home = [visits(d, 50, "m1", client="home") for d in range(12)]
    access = shoppers(12) + home
    assert days_alike("personal-pages-only", access) == 0
    with closing(engine_of(access)) as engine:
        bind_records(engine, "UTC")
        looked = Looked(engine, Settings(), Days(date(2025, 5, 6), date(2025, 5, 6)))
        run_rules(engine, Settings(), only=["personal-pages-only"], looked=looked)
        (rule,) = [read_rule(path) for path in rule_files(None) if path.stem == "personal-pages-only"]
        assert looked.reach(rule) == 0


def desk(d: int, hour: int, n: int, **more: Any) -> dict[str, Any]:
    at = datetime(2025, 5, 1, hour) + timedelta(days=d, minutes=n)
    one = {"time": at, "actor": "kim", "actor_kind": "staff", "client_ip": "192.168.1.1", "subject": f"m{n}"}
    return VISIT | one | more


def test_a_night_is_of_two_days() -> None:
    """Six persons before midnight and six after it are twelve in the night; either day has too few."""
    work = [desk(d, 9, n) for d in range(14) for n in range(4)]
    night = [desk(9, 23, n) for n in range(6)] + [desk(10, 1, n + 6) for n in range(6)]
    assert days_alike("off-hours", work + night) == 12
    assert days_alike("off-hours", work + night[:6]) == 0


def test_a_new_network_is_new_against_all_days() -> None:
    work = [desk(d, 9, n) for d in range(14) for n in range(4)]
    moved = {"client_ip": "198.51.100.7"}
    # What was opened from there on the day before and the day after counts with it.
    there = [desk(11, 9, 0, **moved), *(desk(12, 9, n, **moved) for n in range(30)), desk(13, 9, 1, **moved)]
    assert days_alike("new-network-reads-all", work + there) == 32
    assert days_alike("new-network-reads-all", [*work, desk(2, 9, 0, **moved), *there]) == 0


def test_an_ordinary_day_is_enough_for_most_rules() -> None:
    """What reads the whole store on each day is counted here, so that no rule joins them unseen."""
    rules = [read_rule(path) for path in rule_files(None)]
    access = [
        {
            "time": MORNING + timedelta(days=d, minutes=n),
            "actor": f"m{n}",
            "subject": f"m{n}",
            "fields": "name",
        }
        | {"actor_kind": "member", "client_ip": f"192.0.2.{n}", "status": 200, "client": "app"}
        for d in range(3)
        for n in range(20)
    ]
    members = [{"subject": f"m{n}", "since": datetime(2024, 1, 1)} for n in range(20)]
    with closing(engine_of(access, subject=members)) as engine:
        bind_records(engine, "UTC")
        looked = Looked(engine, Settings(), Days(date(2025, 5, 2), date(2025, 5, 2)))
        run_rules(engine, Settings(), looked=looked)
        whole = {rule.id for rule in rules if looked.reach(rule) == 4}
    assert whole == {
        # These read no accesses.
        *(
            "key-can-be-taken",
            "key-in-a-persons-hands",
            "key-too-old",
            "key-without-count",
            "signed-more-than-issued",
        ),
    }


def test_results_of_other_records_are_not_taken_for_ones_own() -> None:
    """Two make their results in one engine under the same names; a view may stand on the other's table."""
    access = [
        {"time": MORNING + timedelta(days=d), "actor": "kim", "actor_kind": "staff", "subject": f"m{d}"}
        for d in range(4)
    ]
    with closing(engine_of(access)) as engine:
        for name, table in settings_tables(Settings()).items():
            engine.register(name, table)
        owners: dict[str, Shared] = {}
        engine.execute("ALTER VIEW access RENAME TO access_all")
        made = {}
        for least in (1, 3, 1, 3):
            engine.execute(
                f"CREATE OR REPLACE TEMP VIEW access AS SELECT * FROM access_all WHERE seq >= {least}"
            )
            shared = made.setdefault(least, Shared(engine, owners=owners))
            shared.provide("acting_access" if least == 3 else "working")
            relation = "acting_access" if least == 3 else "working"
            assert engine.rows(f"SELECT count(*) FROM {relation}") == [(5 - least,)]
