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
    """Check a report against the workspace that it was made from."""
    # Drawing and counting load much that no other verification needs.
    from haechi.report.document.check import check_report

    checked = check_report(path, needed_workspace(folder))
    verdicts = [Verdict(one.thing, one.state, one.sentence, count=one.count) for one in checked]
    whole = all_good(verdicts)
    same = sum(one.count for one in checked if one.thing == "numbers" and one.state == "whole")
    if whole:
        sentence = f"Whole: the file is the one that was handed out, and {same:,} numbers came out the same."
        if any(verdict.state == "unknown" for verdict in verdicts):
            sentence = f"Nothing speaks against the report: {same:,} numbers came out the same, others cannot be had."
    else:
        wrong = sum(1 for verdict in verdicts if verdict.bad)
        sentence = f"The report does not hold: {wrong:,} of the things looked at speak against it."
    if out.as_json:
        out.document(VerifiedReport(str(path), whole, sentence, verdicts))
    else:
        print_verified(sentence, whole, verdicts, {}, out.answer)
    return NOTHING if whole else BAD
