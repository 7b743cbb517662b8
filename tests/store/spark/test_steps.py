"""Which parts of a query are worked out first, and what is then left of it."""

from __future__ import annotations

from itertools import count

import pytest

from haechi.store.spark.dialect import parse
from haechi.store.spark.steps import in_steps


def _steps(sql: str) -> tuple[dict[str, str], str]:
    numbers = count(1)
    steps, left = in_steps(parse(sql), lambda: f"step_{next(numbers)}")
    return {step.name: step.query.sql("duckdb") for step in steps}, left.sql("duckdb")


def test_what_is_named_twice_is_worked_out_once() -> None:
    steps, left = _steps(
        "WITH few AS (SELECT a, count(*) AS n FROM t GROUP BY a) SELECT * FROM few JOIN few AS f USING (a)"
    )
    assert steps == {"step_1": "SELECT a, COUNT(*) AS n FROM t GROUP BY a"}
    assert left == "SELECT * FROM step_1 AS few JOIN step_1 AS f USING (a)"


def test_a_step_takes_along_what_it_is_made_of() -> None:
    steps, left = _steps(
        "WITH x AS (SELECT a FROM t), y AS (SELECT a FROM x WHERE a > 1), unused AS (SELECT 1), "
        "z AS (SELECT DISTINCT a FROM y) SELECT (SELECT max(a) FROM z), (SELECT min(a) FROM z), a FROM x"
    )
    assert steps == {
        "step_1": "WITH x AS (SELECT a FROM t), y AS (SELECT a FROM x WHERE a > 1) SELECT DISTINCT a FROM y"
    }
    assert left == (
        "WITH x AS (SELECT a FROM t) "
        "SELECT (SELECT MAX(a) FROM step_1 AS z), (SELECT MIN(a) FROM step_1 AS z), a FROM x"
    )


def test_uses_are_counted_through_what_is_spelt_out() -> None:
    once = "WITH x AS (SELECT DISTINCT a FROM t), y AS (SELECT a FROM x) SELECT * FROM y"
    assert _steps(once) == ({}, once)
    steps, left = _steps(once + " UNION ALL SELECT * FROM y")
    assert steps == {"step_1": "SELECT DISTINCT a FROM t"}
    assert left == "WITH y AS (SELECT a FROM step_1 AS x) SELECT * FROM y UNION ALL SELECT * FROM y"


def test_a_step_builds_on_another() -> None:
    steps, left = _steps(
        "SELECT * FROM (WITH x AS MATERIALIZED (SELECT a FROM t), y AS (SELECT x.a FROM x JOIN x AS z USING (a)) "
        "SELECT * FROM y, y AS w) LIMIT 5"
    )
    assert steps == {
        "step_1": "SELECT a FROM t",
        "step_2": "SELECT x.a FROM step_1 AS x JOIN step_1 AS z USING (a)",
    }
    assert left == "SELECT * FROM (SELECT * FROM step_2 AS y, step_2 AS w) LIMIT 5"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t",
        # Cheap, or said to be: worked out where it is used, from what is needed there alone.
        "WITH x AS (SELECT a, b FROM t WHERE a > 1) SELECT a FROM x UNION ALL SELECT b FROM x",
        "WITH x AS NOT MATERIALIZED (SELECT DISTINCT a FROM t) SELECT a FROM x UNION ALL SELECT a FROM x",
        # It may speak of the row around it.
        "SELECT (WITH x AS (SELECT DISTINCT a FROM u WHERE u.b = t.b) SELECT max(x.a) FROM x, x AS y) FROM t",
        "SELECT a FROM t WHERE EXISTS(WITH x AS (SELECT DISTINCT a FROM u WHERE u.b = t.b) SELECT 1 FROM x, x AS y)",
        # The name means a table in one place and the part in another.
        "WITH x AS (SELECT DISTINCT a FROM t) "
        "SELECT * FROM x, x AS y, (WITH x AS (SELECT 1 AS a) SELECT a FROM x) AS z",
        "WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM x WHERE a < 3) SELECT * FROM x, x AS y",
    ],
)
def test_a_query_stays_whole(sql: str) -> None:
    steps, left = _steps(sql)
    assert steps == {}
    assert left == parse(sql).sql("duckdb")


def test_a_part_that_is_named_as_what_it_reads() -> None:
    steps, left = _steps("WITH t AS (SELECT DISTINCT a FROM t) SELECT * FROM t JOIN t AS u USING (a)")
    assert steps == {"step_1": "SELECT DISTINCT a FROM t"}
    assert left == "SELECT * FROM step_1 AS t JOIN step_1 AS u USING (a)"
