"""Audit logs by others, through the whole pipeline: counts as published, every unit accounted for."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from tests.collect.conftest import Bench

from haechi.model.settings import SourceSettings

DATA = Path(os.environ.get("HAECHI_TEST_DATA", Path(__file__).parents[2] / "../shared/data"))


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (DATA / name).exists(), reason=f"{name} is not at {DATA}")


@needs("pgaudit")
def test_pgaudit_s_own_regression_output(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    report = bench.collect(DATA / "pgaudit" / "pgaudit.out")
    assert (report.stored, report.sources[0].format) == (415, "pgaudit")
    text = (DATA / "pgaudit" / "pgaudit.out").read_text("utf-8")
    # 179 records run over several lines; all lines together are the file's.
    assert report.lines == report.stored + report.set_aside
    begins = bench.rows("SELECT count(*) FROM access WHERE time IS NULL")
    assert begins == [(415,)]
    assert text.count("AUDIT: SESSION,") + text.count("AUDIT: OBJECT,") == 415
    reasons = bench.rows("SELECT DISTINCT reason FROM aside ORDER BY reason")
    assert reasons == [("blank line",), ("not an audit record",)]


@needs("stratus")
def test_stratus_attack_techniques_one_source(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    files = sorted((DATA / "stratus").glob("*.json"))
    report = bench.collect(*files, source=SourceSettings(name="cloudtrail", paths=["*.json"]))
    assert (report.stored, report.set_aside, len(report.sources)) == (310, 0, 35)
    read = bench.rows(
        "SELECT method, action, count(*)::INT FROM access WHERE method IN "
        "('GetSecretValue', 'BatchGetSecretValue', 'GetParameters', 'GetPasswordData') "
        "GROUP BY ALL ORDER BY method"
    )
    assert read == [
        ("BatchGetSecretValue", "view", 5),
        ("GetParameters", "view", 5),
        ("GetPasswordData", "view", 30),
        ("GetSecretValue", "view", 20),
    ]
    assert bench.rows("SELECT count(*)::INT FROM access WHERE action = 'export'") == [(3,)]
    assert bench.rows("SELECT count(*)::INT FROM access WHERE actor IS NULL OR time IS NULL") == [(0,)]


@needs("panther")
def test_every_panther_event_is_stored_or_set_aside_with_a_reason(tmp_path: Path) -> None:
    lines = (DATA / "panther" / "tests.jsonl").read_text("utf-8").splitlines()
    events = [json.loads(line)["log"] for line in lines]
    log = tmp_path / "events.json"
    log.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    bench = Bench(tmp_path)
    report = bench.collect(log)
    assert report.lines == len(events) == 3062
    assert report.stored + report.set_aside == 3062
    assert bench.rows("SELECT count(*)::INT FROM aside WHERE coalesce(reason, '') = ''") == [(0,)]
    # Whole CloudTrail events are read as such, whatever stands between them.
    marks = ("eventTime", "eventSource", "eventName")
    whole = [e for e in events if e and all(e.get(mark) for mark in marks) and e["eventTime"][:4].isdigit()]
    sql = "SELECT method, count(*)::INT FROM access WHERE host LIKE '%.amazonaws.com' GROUP BY ALL"
    stored = dict(bench.rows(sql))
    expected = Counter(e["eventName"] for e in whole if str(e["eventSource"]).endswith(".amazonaws.com"))
    assert stored == expected
