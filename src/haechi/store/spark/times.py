"""Moments, lengths of time, and series of either."""

from __future__ import annotations

from sqlglot import exp

from haechi.store.spark.nodes import Rules, filled
from haechi.store.spark.params import call, cast, micros

Node = exp.Expr

_UNITS = frozenset({"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})


def _trunc(node: exp.TimestampTrunc) -> Node:
    unit = node.args["unit"]
    if isinstance(unit, exp.Var):  # sqlglot takes a column without its table for the name of a unit
        unit = exp.Literal.string(unit.name) if unit.name in _UNITS else exp.column(unit.name.lower())
    return cast(call("date_trunc", unit, node.this), "TIMESTAMP_NTZ")


def _bucket(node: exp.DateBin) -> Node:
    width = node.this
    if not (
        isinstance(width, exp.Interval) and width.this.name == "1" and width.text("unit").upper() == "HOUR"
    ):
        raise ValueError("time_bucket of another width than an hour")
    return cast(call("date_trunc", "HOUR", node.expression), "TIMESTAMP_NTZ")


def zone(node: exp.AtTimeZone) -> Node:
    inner = node.this.unnest()
    if isinstance(inner, exp.AtTimeZone):
        return call("convert_timezone", inner.args["zone"], node.args["zone"], inner.this)
    return node


def _interval(node: exp.Interval) -> Node:
    return micros(int(node.this.name)) if node.unit and node.unit.name.upper() == "MICROSECOND" else node


def _days_between(node: exp.DateDiff) -> Node:
    if node.unit and node.unit.name.upper() not in ("DAY", "DAYS"):
        raise ValueError("date_diff of another unit than days")
    return call("datediff", cast(node.this, "DATE"), cast(node.expression, "DATE"))


def _seconds(node: exp.TimeToUnix) -> Node:
    # Of a length of time that is a parameter, which is the only use: it was given in seconds (dialect.py).
    seconds: Node = node.this
    return seconds


def _series(node: exp.GenerateSeries) -> Node:
    """Without its end, as `range` is; and empty, not backwards, where the end comes first."""
    start, end, step = node.args["start"], node.args["end"], node.args.get("step")
    whole = call("sequence", start, end, *([step] if step is not None else []))
    return filled(
        "CASE WHEN :a < :b THEN filter(:s, one -> one < :b) ELSE array() END", a=start, b=end, s=whole
    )


RULES: Rules = {
    exp.TimestampTrunc: _trunc,
    exp.DateBin: _bucket,
    exp.AtTimeZone: zone,
    exp.Interval: _interval,
    exp.DateDiff: _days_between,
    exp.TimeToUnix: _seconds,
    exp.DayOfWeekIso: lambda node: filled("(weekday(:x) + 1)", x=node.this),
    exp.GenerateSeries: _series,
}
