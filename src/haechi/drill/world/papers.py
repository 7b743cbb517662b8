"""The files beside the logs: haechi.toml, the personnel list, the member registry, the address book."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import tomlkit

from haechi.drill.world.calendar import KST, NEVER, moment
from haechi.drill.world.members import Members
from haechi.drill.world.pages import PAGES
from haechi.drill.world.shop import ISSUER, Employee, Key
from haechi.drill.world.text import words

PARQUET_FROM = 200_000  # members; a smaller registry is written as CSV


def write_personnel(path: Path, employees: Sequence[Employee]) -> None:
    lines = [f"{e.employee_id},{e.account},{e.hired},{e.departed},{e.role}\n" for e in employees]
    path.write_text("employee_id,account,hire_date,departed,role\n" + "".join(lines), encoding="utf-8")


def write_registry(folder: Path, members: Members) -> Path:
    """`members.csv`, or `members.parquet` where it is large. Times with their offset."""
    gone = members.withdrawn != NEVER
    rows = pa.table(
        {
            "member_id": members.ids,
            "since": pa.array(members.since).cast(pa.timestamp("us", "UTC")),
            "withdrawn": pa.array(members.withdrawn, mask=~gone).cast(pa.timestamp("us", "UTC")),
            "kind": words(gone, ("member", "withdrawn")).cast(pa.string()),
            "canary": members.canary,
        }
    )
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("SET TimeZone = 'Asia/Seoul'")
    connection.register("rows", rows)
    if len(members) >= PARQUET_FROM:
        path = folder / "members.parquet"
        pq.write_table(rows, path, compression="zstd")
    else:
        path = folder / "members.csv"
        iso = "'%Y-%m-%dT%H:%M:%S+09:00'"
        written = f"strftime(since, {iso}) AS since, strftime(withdrawn, {iso}) AS withdrawn"
        target = str(path).replace("'", "''")
        connection.execute(f"COPY (SELECT * REPLACE ({written}) FROM rows) TO '{target}' (HEADER)")
    connection.close()
    return path


def write_settings(path: Path, registry: str, keys: Sequence[Key]) -> None:
    """`haechi.toml` as the shop's privacy officer would write it: nothing in it knows of an incident."""
    sources = [
        {"name": "gateway", "paths": ["logs/gateway-*"]},
        {"name": "issuance", "paths": ["logs/issuance-*"], "table": "issuance"},
        {"name": "personnel", "paths": ["hr.csv"], "table": "person"},
        {"name": "members", "paths": [registry], "table": "subject"},
    ]
    routes = {
        (page.method, page.template): {
            "path": page.template, "method": page.method, "action": page.action, "fields": list(page.fields),
            "subject": page.subject,
        }
        for page in PAGES
    }  # fmt: skip
    exposes = {
        "name": "address-book",
        "database": "address_book.parquet",
        "sql": "SELECT subject, person, fields, since, until FROM exposes",
        "routes": ["/api/me/addresses"],
    }
    issuer = {"name": ISSUER, "issuance": "issuance", "token-life": "1h", "key": [_key(k) for k in keys]}
    document = {
        "workspace": {"name": "shop.example", "timezone": "Asia/Seoul"},
        "source": sources,
        "route": list(routes.values()),
        "issuer": [issuer],
        "exposes": [exposes],
    }
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def write_book(path: Path, book: pa.Table) -> None:
    pq.write_table(book, path, compression="zstd")


def _key(key: Key) -> dict[str, object]:
    told: dict[str, object] = {"kid": key.kid, "not-before": moment(key.first).astimezone(KST)}
    if key.last is not None:
        told["not-after"] = moment(key.last).astimezone(KST)
    return {**told, "readers": list(key.readers)}
