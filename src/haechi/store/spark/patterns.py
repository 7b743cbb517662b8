"""Regular expressions and the splitting of texts. What is no literal is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from haechi.store.spark.nodes import Rules, only, spelt_out
from haechi.store.spark.params import call

Node = exp.Expr


def _like(node: exp.RegexpLike) -> Node:
    only(node, "this", "expression")
    return call("regexp_like", node.this, exp.Literal.string(spelt_out(node.expression, "a pattern")))


def _full_match(node: Any) -> Node:
    only(node, "this", "expression")
    pattern = f"^(?:{spelt_out(node.expression, 'a pattern')})\\z"
    return call("regexp_like", node.this, exp.Literal.string(pattern))


def _extract(name: str) -> Callable[[Any], Node]:
    def rule(node: Any) -> Node:
        only(node, "this", "expression", "group")
        pattern, group = spelt_out(node.expression, "a pattern"), node.args.get("group")
        if group is not None and not group.is_int:
            raise ValueError(f"{name} of a group that is no number is not carried over")
        return call(name, node.this, exp.Literal.string(pattern), group or 0)

    return rule


def _replace(node: exp.RegexpReplace) -> Node:
    """DuckDB replaces the first match. A pattern that is bound to an end has one only; others are not carried over."""
    only(node, "this", "expression", "replacement")
    pattern = spelt_out(node.expression, "a pattern")
    put = spelt_out(node.args["replacement"], "a replacement")
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
    only(node, "this", "expression")
    separator = spelt_out(node.expression, "a separator")
    if not separator:
        raise ValueError("string_split without a separator is not carried over")
    return call("split", node.this, exp.Literal.string(re.escape(separator)), -1)


def _split_by_pattern(node: exp.RegexpSplit) -> Node:
    raise ValueError("string_split_regex is not carried over")


RULES: Rules = {
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
}
