"""Count a month over the engine: a few readings of its records, everything else from what they leave.

One reading for all that has few different values, one each for persons by day, accounts, addresses and credentials.
Persons of single accounts, addresses and credentials are counted exactly, and only where the answer can matter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import pyarrow as pa

from haechi.detect.network import look_up, named
from haechi.detect.prepare import ASKED_SUBJECT, Shared
from haechi.model.settings import NetworkSettings, Settings
from haechi.model.times import moment
from haechi.model.values import Case
from haechi.model.words import NO_RECORD
from haechi.report.document import model
from haechi.report.document.model import Month
from haechi.report.document.months import earlier
from haechi.report.document.queries import bound, offset, query
from haechi.report.figures import local
from haechi.store.interface import Engine

TOP = 15  # rows of a table of who asked most
MOST_NETWORKS = 15
MOST_ROWS = 200  # of lists without a natural end
TREND_MONTHS = 12  # before the month itself
TREND_PERSONS = 50_000_000  # records up to which the persons of earlier months are counted again
CANDIDATES = 256  # entities that are counted person by person, to begin with
MANY_CANDIDATES = 8192  # after so many, all
MOST_CANDIDATES = 1 << 40
_THERE = "SELECT view_name FROM duckdb_views() UNION ALL SELECT table_name FROM duckdb_tables()"
_JOIN = "\nLEFT JOIN report_member AS m ON m.source = a.source AND m.seq = a.seq"
QUARTERS = 64  # of an hour that are looked through for names one by one; beyond it, the month
_QUARTER = 900_000_000  # microseconds
# What of an address is its network: three numbers, or 48 bits, or all of what is no address.
_NET = r"(?s)^(?:[0-9]+\.){3}|^[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F]*|^.*$"
_NAMES = {
    "actor": "actor",
    "address": "client_ip",
    "credential": "credential",
}  # a column of report_seen -> of access


@dataclass
class Counting:
    """One month over one engine. `members`: case id -> its findings, as indices of the engine's `flag`."""

    engine: Engine
    settings: Settings
    month: Month
    zone: tzinfo
    cases: Sequence[Case]
    members: Mapping[str, Sequence[int]]

    def prepare(self) -> None:
        """Read the month: afterwards the engine holds the temporary tables `report_*`."""
        self._members()
        for name in ("month", "seen", "read", "part", "people", "actor", "address", "credential"):
            self.engine.execute(self._sql(name))
        self._flagged(outside=True)
        self.engine.execute(self._sql("flagged_seen"))
        for name in ("flag", "flag_entity"):
            self.engine.execute(query(name))

    def prepare_cases(self) -> None:
        """Only the days of the cases."""
        self._members()
        self._flagged(outside=False)
        self.engine.execute(query("flag"))

    def _flagged(self, outside: bool) -> None:
        """Read the requests of the cases: of their whole span, or what of it lies outside of the month."""
        begin, end = self._span()
        spans = [(begin, end)]
        if outside:
            spans = [(begin, min(end, self.month.first)), (max(begin, self.month.last), end)]
        beyond = [
            f"(a.time >= TIMESTAMP '{bound(first)}' AND a.time < TIMESTAMP '{bound(last)}')"
            for first, last in spans
            if first < last
        ]
        filled = {"beyond": " OR ".join(beyond) or "false", "offset": offset(self.zone, begin, end)}
        self.engine.execute(self._sql("flagged", filled))

    def _span(self) -> tuple[datetime, datetime]:
        """When the requests of the cases were made, with a day to spare; the month, where there are none."""
        times = [time for case in self.cases for time in (case.first_seen, case.last_seen)]
        if not times:
            return self.month.first, self.month.last
        earliest = max(min(times), datetime(2000, 1, 1, tzinfo=UTC))
        return earliest - timedelta(days=1), min(max(times), datetime.now(UTC)) + timedelta(days=1)

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
        """Every day of the month."""
        gone = self._gone_days()
        return [
            model.Day(day, requests, shown, persons, flagged, bool(requests) or day not in gone)
            for day, requests, shown, persons, flagged in self._rows("days")
        ]

    def _gone_days(self) -> set[date]:
        """Days of the month of which batches that are no longer there may have told."""
        first, last = bound(self.month.first), bound(self.month.last)
        spans = self.engine.rows(
            "SELECT DISTINCT first_time, last_time FROM batch WHERE table_name = 'access' AND gone <> '' "
            f"AND last_time >= TIMESTAMP '{first}' AND first_time < TIMESTAMP '{last}'"
        )
        found: set[date] = set()
        for begin, end in spans:
            at = local(max(_sure(begin), self.month.first), self.zone).date()
            until = local(min(_sure(end), self.month.last - timedelta(seconds=1)), self.zone).date()
            found |= {at + timedelta(days=n) for n in range((until - at).days + 1)}
        return found

    def grid(self) -> list[model.Cell]:
        return [model.Cell(*row) for row in self._rows("grid")]

    def trend(self, totals: model.Totals) -> list[model.Trend]:
        """The months before that have records, and this one, whose `totals` are counted."""
        begin = earlier(self.month, TREND_MONTHS, self.zone).first
        filled = {
            "begin": bound(begin),
            "last": bound(self.month.first),
            "offset": offset(self.zone, begin, self.month.first),
        }
        before = self._rows("trend", filled)
        counted = sum(row[1] for row in before) <= TREND_PERSONS
        persons: dict[date, int] = dict(self._rows("trend_persons", filled)) if before and counted else {}
        flagged = dict(
            self.engine.rows(
                "SELECT date_trunc('month', day)::DATE, sum(shown)::BIGINT FROM report_case_day GROUP BY ALL"
            )
        )
        found = [
            model.Trend(
                month.year,
                month.month,
                requests,
                shown,
                exports,
                persons.get(month, 0) if counted else None,
                flagged.get(month, 0),
            )
            for month, requests, shown, exports in before
        ]
        if totals.requests:
            own = date(self.month.year, self.month.month, 1)
            shown, exports = totals.shown, totals.exports
            here = (totals.requests, shown, exports, totals.persons, flagged.get(own, 0))
            found.append(model.Trend(own.year, own.month, *here))
        return found

    def actors(self) -> list[model.Actor]:
        """Who was shown the most different people's data; a member's own is one person, and does not come here."""
        seen = self._most("actor", "report_actor")
        named = self._named("actor", list(seen))
        case = self._cases_of("actor")
        found = [
            model.Actor(*named[entity], requests, shown, seen[entity], exports, case.get(entity, ""))
            for entity, requests, shown, exports in self._rows("actors")
        ]
        return sorted(found, key=lambda actor: (-actor.persons, -actor.shown, actor.name))[:TOP]

    def addresses(self) -> list[model.Address]:
        """The addresses from which the most different people's data was seen."""
        seen = self._most("address", "report_address", "NOT alone")
        named = self._named("address", list(seen))
        case = self._cases_of("address")
        found = [
            model.Address(
                named[entity][0], requests, shown, seen[entity], country, owner, case.get(entity, "")
            )
            for entity, requests, shown, country, owner in self._rows("addresses")
        ]
        return sorted(found, key=lambda address: (-address.persons, -address.shown, address.name))[:TOP]

    def provide_networks(self, settings: NetworkSettings) -> None:
        """What files tell of the month's addresses, as the table `report_network`; empty where none is named."""
        addresses: list[str] = []
        if named(settings):
            addresses = [
                row[0]
                for row in self.engine.rows(
                    "SELECT client_ip FROM report_access WHERE shown AND client_ip IS NOT NULL GROUP BY 1 ORDER BY 1"
                )
            ]
        self.engine.register("report_network", look_up(addresses, settings))

    def networks(self) -> list[model.Network]:
        rows = self._rows("networks", {"most": str(MOST_NETWORKS)})
        named = self._named("address", [row[-1] for row in rows if row[0] is None])
        found = [
            model.Network(network_of(named[member][0]) if name is None else name, *row)
            for name, *row, member in rows
        ]
        return sorted(found, key=lambda net: (-net.flagged, -net.shown, net.name))[:MOST_NETWORKS]

    def credentials(self) -> tuple[list[model.Bucket], list[model.Outlier]]:
        """How many credentials saw how many persons, and those that saw the most."""
        self.engine.execute(
            "CREATE OR REPLACE TEMP TABLE report_credential_persons AS "
            + query("persons").format(column="credential", candidate="report_credential")
        )
        buckets = [model.Bucket(*row) for row in self._rows("buckets")]
        rows = self.engine.rows(
            "SELECT p.entity, p.persons, c.requests "
            "FROM report_credential_persons AS p JOIN report_credential AS c ON c.entity = p.entity "
            f"QUALIFY rank() OVER (ORDER BY p.persons DESC) <= {TOP}"
        )
        named = self._named("credential", [row[0] for row in rows])
        case = self._cases_of("credential")
        found = [
            model.Outlier("credential", named[entity][0], persons, requests, case.get(entity, ""))
            for entity, persons, requests in rows
        ]
        return buckets, sorted(found, key=lambda one: (-one.persons, one.name))[:TOP]

    def exports(self) -> list[model.Export]:
        """Downloads at work, those without a reason first."""
        there = {row[0] for row in self.engine.rows(_THERE)}
        if not {"explained", "export_reason"} <= there:
            # Who is at work is known from the inspection that was kept: it is the dearest of what reasons rest on.
            shared = Shared(self.engine, self.settings, there & {"worker"})
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

    def _most(self, column: str, table: str, where: str = "true") -> dict[int, int]:
        """The entities with the most persons, exactly, and all that have as many as the last of them.

        Nobody is shown more people than there were requests, and themself: those with the most requests are counted,
        and as long as one further down could have as many people as the last of the found, more are; at last all.
        """
        take = CANDIDATES
        while True:
            rows = self.engine.rows(
                f"SELECT entity, named FROM {table} WHERE {where} ORDER BY named DESC, entity LIMIT {take + 1}"
            )
            self._candidates([row[0] for row in rows[:take]])
            found = self.engine.rows(query("persons").format(column=column, candidate="report_candidate"))
            most = sorted((int(persons) for _, persons in found), reverse=True)
            rest = rows[take][1] + 1 if len(rows) > take else 0
            if len(rows) <= take or (len(most) >= TOP and most[TOP - 1] > rest):
                least = max(2, most[TOP - 1] if len(most) >= TOP else 0)
                return {entity: int(persons) for entity, persons in found if persons >= least}
            take = take * 32 if take < MANY_CANDIDATES else MOST_CANDIDATES

    def _named(self, column: str, entities: Sequence[int]) -> dict[int, tuple[str, str]]:
        """The name and the kind of account behind each hash. `report_candidate` holds them afterwards."""
        self._candidates(entities)
        if not entities:
            return {}
        quarters = {row[1] for row in self._rows("first", {"column": column})}
        text = _NAMES[column]
        name = f"lower(hex({text}))" if column == "credential" else text
        filled = {"column": text, "name": name, "times": _times(quarters)}
        return {entity: (name, kind or "") for entity, name, kind in self._rows("names", filled)}

    def _candidates(self, entities: Sequence[int]) -> None:
        self.engine.register("report_candidate", pa.table({"entity": pa.array(entities, pa.uint64())}))

    def _cases_of(self, column: str) -> dict[int, str]:
        """The case of each candidate that is in one."""
        rows = self.engine.rows(
            f"SELECT {column}, min(case_id) FROM report_flag SEMI JOIN report_candidate ON entity = {column} GROUP BY 1"
        )
        return {entity: str(case) for entity, case in rows}

    def _members(self) -> None:
        self.engine.execute(ASKED_SUBJECT)
        self.engine.execute(query("hash"))
        pairs = [(case.id, finding) for case in self.cases for finding in self.members[case.id]]
        self.engine.register(
            "report_case",
            pa.table(
                {
                    "case_id": pa.array([case for case, _ in pairs], pa.string()),
                    "finding": pa.array([finding for _, finding in pairs], pa.int64()),
                }
            ),
        )
        self.engine.execute(query("member"))

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
            "net": _NET,
            "held": "m.held" if self.cases else "NULL::VARCHAR",
            "join": _JOIN if self.cases else "",
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


def _times(quarters: Collection[int]) -> str:
    """A condition on `time` for these quarters of an hour, counted from 1970."""
    if len(quarters) > QUARTERS:
        return "true"
    begins = [moment(quarter * _QUARTER) for quarter in sorted(quarters)]
    return " OR ".join(
        f"(time >= TIMESTAMP '{bound(begin)}' AND time < TIMESTAMP '{bound(begin + timedelta(minutes=15))}')"
        for begin in begins
        if begin
    )


def network_of(address: str) -> str:
    """The network that an address is counted with: `192.0.2.0/24`, `2001:db8:1::/48`, or what is no address itself."""
    found = re.match(_NET, address)
    if found is None or (found[0] == address and ":" not in address):
        return address
    return f"{found[0]}::/48" if ":" in address else f"{found[0]}0/24"
