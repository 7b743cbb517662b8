"""What is not carried over is refused with a sentence, and never written as something that Spark takes otherwise."""

from __future__ import annotations

import msgspec
import pytest
from tests.servers.spark import LOCAL

from haechi.model.errors import EngineError
from haechi.store.spark import dialect, session
from haechi.store.spark.engine import _for_spark, _parsed

REFUSED = (
    "regexp_matches(s, 'abc', 'i')",
    "regexp_matches(s, p)",
    "regexp_full_match(s, 'abc', 'i')",
    "regexp_full_match(s, p)",
    "regexp_extract(s, 'abc', 0, 'i')",
    "regexp_extract(s, p)",
    "regexp_extract(s, '(a)', ['first'])",
    "regexp_extract_all(s, 'abc', 0, 'i')",
    "regexp_replace(s, '^abc', 'x', 'i')",
    "regexp_replace(s, p, 'x')",
    "regexp_replace(s, '^a', p)",
    "regexp_replace(s, '^a', '$1')",
    r"regexp_replace(s, '^(a)b', '\1')",
    "regexp_replace(s, 'a', 'x')",
    "regexp_replace(s, '^a|b', 'x')",
    r"regexp_replace(s, 'a\|b|c$', 'x')",
    "regexp_replace(s, 'a*$', 'x')",
    "regexp_replace(s, '(?m)a$', 'x')",
    r"regexp_replace(s, '\pL$', 'x')",
    "string_split(s, sep)",
    "string_split(s, '')",
    "string_split_regex(s, 'a', 'i')",
    "format(f, s)",
    "format('{} {}', s)",
    "printf(f, s)",
    "strftime(t, f)",
    "strftime(t, '%B')",
    "strftime(t, '%-d')",
    "strptime(s, f)",
    "list_sort(l, 'DESC')",
    "list_sort(l, 'ASC', 'NULLS FIRST')",
    "list_reverse_sort(l)",
    "array_to_string(l, ',', 'none')",
    "s + $not_given",
)
WRITTEN = {
    "regexp_matches(s, 'a' || '|b')": "REGEXP_LIKE(`s`, 'a|b')",
    "regexp_replace(s, '^(a|[|])', 'x')": "REGEXP_REPLACE(`s`, '^(a|[|])', 'x')",
    "regexp_replace(s, ':[^:/]*$', '')": "REGEXP_REPLACE(`s`, ':[^:/]*$', '')",
    "strftime(t, 'it''s 100%%')": "DATE_FORMAT(`t`, '\\'it\\'\\'s 100\\'%')",
    "list_sort(l)": "ARRAY_SORT(`l`)",
    "s::BIGINT": "CAST(BROUND(CAST(`s` AS DECIMAL(38,18)), 0) AS BIGINT)",
    "try_cast(d AS INTEGER)": "TRY_CAST(BROUND(TRY_CAST(`d` AS DECIMAL(38,18)), 0) AS INT)",
    "count(*)::INTEGER": "CAST(COUNT(*) AS INT)",
}


@pytest.mark.parametrize("call", REFUSED)
def test_a_call_is_refused(call: str) -> None:
    with pytest.raises(EngineError, match="Spark cannot run this query: "):
        _for_spark(_parsed(f"SELECT {call} FROM some"), None, {})


@pytest.mark.parametrize("call", WRITTEN)
def test_a_call_is_written(call: str) -> None:
    text = dialect.for_spark(dialect.parse(f"SELECT {call} FROM some"), {}, {})
    assert text == f"SELECT {WRITTEN[call]} FROM `some`"


def test_two_statements_are_refused() -> None:
    with pytest.raises(EngineError, match="one statement at a time"):
        _parsed("SELECT 1; SELECT 2")


@pytest.mark.parametrize(
    "name",
    [
        "spark.sql.ansi.enabled",
        "spark.sql.files.ignoreMissingFiles",
        "spark.sql.files.ignoreCorruptFiles",
        "spark.sql.legacy.timeParserPolicy",
        "spark.sql.extensions",
        "spark.hadoop.fs.permissions.umask-mode",
    ],
)
def test_an_option_that_changes_answers_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "available", lambda: True)
    with pytest.raises(EngineError, match=f"{name} cannot be set"):
        session.open_session(msgspec.structs.replace(LOCAL, options={name: "x"}))
