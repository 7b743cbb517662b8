"""`haechi verify REPORT`: every number of a report counted again, at the checkpoint that it names."""

from __future__ import annotations

from pathlib import Path

import msgspec

from haechi.cli.options import BAD, NOTHING, needed_workspace
from haechi.cli.output import Output
from haechi.proof.verdict import Verdict, all_good
from haechi.proof.verify_store_terminal import print_verified


class VerifiedReport(msgspec.Struct, frozen=True):
    """The document of `haechi verify REPORT --json`."""

    report: str
    whole: bool
    sentence: str
    verdicts: list[Verdict]


def verify_report(path: Path, folder: Path | None, out: Output) -> int:
    """Check a report against the workspace that it was made from. Exit code 0 only where something was found whole."""
    # Drawing and counting load much that no other verification needs.
    from haechi.report.document.check import check_report

    checked = check_report(path, needed_workspace(folder))
    verdicts = [Verdict(one.thing, one.state, one.sentence, count=one.count) for one in checked]
    fitting = any(verdict.state == "whole" for verdict in verdicts)
    whole = all_good(verdicts) and fitting  # a file of which nothing could be checked is not verified
    same = sum(one.count for one in checked if one.thing == "numbers" and one.state == "whole")
    if whole:
        sentence = f"Whole: the file is the one that was handed out, and {same:,} numbers came out the same."
        if any(verdict.state == "unknown" for verdict in verdicts):
            sentence = f"Nothing speaks against the report: {same:,} numbers came out the same, others cannot be had."
    elif wrong := sum(1 for verdict in verdicts if verdict.bad):
        speaks = "1 thing speaks" if wrong == 1 else f"{wrong:,} things speak"
        sentence = f"The report does not hold: {speaks} against it."
    else:
        sentence = "Not verified: nothing of this file could be checked."
    if out.as_json:
        out.document(VerifiedReport(str(path), whole, sentence, verdicts))
    else:
        print_verified(sentence, whole, verdicts, {}, out.answer)
    return NOTHING if whole else BAD
