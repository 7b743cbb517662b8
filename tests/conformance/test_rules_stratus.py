"""Techniques of others that read or export in bulk are found; what only looks like it is left alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.collect.conftest import Bench

from haechi.detect.rule import BUILT_IN
from haechi.detect.runner import run_rules
from haechi.model.settings import Settings, SourceSettings
from haechi.model.values import Finding
from haechi.store.duckdb_engine import memory_engine

DATA = Path(os.environ.get("HAECHI_TEST_DATA", Path(__file__).parents[2] / "../shared/data")) / "stratus"
RULES = ["secrets-in-bulk", "shared-outside"]
# What reads or opens much at once, and the rule that must say so.
BULK = {
    "aws.credential-access.ec2-get-password-data": "secrets-in-bulk",
    "aws.credential-access.secretsmanager-batch-retrieve-secrets": "secrets-in-bulk",
    "aws.credential-access.secretsmanager-retrieve-secrets": "secrets-in-bulk",
    "aws.credential-access.ssm-retrieve-securestring-parameters": "secrets-in-bulk",
    "aws.discovery.ec2-download-user-data": "secrets-in-bulk",
    "aws.exfiltration.ec2-share-ami": "shared-outside",
    "aws.exfiltration.ec2-share-ebs-snapshot": "shared-outside",
    "aws.exfiltration.rds-share-snapshot": "shared-outside",
}
TECHNIQUES = sorted(path.stem for path in DATA.glob("*.json"))

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"stratus is not at {DATA}")


def findings(bench: Bench, change: str = "SELECT * FROM access") -> list[Finding]:
    """What the two rules say of the collected records, as `change` leaves them."""
    records = bench.table(change)
    engine = memory_engine({"access": records})
    detection = run_rules(engine, Settings(), only=RULES)
    engine.close()
    assert all(run.ran or "no record tells" in run.reason for run in detection.runs)
    return detection.findings


def collected(folder: Path, *techniques: str) -> Bench:
    bench = Bench(folder)
    files = [DATA / f"{technique}.json" for technique in techniques]
    bench.collect(*files, source=SourceSettings(name="cloudtrail", paths=["*.json"]))
    return bench


@pytest.mark.parametrize("technique", TECHNIQUES or ["absent"])
def test_a_technique_is_found_if_it_reads_or_opens_much_and_only_then(technique: str, tmp_path: Path) -> None:
    found = findings(collected(tmp_path, technique))
    assert {finding.rule for finding in found} == ({BULK[technique]} if technique in BULK else set())


def test_the_bulk_techniques_are_there() -> None:
    assert set(BULK) <= set(TECHNIQUES)


@pytest.mark.parametrize(
    "technique",
    [
        "aws.credential-access.ec2-get-password-data",
        "aws.credential-access.secretsmanager-retrieve-secrets",
        "aws.discovery.ec2-download-user-data",
    ],
)
def test_the_same_calls_one_a_day_are_a_program_s_own_business(technique: str, tmp_path: Path) -> None:
    spread = "time + INTERVAL 1 DAY * (row_number() OVER (ORDER BY time, seq)) AS time"
    assert findings(collected(tmp_path, technique), f"SELECT * REPLACE ({spread}) FROM access") == []


def test_what_is_shared_with_one_s_own_accounts_is_no_finding(tmp_path: Path) -> None:
    bench = collected(tmp_path, *[name for name, rule in BULK.items() if rule == "shared-outside"])
    shown = findings(bench)
    accounts = sorted(finding.evidence["accounts"].removeprefix("account ") for finding in shown)
    engine = memory_engine({"access": bench.table("SELECT * FROM access")})
    own = Settings(rules={"shared-outside": {"own_accounts": accounts}})
    assert len(shown) == 3 and run_rules(engine, own, only=["shared-outside"]).findings == []
    engine.close()


def test_no_rule_names_a_technique_or_its_file() -> None:
    data = json.dumps([path.read_text("utf-8") for path in sorted(BUILT_IN.glob("*.sql"))]).lower()
    names = {"stratus", *(name.split(".")[-1] for name in TECHNIQUES)}
    assert [name for name in names if name in data] == []
