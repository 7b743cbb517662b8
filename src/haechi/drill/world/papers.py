"""The files beside the logs: haechi.toml, the personnel list, the member registry, the address book."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import tomlkit

from haechi.drill.world.calendar import KST, NEVER, moment
from haechi.drill.world.keys import ISSUER, Key
from haechi.drill.world.members import Members
from haechi.drill.world.pages import PAGES
from haechi.drill.world.people import DEVICE, Employee
from haechi.drill.world.reasons import FILES as REASONS
from haechi.drill.world.shop import Shop
from haechi.drill.world.sql import connect
from haechi.drill.world.text import LOGS, words

# What the keys of each log mean, where Haechi cannot know.
LOG_SETTINGS: dict[str, dict[str, object]] = {
    "database": {
        "columns": {
            "actor": "db_user", "client_ip": "client_addr", "client": "application", "host": "database",
            "method": "command", "path": "object", "subjects": "rows", "bytes": "bytes_out",
        }
    },
    "flow": {
        "columns": {
            "client_ip": "dst_addr", "host": "src_host", "method": "kind", "path": "resource", "bytes": "bytes_out",
        }
    },
    "cloud": {
        "columns": {
            "actor": "role", "credential_secret": "access_key", "client_ip": "source_addr", "host": "service",
            "method": "call", "path": "resource", "bytes": "bytes_out", "client": "agent",
        }
    },
    "femto": {
        "columns": {
            "actor": "cell", "credential_sha256": "cert_sha256", "client_ip": "cell_addr", "method": "event",
            "path": "resource", "client": "firmware",
        }
    },
}  # fmt: skip
_OF_LOG = {"svc-backup": "database", "svc-fds": "database", "role-etl": "cloud"}
_EXPOSES: dict[str, dict[str, object]] = {
    "address_book": {
        "name": "address-book",
        "database": "address_book.parquet",
        "sql": "SELECT subject, person, fields, since, until FROM exposes",
        "routes": ["/api/me/addresses"],
    },
    "documents": {
        "name": "documents",
        "database": "documents.parquet",
        "kind": "member",
        "sql": "SELECT path AS subject, person, fields FROM exposes",
        "by": "path",
    },
}
_PURPOSES: list[dict[str, object]] = [
    {
        "name": "parcels",
        "actor": "svc-nightly",
        "reason": "Last night's parcels are compared with the stock.",
        "routes": ["/internal/stock/{item}", "/internal/deliveries/{parcel}"],
        "fields": ["name", "phone", "address"],
        "window": "02:00-05:00",
    },
    {
        "name": "statements",
        "actor": "svc-statements",
        "reason": "Monthly statements, article 5 of the terms of use.",
        "routes": ["/internal/members/{member}/statement"],
        "fields": ["name", "address", "order"],
        "window": "01:00-05:00",
        "days": ["1"],
    },
    {
        "name": "backup",
        "actor": "svc-backup",
        "reason": "Nightly backup, kept for a week.",
        "routes": ["/shopdb/dumps/{file}"],
        "window": "03:00-04:00",
    },
    {
        "name": "fraud model",
        "actor": "svc-fds",
        "reason": "Features of the fraud model, without names.",
        "routes": ["/frauddb/transaction"],
        "window": "01:00-04:00",
    },
    {
        "name": "warehouse load",
        "actor": "role-etl",
        "reason": "Nightly load of the data warehouse.",
        "routes": ["/s3/{bucket}", "/s3/{bucket}/{object}"],
        "window": "03:00-04:00",
    },
]
PARQUET_FROM = 200_000  # members; a smaller registry is written as CSV


def write_all(
    folder: Path,
    shop: Shop,
    keys: Sequence[Key],
    book: pa.Table,
    logs: Collection[str],
    without: Collection[str],
) -> dict[str, int]:
    """All files beside the logs, without those parts of `interface.PARTS`. Returns the rows written, by table."""
    papers = {"issuance", "keys"} - set(without)
    rows: dict[str, int] = {}
    registry = ""
    if "personnel" not in without:
        listed = sorted(shop.employees, key=lambda e: e.employee_id)
        write_personnel(folder / "hr.csv", [one for one in listed if one.role != DEVICE])
        papers.add("personnel")
        if devices := [one for one in listed if one.role == DEVICE]:
            write_personnel(folder / "devices.csv", devices)
            papers.add("devices")
        rows["person"] = len(shop.employees)
    if "registry" not in without:
        registry = write_registry(folder, shop.members).name
        papers.add("registry")
        rows["subject"] = len(shop.members)
    if "address-book" not in without:
        write_book(folder / "address_book.parquet", book)
        papers.add("address_book")
        documents = shop.documents.table()
        if len(documents):
            write_book(folder / "documents.parquet", documents)
            papers.add("documents")
    if "reasons" not in without:
        reasons = shop.reasons.write(folder, shop.accounts)
        papers.update(reasons)
        rows["reason"] = sum(reasons.values())
        papers.add("purposes")
    write_settings(folder / "haechi.toml", registry, keys, logs, papers)
    return rows


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
    connection = connect("Asia/Seoul")
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


def write_settings(
    path: Path, registry: str, keys: Sequence[Key], logs: Collection[str], papers: Collection[str]
) -> None:
    """`haechi.toml` as the shop's privacy officer would write it: nothing in it knows of an incident.

    `logs`: the logs of access records that are there; `papers`: the other files, by name without their ending.
    """
    sources = [
        {"name": log, "paths": [f"logs/{log}-*"], **LOG_SETTINGS.get(log, {})} for log in LOGS if log in logs
    ]
    named: dict[str, dict[str, object]] = {
        "issuance": {"name": "issuance", "paths": ["logs/issuance-*"], "table": "issuance"},
        "personnel": {"name": "personnel", "paths": ["hr.csv"], "table": "person"},
        "devices": {"name": "devices", "paths": ["devices.csv"], "table": "person"},
        "registry": {"name": "members", "paths": [registry], "table": "subject"},
    }
    sources += [source for name, source in named.items() if name in papers]
    sources += [
        {"name": name, "paths": [f"{name}.csv"], "table": "reason"} for name in REASONS if name in papers
    ]
    document: dict[str, object] = {
        "workspace": {"name": "shop.example", "timezone": "Asia/Seoul"},
        "source": sources,
        "route": _routes(logs),
    }
    if "issuance" in papers or "keys" in papers:
        issuer: dict[str, object] = {"name": ISSUER, "token-life": "1h"}
        if "issuance" in papers:
            issuer["issuance"] = "issuance"
        if "keys" in papers:
            issuer["key"] = [_key(k) for k in keys]
        document["issuer"] = [issuer]
    if "purposes" in papers:
        document["purpose"] = [p for p in _PURPOSES if _OF_LOG.get(str(p["actor"]), "gateway") in logs]
    exposes = [dict(_EXPOSES[name]) for name in _EXPOSES if name in papers]
    for setting in exposes:
        setting.setdefault(
            "routes", sorted({page.template for page in PAGES if page.file and page.log in logs})
        )
    if exposes:
        document["exposes"] = exposes
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def _routes(logs: Collection[str]) -> list[dict[str, object]]:
    routes: dict[tuple[str, str], dict[str, object]] = {
        (page.method, page.template): {
            "path": page.template, "method": page.method, "action": page.action, "fields": list(page.fields),
            "subject": page.subject,
        }
        for page in PAGES
        if page.log in logs
    }  # fmt: skip
    return list(routes.values())


def write_book(path: Path, book: pa.Table) -> None:
    pq.write_table(book, path, compression="zstd")


def _key(key: Key) -> dict[str, object]:
    told: dict[str, object] = {"kid": key.kid, "not-before": moment(key.first).astimezone(KST)}
    if key.last is not None:
        told["not-after"] = moment(key.last).astimezone(KST)
    return {**told, "readers": list(key.readers)}
