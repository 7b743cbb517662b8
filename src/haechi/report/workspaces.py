"""The workspace that a command is for. Loads little: a command that only looks something up is there at once."""

from __future__ import annotations

from pathlib import Path

from haechi.collect.formats import FORMATS
from haechi.workspace.check_systems import Kinds
from haechi.workspace.load import Workspace
from haechi.workspace.load import find as find_workspace
from haechi.workspace.load import load as load_workspace

FORMAT_NAMES = {form.name: form.table for form in FORMATS}


def open_workspace(folder: Path | None) -> Workspace | None:
    """The workspace in this folder, or the nearest one upwards from here when no folder is named."""
    if folder is not None:
        return load_workspace(folder, FORMAT_NAMES, _kinds)
    return find_workspace(Path.cwd(), FORMAT_NAMES, _kinds)


def _kinds() -> Kinds:
    """The kinds of systems and probes. They load the clients of what they ask."""
    from haechi.identity.registry import kinds

    return kinds()
