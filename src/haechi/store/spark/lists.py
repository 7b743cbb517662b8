"""Lists and structs."""

from __future__ import annotations

from sqlglot import exp

from haechi.store.spark.nodes import Rules, filled, only, plain
from haechi.store.spark.params import call, cast, literal

Node = exp.Expr


def _slice(node: exp.Bracket) -> Node:
    if len(node.expressions) != 1 or not isinstance(node.expressions[0], exp.Slice):
        raise ValueError("an element of a list by its number is not carried over")
    bounds = node.expressions[0]
    first = int(bounds.this.name)
    return call("slice", node.this, first, int(bounds.expression.name) - first + 1)


def list_slice(given: Node, first: Node, last: Node) -> Node:
    return call("slice", given, int(first.name), int(last.name) - int(first.name) + 1)


def position(given: Node, value: Node) -> Node:
    return cast(exp.Nullif(this=call("array_position", given, value), expression=literal(0)), "INT")


def joined(given: Node, how: Node, between: Node) -> Node:
    if how.name != "string_agg":
        raise ValueError("list_aggregate of another kind than string_agg")
    return filled("CASE WHEN size(:l) > 0 THEN array_join(:l, :s) END", l=given, s=between)


def _sorted(node: exp.ArraySort) -> Node:
    """Upwards, and NULL behind."""
    for name in ("asc", "nulls_first"):
        given = node.args.get(name)
        if given is not None and given != exp.Boolean(this=name == "asc"):
            raise ValueError("list_sort in another order than upwards, with NULL behind, is not carried over")
    only(node, "this", "asc", "nulls_first")
    return call("array_sort", node.this)


def _struct(node: exp.Struct) -> Node:
    parts: list[Node] = []
    for pair in node.expressions:
        parts += [exp.Literal.string(pair.this.name), pair.expression]
    return call("named_struct", *parts)


RULES: Rules = {
    exp.Bracket: _slice,
    exp.ArraySize: plain("size"),
    exp.ArraySort: _sorted,
    exp.ArrayContains: plain("array_contains"),
    exp.ArrayToString: plain("array_join"),
    exp.Struct: _struct,
}
