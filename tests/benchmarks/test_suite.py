"""The suite at its smallest, from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.suite import bill, plot, shown
from benchmarks.suite.run import STEPS, _median
from benchmarks.suite.spawn import Failed, python, spawn

REPOSITORY = Path(__file__).parents[2]


def test_runs_every_step_and_checks_the_answers(tmp_path: Path) -> None:
    asked = ["--only", "suite", "--sizes", "1000", "--honest", "1", "--folder", str(tmp_path)]
    out = tmp_path / "results"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *asked, "--out", str(out)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads((out / "suite.json").read_text())
    figures = {figure["step"]: figure for figure in measured["figures"]}
    assert set(figures) == {*STEPS, "detect", "scope"} - {"inspect"}
    for step, figure in figures.items():
        assert figure["records"] > 0 and figure["cpu"] > 0 and figure["peak"] > 10, step
    assert figures["scope"]["score"] == [1.0, 1.0, 1.0, 1.0]
    assert 0 < figures["detect"]["flagged"] < figures["detect"]["records"]
    assert figures["compact"]["disk"]["compact"] > 0 == figures["collect"]["disk"]["compact"]
    assert "cases and their scopes" in done.stdout  # the table is written as well
    assert bill.parts(measured["figures"]) and plot.draw(measured["figures"])
    assert list(tmp_path.iterdir()) == [out]  # worlds and stores are gone


def test_a_process_is_measured_with_its_children() -> None:
    """From a small parent: a child's peak is never less than what its parent held, and pytest holds much."""
    grandchild = "b = b'x' * 80_000_000; sum(range(3_000_000))"
    idle, busy = "pass", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    measure = (
        "import json, sys; from benchmarks.suite.spawn import spawn; "
        f"used = [spawn([sys.executable, '-c', code]) for code in ({idle!r}, {busy!r})]; "
        "print(json.dumps([[one.peak, one.cpu] for one in used]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", measure], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    (idle_peak, _), (peak, cpu) = json.loads(done.stdout)
    assert idle_peak < 60 < 76 < peak < 200  # MB
    assert cpu > 0.02


def test_a_step_that_fails_says_what_it_said() -> None:
    with pytest.raises(Failed, match="no such thing"):
        spawn([sys.executable, "-c", "raise SystemExit('no such thing')"])
    assert spawn([sys.executable, "-c", "raise SystemExit(3)"], allowed=(3,)).code == 3
    assert python("some.module", "x") == [sys.executable, "-m", "some.module", "x"]


def test_runs_are_told_by_their_median() -> None:
    runs = [{"step": "seal", "wall": wall, "cpu": cpu, "peak": 1.0} for wall, cpu in ((3, 1), (1, 9), (2, 5))]
    assert _median(runs) == {"step": "seal", "wall": 2, "cpu": 5, "peak": 1.0}


def test_growth_is_for_a_doubling() -> None:
    small, large = {"records": 1000, "cpu": 1.0}, {"records": 8000, "cpu": 8.0 * 1.1**3}
    assert shown.growth(small, large) == pytest.approx(2.2)
    figures = [
        {"step": "detect", **small},
        {"step": "detect", **large},
        {"step": "detect", "records": 16_000, "cpu": 30.0},
    ]
    table = shown.growth_table(figures).splitlines()
    assert table[2].endswith("| 2.20 | held |") and table[3].endswith("| 2.82 | **not held** |")
    assert table[4] == "| detect, over all | 1,000 | 16,000 | 2.34 | **not held** |" and len(table) == 5
    assert shown.span(figures, "detect") == pytest.approx(30 ** (1 / 4)) and not shown.span(figures, "seal")


def test_sizes_that_are_nearly_the_same_tell_no_growth() -> None:
    figures = [{"step": "seal", "records": records, "cpu": 1.0} for records in (500_000, 500_000, 510_000)]
    assert shown.steps_of(figures, "seal") == []


def test_the_scripts_have_the_same_entry() -> None:
    said = spawn(python("benchmarks", "reconcile", "--help"), folder=REPOSITORY).said
    assert said.startswith("usage: reconcile.py") and "--forged" in said
    assert "--peer-lines" in spawn(python("benchmarks", "--help"), folder=REPOSITORY).said
