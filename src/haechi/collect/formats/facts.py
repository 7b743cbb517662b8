"""Facts about who may do what: as Haechi itself writes what systems said, and as CSV lists that people keep.

The JSON lines have the columns of the table `fact` as keys. The CSV is a list of accounts, rights or secrets under any
usual names; what it does not say is taken from what it does, never from what would look better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from haechi.collect import framing, quoted
from haechi.collect.expressions import absent, literal
from haechi.collect.header import FACT, choose, json_objects, json_share, read_header
from haechi.collect.interface import Framing, Projection, Sample
from haechi.collect.tabular import Cells, csv_cells, json_cells
from haechi.model.settings import SourceSettings
from haechi.model.words import FACT_KINDS, FACT_STATES, Table

_SECRETS = {"secret", "secretname", "key", "kid", "비밀"}  # names of a column whose values are secrets
_STATES = {
    "alive": ("alive", "active", "enabled", "open", "valid", "true", "yes", "y", "1", "사용", "정상", "有効"),
    "dead": (
        "dead", "inactive", "disabled", "closed", "revoked", "removed", "deleted", "locked", "expired", "destroyed",
        "false", "no", "n", "0", "회수", "중지", "말소", "삭제", "無効", "削除",
    ),
    "unknown": ("unknown", "?"),
}  # fmt: skip
# What a fact of each kind is about: without these it says nothing.
_NEEDED: dict[str, tuple[tuple[str, ...], str]] = {
    "account": (("account",), "it names no account"),
    "grant": (("object",), "it names no right"),
    "session": (("object",), "it names no session"),
    "secret": (("object",), "it names no secret"),
    "exposure": (("object",), "it names no secret"),
    "listing": (("object",), "it does not say what was listed"),
    "probe": (("object",), "it names no probe"),
}
_OWNED = ("grant", "session", "exposure")  # somebody's
_TEXTS = ("system", "person", "account", "object", "version", "how", "evidence")


def looks_like_facts(names: Sequence[str]) -> bool:
    """Whether these columns tell of accounts, rights or secrets in a system."""
    chosen = choose(names, FACT)
    about = {"account", "object"} & chosen.keys()
    says = {"kind", "state", "last"} & chosen.keys()
    return "system" in chosen and bool(about) and bool(says) and not _other_table(names)


def _other_table(names: Sequence[str]) -> bool:
    """Marks of access logs and of lists of reasons, which name systems and accounts as well."""
    marks = {
        "client_ip",
        "ip",
        "method",
        "path",
        "subject",
        "member_id",
        "customer_id",
        "user_agent",
        "action",
    }
    return bool(marks & {name.casefold() for name in names})


class FactsFormat:
    """JSON lines whose keys are the columns of `fact`."""

    name = "facts"
    title = "facts about access (JSON lines)"
    table: Table = "fact"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        objects = json_objects(sample)
        fitting = [found for found in objects if found.get("kind") in FACT_KINDS and "system" in found]
        return json_share(sample, len(fitting))

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        # The keys are known: a file whose first lines lack some of them is read like any other.
        exact = {column: (column,) for column in FACT}
        settings = {column: column for column in FACT} | source.columns
        cells = json_cells(sample, exact, _with_columns(source, settings))
        # As Haechi wrote it: an account may be called "null", or "-".
        plain = {column: absent(f"cell[{at}]", "") for at, column in enumerate(cells.value, 1)}
        cells = replace(cells, value=plain)
        return facts_projection(cells, source, _default_kind(source.columns))


class FactsCsvFormat:
    """`system,person,account,kind,secret,version,state,from,to,evidence` under any usual names."""

    name = "facts-csv"
    title = "facts about access (CSV)"
    table: Table = "fact"

    @property
    def framing(self) -> Framing:
        return quoted.records

    def share(self, sample: Sample) -> float:
        header = read_header(sample)
        return 1.0 if header and looks_like_facts(header.names) else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        cells = csv_cells(sample, FACT, source)
        header = read_header(sample)
        chosen = choose(header.names, FACT, source.columns) if header else {}
        return facts_projection(cells, source, _default_kind(chosen))


def facts_projection(cells: Cells, source: SourceSettings, default_kind: str) -> Projection:
    """The columns of `fact`; a row that does not say what it is about, or when, is set aside."""
    dates = cells.dates(("time", "first", "last"), source.timezone)
    value = cells.value
    columns = {name: value[name] for name in _TEXTS if name in value}
    told = f"lower({value['kind']})" if "kind" in value else "NULL::VARCHAR"
    columns["kind"] = f"coalesce({told}, {default_kind})" if default_kind else told
    columns["state"] = _state(value, dates.columns, columns["kind"])
    # A row without a time counts as told at its end, or else at its beginning: nothing later is known of it.
    seen = [dates.columns[name] for name in ("time", "last", "first") if name in dates.columns]
    columns["time"] = f"coalesce({', '.join(seen)})" if seen else "NULL::TIMESTAMP"
    columns |= {name: dates.columns[name] for name in ("first", "last") if name in dates.columns}
    readable = cells.readable
    return Projection(
        stages=(*cells.stages, dates.stage),
        columns=columns,
        readable=readable,
        reason=cells.reason,
        reasons=(
            *cells.reasons,
            *((f"({readable}) AND ({test})", clause) for test, clause in _oddities(columns)),
            *dates.reasons,
        ),
        notes=cells.notes,
    )


def _default_kind(chosen: Mapping[str, str]) -> str:
    """SQL for the kind of a row that names none, from what the columns are called; empty where nothing tells."""
    name = chosen.get("object", "").casefold().replace("_", "")
    if not name or name == "object":
        return "" if name else "'account'"
    if name in _SECRETS:
        return "'exposure'" if {"person", "account"} & chosen.keys() else "'secret'"
    return "'session'" if name == "session" else "'grant'"


def _state(value: Mapping[str, str], dates: Mapping[str, str], kind: str) -> str:
    """The state as told; without one, dead where an end is told that had come when the row was written.

    An exposure never ends by being over, or by what a list calls it: whoever could read a secret may have a copy.
    """
    dead, ended = f"CASE WHEN {kind} = 'exposure' THEN 'alive' ELSE 'dead' END", "'alive'"
    if "last" in dates:
        come = f"coalesce({dates['last']} <= {dates['time']}, true)" if "time" in dates else "true"
        ended = f"CASE WHEN {dates['last']} IS NOT NULL AND {come} THEN {dead} ELSE 'alive' END"
    if "state" not in value:
        return ended
    word = f"lower({value['state']})"
    cases = " ".join(
        f"WHEN {word} IN ({', '.join(map(literal, words))}) THEN {dead if state == 'dead' else literal(state)}"
        for state, words in _STATES.items()
    )
    return f"CASE WHEN {value['state']} IS NULL THEN {ended} {cases} ELSE 'other' END"


def _oddities(columns: Mapping[str, str]) -> list[tuple[str, str]]:
    """Rows that say nothing that can be used: (test, clause)."""
    kind, kinds = columns["kind"], ", ".join(map(literal, FACT_KINDS))
    states = ", ".join(map(literal, FACT_STATES))

    def absent(*names: str) -> str:
        return " AND ".join(f"({columns.get(name, 'NULL')}) IS NULL" for name in names)

    found = [
        (f"({kind} IN ({kinds})) IS NOT TRUE", "its kind is none of " + ", ".join(FACT_KINDS)),
        (f"({columns['state']} IN ({states})) IS NOT TRUE", "its state is none of " + ", ".join(FACT_STATES)),
        (absent("system"), "it names no system"),
    ]
    found += [
        (f"{kind} = {literal(name)} AND {absent(*needed)}", clause)
        for name, (needed, clause) in _NEEDED.items()
    ]
    owned = ", ".join(map(literal, _OWNED))
    return [*found, (f"{kind} IN ({owned}) AND {absent('person', 'account')}", "it does not say whose it is")]


def _with_columns(source: SourceSettings, columns: dict[str, str]) -> SourceSettings:
    return SourceSettings(name=source.name, paths=source.paths, table=source.table, columns=columns)


FORMAT = FactsFormat()
FORMAT_CSV = FactsCsvFormat()
