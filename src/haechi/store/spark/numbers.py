"""Division, powers, and sets of bits, which are wider than Spark's integers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from haechi.store.spark.aggregates import aggregate
from haechi.store.spark.nodes import Rules, filled, grouped
from haechi.store.spark.params import call, cast
from haechi.store.spark.types import spark_type

Node = exp.Expr

_HALF = 9_223_372_036_854_775_808  # 2^63: half of the bits of a set


def _div(node: exp.Div) -> Node:
    """Always of doubles, and by zero as IEEE 754 has it: Spark would have an error."""
    one, other = cast(node.this, "DOUBLE"), cast(node.expression, "DOUBLE")
    quotient = exp.Div(this=one, expression=other, typed=True, safe=False)
    if isinstance(node.expression.unnest(), exp.Literal) and float(node.expression.unnest().name) != 0:
        return exp.Paren(this=quotient)
    return filled(
        "CASE WHEN :b = 0 THEN :a * CAST('Infinity' AS DOUBLE) ELSE :q END", a=one, b=other, q=quotient
    )


def _int_div(node: exp.IntDiv) -> Node:
    return exp.Paren(this=exp.IntDiv(this=grouped(node.this), expression=grouped(node.expression)))


def _pow(node: exp.Pow) -> Node:
    return call("power", cast(node.this, "DOUBLE"), node.expression)


def _shift(name: str) -> Callable[[Any], Node]:
    return lambda node: call(name, node.this, cast(node.expression, "INT"))


def _bits(node: Node) -> bool:
    """Whether something is said to be a set of bits: cast to HUGEINT, just before."""
    return isinstance(node, exp.Cast) and str(node.args["to"].args.get("kind")) == spark_type("HUGEINT")


def _halves(node: Node) -> tuple[Node, Node]:
    """The upper and the lower 63 bits of a set of up to 126 (Spark's widest integer has 64)."""
    high = filled(f"CAST(:x DIV {_HALF}BD AS BIGINT)", x=node)
    low = filled(f"CAST(:x % {_HALF}BD AS BIGINT)", x=node)
    return high, low


def _whole(high: Node, low: Node) -> Node:
    text = f"CAST(CAST(:h AS DECIMAL(19, 0)) * {_HALF}BD + CAST(:l AS DECIMAL(19, 0)) AS DECIMAL(38, 0))"
    return filled(text, h=high, l=low)


def _bit_or(node: exp.BitwiseOrAgg) -> Node:
    if not _bits(node.this):
        return aggregate(call("bit_or", node.this))
    high, low = _halves(node.this)
    return _whole(aggregate(call("bit_or", high)), aggregate(call("bit_or", low)))


def _either(node: exp.BitwiseOr) -> Node:
    if not (_bits(node.this) or _bits(node.expression)):
        return node
    (a, b), (c, d) = _halves(node.this), _halves(node.expression)
    return _whole(exp.BitwiseOr(this=a, expression=c), exp.BitwiseOr(this=b, expression=d))


RULES: Rules = {
    exp.Div: _div,
    exp.IntDiv: _int_div,
    exp.Pow: _pow,
    exp.BitwiseLeftShift: _shift("shiftleft"),
    exp.BitwiseRightShift: _shift("shiftright"),
    exp.BitwiseOrAgg: _bit_or,
    exp.BitwiseOr: _either,
}
