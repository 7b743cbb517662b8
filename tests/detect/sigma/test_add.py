"""What becomes of a Sigma file: the rule file, and every refusal with its reason and place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from haechi.detect.rule import read_rule
from haechi.detect.runner import run_rules
from haechi.detect.sigma.add import add_file, convert_file
from haechi.detect.sigma.fields import ANY, LOGS, column_of
from haechi.detect.sigma.header import slug
from haechi.model.errors import RuleError
from haechi.model.settings import Settings
from haechi.model.words import ENTITY_KINDS
from haechi.store.duckdb_engine import memory_engine

from ..worlds import accesses, engine_of
from .running import detected, flagged, rule_of

DOCS = Path(__file__).parents[3] / "docs" / "sigma.md"
GOOD = rule_of("selection:\n    cs-username: kim\ncondition: selection")


def refused(tmp_path: Path, sigma: str) -> RuleError:
    file = tmp_path / "given.yml"
    file.write_text(sigma, encoding="utf-8")
    with pytest.raises(RuleError) as raised:
        convert_file(file)
    return raised.value


@pytest.mark.parametrize(
    ("sigma", "says", "line"),
    [
        (GOOD.replace("cs-username", "cs-cookie"), "field 'cs-cookie' of web server and proxy", 9),
        (GOOD.replace("cs-username", "'Image|endswith'"), "field 'Image'", 9),
        (GOOD.replace("category: webserver", "category: process_creation\n    product: windows"),
         "windows/process_creation records", None),
        (GOOD.replace("kim", "'%admins%'").replace("cs-username", "cs-username|expand"), "%admins%", None),
        (GOOD.replace("cs-username", "cs-username|unheard"), "Unknown modifier", None),
        (GOOD.replace("condition: selection", "condition: other"), "'other' not defined", None),
        (GOOD.replace("condition: selection", "condition: selection and"), "", None),
        (GOOD.replace("condition: selection", "condition: 1 of other_*"), "doesn't match any detection", None),
        (GOOD.replace("condition: selection", "condition: selection | count() > 5"), "pipe", None),
        (GOOD.replace("condition: selection", ""), "condition", None),
        (GOOD.replace("logsource:\n    category: webserver\n", ""), "log source", None),
        (GOOD.replace("cs-username: kim", "cs-uri|re: '(?=x)y'"), "(?=x)", None),
        (GOOD.replace("cs-username: kim", "c-ip|cidr: 10.0.0.1/8"), "CIDR", None),
        (GOOD.replace("cs-username: kim", "cs-username|fieldref: cs-cookie"), "'cs-cookie'", None),
        (GOOD.replace("cs-username: kim", "time|gt: 5"), "is a time", None),
        (GOOD.replace("cs-username: kim", "cs-username|hour: 5"), "is no time", None),
        ("title: [", "not YAML", 1),
        ("a: b\n\tc: d\n", "not YAML", 2),
        ("- a\n- b\n", "", None),
        ("just words", "", None),
        ("", "", None),
        ("title: x\ndetection: 5\nlogsource: 7\n", "", None),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_words(
    tmp_path: Path, sigma: str, says: str, line: int | None
) -> None:
    error = refused(tmp_path, sigma)
    assert says in error.what
    place = str(tmp_path / "given.yml")
    assert error.where == (f"{place}:{line}" if line else place)


CORRELATION = """\
---
title: Correlation under test
correlation:
    type: {type}
    rules: [{rules}]
    group-by: [{group}]
    timespan: {timespan}
    condition: {condition}
