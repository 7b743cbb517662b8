"""Count a month over the engine: a few readings of its records, everything else from what they leave.

One reading for all that has few different values, one each for persons by day, accounts, addresses and credentials.
Persons of single accounts, addresses and credentials are counted exactly, and only where the answer can matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import pyarrow as pa

from haechi.detect.network import look_up, named
from haechi.detect.prepare import ASKED_SUBJECT, Shared
from haechi.model.settings import NetworkSettings, Settings
from haechi.model.words import NO_RECORD
from haechi.report.document import model
from haechi.report.document.model import Month
from haechi.report.document.months import earlier
from haechi.report.document.queries import bound, offset, query
from haechi.store.interface import Engine

TOP = 15  # rows of a table of who asked most
MOST_NETWORKS = 15
MOST_ROWS = 200  # of lists without a natural end
TREND_MONTHS = 12  # before the month itself
TREND_PERSONS = 50_000_000  # records up to which the persons of earlier months are counted again
CANDIDATES = 256  # entities that are counted person by person, to begin with
MANY_CANDIDATES = 8192  # after so many, all
MOST_CANDIDATES = 1 << 40


@dataclass
class Counting:
    """One month over one engine. `cases`: case id -> its findings, as indices of the engine's `flag`."""

    engine: Engine
    settings: Settings
    month: Month
    zone: tzinfo
    cases: Mapping[str, Sequence[int]]

    def prepare(self) -> None:
        """Read the month: afterwards the engine holds the temporary tables `report_*`."""
        self._members()
        self.engine.execute(ASKED_SUBJECT)
        for name in ("month", "part", "people", "actor", "address", "credential"):
            self.engine.execute(self._sql(name))
        self._case_days()
        self.engine.execute(self._sql("flag_entity"))

    def prepare_cases(self) -> None:
        """Only the days of the cases."""
        self._members()
        self.engine.execute(ASKED_SUBJECT)
        self._case_days()

    def _case_days(self) -> None:
        first = min((self._first_flag(), self.month.first))
        self.engine.execute(
            query("flag").format(offset=offset(self.zone, first, max(self.month.last, datetime.now(UTC))))
        )

    def totals(self) -> model.Totals:
        row = self._one("totals")
        return model.Totals(*(*row[:8], _utc(row[8]), _utc(row[9])))

    def items(self) -> model.Items:
        return model.Items(*self._one("items"))

    def sources(self) -> list[model.Source]:
        return [model.Source(*(*row[:5], _utc(row[5]), _utc(row[6]))) for row in self._rows("sources")]

    def aside(self) -> list[model.Aside]:
        return [model.Aside(*(*row, row[1] not in NO_RECORD)) for row in self._rows("aside")]

    def days(self) -> list[model.Day]:
        return [model.Day(*row) for row in self._rows("days")]

    def grid(self) -> list[model.Cell]:
        return [model.Cell(*row) for row in self._rows("grid")]

    def trend(self) -> list[model.Trend]:
        """The months before that have records, and this one."""
        begin = earlier(self.month, TREND_MONTHS, self.zone).first
        filled = {"begin": bound(begin), "offset": offset(self.zone, begin, self.month.last)}
        rows = self._rows("trend", filled)
        persons: dict[date, int] = {}
        if sum(row[1] for row in rows) <= TREND_PERSONS:
            persons = dict(self._rows("trend_persons", filled))
        else:
            persons = {date(self.month.year, self.month.month, 1): self.totals().persons}
        counted = persons if len(persons) > 1 or len(rows) == 1 else None
        flagged = dict(
            self.engine.rows(
                "SELECT date_trunc('month', day)::DATE, sum(shown)::BIGINT FROM report_case_day GROUP BY ALL"
            )
        )
        found = []
        for month, requests, shown, exports in rows:
            number = persons.get(month, 0 if counted is not None else None)
            found.append(
                model.Trend(month.year, month.month, requests, shown, exports, number, flagged.get(month, 0))
            )
        return found

    def actors(self) -> list[model.Actor]:
        """Who was shown the most different people's data; a member's own is one person, and does not come here."""
        seen = dict(self._most("actor", "report_actor"))
        case = self._cases_of("actor", list(seen))
        found = [
            model.Actor(name, kind or "", requests, shown, seen[name], exports, case.get(name, ""))
            for name, kind, requests, shown, exports in self._rows("actors")
        ]
        return sorted(found, key=lambda actor: (-actor.persons, -actor.shown, actor.name))

    def addresses(self) -> list[model.Address]:
        """The addresses from which the most different people's data was seen."""
        seen = dict(self._most("client_ip", "report_address", "NOT alone"))
        case = self._cases_of("client_ip", list(seen))
        found = [
            model.Address(name, requests, shown, seen[name], country, owner, case.get(name, ""))
            for name, requests, shown, country, owner in self._rows("addresses")
        ]
        return sorted(found, key=lambda address: (-address.persons, -address.shown, address.name))

    def provide_networks(self, settings: NetworkSettings) -> None:
        """What files tell of the month's addresses, as the table `report_network`; empty where none is named."""
        addresses: list[str] = []
        if named(settings):
            addresses = [
                row[0] for row in self.engine.rows("SELECT client_ip FROM report_address ORDER BY 1")
            ]
        self.engine.register("report_network", look_up(addresses, settings))

    def networks(self) -> list[model.Network]:
        return [model.Network(*row) for row in self._rows("networks", {"most": str(MOST_NETWORKS)})]

    def credentials(self) -> tuple[list[model.Bucket], list[model.Outlier]]:
        """How many credentials saw how many persons, and those that saw the most."""
        self.engine.execute(
            "CREATE OR REPLACE TEMP TABLE report_several AS "
            "SELECT credential AS entity FROM report_credential WHERE NOT alone"
        )
        self.engine.execute(
            "CREATE OR REPLACE TEMP TABLE report_credential_persons AS "
            + query("persons").format(column="credential", candidate="report_several")
        )
        buckets = [model.Bucket(*row) for row in self._rows("buckets")]
        rows = self.engine.rows(
            "SELECT lower(hex(p.entity)), p.persons, c.requests, coalesce(f.case_id, '') "
            "FROM report_credential_persons AS p JOIN report_credential AS c ON c.credential = p.entity "
            "LEFT JOIN (SELECT credential, min(case_id) AS case_id FROM report_flag GROUP BY credential) AS f "
            f"ON f.credential = p.entity ORDER BY p.persons DESC, 1 LIMIT {TOP}"
        )
        return buckets, [model.Outlier("credential", *row) for row in rows]

    def exports(self) -> list[model.Export]:
        """Downloads at work, those without a reason first."""
        shared = Shared(self.engine, self.settings)
        there = {row[0] for row in self.engine.rows("SELECT view_name FROM duckdb_views()")}
        if not {"explained", "export_reason"} <= there:
            shared.provide("SELECT * FROM explained, export_reason")
        return [
            model.Export(*(*row[:6], _sure(row[6]), _sure(row[7]), list(row[8] or [])))
            for row in self._rows("exports")
        ]

    def rights(self) -> tuple[list[model.Right], bool]:
        """Rights that began or ended, and whether anything is known about rights."""
        known = bool(self.engine.rows("SELECT 1 FROM fact WHERE kind IN ('account', 'grant') LIMIT 1"))
        return [model.Right(_sure(row[0]), *row[1:]) for row in self._rows("rights")], known

    def case_days(self, case: str) -> list[model.CaseDay]:
        """The days of a case, over its whole span."""
        rows = self.engine.rows(
            "SELECT day, requests, persons FROM report_case_day WHERE case_id = $case ORDER BY day",
            {"case": case},
        )
        return [model.CaseDay(*row) for row in rows]

    def case_requests(self) -> dict[str, int]:
        """case id -> its requests of the month."""
        first, last = date(self.month.year, self.month.month, 1), self._next_month()
        rows = self.engine.rows(
            "SELECT case_id, sum(requests)::BIGINT FROM report_case_day "
            "WHERE day >= $first AND day < $last GROUP BY case_id",
            {"first": first, "last": last},
        )
        return {case: int(requests) for case, requests in rows}

    def _most(self, column: str, table: str, where: str = "true") -> list[tuple[str, int]]:
        """The entities with the most persons, exactly.

        Nobody is shown more people than there were requests, and themself: those with the most requests are counted,
        and as long as one further down could have more people than the last of the found, more are; at last all.
        """
        take = CANDIDATES
        while True:
            rows = self.engine.rows(
                f"SELECT {column}, named FROM {table} WHERE {where} ORDER BY named DESC, {column} LIMIT {take + 1}"
            )
            self._candidates([row[0] for row in rows[:take]])
            found = self.engine.rows(query("persons").format(column=column, candidate="report_candidate"))
            top = sorted(
                ((str(name), int(persons)) for name, persons in found), key=lambda item: (-item[1], item[0])
            )
            rest = rows[take][1] + 1 if len(rows) > take else 0
            if len(rows) <= take or (len(top) >= TOP and top[TOP - 1][1] >= rest):
                return [(name, persons) for name, persons in top[:TOP] if persons > 1]
            take = take * 32 if take < MANY_CANDIDATES else MOST_CANDIDATES

    def _candidates(self, names: Sequence[str]) -> None:
        self.engine.register("report_candidate", pa.table({"entity": pa.array(names, pa.string())}))

    def _cases_of(self, column: str, names: Sequence[str]) -> dict[str, str]:
        self._candidates(names)
        rows = self.engine.rows(
            f"SELECT {column}, min(case_id) FROM report_flag SEMI JOIN report_candidate ON entity = {column} GROUP BY 1"
        )
        return {str(name): str(case) for name, case in rows}

    def _members(self) -> None:
        pairs = [(case, finding) for case, findings in self.cases.items() for finding in findings]
        self.engine.register(
            "report_case",
            pa.table(
                {
                    "case_id": pa.array([case for case, _ in pairs], pa.string()),
                    "finding": pa.array([finding for _, finding in pairs], pa.int64()),
                }
            ),
        )

    def _first_flag(self) -> datetime:
        first = self.engine.rows("SELECT min(first_time) FROM batch WHERE table_name = 'access'")[0][0]
        return max(_utc(first) or self.month.first, datetime(2000, 1, 1, tzinfo=UTC))

    def _next_month(self) -> date:
        month = self.month
        return date(month.year + month.month // 12, month.month % 12 + 1, 1)

    def _sql(self, name: str, filled: Mapping[str, str] | None = None) -> str:
        values = {
            "first": bound(self.month.first),
            "last": bound(self.month.last),
            "day": f"{self.month.year}-{self.month.month:02d}-01",
            "offset": offset(self.zone, self.month.first, self.month.last),
            "most": str(MOST_ROWS),
        }
        return query(name).format(**(values | dict(filled or {})))

    def _rows(self, name: str, filled: Mapping[str, str] | None = None) -> list[tuple[Any, ...]]:
        return self.engine.rows(self._sql(name, filled))

    def _one(self, name: str) -> tuple[Any, ...]:
        return self._rows(name)[0]


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _sure(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time
