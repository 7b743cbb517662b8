"""A small office with a customer screen: who looks at whom, on which page. All people in it are made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
SETTINGS = """\
[workspace]
timezone = "Asia/Seoul"
[[source]]
name = "screen"
paths = ["screen.csv"]
[[source]]
name = "people"
paths = ["people.csv"]
table = "person"
[[route]]
path = "/members/{{id}}"
fields = ["name", "phone"]
subject = "path:id"
[[route]]
path = "/export"
action = "export"
fields = ["name"]
[mail]
server = "127.0.0.1"
port = {port}
security = "none"
sender = "privacy@office.example"
[asking]
directory = "mail.csv"
url = "{url}"
{more}
"""
# Everything that staff look at without a reason: enough for a case, and for none once there is one.
RULE = """\
/* ---
id = "unexplained"
title = "Looked at without a reason"
tier = "purpose"
severity = "medium"
means = "Somebody looked at a person without a reason."
normal = "Nobody does."
attack = ["T1213"]
needs = ["access"]
sentence = "{entity} looked at {subjects:person|people} without a reason."
clause = "{entity} looked without a reason"
--- */
SELECT a.source, a.seq, 'actor' AS entity_kind, a.actor AS entity
FROM access AS a ANTI JOIN explained USING (source, seq)
WHERE a.actor IN ('bora', 'chan')
"""
PEOPLE = """\
employee_id,account,hire_date,role
E1,ahn,2020-01-01,privacy
E2,bora,2020-01-01,desk
E2,bora2,2020-01-01,desk
E3,chan,2020-01-01,desk
"""
MAIL = """\
person,account,mail,manager
E1,ahn,ahn@office.example,
E2,bora,bora@office.example,E3
E3,chan,chan@office.example,
"""


def access_lines() -> str:
    """Bora looks at three members five times each on different days, and exports twice; Chan looks once."""
    lines = ["time,user,ip,method,path,status"]
    for n in range(15):
        at = START + timedelta(hours=7 * n)
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},bora,192.0.2.7,GET,/members/1000{n % 3}77,200")
    for n in range(2):
        at = START + timedelta(days=1, minutes=n)
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},bora2,192.0.2.7,GET,/members/555555,200")
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},bora,192.0.2.7,GET,/export,200")
    at = START + timedelta(days=2)
    lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},chan,192.0.2.8,GET,/members/100077,200")
    return "\n".join(lines) + "\n"


def make(folder: Path, port: int = 9, url: str = "", more: str = "") -> None:
    """The workspace's files, nothing collected yet."""
    folder.mkdir(parents=True, exist_ok=True)
    settle(folder, port, url, more)
    (folder / "screen.csv").write_text(access_lines())
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "mail.csv").write_text(MAIL)
    (folder / "rules").mkdir()
    (folder / "rules" / "unexplained.sql").write_text(RULE)


def settle(folder: Path, port: int = 9, url: str = "", more: str = "") -> None:
    """Write its settings anew."""
    (folder / "haechi.toml").write_text(SETTINGS.format(port=port, url=url, more=more))
