"""The scorer against a plain Python one, on small made-up truths and answers."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.drill.score import FoundCase, Score, score
from haechi.model.errors import InputError

BEGIN = datetime(2025, 1, 1)
Request = tuple[str, int]
Person = tuple[str, str]

requests = st.tuples(st.sampled_from(["gw-1", "gw-2"]), st.integers(1, 12))
persons = st.tuples(st.sampled_from(list("abcdefgh")), st.sampled_from(["member", "withdrawn", "non_member"]))
truths = st.tuples(
    st.dictionaries(requests, st.integers(0, 1000), max_size=12),
    st.dictionaries(st.sampled_from(list("abcdefgh")), st.tuples(st.integers(0, 1000), persons), max_size=8),
)
answers = st.lists(st.tuples(st.lists(requests, max_size=12), st.lists(persons, max_size=6)), max_size=4)


def at(second: int) -> datetime:
    return BEGIN + timedelta(seconds=second)


def write_truth(folder: Path, bad: dict[Request, int], shown: dict[str, tuple[int, str]]) -> None:
    times = pa.array([at(second) for second in bad.values()], pa.timestamp("us"))
    nodes, seqs = [node for node, _ in bad], [seq for _, seq in bad]
    table = {"time": times, "node": pa.array(nodes, pa.string()), "node_seq": pa.array(seqs, pa.int64())}
    pq.write_table(pa.table(table), folder / "requests.parquet")
    people = {
        "person": pa.array(list(shown), pa.string()),
        "kind": pa.array([kind for _, kind in shown.values()], pa.string()),
        "first_shown": pa.array([at(second) for second, _ in shown.values()], pa.timestamp("us")),
    }
    pq.write_table(pa.table(people), folder / "persons.parquet")


def case(name: str, claimed: list[Request], people: list[Person]) -> FoundCase:
    requests = {
        "source": pa.array(["gateway"] * len(claimed), pa.string()),
        "node": pa.array([node for node, _ in claimed], pa.string()),
        "node_seq": pa.array([seq for _, seq in claimed], pa.int64()),
    }
    persons = {
        "person": pa.array([person for person, _ in people], pa.string()),
        "kind": pa.array([kind for _, kind in people], pa.string()),
    }
    return FoundCase(name, pa.table(requests), pa.table(persons))


def plain(bad: dict[Request, int], shown: dict[str, tuple[int, str]], said: list[FoundCase]) -> Score:
    """The same arithmetic, as plainly as it can be said."""
    flagged = [{(r["node"], r["node_seq"]) for r in c.requests.to_pylist()} for c in said]
    claimed_requests = set().union(*flagged)
    hit = claimed_requests & set(bad)
    truth = {(person, kind == "non_member") for person, (_, kind) in shown.items()}
    claimed = {(p["person"], p["kind"] == "non_member") for c in said for p in c.persons.to_pylist()}
    detected = min((bad[request] for request in hit), default=None)
    exposed = [p for p, (second, _) in shown.items() if detected is None or second <= detected]
    return Score(
        persons_recall=len(truth & claimed) / len(truth) if truth else 1.0,
        persons_precision=len(truth & claimed) / len(claimed) if claimed else 1.0,
        requests_recall=len(hit) / len(bad) if bad else 1.0,
        requests_precision=len(hit) / len(claimed_requests) if claimed_requests else 1.0,
        seconds_to_detect=None if detected is None else float(detected - min(bad.values())),
        persons_exposed_at_detection=len(exposed),
        false_cases=sum(2 * len(f & set(bad)) < len(f) or not f for f in flagged),
    )


@settings(max_examples=60, deadline=None)
@given(truths, answers)
def test_agrees_with_the_plain_scorer(
    truth: tuple[dict[Request, int], dict[str, tuple[int, Person]]],
    answer: list[tuple[list[Request], list[Person]]],
) -> None:
    bad, told = truth
    shown = {person: (second, kind) for person, (second, (_, kind)) in told.items()}
    said = [case(f"C-{number}", *parts) for number, parts in enumerate(answer)]
    with tempfile.TemporaryDirectory() as folder:
        write_truth(Path(folder), bad, shown)
        assert score(Path(folder), said) == plain(bad, shown, said)


def test_a_perfect_answer(tmp_path: Path) -> None:
    write_truth(tmp_path, {("gw-1", 5): 10, ("gw-2", 9): 70}, {"a": (10, "member"), "p": (70, "non_member")})
    said = [case("C-1", [("gw-1", 5), ("gw-2", 9)], [("a", "withdrawn"), ("p", "non_member")])]
    assert score(tmp_path, said) == Score(1.0, 1.0, 1.0, 1.0, 0.0, 1, 0)


def test_a_non_member_called_a_member_is_neither_found_nor_right(tmp_path: Path) -> None:
    write_truth(tmp_path, {("gw-1", 5): 10}, {"a": (10, "member"), "p": (10, "non_member")})
    got = score(tmp_path, [case("C-1", [("gw-1", 5)], [("a", "member"), ("p", "member")])])
    assert (got.persons_recall, got.persons_precision) == (0.5, 0.5)


def test_silence_finds_nothing_and_says_nothing_wrong(tmp_path: Path) -> None:
    write_truth(tmp_path, {("gw-1", 5): 10}, {"a": (10, "member"), "b": (99, "member")})
    assert score(tmp_path, []) == Score(0.0, 1.0, 0.0, 1.0, None, 2, 0)


def test_claims_without_an_identity_count_against_precision(tmp_path: Path) -> None:
    write_truth(tmp_path, {("gw-1", 5): 10}, {})
    table = pa.table(
        {"node": pa.array(["gw-1", None], pa.string()), "node_seq": pa.array([5, 5], pa.int64())}
    )
    nobody = pa.table({"person": pa.array([], pa.string()), "kind": pa.array([], pa.string())})
    got = score(tmp_path, [FoundCase("C-1", table, nobody)])
    assert (got.requests_recall, got.requests_precision) == (1.0, 0.5)


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no truth"):
        score(tmp_path, [])
