"""What rewriting shares: pieces of Spark's SQL, and what a query must spell out to be carried over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sqlglot import exp

from haechi.store.spark.params import call

Node = exp.Expr
# For a kind of node, what Spark has in its place.
Rules: TypeAlias = dict[type[Node], Callable[[Any], Node]]


def filled(text: str, **nodes: Node) -> Node:
    """A piece of Spark's SQL, with these nodes in place of `:name`."""
    tree: Node = exp.maybe_parse(text, dialect="spark")
    for node in list(tree.find_all(exp.Placeholder)):
        given = nodes[node.name].copy()
        inner: Node = (
            given if isinstance(given, (exp.Column, exp.Literal, exp.Func)) else exp.Paren(this=given)
        )
        if node is tree:
            return inner
        node.replace(inner)
    return tree


def grouped(node: Node) -> Node:
    return exp.Paren(this=node) if isinstance(node, exp.Binary) else node


def spelt_out(node: Node | None, what: str) -> str:
    """A text that the query itself spells out, in one piece or several.

    Raises:
        ValueError: it is worked out of a record.
    """
    inner = node.unnest() if node is not None else None
    if isinstance(inner, exp.DPipe):
        return spelt_out(inner.this, what) + spelt_out(inner.expression, what)
    if isinstance(inner, exp.Cast) and str(inner.args["to"].args.get("kind")) == "STRING":
        return spelt_out(inner.this, what)
    if not (isinstance(inner, exp.Literal) and inner.is_string):
        raise ValueError(f"{what} that is no literal is not carried over")
    return inner.name


def only(node: Node, *known: str) -> None:
    """Raises ValueError where a call has an argument that is not understood."""
    for name, value in node.args.items():
        if name not in known and isinstance(value, exp.Expr):
            raise ValueError(f"{type(node).__name__} with `{value.sql('duckdb')}` is not carried over")


def unless_null(text: Node, *values: Node) -> Node:
    """Spark writes NULL out, where DuckDB has NULL."""
    missing = [exp.Is(this=grouped(value.copy()), expression=exp.Null()) for value in values]
    return exp.Case(ifs=[exp.If(this=exp.or_(*missing), true=exp.Null())], default=text) if missing else text


def plain(name: str) -> Callable[[Any], Node]:
    """The same function under another name."""

    def rule(node: Any) -> Node:
        only(node, "this", "expression")
        args = [node.this] if isinstance(node.this, exp.Expr) else []
        if isinstance(node.args.get("expression"), exp.Expr):
            args.append(node.args["expression"])
        return call(name, *args)

    return rule
