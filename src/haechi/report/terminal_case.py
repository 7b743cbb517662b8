"""One case on a terminal: why, whose data, since when, with what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from haechi.model.values import Case, Finding, ScopeCount
from haechi.report.figures import count, duration, local, moment, plural, zone_name
from haechi.report.layout import indented
from haechi.report.safe import inert, middle
from haechi.report.terminal_attribution import attribution_table, networks_table
from haechi.report.terminal_coverage import hole_lines
from haechi.report.terminal_possible import possible_lines

SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
_TIME = r"(\d{4}-\d\d-\d\d \d\d:\d\d)"
_SPAN = re.compile(rf"{_TIME} to {_TIME} UTC")
RULES_SHOWN = 10
HOLES_SHOWN = 3
ENTITIES_SHOWN = 4
ENTITY_WIDTH = 48
# Kind of entity -> what a reader calls it; in the order in which they are shown.
ENTITY_NAMES = {
    "person": "staff or leaver",
    "issuer": "issuer of the credentials",
    "key": "signing key",
    "actor": "account used",
    "credential": "credential",
    "client_ip": "network address",
    "client_ip_shared": "address shared with others",
    "client": "client program",
    "subject": "data subject",
    "ghosts": "member who never existed",
}


def print_case(case: Case, console: Console, zone: tzinfo) -> None:
    """Print one case; times in `zone`."""
    console.print(
        Text.assemble(("Case ", "bold"), inert(case.id, "bold cyan"), "  ", inert(case.title, "bold"))
    )
    if case.sentence:
        indented(console, inert(in_zone(case.sentence, zone)))
    console.print()
    indented(console, counters(case.scope), "", possible_lines(case.scope.possible), "")
    indented(console, circumstances(case, zone), "")
    if case.networks:
        indented(console, networks_table(case.networks), "")
    if case.attribution.for_ or case.attribution.against:
        indented(console, attribution_table(case.attribution), "")
    if case.findings:
        indented(console, findings_table(case.findings), "")
    indented(console, hole_lines(case.coverage.holes, "during this case", HOLES_SHOWN))
    indented(console, *(Text.assemble(("note", "yellow"), "  ", inert(note)) for note in case.notes))


def in_zone(sentence: str, zone: tzinfo) -> str:
    """A case's sentence with its span in the zone in which the report tells all times."""
    if zone_name(zone) == "UTC":
        return sentence

    def told(span: re.Match[str]) -> str:
        first, last = (local(datetime.fromisoformat(time), zone) for time in span.groups())
        return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} ({zone})"

    return _SPAN.sub(told, sentence, count=1)


def counters(scope: ScopeCount) -> Table:
    """The four counters, never one number, each with what it leaves apart."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    table.add_row(
        "Requests", f"{scope.requests:,}", f"of which {scope.requests_shown:,} showed a person's data"
    )
    table.add_row("Accounts", f"{scope.accounts:,}", "whose data was shown")
    apart = [
        count(scope.members, "member"),
        count(scope.withdrawn, "withdrawn member"),
        f"{count(scope.non_members, 'non-member')} (someone in a member's records)",
    ]
    table.add_row("Persons", f"{scope.persons:,}", " + ".join(apart))
    fields = sorted(scope.fields.items(), key=lambda item: (-item[1], item[0]))
    table.add_row("Fields", f"{len(fields):,}", _fields(fields))
    if scope.ghosts:
        names = "name that never existed" if scope.ghosts == 1 else "names that never existed"
        table.add_row("Ghosts", f"{scope.ghosts:,}", f"member {names}: asked for, nobody's data")
    return table


def _fields(fields: Sequence[tuple[str, int]]) -> Text:
    if not fields:
        return Text("none is known to have been shown")
    return (
        Text(", ")
        .join(Text.assemble(inert(name), " of ", f"{persons:,}") for name, persons in fields)
        .append(" persons")
    )


def circumstances(case: Case, zone: tzinfo) -> Table:
    """Since when and until when, and the entities: the first few of each kind and how many more."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    length = duration(case.last_seen - case.first_seen)
    zone_text = zone_name(zone, case.first_seen, case.last_seen)
    table.add_row(
        "When",
        f"{moment(case.first_seen, zone)} to {moment(case.last_seen, zone)} ({zone_text}), {length}",
    )
    other = {*case.entities, *case.entity_counts} - set(ENTITY_NAMES)
    kinds = [*ENTITY_NAMES, *sorted(other)]
    for kind in kinds:
        entities = case.entities.get(kind, [])
        total = max(case.entity_counts.get(kind, 0), len(entities))
        if total:
            name = ENTITY_NAMES.get(kind, kind)
            label = name if total == 1 else plural_of(name)
            table.add_row(inert(label[0].upper() + label[1:], "bold"), _entities(entities, total))
    return table


def plural_of(name: str) -> str:
    """The plural of an entity's name, where the first word carries it."""
    irregular = {
        "staff or leaver": "staff or leavers",
        "issuer of the credentials": "issuers of the credentials",
        "account used": "accounts used",
        "address shared with others": "addresses shared with others",
        "member who never existed": "members who never existed",
    }
    return irregular.get(name) or plural(name)


def _entities(entities: Sequence[str], total: int) -> Text:
    few = [Text(middle(entity, ENTITY_WIDTH)) for entity in entities[:ENTITIES_SHOWN]]
    more = total - len(few)
    text = Text(", ").join(few)
    if more and few:
        text.append(f" and {more:,} more")
    elif more:
        text.append(f"{more:,}")
    return text


def findings_table(findings: Sequence[Finding]) -> Table:
    """The findings that the case rests on, gravest first: of each rule the strongest, and how many more."""
    ranks = {name: rank for rank, name in enumerate(SEVERITY_STYLE)}
    by_rule: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda one: (ranks.get(one.severity, len(ranks)), -one.accesses)):
        by_rule.setdefault(finding.rule, []).append(finding)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for rule, found in list(by_rule.items())[:RULES_SHOWN]:
        more = f" ({count(len(found) - 1, 'more finding')} of this rule)" if len(found) > 1 else ""
        text = Text.assemble(inert(rule, "cyan"), ": ", inert(found[0].sentence), (more, "dim"))
        table.add_row(inert(found[0].severity, SEVERITY_STYLE.get(found[0].severity, "")), text)
    if len(by_rule) > RULES_SHOWN:
        table.add_row("", Text(f"and findings of {count(len(by_rule) - RULES_SHOWN, 'more rule')}"))
    return table
