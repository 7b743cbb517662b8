"""Casts: Spark cuts off where DuckDB rounds, and has no infinite times."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from haechi.store.spark.nodes import Rules, filled
from haechi.store.spark.params import call, cast
from haechi.store.spark.types import spark_type

Node = exp.Expr

# DuckDB's ends of time. No record is outside of them: they are the first and the last moment that a calendar has.
_ENDS = {"infinity": "9999-12-31 23:59:59.999999", "-infinity": "0001-01-01 00:00:00"}


_WHOLE = ("BIGINT", "INT", "SMALLINT", "TINYINT")


# Holds every BIGINT, and tells every double that is no half from the halves beside it.
_EXACT = "DECIMAL(38,18)"


def _cast(node: exp.Cast) -> Node:
    to, given = node.to.sql("duckdb"), node.this
    if isinstance(given, exp.Explode):  # Spark takes rows out of a list at the outside only
        each = filled(f"transform(:l, one -> CAST(one AS {spark_type(to)}))", l=given.this)
        return exp.Explode(this=each)
    if to == "TIMESTAMP" and isinstance(given, exp.Literal) and given.name in _ENDS:
        return cast(exp.Literal.string(_ENDS[given.name]), "TIMESTAMP_NTZ")
    if to in _WHOLE and not _is_truth(given):
        return cast(_rounded(given, cast), spark_type(to))
    return cast(given, spark_type(to))


_NUMBERS = (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.IntDiv, exp.Sum, exp.Avg)
_TEXTS = frozenset({"regexp_extract", "split_part"})


def _rounded(given: Node, to_exact: Callable[[Node, str], Node]) -> Node:
    """Spark cuts off, where DuckDB rounds: doubles half to even, decimals and texts away from zero.

    What may be a text goes by way of a decimal: Spark itself would go by way of a double, which has 53 bits.
    """
    inner = given.unnest()
    if isinstance(inner, exp.Count) or (isinstance(inner, exp.Literal) and inner.is_int):
        return given
    if isinstance(inner, _NUMBERS) and to_exact is cast:
        return call("bround", given, 0)
    return call("round" if _of_digits(inner) else "bround", to_exact(given, _EXACT), 0)


def _of_digits(node: Node) -> bool:
    """Whether something is, by its looks, a decimal or a text. Of a column that is not known."""
    if isinstance(node, exp.Cast):
        return str(node.args["to"].args.get("kind")).startswith(("DECIMAL", "STRING"))
    return isinstance(node, (exp.Literal, exp.Substring, exp.Trim)) or (
        isinstance(node, exp.Anonymous) and node.name.lower() in _TEXTS
    )


def _is_truth(node: Node) -> bool:
    inner = node.unnest()
    return isinstance(inner, (exp.Predicate, exp.Connector, exp.Not, exp.Boolean))


def _try_cast(node: exp.TryCast) -> Node:
    to, given = node.to.sql("duckdb"), node.this
    return _tried(_rounded(given, _tried) if to in _WHOLE else given, spark_type(to))


def _tried(node: Node, to: str) -> Node:
    return exp.TryCast(this=node, to=cast(exp.Null(), to).to)


RULES: Rules = {
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
}
