"""The rule against a plain reading of its definition, one access at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haechi.detect.runner import run_rules
from haechi.model.settings import IssuerSettings, Settings

from .worlds import T0, Record, engine_of

LIFE = timedelta(minutes=10)


class Issued(NamedTuple):
    minute: int
    node: str
    credential: int


class Used(NamedTuple):
    minute: int
    credential: int
    status: int


def world(seed: int) -> tuple[list[tuple[Issued, int]], list[Used]]:
    """Records with their node's count, some lost so that the count jumps, and accesses about the same time.

    Drawn evenly from a seed: the lists that Hypothesis likes hardly ever hit the edge of a hole.
    """
    draw = Random(seed)
    made = sorted(Issued(draw.randint(0, 60), draw.choice("ab"), draw.randint(0, 12)) for _ in range(20))
    lost = set(draw.sample(range(20), draw.randint(0, 6)))
    counts = dict.fromkeys("ab", 0)
    issued = []
    for n, record in enumerate(made):
        counts[record.node] += 1
        if n not in lost:
            issued.append((record, counts[record.node]))
    status = (200, 404, 401)
    used = [Used(draw.randint(5, 75), draw.randint(0, 20), draw.choice(status)) for _ in range(20)]
    return issued, used


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


def plain(issued: list[tuple[Issued, int]], used: list[Used]) -> set[int]:
    """The places of the accesses that were never issued, by the words of the rule. All are of one address."""
    known = {record.credential for record, _ in issued}
    times = [at(record.minute) for record, _ in issued]
    gap = (max(times) - min(times)) // max(len(times) - 1, 1)
    tail = min(20 * gap, LIFE)
    holes = []
    for node in "ab":
        counted = sorted((count, record.minute) for record, count in issued if record.node == node)
        for (before, first), (after, last) in pairwise(counted):
            if after > before + 1:
                holes.append((at(min(first, last)), at(max(first, last))))
        if counted and 1 < counted[0][0] <= len(counted) + 1:  # what came before its first is lost, too
            holes.append((min(times), at(min(minute for _, minute in counted))))

    def forged(access: Used) -> bool:
        time = at(access.minute)
        in_hole = any(first <= time and time - LIFE <= last for first, last in holes)
        within = min(times) + LIFE <= time <= max(times) + tail
        return access.credential not in known and within and not in_hole

    if not any(access.credential in known for access in used):
        return set()
    places = {n for n, access in enumerate(used, 1) if forged(access)}
    return places if any(used[n - 1].status != 401 for n in places) else set()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
@example(4199)  # a lost record of the very moment in which the log begins
def test_as_defined(seed: int) -> None:
    issued, used = world(seed)
    engine = engine_of(
        [
            {
                "time": at(access.minute),
                "credential": access.credential.to_bytes(16),
                "key": "k1",
                "client_ip": "192.0.2.1",
                "status": access.status,
            }
            for access in used
        ],
        issuance=[_record(record, count) for record, count in issued],
    )
    issuer = IssuerSettings("login", issuance="issuance", token_life="10m")
    detection = run_rules(engine, Settings(issuers=[issuer]), only=["never-issued"])
    assert detection.runs[0].ran, detection.runs[0].reason
    flagged = {seq for (seq,) in engine.rows("SELECT seq FROM flag")}
    engine.close()
    assert flagged == plain(issued, used)


@pytest.mark.parametrize(("first", "forged"), [(1, True), (2, False), (9, True)])
def test_the_first_records_of_a_machine_can_be_lost(first: int, forged: bool) -> None:
    """A count that begins with 2 has lost one; one that is far ahead of what was seen is older than the log."""
    issued = [(Issued(n, "a", n), n + 1) for n in range(60)]
    issued += [(Issued(40 + n, "b", 100 + n), first + n) for n in range(3)]
    engine = engine_of(
        [
            {"time": at(minute), "credential": one.to_bytes(16), "client_ip": "192.0.2.1", "status": 200}
            for minute, one in ((30, 30), (30, 999))
        ],
        issuance=[_record(record, count) for record, count in issued],
    )
    issuer = IssuerSettings("login", issuance="issuance", token_life="10m")
    run_rules(engine, Settings(issuers=[issuer]), only=["never-issued"])
    assert engine.rows("SELECT seq FROM flag") == ([(2,)] if forged else [])
    engine.close()


def _record(record: Issued, count: int) -> Record:
    return {
        "time": at(record.minute),
        "node": record.node,
        "node_seq": count,
        "credential": record.credential.to_bytes(16),
    }
