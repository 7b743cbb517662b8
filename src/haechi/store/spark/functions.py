"""Functions and operators of DuckDB that are named, or mean, something else in Spark."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from haechi.store.spark import aggregates, casts, lists, numbers, patterns, texts, times
from haechi.store.spark.nodes import Node, Rules, filled, plain
from haechi.store.spark.params import call, cast, literal, micros

_NAMED: dict[str, Callable[..., Node]] = {
    "epoch_us": lambda x: call("unix_micros", cast(x, "TIMESTAMP_LTZ")),
    "to_microseconds": micros,
    "timezone": lambda zone, x: exp.AtTimeZone(this=x, zone=zone),
    "list_slice": lists.list_slice,
    "list_position": lists.position,
    "list_aggregate": lists.joined,
    "list_has_all": lambda whole, part: exp.EQ(
        this=call("size", call("array_except", part, whole)), expression=literal(0)
    ),
    "printf": texts.printf,
    "hash": lambda x: filled("(xxhash64(:x) & 9223372036854775807)", x=x),
    "to_json": lambda x: filled("to_json(:x, map('ignoreNullFields', 'false'))", x=x),
    "error": lambda x: call("raise_error", x),
    "count_star": lambda: exp.Count(this=exp.Star()),
    "octet_length": lambda x: call("octet_length", x),
}


def _named(node: exp.Anonymous) -> Node:
    rule = _NAMED.get(node.name.lower())
    if rule is None:
        return node
    made = rule(*node.expressions)
    return times.zone(made) if isinstance(made, exp.AtTimeZone) else made


RULES: Rules = {
    **casts.RULES,
    **numbers.RULES,
    **aggregates.RULES,
    **patterns.RULES,
    **texts.RULES,
    **times.RULES,
    **lists.RULES,
    exp.Contains: plain("contains"),
    exp.Hex: plain("hex"),
    exp.LowerHex: lambda node: call("lower", call("hex", node.this)),
    exp.Unhex: plain("unhex"),
    exp.Anonymous: _named,
}
