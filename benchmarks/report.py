"""What counting a month for the inspection report costs: processor seconds a million records, by step.

    python benchmarks/report.py [--records 10000000] [--members 2000000] [--memory 1.2GB] [--folder DIR]

Makes a month of access records as the Parquet files of a store hold them (a file a day, in the order of time), opens an
engine over them, and counts and draws the report as HTML. Nothing is collected and no rule runs, as after an inspection
that was kept: only the report's own work is measured. A third of the requests are pages without personal data; members
look at their own pages from two addresses each, with another credential every three days; one request in fifty is that
of 400 people at work, who look at others. One request in twenty belongs to a case, of an address that walks through the
members. Processor seconds are those of all threads; the last line extrapolates to 100 million records in proportion:
where the tables of distinct values outgrow the memory they spill, and that costs more.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from haechi.detect.prepare import Shared, settings_tables
from haechi.model.settings import Settings, WorkspaceSettings
from haechi.model.tables import ASIDE, SCHEMAS
from haechi.model.values import Case, Coverage, Finding, Inspection, Possible, PossibleCount, ScopeCount
from haechi.report.document.build import inspection_document
from haechi.report.document.model import InspectionDocument
from haechi.report.document.months import month_of
from haechi.report.document.render import html
from haechi.report.document.words import Words
from haechi.report.inspection import NOTHING_READ, Inspected
from haechi.store.duckdb_engine import BATCH_VIEW, DuckDBEngine
from haechi.store.lending import connect
from haechi.workspace.load import FILE, Workspace

ZONE = ZoneInfo("Asia/Seoul")
DAYS = 30
TARGET = 100_000_000
# One day. hash() makes the same month every time, whatever the number of threads.
DAY = """
COPY (
    SELECT
        t AS time, 'gateway' AS source, i + 1 AS seq,
        CASE WHEN staff THEN 'cs-' || (h >> 40) % 400 ELSE 'M' || m END AS actor,
        CASE WHEN staff THEN 'staff' ELSE 'member' END AS actor_kind,
        from_hex(md5(CASE WHEN staff THEN 's' || (h >> 40) % 400 ELSE m || '/' || ({day} // 3) END)[:32]) AS credential,
        'k1' AS key, 'sso' AS issuer,
        CASE
            WHEN staff THEN '192.0.2.' || (h >> 40) % 8
            WHEN walks THEN '203.0.113.9'
            ELSE '10.' || (n >> 16 & 255) || '.' || (n >> 8 & 255) || '.' || (n & 255)
        END AS client_ip,
        'agent/' || (h % 400) AS client, NULL AS host, 'GET' AS method,
        '/members/' || m AS path,
        CASE WHEN page < 33 THEN '/products/{{id}}' ELSE '/members/{{id}}' END AS route,
        CASE WHEN staff AND page = 99 THEN 'export' ELSE 'view' END AS action,
        CASE WHEN page >= 33 THEN 'M' || m END AS subject, NULL::BIGINT AS subjects,
        CASE WHEN page < 33 THEN '' WHEN page < 60 THEN 'name' ELSE 'address,name,phone' END AS fields,
        CASE WHEN page = 40 THEN 403 ELSE 200 END AS status,
        CASE WHEN page = 40 THEN 'failure' ELSE 'success' END AS outcome,
        500 + h % 900 AS bytes, NULL AS node, NULL::BIGINT AS node_seq
    FROM (
        SELECT
            i, h, (h >> 16) % 100 AS page, h % 50 = 0 AS staff, h % 20 = 1 AS walks,
            (h >> 24) % {members} AS m, ((h >> 24) % {members}) * 2 + (h >> 52) % 2 AS n,
            TIMESTAMP '{begin}' + INTERVAL (((i - {first}) * 86400000000) // {records}) MICROSECOND AS t
        FROM (SELECT i, hash(i) AS h FROM range({first}, {first} + {records}) AS r(i))
    )
) TO '{file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)
"""


def make(folder: Path, records: int, members: int) -> list[Path]:
    """The month's files, made once a folder."""
    files = []
    for day in range(DAYS):
        file = folder / f"{day:02d}.parquet"
        files.append(file)
        if not file.exists():
            begin = datetime(2025, 6, 1) - timedelta(hours=9) + timedelta(days=day)
            a_day = records // DAYS
            filled = DAY.format(
                day=day, begin=begin, first=day * a_day, records=a_day, members=members, file=file
            )
            duckdb.connect().execute(filled)
    return files


def opened(files: list[Path], memory: str, spill: Path) -> DuckDBEngine:
    """An engine that shows these files as a store's access records, and nothing else."""
    engine = DuckDBEngine(connect(memory, 2, spill), "benchmark 0 -")
    for table, schema in SCHEMAS.items():
        engine.bind(table, schema, files if table == "access" else [])
    engine.bind("aside", ASIDE, [])
    engine.register("batch", BATCH_VIEW.empty_table())
    # A walk as three rules flag it.
    engine.execute(
        "CREATE TEMP TABLE flag AS SELECT unnest([0, 1, 2])::BIGINT AS finding, source, seq "
        "FROM access WHERE client_ip = '203.0.113.9'"
    )
    return engine


class Timed:
    """An engine that adds up the processor seconds of each query, by the first words of its comment or text."""

    def __init__(self, engine: DuckDBEngine) -> None:
        self._engine, self.checkpoint = engine, engine.checkpoint
        self.taken: dict[str, float] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        called = getattr(self._engine, name)

        def timed(*given: Any) -> Any:
            before = processor()
            answer = called(*given)
            text = str(given[0]) if name in ("rows", "execute", "arrow") else name
            first = text.strip().splitlines()[0].removeprefix("-- ")[:72]
            self.taken[first] = self.taken.get(first, 0.0) + processor() - before
            return answer

        return timed


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def report(engine: Timed, settings: Settings) -> tuple[InspectionDocument, int]:
    """The counted document, and the bytes of its page in Korean."""
    inspected: Any = Inspected(inspection(), engine, {}, {"C-000001": (0, 1, 2)})  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_text("")
        workspace = Workspace(Path(folder), settings)
        document = inspection_document(inspected, workspace, month_of("2025-06", ZONE))
    return document, len(html("inspection", document, Words.of("ko", ZONE)).encode())


def inspection() -> Inspection:
    """What the rules would have said of the walk."""
    first, last = datetime(2025, 5, 31, 15, tzinfo=UTC), datetime(2025, 6, 30, 14, tzinfo=UTC)
    findings = [
        Finding(rule, "behaviour", "high", "client_ip", "203.0.113.9", first, last, 1, 1, "A walk.", {})
        for rule in ("persons-over-budget", "id-walk", "unlisted-account")
    ]
    unknown = Possible(PossibleCount(0, None, ""), PossibleCount(0, None, ""))
    case = Case(
        id="C-000001",
        title="A walk",
        tier="behaviour",
        first_seen=first,
        last_seen=last,
        entities={"client_ip": ["203.0.113.9"]},
        entity_counts={"client_ip": 1},
        scope=ScopeCount(1, 1, 1, 1, 1, 0, 0, 0, {}, unknown),
        coverage=Coverage(),
        findings=findings,
        sentence="An address walks through the members.",
    )
    return Inspection("benchmark/0 0 AAAA", NOTHING_READ, findings, [case])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--records", type=int, default=10_000_000)
    asked.add_argument("--members", type=int, default=2_000_000)
    asked.add_argument("--memory", default="1.2GB")
    asked.add_argument("--folder", default="", help="where the month is made, and found again the next time")
    given = asked.parse_args()
    folder = Path(given.folder or tempfile.mkdtemp(prefix="haechi-report-"))
    spill = folder / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    files = make(folder, given.records, given.members)
    settings = Settings(workspace=WorkspaceSettings(timezone="Asia/Seoul"))
    plain = opened(files, given.memory, spill)
    for name, table in settings_tables(settings).items():
        plain.register(name, table)
    Shared(plain, settings).provide("worker")  # kept with the inspection
    engine = Timed(plain)
    began, before = time.perf_counter(), processor()
    document, size = report(engine, settings)
    wall, cpu = time.perf_counter() - began, processor() - before
    records = document.totals.requests
    print(
        f"{os.cpu_count()} cores {platform.machine()}, duckdb {duckdb.__version__}; load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{records:,} records, {document.totals.persons:,} persons, {document.totals.accounts:,} accounts, ",
        end="",
    )
    print(f"{document.totals.addresses:,} addresses, {document.cases[0].month_requests:,} requests of a case")
    print("| query | processor s | a million records |\n| --- | ---: | ---: |")
    for name, seconds in sorted(engine.taken.items(), key=lambda item: -item[1])[:14]:
        print(f"| {name} | {seconds:.2f} | {seconds / records * 1e6:.3f} |")
    print(f"| all, page drawn ({size / 1e6:.1f} MB) | {cpu:.2f} | {cpu / records * 1e6:.3f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"\nwall {wall:.1f} s, peak {peak:.2f} GB; 100 million records: {cpu / records * TARGET:.0f} processor s"
    )
    if not given.folder:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
