"""A rule's query with every divisor watched: DuckDB divides by zero in silence, and infinity is more than anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import duckdb
import msgspec

from haechi.detect.rule import Rule, code
from haechi.model.errors import RuleError
from haechi.store.interface import Engine

# What the watched query says; the line is the rule's own.
DIVIDED = re.compile(r"LINE (\d+): division by zero")
_NONZERO = """
CREATE OR REPLACE TEMP MACRO nonzero(divisor, line) AS
CASE WHEN divisor = 0 THEN error('LINE ' || line || ': division by zero') ELSE divisor END
"""
_DIVISIONS = ("/", "//", "%")


def guarded(engine: Engine, rule: Rule, params: Mapping[str, Any]) -> str:
    """The rule's query as one in which a division by zero is an error that names its line, as in `DIVIDED`.

    Where nothing is divided, or the query cannot be written anew, it is the rule's own text. Lines in other errors of
    what is returned are not the rule's.

    Raises:
        RuleError: the file holds something else than one query.
    """
    parsed = msgspec.json.decode(engine.rows("SELECT json_serialize_sql($sql)", {"sql": rule.sql})[0][0])
    if parsed["error"] and parsed.get("error_type") == "parser":
        return rule.sql  # the engine says where, once it is run
    if parsed["error"] or len(parsed["statements"]) != 1:
        raise RuleError("a rule is one query, and nothing beside it", where=rule.place)
    if not any(sign in code(rule.sql) for sign in ("/", "%")):
        return rule.sql
    _watch(parsed["statements"], rule.sql.encode(), _call(engine))
    written = msgspec.json.encode(parsed).decode()
    try:
        engine.execute(_NONZERO)
        watched = str(engine.rows("SELECT json_deserialize_sql($sql::JSON)", {"sql": written})[0][0])
        engine.columns(watched, params)
    except duckdb.Error:
        return rule.sql  # such as an expression that must stand twice alike
    return watched.rstrip().removesuffix(";")


def _call(engine: Engine) -> dict[str, Any]:
    """How the engine writes a call of `nonzero`, with room for its two arguments."""
    parsed = engine.rows("SELECT json_serialize_sql('SELECT nonzero(1, 2)')")[0][0]
    call: dict[str, Any] = msgspec.json.decode(parsed)["statements"][0]["node"]["select_list"][0]
    return call


def _watch(node: Any, text: bytes, call: dict[str, Any]) -> None:
    """Put the call around every divisor under this node that is no plain number but zero."""
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _watch(part, text, call)
    if (
        not isinstance(node, dict)
        or node.get("class") != "FUNCTION"
        or node["function_name"] not in _DIVISIONS
    ):
        return
    divisor = node["arguments"][1]
    literal = divisor["expression"].get("literal", {}).get("text", "")
    if not literal.strip("0."):
        line = text.count(b"\n", 0, min(node["query_location"], len(text))) + 1
        around: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(call))
        around["arguments"][0]["expression"] = divisor["expression"]
        around["arguments"][1]["expression"]["literal"]["text"] = str(line)
        node["arguments"][1] = {**divisor, "expression": around}
