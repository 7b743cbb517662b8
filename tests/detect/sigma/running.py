"""Sigma rules of the tests: converted, written into a folder, run over a few records."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent, indent

from haechi.detect.runner import Detection, run_rules
from haechi.detect.sigma.add import convert_file
from haechi.model.settings import Settings, WorkspaceSettings

from ..worlds import Record, engine_of

RULE = """\
title: Rule under test
id: 6f9a1d0e-4c3a-4a8c-9d25-000000000001
status: test
description: Made for a test.
logsource:
    category: {category}
detection:
{detection}
"""


def rule_of(detection: str, category: str = "webserver") -> str:
    """A Sigma rule with this detection."""
    return RULE.format(category=category, detection=indent(dedent(detection).strip(), "    "))


def flagged(folder: Path, sigma: str, *records: Iterable[Record], zone: str = "UTC") -> list[int]:
    """Convert the rules of a Sigma document and run them: the numbers (from 1) of the records that they flag."""
    return detected(folder, sigma, *records, zone=zone)[1]


def detected(
    folder: Path, sigma: str, *records: Iterable[Record], zone: str = "UTC"
) -> tuple[Detection, list[int]]:
    """The same, with the findings."""
    file = folder / "given.yml"
    file.write_text(sigma, encoding="utf-8")
    rules = folder / "rules"
    rules.mkdir(exist_ok=True)
    converted = convert_file(file)
    for one in converted:
        (rules / f"{one.id}.sql").write_text(one.text, encoding="utf-8")
    engine = engine_of(*records)
    try:
        settings = Settings(workspace=WorkspaceSettings(timezone=zone))
        detection = run_rules(engine, settings, rules, [one.id for one in converted])
        assert [run.reason for run in detection.runs if not run.ran] == []
        return detection, [row[0] for row in engine.rows("SELECT DISTINCT seq FROM flag ORDER BY seq")]
    finally:
        engine.close()
