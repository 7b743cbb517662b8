"""From an open inspection to the document of a month: what the rules found, and what its records add up to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import haechi
from haechi.detect.rule import read_rule, rule_files
from haechi.model.errors import HaechiError, InputError
from haechi.model.values import Case, Finding, Hole
from haechi.report.document import model
from haechi.report.document.count import Counting
from haechi.report.document.model import InspectionDocument, Month
from haechi.report.inspection import Inspected
from haechi.respond.asking import OpenItem, SettledItem, open_items, settled
from haechi.store.account import account
from haechi.workspace.load import FILE, Workspace
from haechi.workspace.times import zone


def made(workspace: Workspace, at: datetime | None = None, by: str | None = None) -> model.Made:
    """Who makes a report now, and what it rests on beside the log."""
    report = workspace.settings.inspection
    return model.Made(
        at=(at or datetime.now(UTC)).replace(microsecond=0),
        by=account() if by is None else by,
        version=haechi.__version__,
        workspace=workspace.settings.workspace.name or workspace.root.name,
        contact=report.contact,
        inspector=report.inspector,
        settings=settings_hash(workspace),
    )


def settings_hash(workspace: Workspace) -> str:
    """SHA-256 over haechi.toml and the workspace's own rules: with others, the same log gives other findings."""
    digest = hashlib.sha256((workspace.root / FILE).read_bytes())
    for path in sorted((workspace.root / "rules").glob("*.sql")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def inspection_document(
    inspected: Inspected, workspace: Workspace, month: Month, who: model.Made | None = None
) -> InspectionDocument:
    """The report of a month over an inspection whose engine is open.

    Raises:
        InputError: the store holds no access record of that month, and never did.
    """
    inspection, here = inspected.inspection, zone(workspace.settings.workspace.timezone) or UTC
    cases = [case for case in inspection.cases if _touches(case.first_seen, case.last_seen, month)]
    counting = Counting(
        inspected.engine,
        workspace.settings,
        month,
        here,
        cases,
        inspected.members,
    )
    counting.prepare()
    counting.provide_networks(workspace.settings.network)
    totals, sources = counting.totals(), counting.sources()
    if not totals.requests and not any(source.gone for source in sources if source.table == "access"):
        raise nothing_in(inspected, month)
    buckets, outliers = counting.credentials()
    rights, rights_known = counting.rights()
    requests = counting.case_requests()
    belongs = {id(finding): case.id for case in inspection.cases for finding in case.findings}
    name = f"{month.year}-{month.month:02d}"
    items, decided = open_items(workspace, name), settled(workspace, name)
    return InspectionDocument(
        month=month,
        made=who or made(workspace),
        checkpoint=inspection.checkpoint,
        totals=totals,
        items=counting.items(),
        sources=sources,
        aside=counting.aside(),
        days=counting.days(),
        grid=counting.grid(),
        buckets=buckets,
        outliers=outliers,
        actors=counting.actors(),
        addresses=counting.addresses(),
        networks=counting.networks(),
        trend=counting.trend(totals),
        exports=counting.exports(),
        findings=[
            _found(finding, belongs.get(id(finding), ""))
            for finding in inspection.findings
            if _touches(finding.first_seen, finding.last_seen, month)
        ],
        cases=[_case(case, counting, requests.get(case.id, 0)) for case in cases],
        rights=rights,
        rights_known=rights_known,
        rules=rules(inspected, workspace),
        holes=[hole for hole in inspection.coverage.holes if _hole_touches(hole, month)],
        explained=inspection.explained,
        open_items=[item(one) for one in items],
        settled=[settled_item(one) for one in decided],
    )


def nothing_in(inspected: Inspected, month: Month) -> InputError:
    """Why there is no report: what the store does hold."""
    first, last = inspected.engine.rows(
        "SELECT strftime(min(first_time), '%Y-%m-%d'), strftime(max(last_time), '%Y-%m-%d') "
        "FROM batch WHERE table_name = 'access'"
    )[0]
    name, now = f"{month.year}-{month.month:02d}", datetime.now(UTC)
    held = (
        f"The store holds access records from {first} to {last}."
        if first
        else "The store holds no access record."
    )
    if month.last > now:
        still = (
            "has not begun" if month.first > now else "has not ended, and no access record of it is there yet"
        )
        return InputError(f"{name} {still}. {held}", todo="Name another --month.")
    return InputError(
        f"There is no access record of {name}, and none was ever collected. {held}",
        todo="Collect that month's records first (haechi collect), or name another --month.",
    )


def rules(inspected: Inspected, workspace: Workspace) -> list[model.RuleReport]:
    """The rules with the parameters that held."""
    own = workspace.root / "rules"
    files = {path.stem: path for path in rule_files(own if own.is_dir() else None)}
    found = []
    for run in inspected.inspection.rules:
        title, tier, params = run.rule, "", dict[str, str]()
        try:
            rule = read_rule(files[run.rule])
            title, tier = rule.header.title, rule.header.tier
            given = workspace.settings.rules.get(run.rule, {})
            params = {
                name: _written(given.get(name, param.default)) for name, param in rule.header.params.items()
            }
        except (HaechiError, KeyError):
            pass  # a rule that cannot be read did not run, and says why
        found.append(model.RuleReport(run.rule, title, tier, run.ran, run.findings, run.reason, params))
    return found


def case_report(case: Case, counting: Counting, month_requests: int = 0) -> model.CaseReport:
    """A case with its days."""
    return _case(case, counting, month_requests)


def _case(case: Case, counting: Counting, month_requests: int) -> model.CaseReport:
    lead = case.findings[0]
    return model.CaseReport(
        id=case.id,
        rule=lead.rule,
        tier=case.tier,
        severity=lead.severity,
        entity_kind=lead.entity_kind,
        entity=lead.entity,
        title=case.title,
        sentence=case.sentence,
        first_seen=case.first_seen,
        last_seen=case.last_seen,
        scope=case.scope,
        month_requests=month_requests,
        days=counting.case_days(case.id),
        entities=case.entities,
        entity_counts=case.entity_counts,
        findings=[_found(finding, case.id) for finding in case.findings],
        leaning=case.attribution.leaning,
        facts=[*case.attribution.for_, *case.attribution.against],
        networks=case.networks,
        holes=list(case.coverage.holes),
        notes=case.notes,
    )


def _found(finding: Finding, case: str) -> model.Found:
    return model.Found(
        finding.rule,
        finding.tier,
        finding.severity,
        finding.entity_kind,
        finding.entity,
        finding.first_seen,
        finding.last_seen,
        finding.accesses,
        finding.subjects,
        case,
        finding.sentence,
    )


def item(of: OpenItem) -> model.Item:
    """A question that is not settled, as reports show it."""
    return model.Item(
        of.ask,
        of.case,
        of.whom,
        of.state,
        of.asked,
        of.due,
        of.overdue,
        of.requests,
        of.persons,
        "sent" if of.state == "answered" else of.delivery,  # an answer came all the same
    )


def settled_item(of: SettledItem) -> model.Settled:
    """A question that was decided on, as reports show it."""
    return model.Settled(of.ask, of.case, of.whom, of.state, of.by, of.at, of.why, of.answer, of.requests)


def _touches(first: datetime, last: datetime, month: Month) -> bool:
    return first < month.last and last >= month.first


def _hole_touches(hole: Hole, month: Month) -> bool:
    """A hole without times may lie anywhere."""
    return (hole.first is None or hole.first < month.last) and (hole.last is None or hole.last >= month.first)


def _written(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(value)
