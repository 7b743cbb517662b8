"""Web server, proxy and login logs against what the CrowdSec hub's parsers read from each line."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from tests.collect.conftest import Bench

DATA = Path(os.environ.get("HAECHI_TEST_DATA", Path(__file__).parents[2] / "../shared/data")) / "crowdsec"
ROWS = {  # parser -> rows expected, so that nothing is skipped unnoticed
    "crowdsecurity/apache2-logs": 9,
    "crowdsecurity/aws-alb": 14,
    "crowdsecurity/caddy-logs": 10,
    "crowdsecurity/haproxy-logs": 5,
    "crowdsecurity/http-logs": 56,
    "crowdsecurity/nginx-logs": 16,
    "crowdsecurity/nginx-proxy-manager-logs": 14,
    "inherent-io/keycloak-logs": 7,
}
COLUMNS = {
    "source_ip": "client_ip",
    "http_verb": "method",
    "http_path": "path",
    "http_status": "status",
    "username": "actor",
}


def expected() -> dict[tuple[str, str], list[dict[str, str]]]:
    """(parser, log file) -> what stands in its lines, in order."""
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    if DATA.is_dir():
        for line in (DATA / "expected_meta.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["parser"] in ROWS:
                log = row["log"].removeprefix(".tests/")
                found[row["parser"], log].append(
                    {COLUMNS[k]: v for k, v in row["meta"].items() if k in COLUMNS}
                )
    return found


EXPECTED = expected()


def tells(record: dict[str, Any], row: dict[str, str]) -> bool:
    """Whether a record says all that a row says. Escapes in a path are doubled there."""
    return all(str(record[column]) == value.replace("\\\\", "\\") for column, value in row.items())


@pytest.mark.skipif(not DATA.is_dir(), reason=f"CrowdSec's parser tests are not at {DATA}")
def test_no_row_of_a_supported_format_is_left_out() -> None:
    counts: dict[str, int] = defaultdict(int)
    for (parser, _), rows in EXPECTED.items():
        counts[parser] += len(rows)
    assert counts == ROWS


@pytest.mark.skipif(not DATA.is_dir(), reason=f"CrowdSec's parser tests are not at {DATA}")
@pytest.mark.parametrize(("parser", "log"), sorted(EXPECTED), ids=lambda value: str(value).replace("/", "-"))
def test_the_same_address_verb_path_status_and_user(parser: str, log: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    report = bench.collect(DATA / log)
    assert report.lines == report.stored + report.set_aside
    records = iter(bench.table("SELECT * FROM access ORDER BY seq").to_pylist())
    for number, row in enumerate(EXPECTED[parser, log]):
        # Rows stand in the order of the lines; lines that the parser passed over have no row.
        assert any(tells(record, row) for record in records), f"row {number} is not among the records: {row}"
