"""The store of a workspace, with the key that signs its log."""

from __future__ import annotations

from pathlib import Path

from haechi.evidence.signer import open_key
from haechi.store.store import ORIGIN_FILE, Store, make_store_key
from haechi.workspace.load import Workspace


def key_file(workspace: Workspace) -> Path:
    """Where the workspace's signing key is, or will be."""
    return workspace.root / workspace.settings.evidence.key


def open_store(workspace: Workspace) -> Store:
    """The workspace's store. A new store gets a new signing key, if there is none yet.

    Without its key a signed store can be read, and nothing can be added to it. Raises `EvidenceError` for a key
    that cannot be used and `StoreError` for a store that cannot be opened.
    """
    key = key_file(workspace)
    if key.exists():
        return Store.open(workspace.store, open_key(key))
    if (workspace.store / ORIGIN_FILE).exists():
        return Store.open(workspace.store)
    return Store.open(workspace.store, make_store_key(key))
