"""Verbs that need no workspace: rule and drill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Haechi = Callable[..., Any]


def test_rules_are_listed_and_explained(haechi: Haechi) -> None:
    rules = haechi("rule", "list", "--json").document["rules"]
    assert {"never-issued", "leaver", "persons-over-budget"} <= {rule["id"] for rule in rules}
    listed = haechi("rule", "list").out
    for rule in rules:
        assert rule["id"] in listed
        explained = haechi("rule", "explain", rule["id"])
        assert explained.code == 0
        assert "What looks alike and is honest" in explained.out
        assert haechi("rule", "explain", rule["id"], "--json").document == rule


def test_an_unknown_rule_is_wrong_use(haechi: Haechi) -> None:
    said = haechi("rule", "explain", "none")
    assert said.code == 2
    assert "never-issued" in said.err


def test_a_workspace_adds_rules(haechi: Haechi, tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text("")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.sql").write_text(
        '/* ---\nid = "mine"\ntitle = "Mine"\ntier = "behaviour"\nseverity = "low"\nmeans = "m"\nnormal=""\n'
        "sentence = \"s\"\n--- */\nSELECT source, seq, 'key' AS entity_kind, 'k' AS entity FROM access\n"
    )
    assert "mine" in {rule["id"] for rule in haechi("rule", "list", "--json").document["rules"]}


def test_drills_are_listed(haechi: Haechi) -> None:
    assert "coupang-2025" in haechi("drill", "list").out
    assert haechi("drill", "list", "--json").document["drills"][0]["name"]


def test_a_drill_is_run_and_scored(haechi: Haechi) -> None:
    options = ("coupang-2025", "--scale", "0.00005", "--seed", "5")
    document = haechi("drill", "run", *options, "--json").document
    assert (document["scenario"], document["scale"], document["seed"]) == ("coupang-2025", 0.00005, 5)
    assert set(document["score"]) >= {
        "persons_recall",
        "requests_precision",
        "seconds_to_detect",
        "false_cases",
    }
    said = haechi("drill", "run", *options)
    assert said.code == 0
    assert said.out.startswith("coupang-2025: ")
    assert "True of what was said" in said.out


def test_a_made_world_is_scored_where_it_lies(haechi: Haechi, tmp_path: Path) -> None:
    world = tmp_path / "world"
    mixed = ("--mix", "scraper", "--only", "gateway", "--until", "2025-01-20")
    made = haechi("drill", "make", "coupang-2025", "--scale", "0.00002", *mixed, "--out", world, "--json")
    assert made.code == 0
    document = haechi("drill", "score", world, "--json").document
    assert (document["scenario"], document["mix"]) == ("coupang-2025", ["scraper"])
    assert [phase["phase"] for phase in document["card"]["phases"]] == ["tests"]
    assert "never-issued" in document["card"]["not_run"]
    said = haechi("drill", "score", world)
    assert said.code == 0
    assert "Rules that could not run" in said.out


def test_several_drills_make_one_table(haechi: Haechi) -> None:
    said = haechi("drill", "score", "--drill", "coupang-2025", "--scale", "0.00001", "--seeds", "2", "--json")
    (summary,) = said.document["drills"]
    assert (summary["scenario"], summary["seeds"]) == ("coupang-2025", 2)
    assert [run["seed"] for run in said.document["runs"]] == [1, 2]


def test_score_needs_a_folder_or_drills_and_words_that_it_knows(haechi: Haechi, tmp_path: Path) -> None:
    assert haechi("drill", "score").code == 2
    assert haechi("drill", "score", tmp_path, "--all").code == 2
    assert haechi("drill", "score", tmp_path).code == 3
    for option, word in (("--only", "hr"), ("--without", "sleep"), ("--mix", "none"), ("--until", "soon")):
        said = haechi("drill", "make", "quiet", option, word, "--out", tmp_path / "world")
        assert (said.code, word in said.err) == (2, True)


def test_an_unknown_drill_lists_those_there_are(haechi: Haechi) -> None:
    for verb in (["run"], ["make", "--out", "world"]):
        said = haechi("drill", *verb, "none")
        assert said.code == 2
        assert "coupang-2025" in said.err


def test_a_drill_of_no_size_is_wrong_use(haechi: Haechi) -> None:
    for option in ("--scale", "--seed", "--honest"):
        said = haechi("drill", "make", "coupang-2025", option, "-1", "--out", "world")
        assert said.code == 2
        assert option in said.err


def test_a_drill_is_made_once(haechi: Haechi, tmp_path: Path) -> None:
    options = ("drill", "make", "coupang-2025", "--scale", "0.00005", "--out", tmp_path / "world")
    made = haechi(*options, "--json")
    assert made.code == 0
    assert Path(made.document["inspect"]).is_dir() and Path(made.document["truth"]).is_dir()
    assert haechi(*options).code == 3
