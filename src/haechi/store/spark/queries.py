"""Clauses of DuckDB that Spark has not: macros, windows by name, the nearest earlier row, rows compared as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from haechi.store.spark.params import call

Node = exp.Expr


def with_macros(tree: Node, macros: Mapping[str, exp.Create]) -> Node:
    """Every call of a macro as what it stands for, calls within it too."""
    while True:
        found = [node for node in tree.find_all(exp.Anonymous) if node.name.lower() in macros]
        if not found:
            return tree
        for node in reversed(found):
            body = _spelt(macros[node.name.lower()], node.expressions)
            if node is tree:
                tree = body
            else:
                node.replace(body)


def _spelt(macro: exp.Create, given: list[Node]) -> Node:
    names = [part.name.lower() for part in macro.this.expressions]
    if len(names) != len(given):
        raise ValueError("a macro with another number of arguments")
    values = dict(zip(names, given, strict=True))
    body = exp.Paren(this=macro.expression.copy())
    own = {name.name.lower() for part in body.find_all(exp.Lambda) for name in part.expressions}
    for column in list(body.find_all(exp.Column)):
        if not column.table and column.name.lower() in values and column.name.lower() not in own:
            value = values[column.name.lower()].copy()
            column.replace(exp.Paren(this=value) if isinstance(value, exp.Binary) else value)
    return body


def prepared(tree: Node) -> Node:
    """What must be seen as a whole, before its parts are rewritten."""
    for cte in tree.find_all(exp.CTE):
        cte.set("materialized", None)  # Spark decides that itself, and has no word for it
    for select in list(tree.find_all(exp.Select)):
        _windows_in_place(select)
        _nearest(select)
    for found in list(tree.find_all(exp.In)):
        _rows_in(found)
    for row in list(tree.find_all(exp.Tuple)):
        _row(row)
    return tree


def _windows_in_place(select: exp.Select) -> None:
    """Named windows where they are used: Spark does not let a use add a frame to one."""
    windows = {window.this.name.lower(): window for window in select.args.get("windows") or []}
    if not windows:
        return
    for use in list(select.find_all(exp.Window)):
        alias = use.args.get("alias")
        if alias is None or alias.name.lower() not in windows or use.find_ancestor(exp.Select) is not select:
            continue
        named = windows[alias.name.lower()]
        use.set("alias", None)
        for part in ("partition_by", "order", "spec"):
            if not use.args.get(part) and named.args.get(part):
                value = named.args[part]
                use.set(part, [one.copy() for one in value] if isinstance(value, list) else value.copy())
    select.set("windows", None)


def _nearest(select: exp.Select) -> None:
    """ASOF JOIN as a join with the span of times, or numbers, for which each row is the latest."""
    for join in select.args.get("joins") or []:
        if join.method != "ASOF":
            continue
        parts = list(join.args["on"].flatten()) if isinstance(join.args["on"], exp.And) else [join.args["on"]]
        (order,) = [part for part in parts if isinstance(part, exp.GTE)]
        name = join.this.alias_or_name
        equal = [_own(part, name) for part in parts if isinstance(part, exp.EQ)]
        mine = _own(order, name)
        theirs = order.this if mine is order.expression else order.expression
        following = exp.Window(
            this=call("lead", exp.column(mine.name)),
            partition_by=[exp.column(part.name) for part in equal],
            order=exp.Order(expressions=[exp.Ordered(this=exp.column(mine.name), nulls_first=False)]),
        )
        spans = exp.select("*", exp.alias_(following, "asof_next")).from_(exp.to_table(join.this.name))
        join.set("this", spans.subquery(name))
        until = exp.column("asof_next", name)
        open_end = exp.Or(
            this=exp.Is(this=until.copy(), expression=exp.Null()),
            expression=exp.LT(this=theirs.copy(), expression=until),
        )
        join.set("on", exp.And(this=join.args["on"], expression=exp.Paren(this=open_end)))
        join.set("method", None)


def _own(comparison: Any, table: str) -> exp.Column:
    """The side of a comparison that is a column of this table."""
    sides = (comparison.this, comparison.expression)
    return next(side for side in sides if isinstance(side, exp.Column) and side.table == table)


def _rows_in(found: exp.In) -> None:
    """`(a, b) IN (SELECT (x, y) ...)`: a row of one row, in DuckDB."""
    query = found.args.get("query")
    if not (isinstance(found.this, exp.Tuple) and query is not None):
        return
    select = query.this if isinstance(query, exp.Subquery) else query
    if len(select.expressions) == 1 and isinstance(select.expressions[0], exp.Tuple):
        select.set("expressions", select.expressions[0].expressions)


def _row(found: exp.Tuple) -> None:
    """Several values taken as one: a struct, except where SQL itself has lists of values."""
    if isinstance(found.parent, (exp.Values, exp.In, exp.ArgMax, exp.ArgMin)):
        return
    found.replace(call("struct", *[part.copy() for part in found.expressions]))
