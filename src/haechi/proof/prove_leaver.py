"""Packs of leavers: what tells of each way in whether it is dead, and what is stated of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from haechi.identity.leaver import check
from haechi.identity.leaver_values import Evidence, LeaverCheck
from haechi.model.times import micros
from haechi.proof import manifest as names
from haechi.proof.manifest import Head, Told
from haechi.proof.pack import draft
from haechi.proof.prove import Proved, Question, Vouch, seal
from haechi.proof.prove_select import Window, gone, select_rows
from haechi.proof.statement import LeaverStatement
from haechi.report.leavers import told_from
from haechi.report.stores import open_store
from haechi.store import layout
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace

_WANTED = pa.schema([("table", pa.string()), ("source", pa.string()), ("seq", pa.int64())])


def prove_leaver(
    workspace: Workspace,
    person: str,
    out: Path,
    at: datetime | None = None,
    vouch: Vouch | None = None,
) -> tuple[Proved, LeaverCheck]:
    """The check of one person, or of all who left where none is named, with every record on which it rests.

    `at`, `vouch`: as for `check` and for `prove_person`.

    Raises:
        IdentityError: nobody of this name is known.
        StoreError: a row is not the one that was sealed, or the store or the pack cannot be written.
    """
    store = open_store(workspace)
    with store.reading():
        snapshot = store.snapshot()
        with draft(layout.spill_folder(store.root)) as drafted:
            engine = open_engine(snapshot, workspace.settings.store)
            try:
                found = told_from(workspace.root, check(engine, workspace.settings, person, at))
                spools = select_rows(engine, _wanted(found), drafted.folder)
                lost = gone(engine, snapshot.catalog, frozenset({"fact", "person"}), Window())
            finally:
                engine.close()
            drafted.add(names.STATEMENT, LeaverStatement(found).data())
            asked: dict[str, Told] = (
                {"person": found.people[0].person} if person and len(found.people) == 1 else {}
            )
            asked |= {"at": micros(found.at)}
            question = Question("leaver", asked, str(asked.get("person", "")))
            head = Head.of(snapshot.head)
            return seal(store, snapshot, head, question, drafted, spools, lost, out, vouch), found


def evidence_of(found: LeaverCheck) -> Iterator[Evidence]:
    """Everything that the check cites and that is a record of the store."""
    for person in found.people:
        cited = [*person.told, *(e for item in person.items for e in (*item.had, *item.told))]
        yield from (evidence for evidence in cited if evidence.source)


def _wanted(found: LeaverCheck) -> pa.Table:
    places = sorted({(e.table, e.source, e.seq) for e in evidence_of(found)})
    return pa.Table.from_pylist(
        [{"table": table, "source": source, "seq": seq} for table, source, seq in places], _WANTED
    )
