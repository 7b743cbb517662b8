"""The store of a workspace, as verbs and reports open it."""

from __future__ import annotations

from haechi.store.of_workspace import key_file as key_file
from haechi.store.of_workspace import open_store as open_store
from haechi.workspace.load import Workspace


def begun(workspace: Workspace) -> str:
    """The public key of the workspace's store, which is begun with a new key if there is none yet.

    "" where the log is not signed.
    """
    store = open_store(workspace)
    return store.signer.vkey if store.signer else ""
