"""Sigma correlations: which accesses stand in a timespan that fulfils the condition."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..worlds import T0
from .running import detected, flagged

BASE = """\
title: {name}
name: {name}
logsource:
    category: webserver
detection:
    selection:
        action: {action}
        outcome: {outcome}
    condition: selection
---
"""
FAILED = BASE.format(name="failed", action="login", outcome="failure")
PASSED = BASE.format(name="passed", action="login", outcome="success")
EXPORT = BASE.format(name="export", action="export", outcome="success")
CORRELATION = """\
title: Correlation under test
correlation:
    type: {type}
    rules: [{rules}]
    group-by: [{group}]
    timespan: {timespan}
"""


def correlation(
    kind: str, rules: str, condition: str = "", group: str = "client_ip", timespan: str = "5m"
) -> str:
    text = CORRELATION.format(type=kind, rules=rules, group=group, timespan=timespan)
    return text + (f"    condition: {condition}\n" if condition else "")


def at(minutes: float, what: str = "failed", **columns: Any) -> dict[str, Any]:
    """An access so many minutes after the start: failed, passed or export."""
    action = "export" if what == "export" else "login"
    outcome = "failure" if what == "failed" else "success"
    row = {
        "time": T0 + timedelta(minutes=minutes),
        "action": action,
        "outcome": outcome,
        "client_ip": "192.0.2.1",
    }
    return {**row, **columns}


def test_many_events_within_a_timespan(tmp_path: Path) -> None:
    sigma = FAILED + correlation("event_count", "failed", "{gte: 3}")
    # 1-3 lie within five minutes; 4 alone; 5-6 are two; the fourth of another address.
    rows = [at(0), at(2), at(5), at(30), at(60), at(61), at(62, client_ip="192.0.2.2"), at(63, "passed")]
    assert flagged(tmp_path, sigma, rows) == [1, 2, 3]


def test_a_timespan_slides_over_its_own_ends(tmp_path: Path) -> None:
    """Fixed five-minute spans would part these three."""
    sigma = FAILED + correlation("event_count", "failed", "{gte: 3}")
    assert flagged(tmp_path, sigma, [at(4), at(6), at(8), at(20)]) == [1, 2, 3]


def test_more_than(tmp_path: Path) -> None:
    sigma = FAILED + correlation("event_count", "failed", "{gt: 2}")
    assert flagged(tmp_path, sigma, [at(0), at(1), at(30), at(31), at(32)]) == [3, 4, 5]


def test_few_events_are_counted_in_fixed_spans(tmp_path: Path) -> None:
    sigma = FAILED + correlation("event_count", "failed", "{lte: 1}", timespan="1h")
    assert flagged(tmp_path, sigma, [at(0), at(10), at(70)]) == [3]


def test_without_a_group_all_count_together(tmp_path: Path) -> None:
    sigma = FAILED + correlation("event_count", "failed", "{gte: 2}").replace(
        "    group-by: [client_ip]\n", ""
    )
    rows = [at(0), at(1, client_ip="192.0.2.2"), at(30)]
    assert flagged(tmp_path, sigma, rows) == [1, 2]


def test_what_lacks_the_group_is_of_no_group(tmp_path: Path) -> None:
    sigma = FAILED + correlation("event_count", "failed", "{gte: 2}")
    assert flagged(tmp_path, sigma, [at(0, client_ip=None), at(1, client_ip=None), at(1)]) == []


def test_different_values(tmp_path: Path) -> None:
    sigma = FAILED + correlation("value_count", "failed", "{gte: 3, field: cs-username}")
    rows = [at(0, actor="a"), at(1, actor="a"), at(1, actor="b"), at(2, actor=None), at(30, actor="a"),
            at(31, actor="b"), at(32, actor="c")]  # fmt: skip
    assert flagged(tmp_path, sigma, rows) == [5, 6, 7]


def test_sum_of_bytes(tmp_path: Path) -> None:
    sigma = EXPORT + correlation("value_sum", "export", "{gte: 1000, field: sc-bytes}")
    rows = [at(0, "export", bytes=600), at(1, "export", bytes=500), at(30, "export", bytes=900)]
    assert flagged(tmp_path, sigma, rows) == [1, 2]


def test_average_and_median_of_fixed_spans(tmp_path: Path) -> None:
    rows = [at(0, "export", bytes=10), at(1, "export", bytes=10), at(2, "export", bytes=1000)]
    for kind, found in [("value_avg", [1, 2, 3]), ("value_median", [])]:
        sigma = EXPORT + correlation(kind, "export", "{gte: 300, field: sc-bytes}", timespan="1h")
        assert flagged(tmp_path, sigma, rows) == found
    sigma = EXPORT + correlation(
        "value_percentile", "export", "{gte: 900, field: sc-bytes, percentile: 99}", timespan="1h"
    )
    assert flagged(tmp_path, sigma, rows) == [1, 2, 3]


def test_together_in_any_order(tmp_path: Path) -> None:
    sigma = FAILED + PASSED + EXPORT + correlation("temporal", "failed, passed, export")
    rows = [at(0, "export"), at(1, "passed"), at(2, "failed"), at(30, "export"), at(31, "failed")]
    assert flagged(tmp_path, sigma, rows) == [1, 2, 3]


def test_some_of_them_together(tmp_path: Path) -> None:
    sigma = FAILED + PASSED + EXPORT + correlation("temporal", "failed, passed, export", "{gte: 2}")
    assert flagged(tmp_path, sigma, [at(0), at(1), at(30), at(31, "export"), at(60, "export")]) == [3, 4]


def test_one_without_the_other(tmp_path: Path) -> None:
    sigma = FAILED + PASSED + EXPORT + correlation("temporal", "failed, passed, export",
                                                   "export and failed and not passed")  # fmt: skip
    rows = [at(0), at(1, "export"), at(3, "passed"), at(30), at(31, "export")]
    assert flagged(tmp_path, sigma, rows) == [4, 5]


def test_in_their_order(tmp_path: Path) -> None:
    sigma = FAILED + PASSED + EXPORT + correlation("temporal_ordered", "failed, passed, export")
    rows = [
        at(0), at(1, "passed"), at(2, "export"),
        at(30, "passed"), at(31), at(32, "export"),  # in another order
        at(60), at(63, "passed"), at(66, "export"),  # in order, too slowly
        at(90), at(91, "passed"), at(92, "export", client_ip="192.0.2.2"),  # of two
    ]  # fmt: skip
    assert flagged(tmp_path, sigma, rows) == [1, 2, 3]


def test_in_order_the_latest_beginning_counts(tmp_path: Path) -> None:
    sigma = FAILED + PASSED + correlation("temporal_ordered", "failed, passed")
    assert flagged(tmp_path, sigma, [at(0), at(10), at(11, "passed")]) == [2, 3]


def test_an_access_does_not_follow_itself(tmp_path: Path) -> None:
    again = FAILED.replace("failed", "again")
    sigma = FAILED + again + correlation("temporal_ordered", "failed, again")
    assert flagged(tmp_path, sigma, [at(0)]) == []
    assert flagged(tmp_path, sigma, [at(0), at(1)]) == [1, 2]


def test_a_correlation_of_a_correlation(tmp_path: Path) -> None:
    """Many failures and then a success: what a guessed password looks like."""
    many = correlation("event_count", "failed", "{gte: 3}").replace(
        "Correlation under test", "many\nname: many"
    )
    sigma = FAILED + PASSED + many + "---\n" + correlation("temporal_ordered", "many, passed", timespan="10m")
    rows = [at(0), at(1), at(2), at(3, "passed"), at(60), at(61), at(62, "passed")]
    assert flagged(tmp_path, sigma, rows) == [3, 4]


def test_aliases_join_what_logs_name_differently(tmp_path: Path) -> None:
    login = FAILED.replace("category: webserver", "service: okta").replace(
        "outcome: failure", "outcome.result: FAILURE"
    )
    sigma = login + EXPORT + correlation("temporal", "failed, export", group="who")
    sigma += (
        "    aliases:\n        who:\n            failed: actor.alternateId\n            export: cs-username\n"
    )
    rows = [at(0, actor="kim"), at(1, "export", actor="kim"), at(2, "export", actor="lee")]
    assert flagged(tmp_path, sigma, rows) == [1, 2]


def test_a_finding_is_about_what_the_correlation_groups_by(tmp_path: Path) -> None:
    sigma = FAILED + correlation("event_count", "failed", "{gte: 2}", group="cs-username")
    detection, _ = detected(tmp_path, sigma, [at(0, actor="kim"), at(1, actor="kim")])
    (finding,) = detection.findings
    assert (finding.entity_kind, finding.entity, finding.accesses) == ("actor", "kim", 2)


def test_a_rule_that_serves_a_correlation_is_written_only_if_asked(tmp_path: Path) -> None:
    sigma = FAILED + correlation("event_count", "failed", "{gte: 2}")
    assert len(detected(tmp_path, sigma, [at(0)])[0].runs) == 1
    assert len(detected(tmp_path, sigma + "    generate: true\n", [at(0)])[0].runs) == 2


minutes = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["failed", "passed"]), st.sampled_from(["192.0.2.1", "192.0.2.2"])),
    min_size=1, max_size=14,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=minutes)
@pytest.mark.parametrize("kind", ["event_count", "temporal_ordered"])
def test_windows_are_those_of_the_plain_definition(
    tmp_path: Path, kind: str, events: list[tuple[int, str, str]]
) -> None:
    events = sorted(events, key=lambda event: event[0])
    rows = [at(minute, what, client_ip=ip) for minute, what, ip in events]
    rules, condition = ("failed", "{gte: 3}") if kind == "event_count" else ("failed, passed", "")
    sigma = FAILED + (PASSED if kind != "event_count" else "") + correlation(kind, rules, condition)
    assert flagged(tmp_path, sigma, rows) == sorted(_plainly(kind, events))


def _plainly(kind: str, events: list[tuple[int, str, str]]) -> set[int]:
    found: set[int] = set()
    numbered = list(enumerate(events, 1))
    for last, (end, what, ip) in numbered:
        if kind == "event_count" and what == "failed":
            window = [n for n, e in numbered if e[1:] == ("failed", ip) and end - 5 <= e[0] <= end]
            found.update(window if len(window) >= 3 else [])
        if kind == "temporal_ordered" and what == "passed":
            begins = [e[0] for n, e in numbered if e[1:] == ("failed", ip) and n < last and end - 5 <= e[0]]
            if begins:
                found.update(n for n, e in numbered if e[2] == ip and max(begins) <= e[0] <= end)
    return found
