"""One step of the suite in a process of its own: `python -m benchmarks.suite.steps STEP WORLD RUN`.

WORLD is a folder that `haechi drill make` wrote, RUN a workspace over its logs. Writes a JSON list of figures to
standard output: `step, records, wall, cpu, peak` and what else is to be said of the step.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.suite.timed import Timed, timed

if TYPE_CHECKING:
    from haechi.workspace.load import Workspace

Figures = list[dict[str, Any]]
SEALED = 500_000  # lines at most: sealing costs the same for each
LOOKED_UP = 20  # persons
THREADS = 2  # of reconciliation


def figure(step: str, records: int, took: Timed, **more: Any) -> dict[str, Any]:
    return {"step": step, "records": records, "wall": took.wall, "cpu": took.cpu, "peak": took.peak, **more}


def collect(world: Path, run: Path) -> Figures:
    """All logs and papers of the world, from opening the first to the last checkpoint on the disk."""
    from haechi.report.inspection import collect as collecting

    workspace = _workspace(run)
    with timed() as took:
        report = collecting([], workspace)
    assert {line.reason for line in report.aside} <= {"the header line"}, report.aside
    logs = sum(Path(source.path).stat().st_size for source in report.sources)
    return [figure("collect", report.stored, took, disk=_disk(run / "store"), logs=logs)]


def collect_json(world: Path, run: Path) -> Figures:
    """The gateway's plain nginx JSON alone, into a store of its own: no unpacking, no small files, no other table."""
    from haechi.report.inspection import collect as collecting

    with tempfile.TemporaryDirectory(dir=run.parent) as scratch:
        alone = Path(scratch)
        shutil.copy(world / "inspect/haechi.toml", alone)
        (alone / "logs").symlink_to(world / "inspect/logs", target_is_directory=True)
        logs = [str(log) for log in sorted((alone / "logs").glob("gateway-*.json"))]
        workspace = _workspace(alone)
        with timed() as took:
            report = collecting(logs, workspace)
        assert not report.set_aside, report.aside
        size = sum(Path(log).stat().st_size for log in logs)
        disk = _disk(alone / "store")
    return [figure("collect JSON", report.stored, took, logs=size, disk=disk)]


def seal(world: Path, run: Path) -> Figures:
    """Hashes, blinds and the Merkle tree alone, on one thread: of lines as if each were its own canonical record."""
    import numpy as np
    import pyarrow as pa

    from haechi.evidence.blind import PeriodKeys
    from haechi.evidence.merkle import tree_root
    from haechi.store.seal import Texts, raw_hashes
    from haechi.store.seal import seal as sealed

    keys, done, all_of_it = PeriodKeys.make(), 0, Timed()
    none = Texts(np.empty(0, np.int64), pa.array([], pa.string()), pa.array([], pa.string()))
    for at, lines in _blocks(sorted((world / "inspect/logs").glob("gateway-*.json")), 65_536, SEALED):
        offsets = np.cumsum([0, *map(len, lines)])
        persons = pa.array([str((at + i) * 7919 % 30_000_000) for i in range(len(lines))])
        texts = Texts(np.arange(len(lines)), persons, pa.array([line.decode() for line in lines]))
        data = b"".join(lines)
        with timed() as took:
            tree_root(sealed(keys, b"k" * 32, at, raw_hashes(data, offsets), texts, none))
        done += len(lines)
        all_of_it.wall, all_of_it.cpu = all_of_it.wall + took.wall, all_of_it.cpu + took.cpu
        all_of_it.peak = max(all_of_it.peak, took.peak)
    return [figure("seal", done, all_of_it)]


def verify(world: Path, run: Path) -> Figures:
    """Every record, raw line, leaf and head of the store, as an outsider checks them."""
    from haechi.proof.verify_store import Trust, verify_store

    trusted = Trust([(run / "haechi.key.pub").read_text().strip()])
    with timed() as took:
        found = verify_store(run / "store", trusted, run / "haechi.key")
    assert found.whole, found.sentence
    return [figure("verify", int(found.counts["records"]), took)]


def inspect(world: Path, run: Path) -> Figures:
    """All rules over everything that was collected; then the cases with their scopes. Scored against the truth."""
    from haechi.detect.cases import build_cases
    from haechi.detect.runner import run_rules
    from haechi.drill.score import FoundCase, score
    from haechi.model.values import ReadReport
    from haechi.scope.case import scope_case
    from haechi.scope.coverage import survey
    from haechi.scope.exposes import Exposed
    from haechi.scope.possible import Bounds
    from haechi.store.open import open_engine
    from haechi.store.store import Store

    settings = _workspace(run).settings
    store = Store.open(run / "store")
    with store.reading(), closing(open_engine(store.snapshot(), settings.store)) as engine:
        records = int(engine.rows("SELECT count(*) FROM access")[0][0])
        with timed() as took:
            detection = run_rules(engine, settings)
        flagged = int(engine.rows("SELECT count(*) FROM (SELECT DISTINCT source, seq FROM flag)")[0][0])
        ran = [rule for rule in detection.runs if rule.ran]
        detect = figure(
            "detect",
            records,
            took,
            flagged=flagged,
            findings=len(detection.findings),
            rules=len(ran),
            not_run=len(detection.runs) - len(ran),
            seconds={
                rule.rule: round(rule.seconds, 2) for rule in sorted(ran, key=lambda r: -r.seconds)[:10]
            },
        )
        scopes = {}
        with timed() as took:
            exposed = Exposed(settings.exposes, run)
            bounds = Bounds(
                engine, survey(engine, settings, ReadReport(0, 0, 0, [])), exposed, settings.coverage
            )
            for draft in build_cases(engine, detection, settings.network):
                scopes[draft.id] = scope_case(engine, draft.findings, settings, run, exposed)
                bounds.of(scopes[draft.id], draft.first_seen, draft.last_seen)
        persons = sum(scope.count.persons for scope in scopes.values())
        found = [FoundCase(name, scope.requests(), scope.persons()) for name, scope in scopes.items()]
        right = score(world / "truth", found)
    shares = [right.persons_recall, right.persons_precision, right.requests_recall, right.requests_precision]
    return [detect, figure("scope", records, took, cases=len(scopes), persons=persons, score=shares)]


