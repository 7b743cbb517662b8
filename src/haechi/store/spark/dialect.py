"""From DuckDB's SQL to Spark's: read as one, written as the other.

sqlglot parses and writes; what the two engines mean differently by the same words is rewritten on the tree, a rule a
kind of node (`functions.py` for functions, `queries.py` for clauses). Whatever none of these knows is written as it
is: Spark then refuses it, or the conformance tests show that it means the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator
from sqlglot.parsers.duckdb import DuckDBParser

from haechi.store.spark import functions, queries
from haechi.store.spark.params import literal

Macros = Mapping[str, exp.Create]


class _Read(DuckDB):
    """DuckDB's dialect, keeping apart what sqlglot reads as one: `len` is of lists, `length` of texts."""

    class Parser(DuckDBParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {
            **DuckDBParser.FUNCTIONS,
            "LEN": lambda args: exp.ArraySize(this=args[0]),
        }


class _Write(Spark):
    """Spark's dialect as it is since 4.2: QUALIFY and filters over windows are its own by now."""

    class Generator(SparkGenerator):
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            **SparkGenerator.TRANSFORMS,
            exp.Select: lambda self, node: self.select_sql(node),
            exp.Qualify: lambda self, node: self.qualify_sql(node),
            exp.TryCast: lambda self, node: f"TRY_CAST({self.sql(node, 'this')} AS {self.sql(node, 'to')})",
        }
        # A text may hold what looks like a hint; none is written.
        QUERY_HINTS = False


_READ, _WRITE = _Read(), _Write()


def parse(sql: str) -> exp.Expr:
    """One statement in DuckDB's dialect as a tree. Raises `sqlglot.errors.ParseError`."""
    trees = [tree for tree in _READ.parse(sql) if tree is not None]
    if len(trees) != 1:
        raise ValueError("one statement at a time")
    return trees[0]


def for_spark(tree: exp.Expr, params: Mapping[str, Any], macros: Macros) -> str:
    """A query as Spark's SQL: macros spelt out, parameters written in, and all that differs rewritten."""
    tree = queries.with_macros(tree.copy(), macros)
    tree = _each(tree, lambda node: _given(node, params))
    tree = queries.prepared(tree)
    tree = _each(tree, _rewritten)
    return _WRITE.generate(tree, identify=True, comments=False)


def _given(node: exp.Expr, params: Mapping[str, Any]) -> exp.Expr:
    if isinstance(node, (exp.Placeholder, exp.Parameter)):
        value = params[node.name]
        if isinstance(value, timedelta) and isinstance(node.parent, exp.TimeToUnix):
            value = value.total_seconds()
        return literal(value)
    return node


def _rewritten(node: exp.Expr) -> exp.Expr:
    rule = functions.RULES.get(type(node))
    return rule(node) if rule else node


def _each(tree: exp.Expr, change: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """Change every node, children before parents; what a change puts in is not looked at again."""
    for node in reversed(list(tree.walk(bfs=False))):
        changed = change(node)
        if changed is node:
            continue
        if node is tree:
            tree = changed
        else:
            node.replace(changed)
    return tree
