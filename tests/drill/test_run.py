"""The whole way: make, inspect, compare. Small, so that it is quick; the full size is `haechi drill run`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from haechi.drill.run import World, list_drills, run
from haechi.drill.scenarios import coupang_2025
from haechi.drill.world.columns import Requests


def test_the_drill_is_found_exactly_and_nothing_else(tmp_path: Path) -> None:
    result = run("coupang-2025", World(0.0001, 5), keep=tmp_path / "kept")
    assert (result.score.persons_recall, result.score.persons_precision) == (1.0, 1.0)
    assert (result.score.requests_recall, result.score.requests_precision) == (1.0, 1.0)
    assert result.score.false_cases == 0
    (case,) = result.found["cases"]
    assert result.found["names_key"] and result.found["names_leaver"]
    assert case["scope"].ghosts == result.truth["ghosts"]
    assert case["scope"].non_members == result.truth["kinds"]["non_member"]
    assert case["entity_counts"]["client_ip"] == result.truth["addresses"]
    # Every line that was made was read. The two tables in CSV have a header line, which is set aside.
    assert result.found["stored"] == sum(result.records.values())
    assert result.found["lines"] == result.found["stored"] + result.found["set_aside"]
    assert (tmp_path / "kept" / "truth" / "meta.json").is_file()


def test_the_document_has_the_promised_keys() -> None:
    result = run("coupang-2025", World(0.00002, 1))
    document = msgspec.json.decode(msgspec.json.encode(result))
    promised = {"scenario", "scale", "seed", "records", "truth", "found", "score"}
    assert promised <= set(document)
    assert {"persons_recall", "requests_precision", "seconds_to_detect", "false_cases"} <= set(
        document["score"]
    )
    assert (document["scenario"], document["scale"], document["seed"]) == ("coupang-2025", 0.00002, 1)


def test_list_names_every_scenario() -> None:
    titles = {drill.name: drill.title for drill in list_drills()}
    assert titles["coupang-2025"] == "Tokens forged with a leaver's signing key"


def test_an_honest_world_draws_no_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same world without its incident: what a rule says here, it says about innocent people."""
    played = coupang_2025.Crawl.day

    def nothing(crawl: coupang_2025.Crawl, day: int) -> Requests:
        return played(crawl, day).take(np.empty(0, np.int64))

    monkeypatch.setattr(coupang_2025.Crawl, "day", nothing)
    result = run("coupang-2025", World(0.0001, 2, honest=2))
    assert result.truth["requests"] == 0
    assert result.found["cases"] == []
    assert result.score.false_cases == 0
