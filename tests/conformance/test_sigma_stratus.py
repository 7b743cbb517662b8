"""Sigma rules of our own over recorded attacks: CloudTrail events of stratus-red-team (DataDog, Apache-2.0)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from haechi.detect.sigma.add import add_file
from haechi.report.inspection import inspect
from haechi.workspace.load import load

DATA = Path(os.environ.get("HAECHI_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "stratus"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded attacks are not here")

RULES = """\
title: Secret read in the cloud
name: secret
logsource: {product: aws, service: cloudtrail}
detection:
    read:
        eventSource: secretsmanager.amazonaws.com
        eventName: [GetSecretValue, BatchGetSecretValue]
    condition: read
---
title: Secrets read one after the other
correlation:
    type: event_count
    rules: secret
    group-by: userIdentity.arn
    timespan: 1h
    condition: {gte: 10}
level: high
"""


def test_secrets_read_in_bulk_are_found(tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text(f'[[source]]\nname = "trail"\npaths = ["{DATA}/**/*.json"]\n')
    (tmp_path / "secrets.yml").write_text(RULES)
    (rule,) = add_file(tmp_path / "secrets.yml", tmp_path / "rules")
    with inspect([], load(tmp_path), only_rules=[rule.stem]) as inspected:
        (run,) = inspected.inspection.rules
        (finding,) = inspected.inspection.findings
        wanted = "SELECT count(*) FROM access WHERE method LIKE '%GetSecretValue'"
        ((reads,),) = inspected.engine.rows(wanted)
    assert run.reason == ""
    assert (finding.entity_kind, finding.severity) == ("actor", "high")
    assert 10 <= finding.accesses <= reads
