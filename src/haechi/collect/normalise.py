"""One query a block: from units of text to records of a table, with a reason for every unit that is none.

unit text ─► staged values ─► columns ─► route, action, fields, subject ─► record

What is the same in every record of a block (its source, columns that the format never fills) is not asked of the
engine, which would write it out once a record: `Compiled.whole` adds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haechi.collect.expressions import literal
from haechi.collect.interface import Projection
from haechi.collect.routes.compile import RouteSql
from haechi.model.tables import SCHEMAS
from haechi.model.words import Table

REASON = "reason"
UNIT = "n"
_FOREIGN = "unit_foreign"

_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.int32(): "INTEGER",
    pa.bool_(): "BOOLEAN",
    pa.binary(): "BLOB",
    pa.timestamp("us"): "TIMESTAMP",
}
_LARGEST = 2**53 - 1
# A kept credential is this much of a SHA-256, so that the secret cannot be had back from it.
_HASH = "unhex(left(sha256({0}), 32))"


@dataclass(frozen=True)
class Compiled:
    """A query over the relation `units(n, line)`: `n`, `reason`, and the columns of the table that it can fill."""

    sql: str
    table: Table
    columns: frozenset[str]  # those that it fills

    def text(self, trusting: bool = False) -> str:
        """The query. With `trusting`, JSON is read without TRY, which is faster and fails as a whole on a unit that
        is no JSON.
        """
        return self.sql.replace(_TRY_JSON, _JSON) if trusting else self.sql

    def whole(self, found: pa.Table, source: str, seq: int) -> pa.Table:
        """The query's result with all columns of the table, for units of this source of which the first is `seq`."""
        count = len(found)
        made = {name: found[name] for name in found.column_names}
        places = pa.array(np.zeros(count, np.int8))
        made["source"] = pa.DictionaryArray.from_arrays(places, pa.array([source], pa.string()))
        made["seq"] = pc.add(found[UNIT], seq)
        for field in SCHEMAS[self.table]:
            if field.name not in made:
                made[field.name] = pa.nulls(count, field.type)
        return pa.table({name: made[name] for name in (UNIT, REASON, *SCHEMAS[self.table].names)})


_TRY_JSON, _JSON = "TRY(json_extract_string(", "(json_extract_string("


def compile_query(table: Table, projection: Projection, routes: RouteSql | None) -> Compiled:
    """Compile a format's projection, and for `access` the routes, into one query."""
    columns = dict(projection.columns)
    if "credential_secret" in columns:
        secret = columns.pop("credential_secret")
        columns["credential"] = f"CASE WHEN coalesce({secret}, '') <> '' THEN {_HASH.format(secret)} END"
    stages = [f"SELECT {UNIT}, line FROM units"]
    for stage in filter(None, (projection.prepare, *projection.stages)):
        stages.append(f"SELECT *{_listed(stage)} FROM ({stages[-1]})")
    raw = {name: _cast(table, name, expression) for name, expression in columns.items()}
    stages.append(f"SELECT {UNIT}{_listed({**raw, _FOREIGN: _foreign(projection)})} FROM ({stages[-1]})")
    stages.append(f"SELECT * EXCLUDE ({_FOREIGN}), {_reason(table, raw)} AS {REASON} FROM ({stages[-1]})")
    made: dict[str, str] = {name: name for name in raw}
    if table == "access":
        made = _with_routes(stages, made, routes)
    names = SCHEMAS[table].names
    made |= {name: _exact(made[name]) for name in made if SCHEMAS[table].field(name).type == pa.int64()}
    values = {name: made[name] for name in names if name in made}
    return Compiled(f"SELECT {UNIT}, {REASON}{_listed(values)} FROM ({stages[-1]})", table, frozenset(values))


def _listed(expressions: Mapping[str, str]) -> str:
    return "".join(f", {expression} AS {name}" for name, expression in expressions.items())


def _cast(table: Table, name: str, expression: str) -> str:
    kind = _TYPES[SCHEMAS[table].field(name).type]
    if kind == "BLOB":
        return expression
    if kind == "VARCHAR":
        return f"({expression})"
    return f"TRY_CAST(({expression}) AS {kind})"


def _exact(number: str) -> str:
    """NULL beyond what JSON holds exactly (RFC 8785, appendix D): no count is that large, a garbled value may be."""
    return f"CASE WHEN {number} BETWEEN -{_LARGEST} AND {_LARGEST} THEN {number} END"


def _foreign(projection: Projection) -> str:
    """Why a unit is not of this format at all, or NULL."""
    cases = [f"WHEN ({test}) THEN {literal(clause)}" for test, clause in projection.reasons]
    cases.append(f"WHEN ({projection.readable}) IS NOT TRUE THEN {literal(projection.reason)}")
    # Few lines begin with white space, so that few are looked at from end to end.
    blank = "CASE WHEN line < '!' THEN trim(line, ' \t\r\n') = '' END"
    return f"CASE WHEN {blank} THEN 'blank line' {' '.join(cases)} END"


def _reason(table: Table, columns: Collection[str]) -> str:
    """Why a unit is set aside, or NULL. A table with a time needs one, unless the format knows none at all."""
    cases = [f"WHEN {_FOREIGN} IS NOT NULL THEN {_FOREIGN}"]
    if "time" in columns and "time" in SCHEMAS[table].names:
        span = "time BETWEEN TIMESTAMP '1700-01-01' AND TIMESTAMP '2250-01-01'"
        cases.append(f"WHEN ({span}) IS NOT TRUE THEN 'its time cannot be read'")
    for needed in {"subject": ("subject",), "person": ("person",)}.get(table, ()):
        cases.append(f"WHEN {needed} IS NULL THEN 'it has no {needed}'")
    return f"CASE {' '.join(cases)} END"


def _with_routes(stages: list[str], made: dict[str, str], routes: RouteSql | None) -> dict[str, str]:
    """Add what the routes and the status tell. What the format itself knows wins where it is not NULL."""
    if "status" in made:
        guessed = "CASE WHEN status BETWEEN 100 AND 399 THEN 'success' WHEN status >= 400 THEN 'failure' END"
        made["outcome"] = f"coalesce(outcome, {guessed})" if "outcome" in made else guessed
    if routes is None or "path" not in made or "method" not in made:
        return made
    if "actor" not in made:
        stages.append(f"SELECT *, NULL::VARCHAR AS actor FROM ({stages[-1]})")
    for stage in routes.stages:
        stages.append(f"SELECT *{_listed(stage)} FROM ({stages[-1]})")
    for name, expression in routes.columns.items():
        made[name] = f"coalesce({name}, {expression})" if name in made else expression
    return made
