"""pgAudit's records in PostgreSQL's logs: stderr with any prefix, csvlog, jsonlog, or a client's notices.

`AUDIT: SESSION,3,1,READ,SELECT,TABLE,public.member,"select ...",<none>`: CSV whose statement may run over
many lines (https://github.com/pgaudit/pgaudit#format). Lines that are no audit record (echoed statements,
notices, connections) are set aside. Where the log carries no time, the time is unknown, not guessed.
"""

from __future__ import annotations

import re

import numpy as np

from haechi.collect.expressions import absent, json_path, json_strings, literal, time_expression
from haechi.collect.formats.line_family import groups
from haechi.collect.interface import Framed, Framing, Projection, Sample
from haechi.collect.quoted import framed, join, line_ends, quote_places
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

LONGEST_STATEMENT = 10_000  # lines
_START = re.compile(rb"AUDIT: (?:SESSION|OBJECT),\d+,\d+,")
_LINE = re.compile(r"AUDIT: (?:SESSION|OBJECT),\d+,\d+,[A-Z_]*,")
_JSON_LINE = re.compile(r'\{"timestamp":.*"message":"AUDIT: (?:SESSION|OBJECT),\d+,')
_CLOCK = (
    r"^[{]?(?:\"timestamp\":\")?(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.]\d+)?"
    r"(?: ?[A-Z]{3,5}\b|[+-]\d\d(?::?\d\d)?|Z)?)"
)
_FIELD = r'("(?:[^"]|"")*"|[^,"]*)'
_AUDIT = (
    r"(?s)^AUDIT: (SESSION|OBJECT),(\d+),(\d+),([A-Z_]*),([^,\n]*),([^,\n]*),"
    + _FIELD
    + r',("(?:[^"]|"")*"|[^"].*|),(.*)$'
)
_GROUPS = (
    "source",
    "statement_id",
    "sub_id",
    "class",
    "command",
    "object_type",
    "object",
    "statement",
    "parameters",
)
_JSON_PATHS = [json_path(key) for key in ("message", "user", "dbname", "remote_host")]
# user@database, or user=...,db=...,client=...; the address as %h, or as %r with its port in brackets.
_USER_AT = r"(?:^|[\s:\]\[])([^\s@:\[\],=]+)@([^\s@:\[\],=]+)"
_ADDRESS = r"\b(\d{1,3}(?:\.\d{1,3}){3})\b"


def audit_records(data: bytes, final: bool) -> Framed:
    """One unit an audit record, with all lines of its statement; every other line is a unit of its own."""
    ends = line_ends(data, final)
    starts = np.zeros(len(ends), np.bool_)
    at = [match.start() for match in _START.finditer(data, 0, int(ends[-1]) if len(ends) else 0)]
    starts[np.searchsorted(ends, np.array(at, np.int64), side="right")] = True
    of_line = np.searchsorted(ends, quote_places(data), side="right")
    odd = np.bincount(of_line[of_line < len(ends)], minlength=len(ends)) & 1 == 1
    # jsonlog keeps a record on one line, and its quotes are escaped otherwise.
    begins = np.concatenate((np.zeros(1, np.int64), ends[:-1])) if len(ends) else ends
    json_line = np.frombuffer(data, np.uint8)[begins] == ord("{")
    joined, whole = join(odd, starts & odd & ~json_line, final, LONGEST_STATEMENT, starts)
    return framed(data, ends, joined, whole)


class PgAuditFormat:
    """One statement, and each object that it touched, a record."""

    name = "pgaudit"
    title = "PostgreSQL pgAudit"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return audit_records

    def share(self, sample: Sample) -> float:
        lines = sample.lines
        if any(_JSON_LINE.match(line) for line in lines):
            return 1.0
        # Audit records stand among any number of other lines, so few are enough. But whoever plants one
        # in a request must not turn an access log into this: one that knows nearly all lines goes before.
        marked = sum(1 for line in lines if _LINE.search(line))
        return 0.5 + 0.4 * marked / len(lines) if marked else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        clocks = [m[1] for m in (re.match(_CLOCK, line) for line in sample.lines if _LINE.search(line)) if m][
            :50
        ]
        timed: dict[str, str] = {}
        notes: tuple[str, ...] = ("its records carry no time",)
        if clocks:
            timed["time"], note = time_expression("clock", clocks, source.timezone)
            notes = (note,) if "no zone" in note else ()
        return Projection(
            stages=(*_STAGES, {"clock": f"nullif(regexp_extract(line, {literal(_CLOCK)}, 1), '')"}),
            columns={
                **timed,
                "actor": "who.user",
                "host": "who.db",
                "client_ip": "who.ip",
                "method": "r.command",
                "route": absent(
                    "CASE WHEN r.object[1] = '\"' THEN replace(r.object[2:-2], '\"\"', '\"') "
                    "ELSE r.object END"
                ),
                "action": _ACTION,
            },
            readable="r.source <> ''",
            reason="an audit record that is cut off",
            reasons=(("NOT contains(line, 'AUDIT: ')", "not an audit record"),),
            notes=notes,
        )


_CSV_MESSAGE = r"""'(?s)"(AUDIT: (?:[^"]|"")*)"'"""
_CSV_HEAD = r"""'^[^,]*,"?([^",]*)"?,"?([^",]*)"?,\d*,"?([^":,]*)'"""
_STAGES: tuple[dict[str, str], ...] = (
    {
        "j": f"CASE WHEN starts_with(line, '{{') THEN {json_strings(_JSON_PATHS)} END",
        "head": "split_part(line, 'AUDIT: ', 1)",
    },
    {
        # csvlog: the message is a quoted value in which every quote is doubled.
        "body": f"CASE WHEN j IS NOT NULL THEN j[1] WHEN suffix(head, ',\"') "
        f"THEN replace(regexp_extract(line, {_CSV_MESSAGE}, 1), '\"\"', '\"') "
        "ELSE substr(line, len(head) + 1) END",
        "csv": f"CASE WHEN suffix(head, ',\"') "
        f"THEN regexp_extract(line, {_CSV_HEAD}, ['user', 'db', 'ip']) END",
        "named": groups(_USER_AT, ("user", "db"), "head"),
    },
    {
        "r": groups(_AUDIT, _GROUPS, "rtrim(body, chr(13) || chr(10))"),
        "who": "struct_pack("
        "user := coalesce(j[2], nullif(csv.user, ''), nullif(regexp_extract(head, 'user=([^,\\s]+)', 1), ''),"
        " nullif(named.user, '')), "
        "db := coalesce(j[3], nullif(csv.db, ''), "
        "nullif(regexp_extract(head, '(?:db|database)=([^,\\s]+)', 1), ''), nullif(named.db, '')), "
        f"ip := coalesce(j[4], nullif(csv.ip, ''), nullif(regexp_extract(head, '{_ADDRESS}', 1), '')))",
    },
)
# COPY is a READ when data leaves the table, and a WRITE when it comes in.
_ACTION = (
    "CASE WHEN r.class = 'READ' AND starts_with(r.command, 'COPY') THEN 'export' "
    "WHEN r.class = 'READ' THEN 'view' "
    "WHEN r.command IN ('INSERT', 'COPY', 'COPY FROM') OR starts_with(r.command, 'CREATE') THEN 'create' "
    "WHEN r.command IN ('DELETE', 'TRUNCATE TABLE', 'TRUNCATE') THEN 'delete' "
    "WHEN starts_with(r.command, 'DROP') THEN 'delete' "
    "WHEN r.class IN ('WRITE', 'DDL', 'ROLE') THEN 'update' ELSE 'other' END"
)

FORMAT = PgAuditFormat()
