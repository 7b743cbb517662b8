"""Packs of a case: its accesses, what is stated of it, and for a scope the persons whose data was shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from haechi.detect.rule import read_rule, rule_files
from haechi.evidence.checkpoint import Checkpoint
from haechi.model.errors import InputError
from haechi.model.settings import BUILT_IN, Settings
from haechi.model.times import micros
from haechi.model.values import Case
from haechi.proof import manifest as names
from haechi.proof.manifest import Head, Told
from haechi.proof.pack import Draft, draft
from haechi.proof.prove import Proved, Question, Vouch, seal
from haechi.proof.prove_select import Window, gone, select_accesses
from haechi.proof.statement import BASIS, RuleRun, Statement, parameter
from haechi.report.custody import Look
from haechi.report.inspection import Inspected, reopen
from haechi.report.stores import open_store
from haechi.store import layout
from haechi.workspace.load import Workspace

PEOPLE_PARQUET = "people.parquet"


def prove_case(
    workspace: Workspace, case_id: str, out: Path, people: bool = False, vouch: Vouch | None = None
) -> Proved:
    """The accesses of a case and what is stated of it; with `people` the persons whose data was shown as well.

    The case is worked out anew, over the store as it is. `vouch`: as for `prove_person`.

    Raises:
        InputError: there is no such case.
        StoreError: a row is not the one that was sealed, or the store or the pack cannot be written.
    """
    store = open_store(workspace)
    kind: names.Kind = "scope" if people else "case"
    with (
        store.reading(),
        reopen(workspace, Look(f"prove {kind}", {"case": case_id}), engine=BUILT_IN) as inspected,
    ):
        snapshot = store.snapshot()
        case = pick(inspected.inspection.cases, case_id)
        window = Window(micros(case.first_seen), micros(case.last_seen) + 1)
        with draft(layout.spill_folder(store.root)) as drafted:
            spools = select_accesses(inspected.engine, inspected.requests(case.id), drafted.folder)
            lost = gone(inspected.engine, snapshot.catalog, frozenset({"access"}), window)
            _state(drafted, inspected, case, workspace)
            if people:
                _people(drafted, inspected, case)
            asked: dict[str, Told] = {"case": case.id}
            head = _head(inspected.inspection.checkpoint, snapshot.head)
            return seal(store, snapshot, head, Question(kind, asked), drafted, spools, lost, out, vouch)


def pick(cases: Sequence[Case], wanted: str) -> Case:
    """The case of that id. Raises `InputError` where there is none; it lists those that there are."""
    for case in cases:
        if case.id.casefold() == wanted.casefold():
            return case
    known = ", ".join(case.id for case in cases[:20])
    raise InputError(
        f"there is no case {wanted!r}", todo=f"cases are: {known}" if known else "there are no cases at all"
    )


def _state(drafted: Draft, inspected: Inspected, case: Case, workspace: Workspace) -> None:
    ran = {finding.rule for finding in case.findings}
    rules = rules_as_run(ran, workspace.settings, workspace.root / "rules")
    statement = Statement(inspected.inspection.checkpoint, case, rules, dict(BASIS))
    drafted.add(names.STATEMENT, statement.data())


def rules_as_run(wanted: set[str], settings: Settings, folder: Path) -> list[RuleRun]:
    """The rules of these ids with their SQL, and the values of their parameters under these settings."""
    found = []
    for path in rule_files(folder):
        if path.stem in wanted:
            rule = read_rule(path)
            values = rule.values(settings.rules.get(rule.id, {}))
            told = {name: parameter(value) for name, value in values.items()}
            found.append(RuleRun(rule.id, rule.header.title, rule.header.means, rule.sql, told))
    return found


def _people(drafted: Draft, inspected: Inspected, case: Case) -> None:
    for name in (names.PEOPLE, PEOPLE_PARQUET):
        inspected.people(case.id, drafted.place(name))


def _head(told: str, newest: Checkpoint) -> Head:
    """The head that the inspection names: `ORIGIN SIZE ROOT`."""
    origin, size, root = told.rsplit(" ", 2)
    point = Checkpoint.parse(f"{origin}\n{size}\n{root}\n")
    if point.origin != newest.origin or point.size > newest.size:
        raise InputError("the store was replaced while the case was worked out", todo="run the command again")
    return Head.of(point)
