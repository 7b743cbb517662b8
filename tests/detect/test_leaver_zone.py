"""A departure is told as a day of the workspace's calendar."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pytest

from haechi.detect.runner import run_rules
from haechi.model.settings import Settings, WorkspaceSettings
from haechi.model.tables import ACCESS, PERSON
from haechi.store.duckdb_engine import memory_engine


@pytest.mark.parametrize(("zone", "day"), [("Asia/Seoul", "2024-12-31"), ("UTC", "2024-12-30")])
def test_the_day_is_the_workspaces(zone: str, day: str) -> None:
    person = {
        "source": "hr",
        "seq": 1,
        "person": "E1",
        "account": "kim",
        "departed": datetime(2024, 12, 30, 15),
    }
    access = [
        {
            "time": datetime(2025, 2, 1, 0, 0, n),
            "source": "gw",
            "seq": n,
            "actor": "kim",
            "outcome": "success",
        }
        for n in range(5)
    ]
    tables = {
        "access": pa.Table.from_pylist([{n: row.get(n) for n in ACCESS.names} for row in access], ACCESS),
        "person": pa.Table.from_pylist([{n: person.get(n) for n in PERSON.names}], PERSON),
    }
    settings = Settings(workspace=WorkspaceSettings(timezone=zone))
    (finding,) = run_rules(memory_engine(tables), settings, only=["leaver"]).findings
    assert f"departed on {day}" in finding.sentence