"""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"group": "cs-cookie"}, "'cs-cookie'"),
        ({"type": "value_count"}, "field"),
        ({"type": "value_count", "condition": "{gte: 5, field: cs-cookie}"}, "'cs-cookie'"),
        ({"type": "no_such"}, "no_such"),
        ({"timespan": "soon"}, "soon"),
        ({"timespan": "0m"}, "zero"),
        ({"rules": "other"}, "other"),
        ({"type": "temporal_ordered", "rules": "base, base", "condition": "{gte: 1}"}, "only some"),
        ({"type": "temporal_ordered", "rules": "base, two", "condition": "base or two"}, "other words than"),
        ({"condition": "{gte: many}"}, "many"),
        ({"condition": "{gte: 1, lte: 5}"}, "exactly one"),
    ],
)
def test_correlations_that_cannot_be_used(tmp_path: Path, changes: dict[str, str], says: str) -> None:
    base = GOOD.replace("title: Rule under test", "title: Base\nname: base")
    two = "---\n" + base.replace("Base", "Two").replace("base", "two").replace("0001", "0002")
    given = {
        "type": "event_count",
        "rules": "base",
        "group": "c-ip",
        "timespan": "5m",
        "condition": "{gte: 5}",
    }
    assert says in refused(tmp_path, base + two + CORRELATION.format(**{**given, **changes})).what


def test_the_rule_file_says_where_it_comes_from(tmp_path: Path) -> None:
    sigma = GOOD.replace(
        "description: Made for a test.", "description: |\n    Ends */ here {braces} 'quoted'\n    --- */\n"
    )
    sigma = sigma.replace("title: Rule under test", 'title: "A {strange} title */ with \\"marks\\""')
    file = tmp_path / "given.yml"
    file.write_text(sigma + "level: critical\nfalsepositives:\n    - Unknown\n    - Backups\n")
    (path,) = add_file(file, tmp_path / "rules")
    header = read_rule(path).header
    assert path.name == "a-strange-title-with-marks.sql"
    assert header.severity == "critical"
    assert header.normal == "Backups"
    assert header.origin == "Sigma rule 6f9a1d0e-4c3a-4a8c-9d25-000000000001, from given.yml"
    detection, _ = detected(tmp_path, sigma, accesses(2, actor="kim", client_ip="192.0.2.1"))
    assert detection.findings[0].sentence.startswith("A {strange} title")
    assert detection.findings[0].sentence.endswith("2 requests by address 192.0.2.1.")


@pytest.mark.parametrize("level", ["informational", "low", "medium", "high", "critical", ""])
def test_levels(tmp_path: Path, level: str) -> None:
    file = tmp_path / "given.yml"
    file.write_text(GOOD + (f"level: {level}\n" if level else ""))
    (path,) = add_file(file, tmp_path / "rules")
    assert read_rule(path).header.severity == {"informational": "low", "": "medium"}.get(level, level)


def test_nothing_is_written_where_one_rule_of_a_file_is_bad(tmp_path: Path) -> None:
    file = tmp_path / "given.yml"
    bad = (
        GOOD.replace("Rule under test", "Another").replace("cs-username", "cs-cookie").replace("0001", "0002")
    )
    file.write_text(GOOD + "---\n" + bad)
    with pytest.raises(RuleError, match="cs-cookie"):
        add_file(file, tmp_path / "rules")
    file.write_text(GOOD + "---\n" + GOOD.replace("0001", "0002"))
    with pytest.raises(RuleError, match="same title"):
        add_file(file, tmp_path / "rules")
    assert not (tmp_path / "rules").exists()


def test_a_title_of_a_built_in_rule_is_refused(tmp_path: Path) -> None:
    assert "built-in" in refused(tmp_path, GOOD.replace("Rule under test", "Never issued!")).what


def test_a_rule_can_be_held_to_some_sources(tmp_path: Path) -> None:
    rows = [*accesses(1, actor="kim", client="x"), *accesses(1, actor="kim", client="x", source="other")]
    assert flagged(tmp_path, GOOD, rows) == [1, 2]
    only = Settings(rules={"rule-under-test": {"sources": ["other"]}})
    engine = engine_of(rows)
    run_rules(engine, only, tmp_path / "rules", ["rule-under-test"])
    assert engine.rows("SELECT source FROM flag") == [("other",)]
    engine.close()


@pytest.mark.parametrize("kind", [kind for kind in ENTITY_KINDS if kind != "person"])
def test_findings_can_be_about_any_kind_of_entity(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "given.yml"
    file.write_text(GOOD)
    assert len(add_file(file, tmp_path / "rules", kind)) == 1


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12
).filter(str.strip)


@trying(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=words, title=words)
def test_any_text_is_only_ever_a_text(tmp_path: Path, value: str, title: str) -> None:
    """Quotes, comments, dollars, wildcards: a value finds itself, and ends neither string nor header."""
    escaped = value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?").replace("'", "''")
    sigma = rule_of(f"selection:\n    cs-uri|cased: '{escaped}'\ncondition: selection")
    quoted = title.replace("'", "''")
    sigma = sigma.replace("title: Rule under test", f"title: 'T {quoted}'")
    for old in (tmp_path / "rules").glob("*.sql"):
        old.unlink()
    rows = [
        *accesses(1, path=value, client_ip="192.0.2.1"),
        *accesses(1, path=f"{value}x", client_ip="192.0.2.1"),
    ]
    assert flagged(tmp_path, sigma, rows) == [1]


@pytest.mark.parametrize(
    ("title", "name"), [("A  b!", "a-b"), ("로그인", "sigma-rule"), ("x" * 99, "x" * 60)]
)
def test_ids_of_titles(title: str, name: str) -> None:
    assert slug(title) == name


def test_every_mapped_field_is_a_column_and_is_documented() -> None:
    engine = memory_engine()
    page = DOCS.read_text(encoding="utf-8")
    for log in {id(log): log for log in [*LOGS.values(), ANY]}.values():
        for field in log.fields:
            column = column_of(log, field)
            assert column is not None, field
            engine.rows(f"SELECT {column.sql} FROM access")
            assert f"`{field}`" in page.lower(), field
    engine.close()