def compact(world: Path, run: Path) -> Figures:
    """Every day's records sorted by person into files of their own."""
    from haechi.report.stores import open_store
    from haechi.store.compact import compact as compacting

    workspace = _workspace(run)
    with timed() as took:
        done = compacting(open_store(workspace), workspace.settings.store, all_days=True)
    assert not done.left_out, done.left_out
    return [figure("compact", done.rows, took, files=done.files, disk=_disk(run / "store"))]


def look_up(world: Path, run: Path) -> Figures:
    """Every access to one person, over the compacted store: the engine opened once, then a query a person."""
    from haechi.proof.whose import COLUMNS
    from haechi.store.look_up import looked_up, of_person
    from haechi.store.open import open_engine
    from haechi.store.store import Store

    settings = _workspace(run).settings
    with timed() as opened:
        store = Store.open(run / "store")
        engine = open_engine(store.snapshot(), settings.store)
        records = int(engine.rows("SELECT count(*) FROM access")[0][0])  # every file's footer has been read
    with closing(engine):
        chosen = engine.rows(
            "SELECT subject FROM access WHERE subject IS NOT NULL GROUP BY subject "
            f"ORDER BY hash(subject) LIMIT {LOOKED_UP}"
        )
        took, rows = [], 0
        for (person,) in chosen:
            with timed() as one:
                rows += len(engine.arrow(looked_up(engine, "access", of_person(COLUMNS["access"], person))))
            took.append(one)
    middle = Timed(
        statistics.median(one.wall for one in took),
        statistics.median(one.cpu for one in took),
        max(one.peak for one in took),
    )
    slowest = max(one.wall for one in took)
    return [figure("look-up", records, middle, slowest=slowest, opening=opened.wall, rows=rows / len(took))]


def reconcile(world: Path, run: Path) -> Figures:
    """As many presentations as the world has records, against half as many issued credentials, exactly."""
    from benchmarks.reconcile import make
    from haechi.identity.reconcile.files import reconcile as reconciling

    presented = int(json.loads((world / "truth/meta.json").read_text())["records"]["access"])
    with tempfile.TemporaryDirectory(dir=run) as scratch:
        folder = Path(scratch)
        planted = make(folder, max(presented // 2, 1), presented, max(presented // 20_000, 1))
        shown, issued = (sorted(folder.glob(f"{name}-*.parquet")) for name in ("presented", "issued"))
        with timed() as took:
            found = reconciling(shown, issued, THREADS)
    forged = {(file, row) for file, rows in planted.items() for row in rows}
    assert {(one.file.name, one.row) for one in found.never_issued} == forged, "not exactly the forgeries"
    return [figure("reconcile", presented, took, forged=len(forged))]


STEPS: dict[str, Callable[[Path, Path], Figures]] = {
    "collect": collect,
    "collect JSON": collect_json,
    "seal": seal,
    "verify": verify,
    "inspect": inspect,
    "compact": compact,
    "look-up": look_up,
    "reconcile": reconcile,
}


def _workspace(run: Path) -> Workspace:
    from haechi.report.workspaces import open_workspace

    found = open_workspace(run)
    assert found is not None
    return found


def _blocks(logs: list[Path], size: int, most: int) -> Iterator[tuple[int, list[bytes]]]:
    """Lines of these files, `size` at a time, with the number of the first of them."""
    at = 0
    lines: list[bytes] = []
    for log in logs:
        with log.open("rb") as stream:
            for line in stream:
                lines.append(line)
                if len(lines) == size or at + len(lines) == most:
                    yield at, lines
                    at, lines = at + len(lines), []
                if at == most:
                    return
    if lines:
        yield at, lines


def _disk(store: Path) -> dict[str, int]:
    """Bytes of a store's files by what they hold."""
    sizes = {"records": 0, "raw": 0, "leaves": 0, "compact": 0, "other": 0}
    for file in store.rglob("*"):
        if file.is_file():
            kind = {".zst": "raw", ".leaves": "leaves"}.get(file.suffix, "other")
            if file.suffix == ".parquet":
                kind = "compact" if file.parent.name == "compact" else "records"
            sizes[kind] += file.stat().st_size
    return sizes


def main() -> None:
    step, world, run = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    json.dump(STEPS[step](world, run), sys.stdout)


if __name__ == "__main__":
    main()
