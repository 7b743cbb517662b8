"""The pySigma backend: a rule's conditions as one SQL expression over the table `access`.

What cannot be said over our columns raises; nothing is left out in silence. An absent field makes an expression
NULL, which counts as "no" until it is negated: `NOT` is written `IS NOT TRUE`, so that a record without the
field fits "not this value", as the Sigma specification has it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.conversion.base import Backend
from sigma.conversion.state import ConversionState
from sigma.exceptions import SigmaError, SigmaFeatureNotSupportedByBackendError
from sigma.rule import SigmaRule
from sigma.types import CompareOperators, SigmaNumber

from haechi.detect.sigma import values
from haechi.detect.sigma.fields import Column, Log, column_of, log_of

Field = ConditionFieldEqualsValueExpression
Value = ConditionValueExpression
State = ConversionState

# Where a keyword without a field is looked for: the raw line is not in the tables.
_SEARCHED = ["path", "client", "client_ip", "host", "actor", "subject", "method", "route", "action"]
_COMPARED = {
    CompareOperators.LT: "<",
    CompareOperators.LTE: "<=",
    CompareOperators.GT: ">",
    CompareOperators.GTE: ">=",
    CompareOperators.NEQ: "<>",
}
_WIDE = 90


class UnknownFieldError(SigmaError):
    """A field that no column holds. `field` is its name in the rule."""

    def __init__(self, field: str, log: Log) -> None:
        super().__init__(f"no column of the access records holds the field {field!r} of {log.title}")
        self.field = field


class UnknownLogError(SigmaError):
    """The rule was written for a log of which Haechi collects nothing."""


def log_for(rule: SigmaRule) -> Log:
    """The kind of log that a rule is for.

    Raises:
        UnknownLogError: it is none that holds access records.
    """
    source = rule.logsource
    log = log_of(source.product, source.category, source.service)
    if log is None:
        names = "/".join(name for name in (source.product, source.category, source.service) if name)
        raise UnknownLogError(f"the rule reads {names} records, and Haechi collects access records only")
    return log


class AccessBackend(Backend):
    """Converts one rule at a time; `convert_rule` gives an SQL expression for each of its conditions."""

    name: ClassVar[str] = "Haechi"
    log: Log

    def convert_rule(self, rule: SigmaRule, *args: Any, **kwargs: Any) -> list[Any]:
        self.log = log_for(rule)
        return super().convert_rule(rule, *args, **kwargs)

    def column(self, field: str) -> Column:
        """The column of a field of the rule that is being converted.

        Raises:
            UnknownFieldError: there is none.
        """
        found = column_of(self.log, field)
        if found is None:
            raise UnknownFieldError(field, self.log)
        return found

    def convert_condition_or(self, cond: ConditionOR, state: State) -> str:
        return _joined("OR", [self.convert_condition(arg, state) for arg in cond.args])

    def convert_condition_and(self, cond: ConditionAND, state: State) -> str:
        return _joined("AND", [self.convert_condition(arg, state) for arg in cond.args])

    def convert_condition_not(self, cond: ConditionNOT, state: State) -> str | None:
        if not cond.args:
            return None
        inner = self.convert_condition(cond.args[0], state)
        return f"({inner}) IS NOT TRUE"

    def convert_condition_as_in_expression(self, cond: ConditionOR | ConditionAND, state: State) -> str:
        raise AssertionError("in-expressions are switched off")

    def convert_condition_field_eq_val_str(self, cond: Field, state: State) -> str:
        return values.equals(self.column(cond.field), cond.value)  # type: ignore[arg-type]

    def convert_condition_field_eq_val_str_case_sensitive(self, cond: Field, state: State) -> str:
        return values.equals(self.column(cond.field), cond.value, cased=True)  # type: ignore[arg-type]

    def convert_condition_field_eq_val_num(self, cond: Field, state: State) -> str:
        column, number = self.column(cond.field), _number(cond.value)
        return f"{column.sql} = {number}" if column.kind == "number" else f"{column.sql} = '{number}'"

    def convert_condition_field_eq_val_bool(self, cond: Field, state: State) -> str:
        return f"lower({values.as_text(self.column(cond.field))}) = '{str(cond.value).lower()}'"

    def convert_condition_field_eq_val_re(self, cond: Field, state: State) -> str:
        return values.matches(values.as_text(self.column(cond.field)), cond.value)  # type: ignore[arg-type]

    def convert_condition_field_eq_val_cidr(self, cond: Field, state: State) -> str:
        return values.within(self.column(cond.field), cond.value.network)  # type: ignore[attr-defined]

    def convert_condition_field_compare_op_val(self, cond: Field, state: State) -> str:
        column, compared = self.column(cond.field), cond.value
        if column.kind == "time":
            raise _unsupported(f"{cond.field} is a time, and is not compared with a number")
        return f"{values.as_number(column)} {_COMPARED[compared.op]} {compared.number}"  # type: ignore[attr-defined]

    def convert_condition_field_eq_val_timestamp_part(self, cond: Field, state: State) -> str:
        column = self.column(cond.field)
        if column.kind != "time":
            raise _unsupported(f"{cond.field} is no time, and has no {_part(cond.value)}")
        zone = "(SELECT zone FROM workspace_setting)"
        local = f"(({column.sql} AT TIME ZONE 'UTC') AT TIME ZONE {zone})"
        return f"date_part('{_part(cond.value)}', {local}) = {_number(cond.value)}"

    def convert_condition_field_eq_field(self, cond: Field, state: State) -> str:
        other: Any = cond.value
        one, two = (values.as_text(self.column(name)) for name in (cond.field, other.field))
        if other.starts_with and other.ends_with:
            return f"contains(lower({one}), lower({two}))"
        if other.starts_with or other.ends_with:
            return f"{'prefix' if other.starts_with else 'suffix'}(lower({one}), lower({two}))"
        return f"lower({one}) = lower({two})"

    def convert_condition_field_eq_val_null(self, cond: Field, state: State) -> str:
        return f"{self.column(cond.field).sql} IS NULL"

    def convert_condition_field_exists(self, cond: Field, state: State) -> str:
        return f"{self.column(cond.field).sql} IS NOT NULL"

    def convert_condition_field_not_exists(self, cond: Field, state: State) -> str:
        return f"{self.column(cond.field).sql} IS NULL"

    def convert_condition_field_eq_query_expr(self, cond: Field, state: State) -> str:
        raise _unsupported("a query in another system's language")

    def convert_condition_val_str(self, cond: Value, state: State) -> str:
        return values.somewhere(_SEARCHED, cond.value)  # type: ignore[arg-type]

    def convert_condition_val_num(self, cond: Value, state: State) -> str:
        return f"concat_ws(chr(10), {', '.join(_SEARCHED)}) LIKE '%{cond.value}%'"

    def convert_condition_val_re(self, cond: Value, state: State) -> str:
        return values.matches(f"concat_ws(chr(10), {', '.join(_SEARCHED)})", cond.value)  # type: ignore[arg-type]

    def convert_condition_query_expr(self, cond: Value, state: State) -> str:
        raise _unsupported("a query in another system's language")

    # Correlations are no text templates here: see haechi.detect.sigma.correlate.
    def convert_correlation_event_count_rule(self, *args: Any, **kwargs: Any) -> list[Any]:
        raise AssertionError("correlations are converted elsewhere")

    convert_correlation_value_count_rule = convert_correlation_event_count_rule
    convert_correlation_temporal_rule = convert_correlation_event_count_rule
    convert_correlation_temporal_ordered_rule = convert_correlation_event_count_rule
    convert_correlation_extended_temporal_rule = convert_correlation_event_count_rule
    convert_correlation_extended_temporal_ordered_rule = convert_correlation_event_count_rule
    convert_correlation_value_sum_rule = convert_correlation_event_count_rule
    convert_correlation_value_avg_rule = convert_correlation_event_count_rule
    convert_correlation_value_percentile_rule = convert_correlation_event_count_rule
    convert_correlation_value_median_rule = convert_correlation_event_count_rule


def _unsupported(what: str) -> SigmaFeatureNotSupportedByBackendError:
    return SigmaFeatureNotSupportedByBackendError(what)


def _number(value: object) -> int | float:
    assert isinstance(value, SigmaNumber)
    return value.number


def _part(value: Any) -> str:
    return str(value.timestamp_part.name.lower())


def _joined(word: str, parts: list[Any]) -> str:
    """`(a AND b)`, over several lines where it is long. Empty parts come of empty selections."""
    known = [part for part in parts if part]
    if len(known) == 1:
        return str(known[0])
    line = f"({f' {word} '.join(known)})"
    if len(line) <= _WIDE and "\n" not in line:
        return line
    indented = [part.replace("\n", "\n    ") for part in known]
    return "(\n    " + f"\n    {word} ".join(indented) + "\n)"
