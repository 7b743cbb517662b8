"""Which rules can run in a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from haechi.detect import ready
from haechi.report.stores import open_store
from haechi.store.open import open_engine
from haechi.store.store import ORIGIN_FILE
from haechi.workspace.load import Workspace

NOTHING_YET = "nothing has been collected yet"


def why_not(workspace: Workspace, files: Sequence[Path]) -> dict[str, str]:
    """Why each rule cannot run on what the workspace's store holds, by id; "" where it can.

    Raises:
        StoreError: the store cannot be opened.
    """
    if not (workspace.store / ORIGIN_FILE).exists():  # looking makes no store
        return {path.stem: NOTHING_YET for path in files}
    store = open_store(workspace)
    with store.reading(), closing(open_engine(store.snapshot(), workspace.settings.store)) as engine:
        return ready.why_not(engine, workspace.settings, files)
