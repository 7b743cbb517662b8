"""Small worlds for tests of the runner and of cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from haechi.model.tables import SCHEMAS
from haechi.store.duckdb_engine import DuckDBEngine, memory_engine

T0 = datetime(2025, 5, 1, 9)

Record = dict[str, Any]

# Accesses say in `host` which of these rules flag them.
BY_COLUMN = """/* ---
id = "{id}"
title = "{title}"
tier = "{tier}"
severity = "{severity}"
means = "Made for a test."
normal = "Nothing."
sentence = "{{kind}} {{entity}}: {{accesses:request}}."
clause = "{{kind}} {{entity}} did it"
actor_is_claimed = {claimed}
--- */
SELECT source, seq, '{kind}' AS entity_kind, {kind} AS entity FROM access WHERE contains(host, '{id}')
"""


def accesses(
    n: int, start: datetime = T0, step: timedelta = timedelta(minutes=1), **columns: Any
) -> list[Record]:
    """`n` records; `{n}` in a text counts from 1."""
    return [
        {
            "time": start + i * step,
            **{k: v.replace("{n}", str(i + 1)) if isinstance(v, str) else v for k, v in columns.items()},
        }
        for i in range(n)
    ]


def engine_of(*access: Iterable[Record], **tables: Iterable[Record]) -> DuckDBEngine:
    """An engine over these records, numbered in the order given."""
    given: Mapping[str, list[Record]] = {
        "access": [record for group in access for record in group],
        **{name: list(records) for name, records in tables.items()},
    }
    arrow: dict[str, pa.Table] = {}
    for name, schema in SCHEMAS.items():
        rows = [{"source": name, "seq": n, **record} for n, record in enumerate(given.get(name, []), 1)]
        arrow[name] = pa.Table.from_pylist(rows, schema=schema)
    return memory_engine(arrow)


def rule_file(
    folder: Path,
    rule: str,
    kind: str,
    tier: str = "provenance",
    severity: str = "high",
    claimed: bool = False,
) -> None:
    """A rule that flags the accesses whose `host` names it: a finding for each value of `kind`."""
    folder.mkdir(exist_ok=True)
    text = BY_COLUMN.format(
        id=rule, title=f"Test {rule}", tier=tier, severity=severity, kind=kind, claimed=str(claimed).lower()
    )
    (folder / f"{rule}.sql").write_text(text)
