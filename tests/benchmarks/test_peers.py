"""The file that all programs read, and what is said of who found whom. The peers themselves are not needed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from benchmarks.peers import compare, crowdsec, shown, visitors
from benchmarks.suite.spawn import python, spawn
from benchmarks.suite.targets import targets

LINES = 8_000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("peers") / "visitors.log"
    visitors.write(file, LINES)
    return file


def test_the_file_has_its_lines_in_order_of_time(log: Path) -> None:
    lines = log.read_text().splitlines()
    assert len(lines) == LINES
    times = [line.split("[", 1)[1][12:20] for line in lines]
    assert times == sorted(times)
    addresses = {line.split(" ", 1)[0] for line in lines}
    assert {address for actor in visitors.ACTORS for address in actor.addresses} < addresses


def test_the_file_is_the_same_each_time(log: Path, tmp_path: Path) -> None:
    visitors.write(tmp_path / "again.log", LINES)
    assert (tmp_path / "again.log").read_bytes() == log.read_bytes()


def test_a_file_too_small_for_the_bad_actors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ask for"):
        visitors.write(tmp_path / "small.log", 100)


def test_haechi_finds_those_who_take_data_and_nobody_else(log: Path) -> None:
    figures: list[dict[str, Any]] = []
    who: dict[str, dict[str, list[str]]] = {}
    compare._own(log, LINES, figures, who)
    takers = {address for actor in visitors.ACTORS if actor.takes for address in actor.addresses}
    assert set(who["haechi inspect"][str(LINES)]) == takers
    assert set(who["plain Python loop"][str(LINES)]) < takers
    assert [figure["what"] for figure in figures] == [
        "haechi collect",
        "haechi, reading alone",
        "haechi inspect",
        "plain Python loop",
    ]


def test_the_loop_counts_what_is_there(log: Path) -> None:
    said = json.loads(spawn(python("benchmarks.peers.loop", str(log))).said)
    assert said["lines"] == LINES and said["many"]["203.0.113.9"] == 1200


def test_without_apt_the_peers_are_left_out_with_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", str(compare.SETUP), str(tmp_path / "peers")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr == "The peers are left out: there is no apt here.\n"


def test_crowdsec_is_laid_out_offline_with_the_stock_scenarios(tmp_path: Path) -> None:
    root, at = tmp_path / "root", tmp_path / "at"
    hub = root / "usr/share/crowdsec/hub"
    for name in crowdsec.PARSERS:
        _write(hub / "parsers" / f"{name}.yaml")
    for name in crowdsec.COLLECTIONS:
        _write(hub / f"collections/crowdsecurity/{name}.yaml", "scenarios:\n  - crowdsecurity/http-probing\n")
    _write(hub / "scenarios/crowdsecurity/http-probing.yaml")
    _write(hub / "scenarios/crowdsecurity/ssh-bf.yaml")
    _write(root / "usr/share/crowdsec/data/path_traversal.txt", "../\n")
    _write(root / "etc/crowdsec/patterns/nginx")
    for name in ("profiles.yaml", "simulation.yaml"):
        _write(root / "etc/crowdsec" / name)
    crowdsec.prepare(root, at)
    assert [file.name for file in (at / "config/scenarios").iterdir()] == ["http-probing.yaml"]
    assert (at / "data/http_path_traversal.txt").read_text() == "../\n"
    assert "online_client" not in (at / "config.yaml").read_text()


def _write(file: Path, text: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def document(load: float = 0.5) -> dict[str, Any]:
    def figure(what: str, lines: int, wall: float, cpu: float) -> dict[str, Any]:
        return {"what": what, "lines": lines, "wall": wall, "cpu": cpu, "peak": 100}

    return {
        "machine": {"cores": 2, "load": load},
        "peers": {"goaccess": "1:1.7-1", "crowdsec": "1.4.6-6"},
        "figures": [
            figure("haechi inspect", 1000, 2.0, 3.0),
            figure("haechi inspect", 101_000, 3.0, 5.0),
            figure("haechi collect", 1000, 1.0, 1.0),
            figure("haechi collect", 101_000, 2.0, 2.5),
            figure("haechi, reading alone", 1000, 1.0, 1.0),
            figure("haechi, reading alone", 101_000, 1.5, 2.0),
            figure("GoAccess", 1000, 0.1, 0.1),
            figure("GoAccess", 101_000, 4.1, 4.1),
            figure("CrowdSec", 1000, 10.0, 6.0) | {"alerts": [{"scenario": "x/crawl", "address": "a"}]},
        ],
        "actors": [{"name": "walker", "does": "walks", "addresses": ["a", "b"], "takes": True}],
        "who": {"haechi inspect": {"1000": ["a", "b"]}, "CrowdSec": {"1000": ["a", "z"]}},
    }


def test_ratios_are_told_with_and_without_the_start() -> None:
    rows = shown.ratios_table(document()).splitlines()[2:]
    assert rows[0] == "| 100 times CrowdSec | haechi inspect | 1,000 | 5.0 | 2.0 | **missed** |"
    # 10 ms and 6 ms a line against 10 µs and 20 µs a further line.
    assert rows[1] == "| 100 times CrowdSec | haechi inspect | each further one | 1,000.0 | 300.0 | held |"
    # 40 µs and 40 µs against 5 µs of wall clock and 10 µs of processor.
    assert rows[4].endswith("| each further one | 8.0 | 4.0 | by one of them |")
    # With much else going on, the wall clock is left out.
    busy = shown.ratios_table(document(load=9.0)).splitlines()[2:]
    assert busy[4].endswith("| each further one | - | 4.0 | **missed** |")


def test_who_found_whom_counts_the_innocent() -> None:
    rows = shown.who_table(document()).splitlines()[2:]
    assert rows == [
        "| walker | walks | found | 1 of 2 addresses |",
        "| honest visitors | | 0 named | 1 named |",
    ]
    assert shown.scenarios(document()) == "walker: x/crawl"


def test_without_peers_the_page_says_why() -> None:
    assert shown.ratios_table({"peers": {}, "skipped": "there is no apt here"}) == "there is no apt here"


def test_targets_are_held_or_not_by_what_was_measured() -> None:
    def figure(step: str, records: int, cpu: float) -> dict[str, Any]:
        return {"step": step, "records": records, "wall": cpu / 2, "cpu": cpu, "slowest": 0.4}

    figures = [
        figure(step, records, records / 500_000) for step in ("seal", "detect") for records in (1000, 4000)
    ]
    figures += [figure("collect JSON", 1000, 0.004), figure("collect JSON", 4000, 0.04)]
    figures.append(figure("look-up", 4000, 0.1))
    quiet, busy = {"cores": 2, "load": 0.5}, {"cores": 2, "load": 9.0}
    rows = targets({"machine": quiet, "figures": figures}, document()).splitlines()[2:]
    assert rows == [
        "| collect 400,000 nginx JSON lines a second | 200,000 | **not held** |",
        "| all rules over 1,000,000 records a second | 1,000,000 | held |",
        "| seal 300,000 records a second and core | 500,000 | held |",
        "| every access to one person in 300 ms | 50 ms, the slowest 400 ms, out of 4,000 | **not held** |",
        "| twice the records, at most 2.2 times the CPU | at most 3.16 over all sizes (collect JSON), "
        "3.16 in a single doubling (collect JSON) | **not held** |",
        "| 100 times CrowdSec, haechi inspect | 2.0 to 1,000.0, by file and clock | **not held** by all |",
        "| 5 times GoAccess, haechi, reading alone | 0.1 to 8.0, by file and clock | **not held** by all |",
    ]
    assert len(targets({"machine": quiet, "figures": figures}, {}).splitlines()) == 7
    rows = targets({"machine": busy, "figures": figures}, document(load=9.0)).splitlines()[2:]
    assert rows[:2] == [
        "| collect 400,000 nginx JSON lines a second | at best 200,000, by CPU time | **not held** |",
        "| all rules over 1,000,000 records a second | at best 1,000,000, by CPU time | not known: busy machine |",
    ]
    assert rows[3].endswith("| not known: busy machine |")
    assert (
        rows[6]
        == "| 5 times GoAccess, haechi, reading alone | 0.1 to 4.0, by file and clock | **not held** |"
    )
