"""Findings with one cause become one case.

Two join where they flag the same accesses, or where they share an entity that is itself mostly suspicious.
What many honest people share (a carrier's address, a common browser, a production key) joins nothing.
Accesses are counted by the engine; Python sees findings and aggregated entities only.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from haechi.detect.attribution import attribute, case_networks
from haechi.detect.blocks import has_blocks
from haechi.detect.entities import CaseEntities, case_entities, map_findings, shared_entities
from haechi.detect.flags import words
from haechi.detect.network import look_up, named
from haechi.detect.queries import query
from haechi.detect.runner import Detection, strength
from haechi.detect.sentence import counted, fill
from haechi.model.settings import NetworkSettings
from haechi.model.values import Attribution, Finding, NetworkShare
from haechi.store.interface import Engine

# An access flagged twice by provenance has one cause. A behaviour finding flags all that an entity did in a
# while, strangers' few accesses by the same address included: it must share this much of the smaller one.
OVERLAP = 0.5


@dataclass(frozen=True)
class CaseDraft:
    """A case before it is scoped. Times carry the zone UTC.

    findings:      indices into `Detection.findings`, the strongest first
    accesses:      distinct flagged accesses of all findings together
    entities:      kind -> entities, the most active first, at most 50 (ghosts: 5). Kinds: key, client_ip,
                   client, actor, person (leavers), ghosts (subjects that never existed)
    entity_counts: kind -> how many there are, exactly. Further `credential`, and `client_ip_shared`:
                   addresses that the case used but that are mostly other people's
    """

    id: str
    title: str
    tier: str
    first_seen: datetime
    last_seen: datetime
    findings: list[int]
    entities: dict[str, list[str]]
    entity_counts: dict[str, int]
    sentence: str
    accesses: int = 0
    attribution: Attribution = field(default_factory=Attribution)
    networks: list[NetworkShare] = field(default_factory=list)


@dataclass
class _Groups:
    """Union-find over findings; a group is named by its smallest finding."""

    parent: dict[int, int] = field(default_factory=dict)

    def root(self, n: int) -> int:
        while (above := self.parent.setdefault(n, n)) != n:
            self.parent[n] = self.parent[above]
            n = above
        return n

    def join(self, members: Iterable[int]) -> None:
        roots = sorted({self.root(n) for n in members})
        for other in roots[1:]:
            self.parent[other] = roots[0]


def build_cases(
    engine: Engine, detection: Detection, network: NetworkSettings | None = None
) -> list[CaseDraft]:
    """Join the findings of a detection, on the engine that it ran on; the strongest comes first.

    `network` names the files that tell of the cases' addresses. Raises InputError where one is missing or damaged.
    """
    findings = detection.findings
    if not findings:
        return []
    overlap = "case_overlap_blocks" if has_blocks(engine) else "case_overlap"
    groups = _overlapping(findings, engine.rows(query(overlap)) if len(findings) > 1 else ())
    claimed = [n for n, finding in enumerate(findings) if finding.accesses and _claimed(detection, finding)]
    # What is found at rest (a key that can be taken out) flags no access: it is a finding, and no case.
    number = {n: groups.root(n) for n, finding in enumerate(findings) if finding.accesses}
    if not number:
        return []
    map_findings(engine, findings, number, claimed)
    if len(set(number.values())) > 1:
        for cases in shared_entities(engine):
            groups.join(cases)
        joined = {n: groups.root(n) for n in number}
        if joined != number:
            map_findings(engine, findings, joined, claimed)
            number = joined
    members: dict[int, list[int]] = defaultdict(list)
    for n, case in number.items():
        members[case].append(n)
    entities = case_entities(engine, findings, members)
    known = network is not None and named(network)
    if known:
        addresses = engine.rows(
            "SELECT DISTINCT entity FROM case_entity WHERE kind = 'client_ip' ORDER BY entity"
        )
        engine.register("case_network", look_up([row[0] for row in addresses], network or NetworkSettings()))
    attributed = attribute(engine, {case: entities[case].asked for case in members}, known)
    networks = case_networks(engine) if known else {}
    drafts = [
        replace(
            _draft(detection, members[case], entities[case]),
            attribution=attributed[case],
            networks=networks.get(case, []),
        )
        for case in members
    ]
    return sorted(drafts, key=lambda draft: (_rank(findings[draft.findings[0]]), -draft.accesses, draft.id))


def _overlapping(findings: Sequence[Finding], pairs: Iterable[tuple[int, int, int]]) -> _Groups:
    """Findings joined by the accesses that both flag: pairs `(one, other, accesses)`.

    Behaviour never joins two groups that have stronger reasons each: what it flags may be many strangers'. It goes
    with those of them with which it shares the most.
    """
    groups = _Groups()
    fitting = [pair for pair in pairs if _one_cause(findings[pair[0]], findings[pair[1]], pair[2])]
    weak = [pair for pair in fitting if "behaviour" in (findings[pair[0]].tier, findings[pair[1]].tier)]
    for one, other, _ in set(fitting) - set(weak):
        groups.join((one, other))
    strong = {groups.root(n) for n, finding in enumerate(findings) if finding.tier != "behaviour"}
    for one, other, _ in sorted(weak, key=lambda pair: (-pair[2], pair)):
        roots = {groups.root(one), groups.root(other)}
        if not roots <= strong or len(roots) == 1:
            groups.join(roots)
            if roots & strong:
                strong.add(groups.root(one))
    return groups


def _one_cause(one: Finding, other: Finding, both: int) -> bool:
    if one.tier == other.tier == "provenance":
        return both > 0
    small, large = sorted((one, other), key=lambda finding: finding.accesses)
    if large.tier == "behaviour" and large.entity_kind == "client_ip" and both < OVERLAP * large.accesses:
        return False  # an address that is mostly something else: a carrier's, behind which many are
    return both >= OVERLAP * small.accesses


def _claimed(detection: Detection, finding: Finding) -> bool:
    rule = detection.rules.get(finding.rule)
    return rule is not None and rule.header.actor_is_claimed


def _rank(finding: Finding) -> tuple[int, int]:
    return strength(finding.tier, finding.severity)


def _order(finding: Finding) -> tuple[Any, ...]:
    # By first_seen and not by size: a case keeps its name while it grows.
    return (*_rank(finding), finding.first_seen, finding.rule, finding.entity_kind, finding.entity)


def _draft(detection: Detection, members: Sequence[int], found: CaseEntities) -> CaseDraft:
    findings = detection.findings
    order = sorted(members, key=lambda n: _order(findings[n]))
    lead = findings[order[0]]
    first = min(findings[n].first_seen for n in order)
    last = max(findings[n].last_seen for n in order)
    rule = detection.rules.get(lead.rule)
    about = fill("{kind} {entity}", lead.entity_kind, words(lead))
    title = f"{rule.header.title if rule else lead.rule}: {about[:1].lower()}{about[1:]}"
    return CaseDraft(
        id=case_id(lead),
        title=title,
        tier=lead.tier,
        first_seen=first,
        last_seen=last,
        findings=order,
        entities=found.entities,
        entity_counts=found.counts,
        sentence=_sentence(detection, [findings[n] for n in order], found, first, last),
        accesses=found.accesses,
    )


def case_id(lead: Finding) -> str:
    """Short, and the same each time the same cause is found: the first finding's rule, entity, start."""
    text = "\n".join([lead.rule, lead.entity_kind, lead.entity, lead.first_seen.isoformat()])
    return f"C-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _sentence(
    detection: Detection, findings: Sequence[Finding], found: CaseEntities, first: datetime, last: datetime
) -> str:
    """Who, what, since when, how many: the strongest finding of each rule adds its clause."""
    clauses: dict[str, str] = {}
    for finding in findings:
        rule = detection.rules.get(finding.rule)
        if rule is not None and finding.rule not in clauses:
            clause = fill(rule.header.clause, finding.entity_kind, words(finding))
            # The weaker tiers explain a case only where nothing stronger does.
            if clause and finding.tier == findings[0].tier:
                clauses[finding.rule] = clause
    said = "; ".join(clauses.values()) or findings[0].sentence.rstrip(".")
    origin = _origin(found.counts)
    span = f"From {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    return f"{span}, {counted(found.accesses, 'request')}{origin}: {said}."


def _origin(counts: Mapping[str, int]) -> str:
    own, shared = counts.get("client_ip", 0), counts.get("client_ip_shared", 0)
    if own and shared:
        return f" from {counted(own, 'address|addresses')} and {shared:,} that others share"
    if own or shared:
        return f" from {counted(own or shared, 'address|addresses')}{'' if own else ' that others share'}"
    return ""
