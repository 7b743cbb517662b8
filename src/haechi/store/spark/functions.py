"""Functions and operators of DuckDB that are named, or mean, something else in Spark."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from haechi.store.spark.params import call, cast, literal, micros
from haechi.store.spark.types import spark_type

Node = exp.Expr

# DuckDB's ends of time. No record is outside of them: they are the first and the last moment that a calendar has.
_ENDS = {"infinity": "9999-12-31 23:59:59.999999", "-infinity": "0001-01-01 00:00:00"}
_WHOLE = ("BIGINT", "INT", "SMALLINT", "TINYINT")
# Holds every BIGINT, and tells every double that is no half from the halves beside it.
_EXACT = "DECIMAL(38,18)"
_HALF = 9_223_372_036_854_775_808  # 2^63: half of the bits of a set


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


# --- casts -----------------------------------------------------------------------------------------------------------


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


# --- numbers ---------------------------------------------------------------------------------------------------------


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
    return exp.Paren(this=exp.IntDiv(this=_grouped(node.this), expression=_grouped(node.expression)))


def _grouped(node: Node) -> Node:
    return exp.Paren(this=node) if isinstance(node, exp.Binary) else node


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
        return _aggregate(call("bit_or", node.this))
    high, low = _halves(node.this)
    return _whole(_aggregate(call("bit_or", high)), _aggregate(call("bit_or", low)))


def _either(node: exp.BitwiseOr) -> Node:
    if not (_bits(node.this) or _bits(node.expression)):
        return node
    (a, b), (c, d) = _halves(node.this), _halves(node.expression)
    return _whole(exp.BitwiseOr(this=a, expression=c), exp.BitwiseOr(this=b, expression=d))


# --- aggregates ------------------------------------------------------------------------------------------------------


def _aggregate(node: Node, where: Node | None = None) -> Node:
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
        return _aggregate(call(name, value, _ordering(by)), there)

    return rule


def _ordering(node: Node) -> Node:
    """What several values are ordered by. DuckDB has NULL behind everything, Spark before."""
    if not (isinstance(node, exp.Tuple) or node.meta.get("tuple")):
        return node
    parts: list[Node] = []
    for part in node.expressions:
        parts += [exp.Is(this=_grouped(part.copy()), expression=exp.Null()), part.copy()]
    return call("struct", *parts)


def _min(node: exp.Min) -> Node:
    count = node.args.get("count")
    if count is None:
        return node
    return call("slice", call("array_sort", _aggregate(call("collect_list", node.this))), 1, count)


def _list(node: exp.ArrayAgg) -> Node:
    """DuckDB's lists keep NULL; Spark's leave it out, except inside a struct."""
    given = node.this
    if isinstance(given, exp.Distinct):
        return _listed(call("collect_set", _boxed(given.expressions[0])))
    if isinstance(given, exp.Order):
        keys = [key.this for key in given.expressions]
        parts: list[Node] = []
        for key in keys:
            parts += [exp.Is(this=_grouped(key.copy()), expression=exp.Null()), key.copy()]
        return _listed(call("collect_list", _boxed(given.this, parts)), "array_sort")
    return _listed(call("collect_list", _boxed(given)))


def _boxed(value: Node, before: list[Node] | None = None) -> Node:
    parts: list[Node] = []
    for n, part in enumerate(before or []):
        parts += [exp.Literal.string(f"k{n}"), part]
    return call("named_struct", *parts, "v", value)


def _listed(node: Node, around: str = "") -> Node:
    marked = _aggregate(node)
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
    found = call("array_sort", _aggregate(call("collect_list", value)))
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
        return _aggregate(call("any_value", node.this.this, True))
    return node


# --- texts -----------------------------------------------------------------------------------------------------------


def _text(node: Node | None, what: str) -> str:
    """A text that the query itself spells out, in one piece or several.

    Raises:
        ValueError: it is worked out of a record.
    """
    inner = node.unnest() if node is not None else None
    if isinstance(inner, exp.DPipe):
        return _text(inner.this, what) + _text(inner.expression, what)
    if isinstance(inner, exp.Cast) and str(inner.args["to"].args.get("kind")) == "STRING":
        return _text(inner.this, what)
    if not (isinstance(inner, exp.Literal) and inner.is_string):
        raise ValueError(f"{what} that is no literal is not carried over")
    return inner.name


def _only(node: Node, *known: str) -> None:
    """Raises ValueError where a call has an argument that is not understood."""
    for name, value in node.args.items():
        if name not in known and isinstance(value, exp.Expr):
            raise ValueError(f"{type(node).__name__} with `{value.sql('duckdb')}` is not carried over")


def _like(node: exp.RegexpLike) -> Node:
    _only(node, "this", "expression")
    return call("regexp_like", node.this, exp.Literal.string(_text(node.expression, "a pattern")))


def _full_match(node: Any) -> Node:
    _only(node, "this", "expression")
    pattern = f"^(?:{_text(node.expression, 'a pattern')})\\z"
    return call("regexp_like", node.this, exp.Literal.string(pattern))


def _extract(name: str) -> Callable[[Any], Node]:
    def rule(node: Any) -> Node:
        _only(node, "this", "expression", "group")
        pattern, group = _text(node.expression, "a pattern"), node.args.get("group")
        if group is not None and not group.is_int:
            raise ValueError(f"{name} of a group that is no number is not carried over")
        return call(name, node.this, exp.Literal.string(pattern), group or 0)

    return rule


def _replace(node: exp.RegexpReplace) -> Node:
    """DuckDB replaces the first match. A pattern that is bound to an end has one only; others are not carried over."""
    _only(node, "this", "expression", "replacement")
    pattern = _text(node.expression, "a pattern")
    put = _text(node.args["replacement"], "a replacement")
    if not _one_match(pattern):
        raise ValueError("regexp_replace of the first match needs a pattern bound to an end")
    if "\\" in put or "$" in put:
        raise ValueError("a replacement that names a group is not carried over")
    return call("regexp_replace", node.this, exp.Literal.string(pattern), exp.Literal.string(put))


def _one_match(pattern: str) -> bool:
    """Whether a pattern is sure to match no text twice: bound as a whole, and at its end no match of nothing at all."""
    rest = re.sub(r"\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", "a", pattern, flags=re.S)
    if re.search(r"\\[QbB]|\(\?[a-zA-Z]*m", pattern):
        return False
    while (outer := re.sub(r"\([^()]*\)", "a", rest)) != rest:
        rest = outer
    if "|" in rest:
        return False
    if rest.startswith("^"):
        return True
    try:
        return rest.endswith("$") and re.search(pattern, "") is None
    except re.error:  # what Python does not read
        return False


def _split(node: exp.Split) -> Node:
    _only(node, "this", "expression")
    separator = _text(node.expression, "a separator")
    if not separator:
        raise ValueError("string_split without a separator is not carried over")
    return call("split", node.this, exp.Literal.string(re.escape(separator)), -1)


def _split_by_pattern(node: exp.RegexpSplit) -> Node:
    raise ValueError("string_split_regex is not carried over")


_PIECE = re.compile(r"\{(?::(,)?(?:\.(\d)f)?)?\}")


def _format(node: exp.Format) -> Node:
    """`{}`, `{:,}` and `{:.2f}`, which are all that rules use."""
    text, at, parts = _text(node.this, "a format"), 0, list[Node]()
    pieces = list(_PIECE.finditer(text))
    if len(pieces) != len(node.expressions):
        raise ValueError("a format of another number of values is not carried over")
    for found, value in zip(pieces, node.expressions, strict=True):
        if found.start() > at:
            parts.append(exp.Literal.string(text[at : found.start()]))
        at = found.end()
        if found[2]:
            rounded = call("bround", cast(value, "DOUBLE"), int(found[2]))
            value = _unless_null(call("format_string", f"%.{found[2]}f", rounded), value)
        elif found[1]:
            value = call("format_number", value, 0)
        else:
            value = cast(value, "STRING")
        parts.append(value)
    if text[at:]:
        parts.append(exp.Literal.string(text[at:]))
    if "{" in _PIECE.sub("", text):
        raise ValueError("a format that is not carried over")
    return call("concat", *parts)


# What strftime writes, by its letter, in the patterns of Java.
_TIMES = {
    "Y": "yyyy", "m": "MM", "d": "dd", "H": "HH", "M": "mm", "S": "ss", "f": "SSSSSS", "a": "EEE", "%": "%",
}  # fmt: skip


def _strftime(node: exp.TimeToStr) -> Node:
    _only(node, "this", "format")
    pieces = re.split(r"%(.)", _text(node.args["format"], "a format"))
    for letter in pieces[1::2]:
        if letter not in _TIMES:
            raise ValueError(f"strftime with %{letter} is not carried over")
    texts = [
        "'{}'".format(piece.replace("'", "''")) if re.search(r"[^ :./,-]", piece) else piece
        for piece in pieces[::2]
    ]
    letters = [_TIMES[letter] for letter in pieces[1::2]]
    pattern = "".join(text + letter for text, letter in zip(texts, [*letters, ""], strict=True))
    return call("date_format", node.this, pattern)


def _strptime(node: exp.StrToTime) -> Node:
    _only(node, "this", "format")
    for letter in re.findall(r"%(.)", _text(node.args["format"], "a format")):
        if letter not in "YmdHMS":
            raise ValueError(f"strptime with %{letter} is not carried over")
    return node


# --- times -----------------------------------------------------------------------------------------------------------


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


def _zone(node: exp.AtTimeZone) -> Node:
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


# --- lists -----------------------------------------------------------------------------------------------------------


def _slice(node: exp.Bracket) -> Node:
    if len(node.expressions) != 1 or not isinstance(node.expressions[0], exp.Slice):
        raise ValueError("an element of a list by its number is not carried over")
    bounds = node.expressions[0]
    first = int(bounds.this.name)
    return call("slice", node.this, first, int(bounds.expression.name) - first + 1)


def _list_slice(given: Node, first: Node, last: Node) -> Node:
    return call("slice", given, int(first.name), int(last.name) - int(first.name) + 1)


def _position(given: Node, value: Node) -> Node:
    return cast(exp.Nullif(this=call("array_position", given, value), expression=literal(0)), "INT")


def _joined(given: Node, how: Node, between: Node) -> Node:
    if how.name != "string_agg":
        raise ValueError("list_aggregate of another kind than string_agg")
    return filled("CASE WHEN size(:l) > 0 THEN array_join(:l, :s) END", l=given, s=between)


def _sorted(node: exp.ArraySort) -> Node:
    """Upwards, and NULL behind."""
    for name in ("asc", "nulls_first"):
        given = node.args.get(name)
        if given is not None and given != exp.Boolean(this=name == "asc"):
            raise ValueError("list_sort in another order than upwards, with NULL behind, is not carried over")
    _only(node, "this", "asc", "nulls_first")
    return call("array_sort", node.this)


def _struct(node: exp.Struct) -> Node:
    parts: list[Node] = []
    for pair in node.expressions:
        parts += [exp.Literal.string(pair.this.name), pair.expression]
    return call("named_struct", *parts)


def _printf(form: Node, *values: Node) -> Node:
    text = call("format_string", exp.Literal.string(_text(form, "a format")), *values)
    return _unless_null(text, *values)


def _unless_null(text: Node, *values: Node) -> Node:
    """Spark writes NULL out, where DuckDB has NULL."""
    missing = [exp.Is(this=_grouped(value.copy()), expression=exp.Null()) for value in values]
    return exp.Case(ifs=[exp.If(this=exp.or_(*missing), true=exp.Null())], default=text) if missing else text


_NAMED: dict[str, Callable[..., Node]] = {
    "epoch_us": lambda x: call("unix_micros", cast(x, "TIMESTAMP_LTZ")),
    "to_microseconds": micros,
    "timezone": lambda zone, x: exp.AtTimeZone(this=x, zone=zone),
    "list_slice": _list_slice,
    "list_position": _position,
    "list_aggregate": _joined,
    "list_has_all": lambda whole, part: exp.EQ(
        this=call("size", call("array_except", part, whole)), expression=literal(0)
    ),
    "printf": _printf,
    "hash": lambda x: filled("(xxhash64(:x) & 9223372036854775807)", x=x),
    "to_json": lambda x: filled("to_json(:x, map('ignoreNullFields', 'false'))", x=x),
    "error": lambda x: call("raise_error", x),
    "count_star": lambda: exp.Count(this=exp.Star()),
    "octet_length": lambda x: call("octet_length", x),
}


def _named(node: exp.Anonymous) -> Node:
    rule = _NAMED.get(node.name.lower())
    if rule is None:
        return node
    made = rule(*node.expressions)
    return _zone(made) if isinstance(made, exp.AtTimeZone) else made


def _plain(name: str) -> Callable[[Any], Node]:
    """The same function under another name."""

    def rule(node: Any) -> Node:
        _only(node, "this", "expression")
        args = [node.this] if isinstance(node.this, exp.Expr) else []
        if isinstance(node.args.get("expression"), exp.Expr):
            args.append(node.args["expression"])
        return call(name, *args)

    return rule


RULES: dict[type[Node], Callable[[Any], Node]] = {
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.Div: _div,
    exp.IntDiv: _int_div,
    exp.Pow: _pow,
    exp.BitwiseLeftShift: _shift("shiftleft"),
    exp.BitwiseRightShift: _shift("shiftright"),
    exp.BitwiseOrAgg: _bit_or,
    exp.BitwiseOr: _either,
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
    exp.RegexpLike: _like,
    exp.RegexpFullMatch: _full_match,
    exp.RegexpExtract: _extract("regexp_extract"),
    exp.RegexpExtractAll: _extract("regexp_extract_all"),
    exp.RegexpReplace: _replace,
    exp.RegexpSplit: _split_by_pattern,
    exp.Split: _split,
    exp.SplitPart: lambda node: call(
        "split_part", node.this, node.args["delimiter"], node.args["part_index"]
    ),
    exp.Format: _format,
    exp.TimeToStr: _strftime,
    exp.StrToTime: _strptime,
    exp.TimestampTrunc: _trunc,
    exp.DateBin: _bucket,
    exp.AtTimeZone: _zone,
    exp.Interval: _interval,
    exp.DateDiff: _days_between,
    exp.TimeToUnix: _seconds,
    exp.DayOfWeekIso: lambda node: filled("(weekday(:x) + 1)", x=node.this),
    exp.GenerateSeries: _series,
    exp.Bracket: _slice,
    exp.ArraySize: _plain("size"),
    exp.ArraySort: _sorted,
    exp.ArrayContains: _plain("array_contains"),
    exp.ArrayToString: _plain("array_join"),
    exp.Contains: _plain("contains"),
    exp.Hex: _plain("hex"),
    exp.LowerHex: lambda node: call("lower", call("hex", node.this)),
    exp.Unhex: _plain("unhex"),
    exp.Struct: _struct,
    exp.Anonymous: _named,
}
