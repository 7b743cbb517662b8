"""After something was collected: have the new head of the log vouched for by those whom the workspace names."""

from __future__ import annotations

from haechi.cli.output import Output
from haechi.evidence.vouch import vouch
from haechi.model.errors import EvidenceError
from haechi.report.stores import open_store
from haechi.workspace.load import Workspace


def vouched(workspace: Workspace, out: Output) -> bool:
    """Ask the workspace's witnesses and timestamp authority; say what went wrong. False where one refused.

    One that cannot be reached is a remark: the next head makes up for it. One that refuses knows another history.
    """
    settings = workspace.settings.evidence
    if not settings.witnesses and not settings.timestamp:
        return True
    try:
        found = vouch(open_store(workspace).log(), settings, workspace.root)
    except EvidenceError as error:
        out.say(f"The evidence log was not witnessed: {error.what}.")
        return not error.what.startswith("a fork")
    for answer in found.answers:
        if answer.state != "signed":
            out.say(f"The witness {answer.name} ({answer.url}) did not sign: {answer.problem}.")
    if found.problem:
        out.say(f"The evidence log was not timestamped: {found.problem}.")
    return not any(answer.state == "refused" for answer in found.answers)
