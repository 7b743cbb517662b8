"""Many culprits and all rules in one store: each day's inspection flags what a full one flags in that day."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

import msgspec
import pytest
from tests.detect.state.crowd import Crowd
from tests.detect.state.test_looked import SCENES, local_day
from tests.detect.worlds import engine_of

from haechi.detect.fixture import Scene, open_scene
from haechi.detect.prepare import EMPTY, Shared, settings_tables
from haechi.detect.runner import Detection, run_rules
from haechi.detect.state.keep import bind_records
from haechi.detect.state.looked import Days, Looked
from haechi.model.settings import IssuerSettings, Settings, WorkspaceSettings
from haechi.store.duckdb_engine import DuckDBEngine

FLAGS = "SELECT rule, entity_kind, entity, source, seq FROM flag ORDER BY ALL"
UNCUT = "cannot be cut to a day: a full inspection runs it"
Flag = tuple[Any, ...]
Opened = Callable[[], DuckDBEngine]


def flagged(
    engine: DuckDBEngine, asked: Settings, days: Days | None = None, only: Sequence[str] = ()
) -> list[Flag]:
    """What all rules flag, or `only` these, one after the other in one engine."""
    looked = None
    if days:
        bind_records(engine, asked.workspace.timezone)
        looked = Looked(engine, asked, days)
    assert not _broken(run_rules(engine, asked, only=only, looked=looked), bool(days))
    return engine.rows(FLAGS)


def _broken(detection: Detection, cut: bool) -> list[str]:
    return [
        f"{run.rule}: {run.reason}"
        for run in detection.runs
        if not run.ran
        and run.reason.removeprefix("in these days: ") not in EMPTY.values()
        and not (cut and UNCUT in run.reason)
    ]


def alike(opened: Opened, asked: Settings, some: int, dice: random.Random) -> set[str]:
    """Each of some days, and two of them with all between, flags what it does in full. The rules that flag anything."""
    with closing(opened()) as engine:
        at = local_day(engine, asked.workspace.timezone)
        full = flagged(engine, asked)
    found = sorted({day for day in at.values() if day})
    chosen = sorted(dice.sample(found, min(some, len(found))))
    for days in [*(Days(day, day) for day in chosen), Days(chosen[0], chosen[-1])]:
        with closing(opened()) as engine:
            mine = flagged(engine, asked, days)
        wanted = [flag for flag in full if _within(at[flag[3:]], days)]
        assert mine == wanted, f"{days}: {sorted({f[:3] for f in set(mine) ^ set(wanted)})}"
    return {flag[0] for flag in full}


def _within(day: date, days: Days) -> bool:
    return days.first <= day <= days.last


ALL_DAYS = {
    "every_visit": "",
    "key_day": "WHERE key IN (SELECT key FROM key_day WHERE bare > 0)",
    "bare_day": "WHERE kind <> 'key'",
    "bare_chance": "",
    "work_hour": "",
    "hour_habit": "",
    "work_network": "",
    "network_since": "",
}


@pytest.mark.parametrize("seed", range(3))
def test_what_is_made_of_state_is_what_the_records_say(seed: int) -> None:
    """Whichever days are looked at."""
    crowd = Crowd(seed)
    made = []
    for days in (None, Days(date(2025, 6, 1), date(2025, 6, 1))):
        with closing(engine_of(crowd.access, **crowd.tables)) as engine:
            for name, table in settings_tables(crowd.settings).items():
                engine.register(name, table)
            if days:
                bind_records(engine, crowd.settings.workspace.timezone)
                Looked(engine, crowd.settings, days).provide(" ".join(ALL_DAYS))
            else:
                Shared(engine, crowd.settings).provide(" ".join(ALL_DAYS))
            made.append(
                {n: engine.rows(f"SELECT * FROM {n} {which} ORDER BY ALL") for n, which in ALL_DAYS.items()}
            )
    assert made[0] == made[1]
    assert all(made[0].values())


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_is_seen_alike(seed: int) -> None:
    crowd = Crowd(seed)
    rules = alike(lambda: engine_of(crowd.access, **crowd.tables), crowd.settings, 3, random.Random(seed))
    assert len(rules) > 8


def together(scenes: list[Scene]) -> Scene:
    """The records of several scenes as one world, and all that their settings say."""
    issuers: dict[str, IssuerSettings] = {}
    rules: dict[str, dict[str, object]] = {}
    for scene in scenes:
        for issuer in scene.settings.issuers:
            before = issuers.get(issuer.name, issuer)
            keys = {key.kid: key for key in [*before.keys, *issuer.keys]}
            issuers[issuer.name] = msgspec.structs.replace(before, keys=list(keys.values()))
        for rule, given in scene.settings.rules.items():
            rules[rule] = rules.get(rule, {}) | given
    tables = {
        name: list(chain.from_iterable(getattr(scene, name) for scene in scenes))
        for name in ("access", "issuance", "subject", "person", "reason", "fact")
    }
    settings = Settings(
        workspace=WorkspaceSettings(timezone=scenes[0].settings.workspace.timezone),
        issuers=list(issuers.values()),
        purposes=[purpose for scene in scenes for purpose in scene.settings.purposes],
        rules=rules,
    )
    return Scene(name="together", settings=settings, **tables)


@pytest.mark.parametrize("seed", range(3))
def test_scenes_of_many_rules_are_seen_alike(seed: int) -> None:
    dice = random.Random(seed)
    scene = together([scene for _, scene in dice.sample(SCENES, 12)])
    rules = alike(lambda: open_scene(scene)[0], scene.settings, 3, dice)
    assert len(rules) > 2


def test_a_rule_knows_what_another_flags_on_other_days() -> None:
    """One day of look-ups without a reason explains the month: on the other days of it nothing more is said."""
    begin = datetime(2025, 5, 1, 9)
    access, tickets = [], []
    for d in range(12):
        for n in range(6):
            bare = n == 0 and d in (4, 7, 8)
            for k in range(25 if bare and d == 4 else 2):
                at, who = begin + timedelta(days=d, minutes=9 * k), f"m{n}-{d}-{k}"
                access.append(
                    {"time": at, "actor": f"desk{n}", "actor_kind": "staff", "subject": who, "fields": "name"}
                )
                if not bare:
                    tickets.append(
                        {"kind": "ticket", "actor": f"desk{n}", "subject": who, "first": at, "last": at}
                    )
    asked = Settings(rules={"more-than-peers": {"min_persons": 26, "min_persons_month": 20}})
    both = ["lookup-without-reason", "more-than-peers"]

    def seen(days: Days | None = None, only: list[str] = both) -> list[Flag]:
        with closing(engine_of(access, reason=tickets)) as engine:
            return flagged(engine, asked, days, only)

    with closing(engine_of(access)) as engine:
        at = local_day(engine, "UTC")
    full = seen()
    assert {flag[0] for flag in full} == {"lookup-without-reason"}
    assert {flag[0] for flag in seen(only=["more-than-peers"])} == {"more-than-peers"}
    for d in (4, 7):
        day = (begin + timedelta(days=d)).date()
        assert seen(Days(day, day)) == [flag for flag in full if at[flag[3:]] == day]
