"""A small workspace with a month that can be counted by hand, with lines that a log of the real world holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
TOML = """
[workspace]
name = "shop.example"
timezone = "Asia/Seoul"

[inspection]
due = ""
contact = "privacy@shop.example"
inspector = "Kim, internal audit"
language = "ko"

[[source]]
name = "gateway"
paths = ["logs/*.json"]

[source.columns]
time = "t"
actor = "who"
client_ip = "ip"
method = "m"
path = "p"
status = "s"
bytes = "b"
client = "ua"

[[route]]
path = "/members/{id}"
method = "GET"
action = "view"
fields = ["name", "phone"]
subject = "path:id"

[[route]]
path = "/export"
method = "GET"
action = "export"
fields = ["name"]
"""
EVIL = "<script>alert(1)</script>\u202egnp"


def entry(
    at: datetime, who: str, path: str, ip: str = "192.0.2.7", status: int = 200, ua: str = "curl/8"
) -> str:
    return json.dumps(
        {"t": at.isoformat(), "who": who, "ip": ip, "m": "GET", "p": path, "s": status, "b": 100, "ua": ua}
    )


def month(year: int, number: int, persons: int = 30) -> list[str]:
    """Each day at ten, `cs-1` looks at some members and exports once; one look is refused, one is from elsewhere."""
    lines = []
    day = datetime(year, number, 1, 10, tzinfo=SEOUL)
    while day.month == number:
        lines += [entry(day + timedelta(seconds=n), "cs-1", f"/members/{n}") for n in range(persons)]
        lines.append(entry(day + timedelta(minutes=5), "cs-1", "/members/999", status=403))
        lines.append(entry(day + timedelta(minutes=6), "cs-2", "/members/5", ip="198.51.100.9", ua=EVIL))
        lines.append(entry(day + timedelta(minutes=7), EVIL, "/members/6"))
        lines.append(entry(day + timedelta(minutes=8), "cs-1", "/export"))
        day += timedelta(days=1)
    return lines


def workspace(folder: Path, lines: Sequence[str], name: str = "a.json") -> Path:
    """A workspace whose log holds these lines."""
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    (folder / "haechi.toml").write_text(TOML, encoding="utf-8")
    (folder / "logs" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
