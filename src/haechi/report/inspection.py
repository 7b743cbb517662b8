"""Inspect: collect, detect, join into cases, scope; the whole way of a record in one call."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from haechi.collect.opening import Named, Unread, expand
from haechi.collect.routes import openapi
from haechi.collect.run import Collector, Job, Progress
from haechi.detect.cases import CaseDraft, build_cases
from haechi.detect.check import check_rules
from haechi.detect.network import check_files
from haechi.detect.runner import Detection, run_rules
from haechi.detect.state.keep import provide_state
from haechi.detect.state.looked import Days, Looked
from haechi.model.errors import SettingsError
from haechi.model.settings import EngineSettings, RouteSettings, Settings, SourceSettings
from haechi.model.times import moment
from haechi.model.values import Case, Coverage, Held, Hole, Inspection, ReadReport
from haechi.model.words import TABLES
from haechi.report import custody
from haechi.report.custody import Look
from haechi.report.kept import Answer, Place
from haechi.report.stores import open_store
from haechi.respond.reports import missing_reports
from haechi.scope.case import CaseScope, scope_case
from haechi.scope.clocks import put_right
from haechi.scope.coverage import Survey, overlapping, survey
from haechi.scope.exposes import Exposed
from haechi.scope.possible import Bounds
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.holds import active_holds
from haechi.store.interface import Engine
from haechi.store.leaves import HoldLeaf
from haechi.store.open import bind_span, open_chosen
from haechi.store.store import Snapshot, Store
from haechi.workspace.load import Workspace

NOTHING_READ = ReadReport(0, 0, 0, [])


@dataclass
class Inspected:
    """An inspection whose engine is still open, so that its cases can be asked for more."""

    inspection: Inspection
    engine: Engine
    scopes: dict[str, CaseScope]  # none where the inspection was kept from before
    members: dict[str, tuple[int, ...]]  # case id -> its findings, as indices of the engine's `flag`

    def people(self, case_id: str, out: Path) -> int:
        """Write one row a person of a case to Parquet or CSV, by the suffix. Returns the number of rows."""
        return self.scopes[case_id].write_people(out)

    def requests(self, case_id: str) -> pa.Table:
        """The accesses of a case: `source, seq, node, node_seq`."""
        return self.scopes[case_id].requests()

    def persons(self, case_id: str) -> pa.Table:
        """The persons of a case: `person, kind`."""
        return self.scopes[case_id].persons()


@contextmanager
def inspect(
    paths: Sequence[str],
    workspace: Workspace | None,
    *,
    progress: Progress | None = None,
    live: bool = True,
    only_rules: Sequence[str] = (),
    store: Path | None = None,
    days: Days | None = None,
    engine: EngineSettings | None = None,
) -> Iterator[Inspected]:
    """Collect these paths (in a workspace without paths: all its sources), then run rules over the whole store.

    With `days` only accesses of these local days are flagged, and cases and scopes are of these alone: the same ones
    that a full inspection flags there. Holes in the evidence are those of the whole store.

    `engine` is what runs rules and scopes; None: as haechi.toml says.
    Without a workspace the store is thrown away at the end, unless `store` says where to keep it.
    """
    _check_rules(workspace)
    with _store_folder(workspace, store) as folder:
        opened = open_store(workspace) if workspace and store is None else Store.open(folder)
        read = _collect(opened, paths, workspace, progress, live and workspace is not None)
        if workspace is not None:
            custody.record(opened, Look("inspect"))
        with _inspected(opened, workspace, read, only_rules, days, engine=engine) as inspected:
            yield inspected


@contextmanager
def reopen(
    workspace: Workspace,
    look: Look,
    only_rules: Sequence[str] = (),
    *,
    kept: bool = False,
    engine: EngineSettings | None = None,
) -> Iterator[Inspected]:
    """The inspection of what a workspace's store holds, without collecting anything. `look`: what it is for.

    `kept`: one that was kept of the same records, settings and rules will do; it has no `scopes`.
    `engine`: what runs rules and scopes; None: as haechi.toml says.
    """
    _check_rules(workspace)
    store = open_store(workspace)
    custody.record(store, look)
    with _inspected(store, workspace, NOTHING_READ, only_rules, kept=kept, engine=engine) as inspected:
        yield inspected


def collect(
    paths: Sequence[str], workspace: Workspace, progress: Progress | None = None, accept_clock: bool = False
) -> ReadReport:
    """Only read: these paths, or all sources of the workspace.

    `accept_clock`: the clock is right although it stands before the newest entry of the log.
    """
    return _collect(open_store(workspace), paths, workspace, progress, True, accept_clock)


@contextmanager
def _store_folder(workspace: Workspace | None, store: Path | None) -> Iterator[Path]:
    if store is not None or workspace is not None:
        yield store or workspace.store  # type: ignore[union-attr]
        return
    folder = Path(tempfile.mkdtemp(prefix="haechi-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _collect(
    store: Store,
    paths: Sequence[str],
    workspace: Workspace | None,
    progress: Progress | None,
    live: bool,
    accept_clock: bool = False,
) -> ReadReport:
    settings = workspace.settings if workspace else Settings()
    routes = _routes(workspace)
    jobs, unread = jobs_of(paths, workspace)
    with store.writer(accept_clock) as writer:
        return Collector(writer, settings, routes, live, progress).run(jobs, unread)


def _check_rules(workspace: Workspace | None) -> None:
    """What the rules rest on, before anything is read."""
    if workspace is not None:
        check_rules(workspace.settings, workspace.root / "rules")
        check_files(workspace.settings.network)


def _routes(workspace: Workspace | None) -> list[RouteSettings]:
    if workspace is None:
        return []
    own = workspace.settings.routes
    if not workspace.settings.workspace.openapi:
        return list(own)
    return list(
        openapi.beside(
            own, openapi.routes_from_openapi(workspace.root / workspace.settings.workspace.openapi)
        )
    )


def jobs_of(paths: Sequence[str], workspace: Workspace | None) -> tuple[list[Job], list[Unread]]:
    """What to read, in order: people and registries first, then issuance, then access records."""
    jobs: list[Job] = []
    unread: list[Unread] = []
    sources = workspace.settings.sources if workspace else []
    owners: dict[str, list[SourceSettings]] = {}
    for source in sources:
        for item in expand(source.paths, workspace.root if workspace else None):
            owners.setdefault(str(Path(item.path).resolve()), []).append(source)
            if not paths:
                # What a source names is asked for: a file of it that cannot be read must be heard of.
                _sort_in(replace(item, asked=True), source, jobs, unread)
    for item in expand(paths):
        named = [] if item.path == "-" else owners.get(str(Path(item.path).resolve()), [])
        for owner in named:
            _sort_in(item, owner, jobs, unread)
        if not named:
            _sort_in(item, None, jobs, unread)
    return jobs, unread


def _sort_in(
    item: Named | Unread, source: SourceSettings | None, jobs: list[Job], unread: list[Unread]
) -> None:
    if isinstance(item, Unread):
        unread.append(item)
    else:
        jobs.append(Job(item, source))


@contextmanager
def _inspected(
    store: Store,
    workspace: Workspace | None,
    read: ReadReport,
    only_rules: Sequence[str],
    days: Days | None = None,
    kept: bool = False,
    engine: EngineSettings | None = None,
) -> Iterator[Inspected]:
    settings = workspace.settings if workspace else Settings()
    with (
        store.reading(),
        closing(
            open_chosen(snapshot := store.snapshot(), settings.store, engine or settings.engine)
        ) as opened,
    ):
        whole = workspace is not None and store.root == workspace.store and not only_rules and days is None
        here = (
            opened if isinstance(opened, DuckDBEngine) else None
        )  # which alone reads and writes what is kept
        place = Place.of(snapshot, workspace) if workspace is not None and whole and here else None
        if place and here and kept and (found := place.load(here, settings)):
            inspection = msgspec.structs.replace(
                found.inspection, checkpoint=opened.checkpoint, **_of_now(settings, snapshot, workspace)
            )
            yield Inspected(inspection, opened, {}, found.members)
            return
        inspected = over(opened, snapshot, workspace, read, only_rules, days)
        if place and here and not any(file.problem for file in read.sources):
            place.keep(here, Answer(inspected.inspection, inspected.members))
        yield inspected


def over(
    engine: Engine,
    snapshot: Snapshot,
    workspace: Workspace | None,
    read: ReadReport,
    only_rules: Sequence[str] = (),
    days: Days | None = None,
) -> Inspected:
    """The inspection of what an engine shows, which is open over the snapshot and stays open."""
    settings = workspace.settings if workspace else Settings()
    rules = workspace.root / "rules" if workspace else None
    looked = _looked(engine, snapshot, settings, days) if days else None
    detection = run_rules(engine, settings, rules if rules and rules.is_dir() else None, only_rules, looked)
    surveyed = _surveyed(engine, settings, read, looked)
    holes = put_right(snapshot.catalog.clocks) + surveyed.holes
    root = workspace.root if workspace else None
    exposed = Exposed(settings.exposes, root or Path())
    bounds = Bounds(engine, surveyed, exposed, settings.coverage)
    scopes: dict[str, CaseScope] = {}
    cases = []
    for draft in build_cases(engine, detection, settings.network):
        scopes[draft.id] = scope_case(engine, draft.findings, settings, root, exposed)
        cases.append(_case(draft, detection, scopes[draft.id], holes, bounds))
    return Inspected(
        Inspection(
            checkpoint=engine.checkpoint,
            read=read,
            findings=list(detection.findings),
            cases=cases,
            rules=list(detection.runs),
            coverage=Coverage(holes),
            records={table: int(engine.rows(f"SELECT count(*) FROM {table}")[0][0]) for table in TABLES},
            explained=detection.explained,
            **_of_now(settings, snapshot, workspace),
        ),
        engine,
        scopes,
        {case: scope.findings for case, scope in scopes.items()},
    )


def _of_now(settings: Settings, snapshot: Snapshot, workspace: Workspace | None) -> dict[str, Any]:
    """What an inspection says of today, and not of the records."""
    return {
        "holds": [_held(hold) for hold in active_holds(snapshot.catalog)],
        "missing_reports": missing_reports(settings, snapshot.catalog) if workspace else [],
    }


def _looked(engine: Engine, snapshot: Snapshot, settings: Settings, days: Days) -> Looked:
    if not isinstance(engine, DuckDBEngine):
        raise SettingsError(
            "An inspection of some days rests on carried state, which DuckDB alone reads.",
            where="[engine] kind",
            todo="Give --engine duckdb, or inspect the whole store.",
        )
    provide_state(engine, snapshot, settings.workspace.timezone)
    return Looked(engine, settings, days, partial(bind_span, engine, snapshot))


def _surveyed(engine: Engine, settings: Settings, read: ReadReport, looked: Looked | None) -> Survey:
    """The holes of the whole store, whichever days are looked at: a silence shows against all other days."""
    if looked is None:
        return survey(engine, settings, read)
    looked.show_all()
    try:
        return survey(engine, settings, read)
    finally:
        looked.show_days()


def _case(
    draft: CaseDraft, detection: Detection, scope: CaseScope, holes: Sequence[Hole], bounds: Bounds
) -> Case:
    possible = bounds.of(scope, draft.first_seen, draft.last_seen)
    return Case(
        id=draft.id,
        title=draft.title,
        tier=draft.tier,
        first_seen=draft.first_seen,
        last_seen=draft.last_seen,
        entities=draft.entities,
        entity_counts=draft.entity_counts,
        scope=msgspec.structs.replace(scope.count, possible=possible),
        coverage=Coverage(overlapping(holes, draft.first_seen, draft.last_seen)),
        findings=[detection.findings[index] for index in draft.findings],
        sentence=draft.sentence,
        notes=list(scope.notes),
        attribution=draft.attribution,
        networks=draft.networks,
    )


def _held(hold: HoldLeaf) -> Held:
    return Held(hold.id, moment(hold.first), moment(hold.last), list(hold.sources), hold.order)
