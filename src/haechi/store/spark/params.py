"""Values of Python as literals that Spark reads with the type that DuckDB gives them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlglot import exp

_BITS_OF_INT = 31


def call(name: str, *args: Any) -> exp.Anonymous:
    """A call of one of Spark's functions, written as it is named here. Numbers and texts become literals."""
    return exp.Anonymous(this=name, expressions=[_node(arg) for arg in args])


def _node(arg: Any) -> exp.Expr:
    return arg if isinstance(arg, exp.Expr) else literal(arg)


def kind(name: str) -> exp.DataType:
    """One of Spark's types."""
    return exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=name)


def cast(node: exp.Expr, to: str) -> exp.Cast:
    return exp.Cast(this=node, to=kind(to))


def micros(number: Any) -> exp.Expr:
    """A length of time of so many microseconds."""
    one = exp.Var(this="INTERVAL '0.000001' SECOND")
    return exp.Paren(this=exp.Mul(this=one, expression=exp.Paren(this=_node(number))))


def literal(value: Any) -> exp.Expr:
    """One value.

    Raises:
        TypeError: a value of a kind that no parameter has.
    """
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        text = str(value)
        # As DuckDB does with a number that it is given: the type is the smallest of the two that holds it.
        return exp.Literal.number(text) if value.bit_length() <= _BITS_OF_INT else exp.Var(this=text + "L")
    if isinstance(value, float):
        if not math.isfinite(value):
            return cast(exp.Literal.string(str(value)), "DOUBLE")
        return exp.Var(this=f"{value!r}D")
    if isinstance(value, str):
        return exp.Literal.string(value)
    if isinstance(value, timedelta):
        return micros(round(value / timedelta(microseconds=1)))
    if isinstance(value, datetime):
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return cast(exp.Literal.string(f"{plain:%Y-%m-%d %H:%M:%S.%f}".rjust(26, "0")), "TIMESTAMP_NTZ")
    if isinstance(value, (list, tuple)):
        return call("array", *value)
    raise TypeError(f"no parameter can be a {type(value).__name__}")
