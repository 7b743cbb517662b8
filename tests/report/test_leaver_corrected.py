"""A list of people that is read again: what it corrects, and people who were employed twice."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from haechi.identity.intervals import make_intervals, statement
from haechi.report.inspection import collect
from haechi.store.of_workspace import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import load

HEAD = "employee_id,login,hire_date,termination_date\n"
BEFORE = "E1,kim,2020-01-02,\n"
CORRECTED = "E1,kim,2020-01-03,2026-01-02\n"
TWICE = "E1,kim,2020-01-02,2022-01-02\nE1,kim,2024-01-02,\n"
BACK = "E1,kim,2024-01-02,\nE1,kim,2020-01-02,2022-01-02\n"
GONE = "E1,kim,2020-01-02,2022-01-02\nE1,kim,2024-01-02,2026-01-02\n"
OTHER = "E2,lee,2020-01-02,\n"


@pytest.mark.parametrize(
    ("readings", "departed"),
    [
        ((BEFORE, CORRECTED), "2026-01-02"),
        ((BEFORE + OTHER, CORRECTED + OTHER), "2026-01-02"),
        ((TWICE,), None),  # employed twice, and there, in whatever order that is told
        ((BACK,), None),
        ((GONE,), "2026-01-02"),
        ((TWICE, GONE), "2026-01-02"),
        ((OTHER + CORRECTED, OTHER + CORRECTED + "E1,kim,2026-03-01,\n"), None),  # the file grew: one reading
        ((CORRECTED, OTHER), "2026-01-02"),  # who is left out of the list is not forgotten
    ],
)
@pytest.mark.parametrize("dated", [False, True])
def test_the_last_reading_counts(
    tmp_path: Path, readings: tuple[str, ...], departed: str | None, dated: bool
) -> None:
    (tmp_path / "haechi.toml").write_text('[[source]]\nname = "hr"\ntable = "person"\npaths = ["*.csv"]\n')
    workspace = load(tmp_path)
    for number, rows in enumerate(readings):
        (tmp_path / (f"hr-{number}.csv" if dated else "hr.csv")).write_text(HEAD + rows)
        collect([], workspace)
    engine = open_engine(open_store(workspace).snapshot(), workspace.settings.store)
    try:
        make_intervals(engine, datetime(2026, 6, 1))
        known = {row[0]: row[1] for row in engine.rows(statement("people"))}
        cited = engine.rows("SELECT departed FROM employment WHERE person = 'E1'")
        begun = engine.rows("SELECT begins FROM batch")
    finally:
        engine.close()
    assert (f"{known['E1']:%Y-%m-%d}" if known["E1"] else None) == departed, begun
    # What is cited bears out what is told.
    assert (None in [row[0] for row in cited]) == (departed is None)
