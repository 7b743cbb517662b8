"""Filters for a gateway, made of what a workspace's store holds."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np

from haechi.detect.prepare import Shared, settings_tables
from haechi.identity.reconcile.filter import Kind, Written, write
from haechi.identity.reconcile.keys import halves_of
from haechi.model.errors import InputError
from haechi.model.times import micros
from haechi.report import custody
from haechi.report.custody import Look
from haechi.report.stores import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace

# Each issued credential and token id; each member, whether or not more than one registry names them.
_KEYS: dict[str, tuple[str, str]] = {
    "credentials": (
        "SELECT DISTINCT credential FROM issued_credential WHERE octet_length(credential) = 16",
        "SELECT max(time) FROM issuance",
    ),
    "members": (
        "SELECT unhex(left(sha256(subject), 32)) AS credential FROM registry WHERE withdrawn IS NULL",
        "SELECT max(collected) FROM batch WHERE table_name = 'subject'",
    ),
}


def write_filter(workspace: Workspace, path: Path, kind: Kind, rest: int = 2) -> Written:
    """Write a filter of all issued credentials, or of all members that have not withdrawn; noted as a look at the data.

    Raises:
        InputError: nothing of the kind was collected: such a filter would turn everybody away.
        StoreError: the look cannot be noted, or the file cannot be written.
    """
    store = open_store(workspace)
    custody.record(store, Look("export filter", {"of": kind}))
    query, newest = _KEYS[kind]
    with store.reading(), closing(open_engine(store.snapshot(), workspace.settings.store)) as engine:
        for name, table in settings_tables(workspace.settings).items():
            engine.register(name, table)
        Shared(engine, workspace.settings).provide(query)
        chunks = [halves_of(chunk)[0] for chunk in engine.arrow(query)["credential"].chunks]
        ((until,),) = engine.rows(newest)
    if not sum(map(len, chunks)) or until is None:
        what = "issuance records were" if kind == "credentials" else "registry of data subjects was"
        raise InputError(f"no {what} collected", todo="a filter of nothing would turn everybody away")
    try:
        return write(path, kind, np.concatenate(chunks), micros(until), rest)
    except OSError as error:
        raise InputError(f"the filter cannot be written: {error.strerror}", where=str(path)) from error
