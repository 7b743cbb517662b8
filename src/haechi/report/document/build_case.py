"""The report of one case, with what earlier reports of it said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from haechi.model.errors import UsageError
from haechi.model.times import EPOCH, moment
from haechi.model.values import Case
from haechi.report.document import model
from haechi.report.document.build import case_report, item, made, rules, settled_item
from haechi.report.document.count import Counting
from haechi.report.document.model import CaseDocument, Month, ScopeVersion
from haechi.report.inspection import Inspected
from haechi.report.stores import open_store
from haechi.respond.asking import open_items, settled
from haechi.store.header import BatchHeader
from haechi.store.leaves import CustodyLeaf, ErasureLeaf, ExpiryLeaf, Leaf, read_leaf
from haechi.workspace.load import Workspace
from haechi.workspace.times import zone

VERB = "report case"


def case_document(
    inspected: Inspected, workspace: Workspace, wanted: str, who: model.Made | None = None
) -> CaseDocument:
    """The report of one case over an inspection whose engine is open.

    Raises:
        UsageError: there is no such case; it lists those that there are.
    """
    inspection, here = inspected.inspection, zone(workspace.settings.workspace.timezone) or UTC
    case = _pick(inspection.cases, wanted, workspace)
    about = who or made(workspace)
    # A case has no month: the readings that only a month needs are not made.
    span = Month(0, 0, str(here), _whole(case.first_seen), _whole(case.last_seen) + timedelta(days=1))
    counting = Counting(inspected.engine, workspace.settings, span, here, [case], inspected.members)
    counting.prepare_cases()
    size = int(inspection.checkpoint.rsplit(" ", 2)[1])
    return CaseDocument(
        made=about,
        zone=str(here),
        checkpoint=inspection.checkpoint,
        case=case_report(case, counting),
        versions=versions(workspace, case, size, about),
        open_items=[item(one) for one in open_items(workspace) if one.case == case.id],
        rules=rules(inspected, workspace),
        settled=[settled_item(one) for one in settled(workspace, case=case.id)],
    )


def versions(workspace: Workspace, case: Case, size: int, about: model.Made) -> list[ScopeVersion]:
    """What earlier reports said of a case, out of the first `size` entries of the log, what changed in between, and
    as the last one what this report says."""
    log = open_store(workspace).log().open()
    found: list[ScopeVersion] = []
    settings, records, gone = "", 0, 0
    for index, data in enumerate(log.entries(0, size)):
        leaf = read_leaf(data, index)
        records, gone = records + _records(leaf), gone + _gone(leaf)
        if not isinstance(leaf, CustodyLeaf) or leaf.verb != VERB or not leaf.sealed:
            continue
        if leaf.what.get("case") != case.id:
            continue
        told = {name: int(leaf.what.get(name) or 0) for name in ("requests", "persons", "accounts")}
        point = str(leaf.what.get("checkpoint") or "").rsplit(" ", 2)
        found.append(
            ScopeVersion(
                at=moment(leaf.at) or EPOCH,
                by=leaf.by,
                size=int(point[1]) if len(point) == 3 and point[1].isdecimal() else index,
                requests=told["requests"],
                persons=told["persons"],
                accounts=told["accounts"],
                settings_changed=bool(found) and leaf.what.get("settings") != settings,
                records=records if found else 0,
                gone=gone if found else 0,
            )
        )
        settings, records, gone = str(leaf.what.get("settings") or ""), 0, 0
    scope = case.scope
    changed = bool(found) and about.settings != settings
    numbers = (scope.requests, scope.persons, scope.accounts)
    since = (records, gone) if found else (0, 0)
    return [*found, ScopeVersion(about.at, about.by, size, *numbers, changed, *since)]


def _records(leaf: Leaf | None) -> int:
    return leaf.rows if isinstance(leaf, BatchHeader) else 0


def _gone(leaf: Leaf | None) -> int:
    if isinstance(leaf, ExpiryLeaf):
        return leaf.rows
    return sum(leaf.rows.values()) if isinstance(leaf, ErasureLeaf) else 0


def _pick(cases: list[Case], wanted: str, workspace: Workspace) -> Case:
    for case in cases:
        if case.id.casefold() == wanted.casefold():
            return case
    accepted = [one for one in settled(workspace, case=wanted) if one.state == "accepted"]
    if accepted:
        here = zone(workspace.settings.workspace.timezone) or UTC
        by = "; ".join(
            f"{one.ask}, accepted by {one.by} on {one.at.astimezone(here):%Y-%m-%d}" for one in accepted
        )
        raise UsageError(
            f"{accepted[0].case} is no case any more: an answer about its accesses was accepted ({by}).",
            todo=f"haechi case question {accepted[0].ask} shows the answer; the month's report lists it.",
        )
    known = ", ".join(case.id for case in cases[:20])
    there = f"There are: {known}." if known else "There are no cases."
    raise UsageError(f"There is no case {wanted!r}. {there}")


def _whole(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
