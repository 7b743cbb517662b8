"""DuckDB's types in Spark's words."""

from __future__ import annotations

from functools import cache

from sqlglot import exp

_NAMES = {
    "TEXT": "STRING",
    "VARCHAR": "STRING",
    "BLOB": "BINARY",
    "INTEGER": "INT",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMPTZ": "TIMESTAMP_LTZ",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ",
    "HUGEINT": "DECIMAL(38,0)",
    "INT128": "DECIMAL(38,0)",
    "INTERVAL": "INTERVAL DAY TO SECOND",
    "UBIGINT": "DECIMAL(20,0)",
    "UINTEGER": "BIGINT",
    '"NULL"': "STRING",
}


@cache
def spark_type(duck: str) -> str:
    """The type as Spark's SQL writes it, such as `ARRAY<STRUCT<first: TIMESTAMP_NTZ>>`."""
    if duck in _NAMES:
        return _NAMES[duck]
    if duck.endswith("[]"):
        return f"ARRAY<{spark_type(duck[:-2])}>"
    if duck.startswith("STRUCT("):
        tree = exp.DataType.build(duck, dialect="duckdb")
        fields = ((part.this.name, part.args["kind"].sql("duckdb")) for part in tree.expressions)
        return f"STRUCT<{', '.join(f'`{name}`: {spark_type(kind)}' for name, kind in fields)}>"
    return duck
