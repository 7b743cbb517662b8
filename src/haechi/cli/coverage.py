"""`haechi coverage`: for which sources and times the evidence is whole, and where it has holes."""

from __future__ import annotations

from haechi.cli.options import BAD, FOUND, NOTHING, AsJson, WorkspaceDir, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.report.covered import covered
from haechi.report.custody import Look, record
from haechi.report.stores import open_store
from haechi.report.terminal_coverage import print_covered


def coverage(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """List what the store holds, from when to when, and every hole in it. Exit code 1 if there is a hole.

    Where nothing was collected yet, nothing can be said: exit code 3.
    """
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    record(open_store(found), Look("coverage"))
    answer = covered(found)
    if as_json:
        out.document(answer)
    else:
        print_covered(answer, out.answer, zone_of(found))
    if not answer.sources:
        return BAD
    return FOUND if answer.holes else NOTHING
