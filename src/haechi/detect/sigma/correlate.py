"""Correlations of Sigma rules as SQL: windows that slide from access to access.

    event     the accesses that the referenced rules match: when, of which group, by which rule
    met       at which of them the condition holds, looking back over the timespan
    flagged   every access that stands in such a timespan

Two accesses stand in one timespan where at most that long lies between them. Where a condition asks for *few*
(lt, lte, eq, neq) or for an average, sliding windows would nearly always find one, so fixed spans are counted,
from midnight UTC on. Accesses that lack a value to group by belong to no group.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionItem,
    CorrelationConditionNOT,
    SigmaCorrelationCondition,
    SigmaCorrelationRule,
    SigmaCorrelationType,
    SigmaRuleReference,
)
from sigma.correlations import SigmaCorrelationConditionOperator as Operator
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.rule import SigmaRule

from haechi.detect.sigma.backend import UnknownFieldError, log_for
from haechi.detect.sigma.fields import Column, column_of
from haechi.detect.sigma.values import as_number

_SIGN = {Operator.LT: "<", Operator.LTE: "<=", Operator.GT: ">", Operator.GTE: ">=", Operator.EQ: "=",
         Operator.NEQ: "<>"}  # fmt: skip
_MANY = {Operator.GT, Operator.GTE}
_METRIC = {
    SigmaCorrelationType.VALUE_SUM: "sum(value)",
    SigmaCorrelationType.VALUE_AVG: "avg(value)",
    SigmaCorrelationType.VALUE_MEDIAN: "median(value)",
    SigmaCorrelationType.VALUE_PERCENTILE: "quantile_cont(value, {percentile})",
}
# A count that only grows as a window does may slide; an average may not.
_GROWING = {
    SigmaCorrelationType.EVENT_COUNT, SigmaCorrelationType.VALUE_COUNT, SigmaCorrelationType.VALUE_SUM,
}  # fmt: skip
_TEMPORAL = {SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED}

Where = Callable[[SigmaRule], str]


@dataclass
class Correlation:
    """The SQL of a correlation as it grows: `tables` are the steps, each `name AS (...)`."""

    where: Where  # the condition of a rule that matches single accesses
    tables: list[str] = field(default_factory=list)
    last: int = 0

    def flagged(self, rule: SigmaCorrelationRule) -> str:
        """Add the steps of a correlation; the name of the table `source, seq` of the accesses that it flags."""
        step = self._met(rule)
        grouped, spans = _partition(rule), _length(rule)
        if not _slides(rule):
            reached = "met"
        elif rule.type is SigmaCorrelationType.TEMPORAL_ORDERED:
            # From the first access of the chain that ends here.
            reached = (
                f"min(began) FILTER (met) OVER ({grouped}ORDER BY time RANGE BETWEEN CURRENT ROW AND {spans} FOLLOWING)"
                " <= time"
            )
        else:
            reached = (
                f"bool_or(met) OVER ({grouped}ORDER BY time RANGE BETWEEN CURRENT ROW AND {spans} FOLLOWING)"
            )
        self.tables.append(
            f"flagged_{step} AS (\n    SELECT DISTINCT source, seq\n    FROM (SELECT source, seq, {reached} AS reached"
            f" FROM met_{step})\n    WHERE reached\n)"
        )
        return f"flagged_{step}"

    def _met(self, rule: SigmaCorrelationRule) -> int:
        """Add the steps up to `met_N`: every event, and whether the condition holds at it. Returns N."""
        events = self._events(rule)
        self.last += 1
        step = self.last
        self.tables.append(f"event_{step} AS (\n{events}\n)")
        if rule.type is SigmaCorrelationType.TEMPORAL_ORDERED:
            self._ordered(rule, step)
        else:
            met = _together(rule) if rule.type in _TEMPORAL else _counted(rule)
            self.tables.append(f"met_{step} AS (\n    SELECT *, {met} AS met\n    FROM event_{step}\n)")
        return step

    def _events(self, rule: SigmaCorrelationRule) -> str:
        parts = []
        for number, reference in enumerate(rule.referenced_rules, 1):
            inner = reference.rule
            columns = [f"{sql} AS group_{n}" for n, sql in enumerate(self._groups(rule, reference), 1)]
            if rule.type in _TEMPORAL:
                columns.append(f"{number} AS rule")
            elif (value := self._value(rule, reference)) is not None:
                columns.append(f"{value} AS value")
            chosen = ", ".join(["source", "seq", "time", *columns])
            present = "".join(f" AND {sql} IS NOT NULL" for sql in self._groups(rule, reference))
            if isinstance(inner, SigmaCorrelationRule):
                step = self._met(inner)
                source = (
                    f"access SEMI JOIN (SELECT source, seq FROM met_{step} WHERE met) USING (source, seq)"
                )
                condition = "true"
            else:
                source, condition = "access", self.where(inner).replace("\n", "\n        ")
            parts.append(
                f"    SELECT {chosen}\n    FROM {source}\n    WHERE time IS NOT NULL{present}\n        AND {condition}"
            )
        # An access that several rules match is one event, unless it matters which rules there were.
        return "\n    UNION\n".join(parts)

    def _groups(self, rule: SigmaCorrelationRule, reference: SigmaRuleReference) -> list[str]:
        return [self._column(rule, reference, name).sql for name in rule.group_by or []]

    def _column(self, rule: SigmaCorrelationRule, reference: SigmaRuleReference, name: str) -> Column:
        """The column of a field (or of what an alias stands for) in a referenced rule's log."""
        if name in rule.aliases.aliases:
            mapping = rule.aliases.aliases[name].mapping
            name = next((own for of, own in mapping.items() if of.reference == reference.reference), name)
        inner = reference.rule
        while isinstance(inner, SigmaCorrelationRule):
            inner = inner.referenced_rules[0].rule
        log = log_for(inner)
        column = column_of(log, name)
        if column is None:
            raise UnknownFieldError(name, log)
        return column

    def _value(self, rule: SigmaCorrelationRule, reference: SigmaRuleReference) -> str | None:
        condition = rule.condition
        if not isinstance(condition, SigmaCorrelationCondition) or condition.fieldref is None:
            return None
        names = [condition.fieldref] if isinstance(condition.fieldref, str) else condition.fieldref
        columns = [self._column(rule, reference, name) for name in names]
        if rule.type in _METRIC:
            return as_number(columns[0])
        if len(columns) == 1:
            return columns[0].sql
        # Several fields count as one value, where all are there.
        absent = " OR ".join(f"{column.sql} IS NULL" for column in columns)
        return f"CASE WHEN NOT ({absent}) THEN row({', '.join(column.sql for column in columns)}) END"

    def _ordered(self, rule: SigmaCorrelationRule, step: int) -> None:
        """For each rule in its turn: when the chain that ends at this access began, as late as it can have."""
        grouped = _partition(rule)
        frame = "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP"
        before = f"OVER ({grouped}ORDER BY time, source, seq {frame})"
        source, began, kept = f"event_{step}", "CASE WHEN rule = 1 THEN time END", "*"
        for number in range(2, len(_order(rule)) + 1):
            link = f"chain_{step}_{number - 1}"
            self.tables.append(f"{link} AS (\n    SELECT {kept}, {began} AS began\n    FROM {source}\n)")
            source, kept = link, "* EXCLUDE (began)"
            began = f"CASE WHEN rule = {number} THEN max(began) {before} END"
        self.tables.append(f"chain_{step} AS (\n    SELECT {kept}, {began} AS began\n    FROM {source}\n)")
        met = f"coalesce(time - began <= {_length(rule)}, false)"
        self.tables.append(f"met_{step} AS (\n    SELECT *, {met} AS met\n    FROM chain_{step}\n)")


