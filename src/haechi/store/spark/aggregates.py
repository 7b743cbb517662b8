"""What is counted or gathered over rows: filters, lists, the row that is most, medians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from haechi.store.spark.nodes import Rules, filled, grouped
from haechi.store.spark.params import call, cast, literal

Node = exp.Expr


def aggregate(node: Node, where: Node | None = None) -> Node:
    """Marks the call that an outer FILTER belongs to; `where`: a filter of its own."""
    if where is None:
        node.meta["aggregate"] = True
        return node
    own = exp.Filter(this=node, expression=exp.Where(this=where))
    own.meta["aggregate"] = True
    return own


def _filter(node: exp.Filter) -> Node:
    """A filter goes to where the counting is, inside of what was put around it."""
    if node.meta.get("aggregate"):
        return node
    condition = node.expression.this
    inner = [part for part in node.this.walk() if part.meta.get("aggregate")]
    if not inner:
        return node
    outer = node.this
    for part in inner:
        if isinstance(part, exp.Filter):
            both = exp.And(
                this=exp.Paren(this=part.expression.this), expression=exp.Paren(this=condition.copy())
            )
            part.set("expression", exp.Where(this=both))
            continue
        made = exp.Filter(this=part.copy(), expression=exp.Where(this=condition.copy()))
        if part is outer:
            return made
        part.replace(made)
    rest: Node = outer
    return rest


def _by(name: str) -> Callable[[Any], Node]:
    """arg_max, arg_min: where the value or what it is measured by is NULL, a row is left out."""

    def rule(node: Any) -> Node:
        value, by = node.this, node.expression
        there = exp.Is(this=value.copy(), expression=exp.Not(this=exp.Null()))
        return aggregate(call(name, value, _ordering(by)), there)

    return rule


def _ordering(node: Node) -> Node:
    """What several values are ordered by. DuckDB has NULL behind everything, Spark before."""
    if not (isinstance(node, exp.Tuple) or node.meta.get("tuple")):
        return node
    parts: list[Node] = []
    for part in node.expressions:
        parts += [exp.Is(this=grouped(part.copy()), expression=exp.Null()), part.copy()]
    return call("struct", *parts)


def _min(node: exp.Min) -> Node:
    count = node.args.get("count")
    if count is None:
        return node
    return call("slice", call("array_sort", aggregate(call("collect_list", node.this))), 1, count)


def _list(node: exp.ArrayAgg) -> Node:
    """DuckDB's lists keep NULL; Spark's leave it out, except inside a struct."""
    given = node.this
    if isinstance(given, exp.Distinct):
        return _listed(call("collect_set", _boxed(given.expressions[0])))
    if isinstance(given, exp.Order):
        keys = [key.this for key in given.expressions]
        parts: list[Node] = []
        for key in keys:
            parts += [exp.Is(this=grouped(key.copy()), expression=exp.Null()), key.copy()]
        return _listed(call("collect_list", _boxed(given.this, parts)), "array_sort")
    return _listed(call("collect_list", _boxed(given)))


def _boxed(value: Node, before: list[Node] | None = None) -> Node:
    parts: list[Node] = []
    for n, part in enumerate(before or []):
        parts += [exp.Literal.string(f"k{n}"), part]
    return call("named_struct", *parts, "v", value)


def _listed(node: Node, around: str = "") -> Node:
    marked = aggregate(node)
    return filled("transform(:l, boxed -> boxed.v)", l=call(around, marked) if around else marked)


def _discrete(node: exp.PercentileDisc) -> Node:
    """The value itself, with its type: n - floor(n - q n), as DuckDB counts it."""
    return _of_sorted(
        node.this,
        "get(listed, CAST(greatest(1, size(listed) - floor(size(listed) - :q * size(listed))) - 1 AS INT))",
        _double(node.expression),
    )


def _between(node: Node, share: Node) -> Node:
    """The value at a share of the way, between two neighbours where it must be: lo + (hi - lo) * d, as DuckDB does."""
    low = "get(listed, CAST(floor((size(listed) - 1) * :q) AS INT))"
    high = "get(listed, CAST(ceil((size(listed) - 1) * :q) AS INT))"
    rest = "((size(listed) - 1) * :q - floor((size(listed) - 1) * :q))"
    return _of_sorted(cast(node, "DOUBLE"), f"{low} + ({high} - {low}) * {rest}", share)


def _of_sorted(value: Node, text: str, share: Node) -> Node:
    found = call("array_sort", aggregate(call("collect_list", value)))
    whole = f"get(transform(array(:found), listed -> CASE WHEN size(listed) > 0 THEN {text} END), 0)"
    return filled(whole, found=found, q=share)


def _double(node: Node) -> Node:
    return literal(float(node.name)) if isinstance(node, exp.Literal) else cast(node, "DOUBLE")


def _window(node: exp.Window) -> Node:
    """Different values over a window are gathered as a set and counted: Spark counts none there itself."""
    counted = node.this
    if not (isinstance(counted, exp.Count) and isinstance(counted.this, exp.Distinct)):
        return node
    node.set("this", call("collect_set", counted.this.expressions[0].copy()))
    return call("size", node.copy())


def _any_value(node: exp.IgnoreNulls) -> Node:
    if isinstance(node.this, exp.AnyValue):
        return aggregate(call("any_value", node.this.this, True))
    return node


RULES: Rules = {
    exp.Filter: _filter,
    exp.Window: _window,
    exp.ArgMax: _by("max_by"),
    exp.ArgMin: _by("min_by"),
    exp.Min: _min,
    exp.ArrayAgg: _list,
    exp.Median: lambda node: _between(node.this, literal(0.5)),
    exp.PercentileCont: lambda node: _between(node.this, _double(node.expression)),
    exp.PercentileDisc: _discrete,
    exp.IgnoreNulls: _any_value,
}
