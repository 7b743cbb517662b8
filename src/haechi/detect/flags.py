"""Which accesses each finding flags, and the numbers that explain it. All counting is done by the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from haechi.detect.rule import Rule
from haechi.detect.sentence import fill
from haechi.model.errors import RuleError
from haechi.model.values import Finding
from haechi.model.words import ENTITY_KINDS
from haechi.store.interface import Engine

TOP = 5

# How to tell that an access belongs to an entity, for rules that name entities and a span only.
BELONGS = {
    "credential": "lower(hex(a.credential)) = f.entity",
    "key": "a.key = f.entity",
    "client_ip": "a.client_ip = f.entity",
    "client": "a.client = f.entity",
    "actor": "a.actor = f.entity",
    "person": "a.actor IN (SELECT p.account FROM person AS p WHERE p.person = f.entity)",
    "subject": "a.subject = f.entity",
    "issuer": "a.issuer = f.entity",
}

# name in the evidence -> column of flagged_mix. Few different values each, so that one table serves all of them.
_MIXED = {
    "keys": "key",
    "addresses": "client_ip",
    "clients": "client",
    "routes": "route",
    "outcomes": "outcome",
}

_TABLES = """
CREATE OR REPLACE TEMP TABLE flagged (finding INTEGER, source VARCHAR, seq BIGINT);
CREATE OR REPLACE TEMP TABLE flagged_by (finding INTEGER, rule VARCHAR, entity_kind VARCHAR, entity VARCHAR);
CREATE OR REPLACE TEMP TABLE flagged_mix (
    finding INTEGER, key VARCHAR, client_ip VARCHAR, client VARCHAR, route VARCHAR, outcome VARCHAR,
    accesses BIGINT, first TIMESTAMP, last TIMESTAMP, told BIGINT
);
CREATE OR REPLACE TEMP VIEW flag AS
SELECT finding::BIGINT AS finding, rule, entity_kind, entity, source, seq
FROM flagged JOIN flagged_by USING (finding);
"""

_MIX = """
INSERT INTO flagged_mix
SELECT
    f.finding, a.key, a.client_ip, a.client, a.route, a.outcome,
    count(*), min(a.time), max(a.time), max(a.subjects)