def _order(rule: SigmaCorrelationRule) -> list[SigmaRuleReference]:
    condition = rule.condition
    if isinstance(condition, SigmaCorrelationCondition):
        if condition.op is not Operator.GTE or condition.count != len(rule.referenced_rules):
            raise SigmaFeatureNotSupportedByBackendError("an ordered correlation of only some of its rules")
    elif not isinstance(condition.parsed, CorrelationConditionAND) or not all(
        isinstance(arg, SigmaRuleReference) for arg in condition.parsed.args
    ):
        raise SigmaFeatureNotSupportedByBackendError("an ordered correlation with other words than `and`")
    return rule.referenced_rules


def _slides(rule: SigmaCorrelationRule) -> bool:
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        return True
    if rule.type in _TEMPORAL:
        return condition.op in _MANY
    return condition.op in _MANY and rule.type in _GROWING


def _partition(rule: SigmaCorrelationRule) -> str:
    names = [f"group_{n}" for n in range(1, len(rule.group_by or []) + 1)]
    return f"PARTITION BY {', '.join(names)} " if names else ""


def _length(rule: SigmaCorrelationRule) -> str:
    return f"INTERVAL {rule.timespan.seconds} SECONDS"


def _window(rule: SigmaCorrelationRule, around: bool = False) -> str:
    if not _slides(rule):
        names = [*(f"group_{n}" for n in range(1, len(rule.group_by or []) + 1))]
        return f"OVER (PARTITION BY {', '.join([*names, f'time_bucket({_length(rule)}, time)'])})"
    end = f"{_length(rule)} FOLLOWING" if around else "CURRENT ROW"
    return f"OVER ({_partition(rule)}ORDER BY time RANGE BETWEEN {_length(rule)} PRECEDING AND {end})"


def _counted(rule: SigmaCorrelationRule) -> str:
    condition = rule.condition
    assert isinstance(condition, SigmaCorrelationCondition)  # pySigma allows no other here
    if rule.type is SigmaCorrelationType.EVENT_COUNT:
        what = "count(*)"
    elif rule.type is SigmaCorrelationType.VALUE_COUNT:
        what = "count(DISTINCT value)"
    else:
        what = _METRIC[rule.type].format(percentile=(condition.percentile or 50) / 100)
    return f"coalesce({what} {_window(rule)} {_SIGN[condition.op]} {condition.count}, false)"


def _together(rule: SigmaCorrelationRule) -> str:
    condition = rule.condition
    if isinstance(condition, SigmaCorrelationCondition):
        return f"count(DISTINCT rule) {_window(rule)} {_SIGN[condition.op]} {condition.count}"
    numbers = {reference.reference: n for n, reference in enumerate(rule.referenced_rules, 1)}
    return _said(rule, condition.parsed, numbers, wanted=True)


def _said(
    rule: SigmaCorrelationRule,
    part: CorrelationConditionItem | SigmaRuleReference,
    numbers: dict[str, int],
    wanted: bool,
) -> str:
    """A condition in words. What must not happen must not happen for the timespan before and after."""
    if isinstance(part, SigmaRuleReference):
        return f"bool_or(rule = {numbers[part.reference]}) {_window(rule, around=not wanted)}"
    if isinstance(part, CorrelationConditionNOT):
        return f"NOT ({_said(rule, part.args[0], numbers, not wanted)})"
    word = " AND " if isinstance(part, CorrelationConditionAND) else " OR "
    return "(" + word.join(_said(rule, arg, numbers, wanted) for arg in part.args) + ")"
