"""The inspection report as text: what was found, whose data, what is not known, what was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from pathlib import Path

from rich.console import Console
from rich.text import Text

from haechi.model.values import Case, Inspection
from haechi.report.figures import count, moment
from haechi.report.layout import indented, section
from haechi.report.safe import inert
from haechi.report.terminal_case import print_case
from haechi.report.terminal_coverage import cause, print_coverage, print_rules
from haechi.report.terminal_read import print_read, print_unread
from haechi.report.terminal_reasons import print_explained

LOOSE = 20  # findings that are no case, told one by one


def print_inspection(
    inspection: Inspection,
    console: Console,
    zone: tzinfo = UTC,
    root: Path | None = None,
    remarks: Sequence[str] = (),
) -> None:
    """Print the whole report; times in `zone`, paths from `root`. What came from a log is printed inert.

    `remarks` are sentences that stand with the headline.
    """
    console.print(headline(inspection))
    if not (inspection.read.lines or any(inspection.records.values())):
        print_unread(inspection.read, console, root)
        if inspection.coverage.holes:
            print_coverage(inspection.coverage, console)
        return
    for line in (*beside(inspection), *held(inspection, zone), *remarks):
        console.print(inert(line))
    for case in inspection.cases:
        console.print()
        print_case(case, console, zone)
    print_loose_findings(inspection, console)
    print_explained(inspection.explained, console)
    print_coverage(inspection.coverage, console)
    print_read(inspection.read, inspection.records, console, zone, root)
    print_rules(inspection.rules, console)
    console.print()
    console.print(Text.assemble(("Checkpoint ", "dim"), (inspection.checkpoint, "dim")), soft_wrap=True)


def headline(inspection: Inspection) -> Text:
    """One sentence that answers the question: is somebody taking data?"""
    cases = inspection.cases
    if cases:
        return Text(f"{count(len(cases), 'case')} found. {_reach(cases)}", style="bold red")
    if inspection.findings:
        return Text(
            f"{count(len(inspection.findings), 'finding')}, none of which is a case.", style="bold yellow"
        )
    if not any(inspection.records.values()):
        bad = [source for source in inspection.read.sources if source.problem]
        if len(bad) == 1 and not inspection.read.lines:
            return inert(f"Nothing was read: {bad[0].path}: {cause(bad[0].problem)}.", "bold yellow")
        if any(hole.kind == "expired" for hole in inspection.coverage.holes):
            told = "All records in the store have expired: their retention ended, so nothing can be said."
            return Text(told, style="bold yellow")
        return Text("Nothing was read, so nothing can be said.", style="bold yellow")
    ran = sum(run.ran for run in inspection.rules)
    if not ran:
        return Text("Nothing was found, because no rule could run.", style="bold yellow")
    asleep = len(inspection.rules) - ran
    could = f"; {asleep:,} could not run (see below)" if asleep else ""
    word = "rule that" if ran == 1 else "rules that"
    if not inspection.records.get("access"):
        told = f"Nothing found by the {ran:,} {word} ran{could}, and no access record was there to look at."
        return Text(told, style="bold yellow")
    return Text(f"Nothing found by the {ran:,} {word} ran{could}.", style="bold" if asleep else "bold green")


def beside(inspection: Inspection) -> list[str]:
    """What must be known with the headline: input that could not be read, evidence that is missing."""
    lines = []
    bad = sum(bool(source.problem) for source in inspection.read.sources)
    if bad:
        lines.append(f"{count(bad, 'file')} could not be read to the end (see below).")
    if inspection.missing_reports:
        months = ", ".join(report.month for report in inspection.missing_reports)
        lines.append(
            f"The report of {months} was not made in time: haechi report inspection --month makes it."
        )
    holes = len(inspection.coverage.holes)
    if holes:
        lines.append(
            f"The evidence has {count(holes, 'hole')} (see below): what happened there cannot be known."
        )
    return lines


def held(inspection: Inspection, zone: tzinfo) -> list[str]:
    """The legal holds that stand: each report shows them, so that nobody forgets one."""
    lines = []
    for hold in inspection.holds:
        first = f"from {moment(hold.first, zone)}" if hold.first else "from the beginning"
        last = f"to {moment(hold.last, zone)}" if hold.last else "without end"
        sources = ", ".join(hold.sources) or "all sources"
        lines.append(f"Legal hold {hold.id}: {sources}, {first} {last}; ordered by: {hold.order}")
    return lines


def _reach(cases: list[Case]) -> str:
    if len(cases) == 1:
        scope = cases[0].scope
        if scope.persons:
            return f"It reached personal data of {count(scope.persons, 'person')}."
        return f"It made {count(scope.requests, 'request')}; no person's data is known to have been shown."
    largest = max(cases, key=lambda case: case.scope.persons)
    if not largest.scope.persons:
        return "No person's data is known to have been shown."
    return f"The largest, {largest.id}, reached personal data of {count(largest.scope.persons, 'person')}."


def print_loose_findings(inspection: Inspection, console: Console) -> None:
    """Say so where a finding belongs to no case: nothing that was found may be missing from the report."""
    told = {(finding.rule, finding.entity) for case in inspection.cases for finding in case.findings}
    loose = [finding for finding in inspection.findings if (finding.rule, finding.entity) not in told]
    if loose:
        section(console, f"{count(len(loose), 'finding')} that {'is' if len(loose) == 1 else 'are'} no case")
        indented(console, *(inert(f"{found.severity}: {found.sentence}") for found in loose[:LOOSE]))
        if len(loose) > LOOSE:
            indented(console, Text(f"and {len(loose) - LOOSE:,} more; --json lists them", "dim"))
