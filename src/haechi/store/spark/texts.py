"""Values written as texts, and times read from them."""

from __future__ import annotations

import re

from sqlglot import exp

from haechi.store.spark.nodes import Rules, only, spelt_out, unless_null
from haechi.store.spark.params import call, cast

Node = exp.Expr

_PIECE = re.compile(r"\{(?::(,)?(?:\.(\d)f)?)?\}")


def _format(node: exp.Format) -> Node:
    """`{}`, `{:,}` and `{:.2f}`, which are all that rules use."""
    text, at, parts = spelt_out(node.this, "a format"), 0, list[Node]()
    pieces = list(_PIECE.finditer(text))
    if len(pieces) != len(node.expressions):
        raise ValueError("a format of another number of values is not carried over")
    for found, value in zip(pieces, node.expressions, strict=True):
        if found.start() > at:
            parts.append(exp.Literal.string(text[at : found.start()]))
        at = found.end()
        if found[2]:
            rounded = call("bround", cast(value, "DOUBLE"), int(found[2]))
            value = unless_null(call("format_string", f"%.{found[2]}f", rounded), value)
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


def printf(form: Node, *values: Node) -> Node:
    text = call("format_string", exp.Literal.string(spelt_out(form, "a format")), *values)
    return unless_null(text, *values)


# What strftime writes, by its letter, in the patterns of Java.
_TIMES = {
    "Y": "yyyy", "m": "MM", "d": "dd", "H": "HH", "M": "mm", "S": "ss", "f": "SSSSSS", "a": "EEE", "%": "%",
}  # fmt: skip


def _strftime(node: exp.TimeToStr) -> Node:
    only(node, "this", "format")
    pieces = re.split(r"%(.)", spelt_out(node.args["format"], "a format"))
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
    only(node, "this", "format")
    for letter in re.findall(r"%(.)", spelt_out(node.args["format"], "a format")):
        if letter not in "YmdHMS":
            raise ValueError(f"strptime with %{letter} is not carried over")
    return node


RULES: Rules = {
    exp.Format: _format,
    exp.TimeToStr: _strftime,
    exp.StrToTime: _strptime,
}
