"""Small made-up worlds in which many do wrong at once, each on some days and each in the way of another rule."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from haechi.model.settings import IssuerSettings, KeySettings, PurposeSettings, Settings, WorkspaceSettings

Record = dict[str, Any]
BEGIN = datetime(2025, 5, 22)
DAYS = 18  # the end of one month and the beginning of another
MEMBERS, STAFF = 24, 8
ZONES = ("UTC", "Asia/Seoul", "Asia/Kolkata", "America/New_York")
# Low enough that what few do is too much. Drawn from, so that some are just not.
LOW: dict[str, dict[str, list[Any]]] = {
    "id-walk": {"min_persons": [5, 6, 8]},
    "personal-pages-only": {"min_persons": [3, 5], "bare_share": [0.5, 0.9]},
    "credential-stuffing": {"min_tries": [6, 12], "min_addresses": [2, 5]},
    "persons-over-budget": {
        f"{kind}_{span}": [4, 6, 9, 12]
        for kind in ("credential", "actor", "client_ip", "client")
        for span in ("hour", "day", "month")
    },
    "off-hours": {"min_days": [3, 5], "min_persons": [2, 4], "usual_share": [0.1, 0.3]},
    "new-network-reads-all": {"min_things": [3, 6], "factor": [1.0, 3.0], "min_days": [0, 2, 4]},
    "dormant-account": {"silent": ["4d", "6d"], "watch": ["2d", "14d"], "min_persons": [3]},
    "shared-credential": {"min_places": [2, 3]},
    "more-than-peers": {
        "min_persons": [4, 6],
        "min_persons_month": [8, 12],
        "min_days": [3],
        "factor": [1.5, 3.0],
    },
    "lookup-without-reason": {"min_persons": [3, 5], "also_from": [1, 2]},
    "keeps-coming-back": {"min_days": [2, 3]},
    "curious-staff": {"min_accounts": [2, 3], "window": ["2d", "7d"]},
    "off-shift-lookup": {"min_persons": [1, 3]},
    "private-relation": {"also_from": [1, 2]},
    "subject-never-existed": {"min_subjects": [2, 4], "min_share": [0.05, 0.4]},
    "withdrawn-subject": {"min_subjects": [2, 3], "min_share": [0.05, 0.4]},
    "unlisted-account": {"min_listed": [3], "listed_share": [0.6], "min_persons": [2, 6]},
    "first-export": {"min_persons": [3, 6], "min_days": [2], "usual_share": [0.1, 0.5]},
    "new-account-exports": {"settled": ["3d", "5d"], "min_exports": [1, 3]},
    "secrets-in-bulk": {"min_secrets": [2, 4], "habit_days": [1, 3]},
    "bytes-without-query": {"min_bytes": [1000, 100_000]},
    "export-without-reason": {"min_exports": [1, 2, 4]},
}


class Crowd:
    """One world: `access` and the other tables as records, and `settings`."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.access: list[Record] = []
        self.tables: dict[str, list[Record]] = {
            name: [] for name in ("issuance", "subject", "person", "reason", "fact")
        }
        self._lists()
        acts: list[Callable[[datetime], Iterator[Record]]] = [
            self._walk, self._script, self._forged, self._night, self._moved, self._collect, self._again, self._export,
            self._guess, self._ghosts, self._leaked, self._flow, self._secrets, self._many_places, self._newcomer,
        ]  # fmt: skip
        wrong = self.dice.sample(acts, self.dice.randint(6, 11))
        for n in range(DAYS):
            day = BEGIN + timedelta(days=n)
            self._add(self._ordinary(day))
            for act in wrong:
                if self.dice.random() < 0.4:
                    self._add(act(day))
        self.settings = self._settings()

    def _add(self, records: Iterator[Record]) -> None:
        self.access += records

    def _settings(self) -> Settings:
        rules: dict[str, dict[str, object]] = {
            rule: {
                name: self.dice.choice(values) for name, values in params.items() if self.dice.random() < 0.9
            }
            for rule, params in LOW.items()
        }
        keys = [KeySettings("k1", readers=["p1", "p2"]), KeySettings("honey", honey=True)]
        purposes = [PurposeSettings("backup", "robot", "copies everything", window="02:00-05:00")]
        return Settings(
            workspace=WorkspaceSettings(timezone=self.dice.choice(ZONES)),
            issuers=[IssuerSettings("i", keys=keys)],
            purposes=purposes,
            rules=rules,
        )

    def _lists(self) -> None:
        dice, tables = self.dice, self.tables
        tables["subject"] = [
            {
                "subject": f"m{n}",
                "since": BEGIN - timedelta(days=9),
                "kind": "vip" if n == 7 else None,
                "canary": n == 23,
            }
            | ({"withdrawn": BEGIN + timedelta(days=dice.randint(1, 9))} if n in (3, 4, 5, 6) else {})
            for n in range(MEMBERS)
        ]
        tables["person"] = [
            {"person": f"p{n}", "account": f"desk{n}", "role": "desk", "joined": BEGIN - timedelta(days=400)}
            | (
                {"departed": BEGIN + timedelta(days=dice.randint(3, 15))}
                if n == 2 and dice.random() < 0.5
                else {}
            )
            for n in range(STAFF)
        ]
        relations = ("self", "family", "neighbour")
        tables["reason"] = [
            {
                "kind": "relation",
                "actor": f"p{n}",
                "subject": f"m{dice.randrange(MEMBERS)}",
                "text": dice.choice(relations),
            }
            for n in range(3)
        ]
        tables["reason"] += [
            {"kind": "shift", "actor": f"p{n}", "first": at, "last": at + timedelta(hours=9)}
            for n in range(4)
            for at in (BEGIN + timedelta(days=d, hours=6) for d in range(DAYS))
        ]

    def _at(self, day: datetime, first: int = 0, last: int = 24) -> datetime:
        return day + timedelta(seconds=self.dice.randrange(first * 3600, last * 3600))

    def _member(self) -> int:
        return self.dice.randrange(MEMBERS)

    def _ordinary(self, day: datetime) -> Iterator[Record]:
        dice = self.dice
        for n in dice.sample(range(MEMBERS), 9):
            who = {
                "actor": f"m{n}", "actor_kind": "member", "client_ip": f"10.0.0.{n % 15}", "client": f"browser {n % 3}",
                "credential": bytes([n, day.day]) * 8, "key": "k1", "issuer": "i", "status": 200, "action": "view",
            }  # fmt: skip
            at = self._at(day)
            self.tables["issuance"].append(
                {
                    "time": at - timedelta(minutes=5),
                    "credential": who["credential"],
                    "issuer": "i",
                    "actor": f"m{n}",
                }
            )
            if dice.random() < 0.8:
                yield {
                    "time": at,
                    "client_ip": who["client_ip"],
                    "client": who["client"],
                    "path": "/",
                    "status": 200,
                }
            if dice.random() < 0.3:
                yield who | {"time": at, "action": "login", "status": dice.choice([200, 200, 401])}
            for _ in range(dice.randint(1, 3)):
                yield who | {"time": at, "subject": f"m{n}", "fields": "name", "path": f"/members/m{n}"}
        for n in range(STAFF):
            if dice.random() < 0.85:
                yield from self._desk(day, n, dice.randint(1, 3), ticket=0.97)

    def _desk(
        self,
        day: datetime,
        n: int,
        looks: int,
        ticket: float = 0.0,
        first: int = 8,
        last: int = 17,
        **more: Any,
    ) -> Iterator[Record]:
        for _ in range(looks):
            at, who = self._at(day, first, last), f"m{self._member()}"
            if self.dice.random() < ticket:
                name = f"desk{n}" if self.dice.random() < 0.9 else f"desk{self.dice.randrange(STAFF)}"
                self.tables["reason"].append(
                    {
                        "kind": "ticket",
                        "reference": f"T{len(self.tables['reason'])}",
                        "actor": name,
                        "subject": who,
                    }
                    | {"first": at - timedelta(minutes=9), "last": at + timedelta(hours=1)}
                )
            yield {
                "time": at, "actor": f"desk{n}", "actor_kind": "staff", "client_ip": f"192.168.{n}.1", "client": "crm",
                "action": "view", "subject": who, "fields": "name", "status": 200, "path": f"/crm/{who}",
                "route": "/crm",
            } | more  # fmt: skip

    def _bare(self, at: datetime, who: int, ip: int, **more: Any) -> Record:
        return {
            "time": at, "client_ip": f"203.0.113.{ip}", "client": "script", "subject": f"m{who}", "fields": "name",
            "status": 200, "action": "view", "path": f"/members/m{who}",
        } | more  # fmt: skip

    def _walk(self, day: datetime) -> Iterator[Record]:
        at, client = self._at(day, 0, 23), self.dice.choice(["script", "walker", None, "browser 1"])
        for n in range(self.dice.randint(4, 14)):
            yield self._bare(at + timedelta(minutes=n), n, self.dice.choice([1, 1, 1, 2]), client=client)
        if self.dice.random() < 0.3:
            yield {"time": at, "client_ip": "203.0.113.1", "client": client, "path": "/", "status": 200}

    def _script(self, day: datetime) -> Iterator[Record]:
        for _ in range(self.dice.randint(1, 6)):
            ip = self.dice.randrange(6)
            yield self._bare(
                self._at(day), self._member(), ip, key="k1" if self.dice.random() < 0.5 else "k9"
            )
            if self.dice.random() < 0.2:  # no longer a bare visit, without the key
                yield {
                    "time": self._at(day),
                    "client_ip": f"203.0.113.{ip}",
                    "client": "script",
                    "status": 200,
                }

    def _forged(self, day: datetime) -> Iterator[Record]:
        for n in range(self.dice.randint(1, 4)):
            yield self._bare(
                self._at(day), self._member(), self.dice.randrange(3), key=self.dice.choice(["k1", "honey", "k7"]),
                credential=bytes([200 + n, day.day]) * 8, issuer="i", status=self.dice.choice([200, 401, 401]),
            )  # fmt: skip

    def _night(self, day: datetime) -> Iterator[Record]:
        yield from self._desk(day, 1, self.dice.randint(2, 6), first=22, last=24)
        yield from self._desk(day + timedelta(days=1), 1, self.dice.randint(0, 5), first=0, last=3)

    def _moved(self, day: datetime) -> Iterator[Record]:
        yield from self._desk(
            day, 3, self.dice.randint(2, 9), first=5, last=20, client_ip=f"198.51.{day.day % 3}.7"
        )

    def _collect(self, day: datetime) -> Iterator[Record]:
        yield from self._desk(day, self.dice.choice([4, 5]), self.dice.randint(2, 20))

    def _again(self, day: datetime) -> Iterator[Record]:
        yield from self._desk(day, self.dice.choice([5, 6, 7]), 1, subject=f"m{self.dice.choice([7, 8, 23])}")

    def _export(self, day: datetime) -> Iterator[Record]:
        told = self.dice.randint(1, 12)
        yield from self._desk(
            day, self.dice.choice([6, 7]), 1, action="export", subject=None, subjects=told, bytes=told * 900
        )

    def _guess(self, day: datetime) -> Iterator[Record]:
        for n in range(self.dice.randint(4, 16)):
            status = 401 if self.dice.random() < 0.8 else 200
            at, ip = self._at(day), f"198.18.0.{n % 7}"
            yield {
                "time": at,
                "client_ip": ip,
                "client": "browser 2",
                "action": "login",
                "status": status,
                "path": "/login",
            }
            if status == 200:
                yield self._bare(at, self._member(), 0, client_ip=ip, client="browser 2")

    def _ghosts(self, day: datetime) -> Iterator[Record]:
        for _ in range(self.dice.randint(1, 4)):
            key = self.dice.choice([None, None, "k9"])
            yield self._bare(
                self._at(day), self.dice.choice([1, 2, 90, 91, 92, 93]), self.dice.randrange(3), key=key
            )

    def _leaked(self, day: datetime) -> Iterator[Record]:
        yield from self._desk(day, self.dice.choice([0, 2]), 2, subject=f"m{self.dice.choice([3, 4, 5, 6])}")
        yield self._bare(self._at(day), self.dice.choice([3, 4, 5, 6]), 4)

    def _flow(self, day: datetime) -> Iterator[Record]:
        for ip in ("10.0.0.1", "203.0.113.1"):
            sent = self.dice.choice([100, 5000])
            yield {"time": self._at(day), "action": "export", "host": "db", "client_ip": ip, "bytes": sent}

    def _secrets(self, day: datetime) -> Iterator[Record]:
        at = self._at(day, 0, 23)
        for n in range(self.dice.randint(1, 5)):
            yield {
                "time": at + timedelta(minutes=9 * n),
                "actor": "cloud",
                "method": "GetSecretValue",
                "path": f"s{n}",
            }

    def _many_places(self, day: datetime) -> Iterator[Record]:
        at = self._at(day, 0, 23)
        for n in range(self.dice.randint(1, 4)):
            yield self._bare(at, 1, n, actor="m1", actor_kind="member", credential=b"s" * 16, issuer="i")

    def _newcomer(self, day: datetime) -> Iterator[Record]:
        new = {"actor": self.dice.choice(["temp", "desk9"]), "client_ip": "198.51.9.9"}
        yield from self._desk(
            day, 9, self.dice.randint(1, 4), action=self.dice.choice(["export", "view"]), **new
        )
