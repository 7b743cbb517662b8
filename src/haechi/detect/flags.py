"""Which accesses each finding flags, and the numbers that explain it. All counting is done by the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from haechi.detect.blocks import flag_blocks, flags_of, has_blocks
from haechi.detect.queries import query, statements
from haechi.detect.rule import Rule
from haechi.detect.sentence import fill
from haechi.model.errors import RuleError
from haechi.model.values import Finding
from haechi.model.words import ENTITY_KINDS
from haechi.store.interface import Engine

TOP = 5
# Accesses of one rule are copied for counting where that takes no more than this share of the memory. More are read
# again for each count.
COPIED, COPY = 0.25, 200  # bytes a copied access

# name in the evidence -> column of flagged_mix
_MIXED = {
    "keys": "key",
    "addresses": "client_ip",
    "clients": "client",
    "routes": "route",
    "outcomes": "outcome",
}
# name in the evidence -> column of access, too many different values for flagged_mix
_MANY = {"credentials": "credential", "accounts": "actor"}

Facts = dict[str, Any]


class Flags:
    """The engine's tables of flagged accesses. `count` findings are recorded so far, of so many `accesses` in all."""

    def __init__(self, engine: Engine, accesses: int) -> None:
        self._engine = engine
        self.accesses = accesses
        self.count = 0
        if has_blocks(engine):  # of rules that ran on it before
            engine.execute("DROP TABLE flagged_block")
        for statement in statements("flag_tables"):
            engine.execute(statement)

    def forget(self, count: int) -> None:
        """Keep the first `count` findings only: what a rule left that failed half-way goes."""
        blocks = ("flagged_block",) if has_blocks(self._engine) else ()
        for table in ("flagged_row", "flagged_by", "flagged_mix", *blocks):
            self._engine.execute(f"DELETE FROM {table} WHERE finding >= {count}")
        self.count = count

    def from_accesses(self, rule: Rule, columns: Sequence[str]) -> list[Finding]:
        """Findings of a rule that returned accesses (`rule_rows`, with these columns), one an entity."""
        self._number(rule)
        flag_blocks(self._engine, self.count)
        self._engine.execute(query("flag_accesses"), {"base": self.count})
        if "subject" in columns:  # the rule knows better than the record whom the access was about
            rows = self._engine.rows(query("flag_subjects"), {"base": self.count})
            return self._findings(rule, self._said(columns), persons={row[0]: row[1] for row in rows})
        return self._findings(rule, self._said(columns))

    def from_findings(self, rule: Rule) -> list[Finding]:
        """Findings of a rule that returned findings: their accesses are the entity's within the span.

        The rule's own counts and times stand; its evidence is joined with what the accesses tell.
        """
        for kind in self._number(rule):
            self._engine.execute(query("flag_findings"), {"base": self.count, "kind": kind})
        claims = self._engine.rows(query("flag_claims"), {"base": self.count})
        return self._findings(rule, {}, {row[0]: row[1:] for row in claims})

    def _number(self, rule: Rule) -> set[str]:
        """Give the rule's entities their findings' numbers; the kinds that there are."""
        kinds = {row[0] for row in self._engine.rows("SELECT DISTINCT entity_kind FROM rule_rows")}
        # The strange kind is not named: a rule that mixes up its columns returns somebody's data here.
        if kinds - set(ENTITY_KINDS):
            raise RuleError(
                "the rule returns an unknown entity_kind",
                where=rule.place,
                todo=f"Return one of {', '.join(ENTITY_KINDS)}.",
            )
        self._engine.execute(query("flag_number"), {"base": self.count, "rule": rule.id})
        return kinds

    def _findings(
        self,
        rule: Rule,
        said: Mapping[int, Facts],
        claims: Mapping[int, tuple[Any, ...]] | None = None,
        persons: Mapping[int, int] | None = None,
    ) -> list[Finding]:
        base = {"base": self.count}
        copied = flags_of(self._engine, self.count) * COPY <= COPIED * self._engine.memory
        relation = "TABLE" if copied else "VIEW"
        now = query("flag_now").replace("$base", str(self.count))
        self._engine.execute(f"CREATE TEMP {relation} flagged_now AS {now}")
        try:
            return self._counted(rule, base, said, claims, persons)
        finally:
            self._engine.execute(f"DROP {relation} flagged_now")

    def _counted(
        self,
        rule: Rule,
        base: Mapping[str, int],
        said: Mapping[int, Facts],
        claims: Mapping[int, tuple[Any, ...]] | None,
        persons: Mapping[int, int] | None,
    ) -> list[Finding]:
        header = rule.header
        self._engine.execute(query("flag_mix"))
        spans = {row[0]: row[1:] for row in self._engine.rows(query("flag_spans"), base)}
        evidence = self._evidence()
        persons = self._distinct("subject") if persons is None else persons
        named = self._engine.rows(
            "SELECT finding, entity_kind, entity FROM flagged_by WHERE finding >= $base ORDER BY finding",
            base,
        )
        findings = []
        for n, kind, entity in named:
            if n not in spans and not (claims and n in claims):
                raise RuleError(
                    "the rule flags accesses without a time, or that do not exist", where=rule.place
                )
            # A rule that returns findings may speak of what no access shows: a key at rest.
            accesses, first, last, told = spans.get(n, (0, None, None, None))
            facts = {**evidence[n], **said.get(n, {})}
            # A record may tell only how many persons it showed: the largest of these is a bound from below.
            subjects = max(persons.get(n, 0), told or 0)
            if claims and n in claims:
                first, last, accesses, subjects, own = claims[n]
                facts["evidence"] = msgspec.json.decode(own) if own else None
            first, last = first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
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

    def _distinct(self, column: str) -> dict[int, int]:
        rows = self._engine.rows(query("flag_distinct", column))
        return {row[0]: row[1] for row in rows}

    def _evidence(self) -> dict[int, Facts]:
        """For each finding: how many different credentials, addresses, ..., and the most frequent of each."""
        facts: dict[int, Facts] = defaultdict(dict)
        for name, column in _MANY.items():
            for n, different in self._distinct(column).items():
                facts[n][name] = different
        for name, column in _MIXED.items():
            rows = self._engine.rows(query("flag_top", column), {"base": self.count, "top": TOP})
            for n, value, accesses, different in rows:
                facts[n][name] = different
                facts[n].setdefault(f"top_{name}", {})[value] = accesses
        return facts

    def _said(self, columns: Sequence[str]) -> dict[int, Facts]:
        """What the rule itself says of each access (`evidence_*`): the value, or the top few of several."""
        facts: dict[int, Facts] = defaultdict(dict)
        for column in (name for name in columns if name.startswith("evidence_")):
            values: dict[int, dict[Any, int]] = defaultdict(dict)
            rows = self._engine.rows(query("flag_said", column), {"base": self.count, "top": TOP})
            for n, value, accesses in rows:
                values[n][_plain(value)] = accesses
            for n, counts in values.items():
                facts[n][column.removeprefix("evidence_")] = (
                    next(iter(counts)) if len(counts) == 1 else counts
                )
        return facts


def words(finding: Finding) -> Facts:
    """What a template may name: counts, times, and the evidence both as it is and as `evidence_NAME`."""
    own = finding.evidence.get("evidence")
    stated = own if isinstance(own, dict) else {}  # by a rule that returns findings itself
    counts = {"accesses": finding.accesses, "subjects": finding.subjects, "entity": finding.entity}
    times = {"first": finding.first_seen, "last": finding.last_seen}
    return {
        **finding.evidence,
        **{f"evidence_{k}": v for k, v in (finding.evidence | stated).items()},
        **counts,
        **times,
    }


def _plain(value: Any) -> Any:
    """A value as it may stand in JSON, as a key too."""
    if isinstance(value, bytes):
        return value.hex()
    return (
        value
        if isinstance(value, (bool, int, float, str))
        else (f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value))
    )