FROM flagged AS f JOIN access AS a USING (source, seq)
WHERE f.finding >= $base
GROUP BY ALL
"""


class Flags:
    """The engine's tables of flagged accesses. `count` findings are recorded so far."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.count = 0
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                engine.execute(statement)

    def forget(self, count: int) -> None:
        """Keep the first `count` findings only: what a rule left that failed half-way goes."""
        for table in ("flagged", "flagged_by", "flagged_mix"):
            self._engine.execute(f"DELETE FROM {table} WHERE finding >= {count}")
        self.count = count

    def from_accesses(self, rule: Rule, columns: Sequence[str]) -> list[Finding]:
        """Findings of a rule that returned accesses (`rule_rows`): one for each entity."""
        self._number(rule)
        self._engine.execute(
            "INSERT INTO flagged SELECT DISTINCT f.finding, r.source, r.seq "
            "FROM rule_rows AS r JOIN flagged_by AS f USING (entity_kind, entity) WHERE f.finding >= $base",
            {"base": self.count},
        )
        said = [name for name in columns if name.startswith("evidence_")]
        return self._findings(rule, self._said(said))

    def from_findings(self, rule: Rule) -> list[Finding]:
        """Findings of a rule that returned findings: their accesses are the entity's within the span.

        The rule's own counts stand; the evidence is joined with what the accesses tell.
        """
        self._number(rule)
        for kind, belongs in BELONGS.items():
            self._engine.execute(
                "INSERT INTO flagged SELECT DISTINCT f.finding, a.source, a.seq "
                "FROM flagged_by AS f JOIN rule_rows AS r USING (entity_kind, entity) "
                f"JOIN access AS a ON {belongs} AND a.time BETWEEN r.first_seen AND r.last_seen "
                f"WHERE f.entity_kind = '{kind}' AND f.finding >= $base",
                {"base": self.count},
            )
        claims = self._engine.rows(
            "SELECT f.finding, min(r.first_seen), max(r.last_seen), sum(r.accesses)::BIGINT, max(r.subjects)::BIGINT,"
            " any_value(to_json(r.evidence))::VARCHAR FROM rule_rows AS r JOIN flagged_by AS f"
            " USING (entity_kind, entity) WHERE f.finding >= $base GROUP BY f.finding",
            {"base": self.count},
        )
        return self._findings(rule, {}, {row[0]: row[1:] for row in claims})

    def _number(self, rule: Rule) -> None:
        """Give the rule's entities their findings' numbers, the most active first."""
        kinds = {row[0] for row in self._engine.rows("SELECT DISTINCT entity_kind FROM rule_rows")}
        if not kinds <= set(ENTITY_KINDS):
            raise RuleError(
                f"the rule returns an unknown entity_kind: {', '.join(sorted(map(str, kinds - set(ENTITY_KINDS))))}",
                where=str(rule.path),
                todo=f"Return one of {', '.join(ENTITY_KINDS)}.",
            )
        self._engine.execute(
            "INSERT INTO flagged_by "
            "SELECT $base + row_number() OVER (ORDER BY count(*) DESC, entity_kind, entity) - 1, $rule,"
            " entity_kind, entity FROM rule_rows WHERE entity IS NOT NULL GROUP BY entity_kind, entity",
            {"base": self.count, "rule": rule.id},
        )

    def _findings(
        self,
        rule: Rule,
        said: Mapping[int, dict[str, Any]],
        claims: Mapping[int, tuple[Any, ...]] | None = None,
    ) -> list[Finding]:
        base, engine, header = self.count, self._engine, rule.header
        engine.execute(_MIX, {"base": base})
        named = engine.rows(
            "SELECT finding, entity_kind, entity FROM flagged_by WHERE finding >= $base ORDER BY finding",
            {"base": base},
        )
        spans = self._spans(base)
        evidence = self._evidence(base)
        distinct = {name: self._distinct(base, name) for name in ("subject", "credential", "actor")}
        findings = []
        for finding, kind, entity in named:
            if finding not in spans:
                raise RuleError(
                    "the rule flags accesses that are not among the records", where=str(rule.path)
                )
            accesses, first, last, told = spans[finding]
            subjects = max(distinct["subject"].get(finding, 0), told or 0)
            facts = {
                "credentials": distinct["credential"].get(finding, 0),
                "accounts": distinct["actor"].get(finding, 0),
                **evidence[finding],
                **said.get(finding, {}),
            }
            if claims and finding in claims:
                first, last, accesses, subjects, own = claims[finding]
                facts["evidence"] = msgspec.json.decode(own) if own else None
            first, last = _aware(first), _aware(last)
            found = Finding(
                rule.id,
                header.tier,
                header.severity,
                kind,
                entity,
                first,
                last,
                accesses,
                subjects,
                "",
                facts,
            )
            sentence = fill(header.sentence, kind, words(found))
            findings.append(msgspec.structs.replace(found, sentence=sentence))
        self.count += len(findings)
        return findings

    def _spans(self, base: int) -> dict[int, tuple[int, datetime, datetime, int | None]]:
        rows = self._engine.rows(
            "SELECT finding, sum(accesses)::BIGINT, min(first), max(last), max(told) FROM flagged_mix "
            "WHERE finding >= $base GROUP BY finding HAVING min(first) IS NOT NULL",
            {"base": base},
        )
        return {row[0]: row[1:] for row in rows}

    def _distinct(self, base: int, column: str) -> dict[int, int]:
        """Exact distinct values a finding, in two levels: half the time and memory of one count(DISTINCT)."""
        rows = self._engine.rows(
            f"SELECT finding, count({column}) FROM (SELECT DISTINCT f.finding, a.{column} FROM flagged AS f "
            "JOIN access AS a USING (source, seq) WHERE f.finding >= $base) GROUP BY finding",
            {"base": base},
        )
        return dict(rows)  # type: ignore[arg-type]

    def _evidence(self, base: int) -> dict[int, dict[str, Any]]:
        """For each finding: how many different addresses, clients, ..., and the most frequent of each."""
        facts: dict[int, dict[str, Any]] = defaultdict(dict)
        for name, column in _MIXED.items():
            rows = self._engine.rows(
                f"SELECT finding, {column}, sum(accesses)::BIGINT AS n, count(*) OVER (PARTITION BY finding) "
                f"FROM flagged_mix WHERE finding >= $base AND {column} IS NOT NULL GROUP BY finding, {column} "
                f"QUALIFY row_number() OVER (PARTITION BY finding ORDER BY n DESC, {column}) <= {TOP} "
                f"ORDER BY finding, n DESC, {column}",
                {"base": base},
            )
            for finding, value, accesses, different in rows:
                facts[finding].setdefault(name, different)
                facts[finding].setdefault(f"top_{name}", {})[value] = accesses
        return facts

    def _said(self, columns: Sequence[str]) -> dict[int, dict[str, Any]]:
        """What the rule itself says of each access (`evidence_*`): the value if there is one, else the top few."""
        facts: dict[int, dict[str, Any]] = defaultdict(dict)
        for column in columns:
            rows = self._engine.rows(
                f"SELECT f.finding, r.{column}, count(*) AS n FROM rule_rows AS r JOIN flagged_by AS f "
                f"USING (entity_kind, entity) WHERE f.finding >= $base AND r.{column} IS NOT NULL GROUP BY f.finding, r.{column} "
                f"QUALIFY row_number() OVER (PARTITION BY f.finding ORDER BY n DESC, r.{column}) <= {TOP} "
                f"ORDER BY f.finding, n DESC, r.{column}",
                {"base": self.count},
            )
            values: dict[int, dict[Any, int]] = defaultdict(dict)
            for finding, value, accesses in rows:
                values[finding][value] = accesses
            for finding, counts in values.items():
                facts[finding][column.removeprefix("evidence_")] = (
                    next(iter(counts)) if len(counts) == 1 else counts
                )
        return facts


def words(finding: Finding) -> dict[str, Any]:
    """What a template may name: the finding's counts and times, and its evidence as it is and as `evidence_NAME`."""
    counts = {"accesses": finding.accesses, "subjects": finding.subjects, "entity": finding.entity}
    times = {"first": finding.first_seen, "last": finding.last_seen}
    return {
        **finding.evidence,
        **{f"evidence_{k}": v for k, v in finding.evidence.items()},
        **counts,
        **times,
    }


def _aware(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC)
