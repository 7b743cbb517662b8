"""A rule that fails says why and where; the others still run; and what is flagged can be read back."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from haechi.detect.runner import run_rules
from haechi.model.errors import RuleError
from haechi.model.settings import IssuerSettings, Settings
from haechi.model.values import RuleRun

from .worlds import T0, accesses, engine_of, rule_file

HEAD = """/* ---
id = "mine"
title = "Mine"
tier = "purpose"
severity = "low"
means = "x"
normal = "x"
sentence = "{kind} {entity}: {accesses:request} for {subjects:person|people}."
[params.least]
default = 2
unit = "accesses"
meaning = "x"
--- */
"""
ALL = "SELECT source, seq, 'actor' AS entity_kind, actor AS entity FROM access WHERE seq >= $least"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    rule_file(folder, "other", "actor")
    return folder


def mine(rules: Path, text: str) -> Path:
    (rules / "mine.sql").write_text(text)
    return rules


def run_of(rules: Path, settings: Settings | None = None) -> RuleRun:
    engine = engine_of(accesses(5, host="other", actor="kim", subject="m{n}"))
    detection = run_rules(engine, settings or Settings(), rules, ["mine", "other"])
    by_rule = {run.rule: run for run in detection.runs}
    assert by_rule["other"].ran, "a failing rule must not stop the others"
    assert [f.rule for f in detection.findings if f.rule == "other"] == ["other"]
    # What the failed rule left behind must be gone.
    flagged = engine.rows("SELECT rule, count(*) FROM flag WHERE rule = 'mine' GROUP BY rule")
    assert bool(flagged) == by_rule["mine"].ran
    return by_rule["mine"]


@pytest.mark.parametrize(
    ("sql", "line", "says"),
    [
        ("SELECT source, seq FROMM access\nWHERE true", 14, "syntax error"),
        ("SELECT source, seq,\n  'actor' AS entity_kind, nonsense AS entity FROM access", 15, '"nonsense"'),
        ("SELECT *\nFROM nowhere", 15, "nowhere"),
        (
            "SELECT source, seq,\n 'actor' AS entity_kind, CAST(actor AS INTEGER) AS entity FROM access",
            15,
            "ConversionException",
        ),
        (f"{ALL}\n  AND 1 / (seq - seq) > 0", 15, "division by zero"),
        (f"{ALL}\n  AND '나눔' <> ''\n AND seq // 0 > 0", 16, "division by zero"),
        (f"{ALL}\n  AND\n seq % ($least - 2) > 0", 16, "division by zero"),
        (f"{ALL}\nAND 1 / seq > 0 AND CAST(actor AS INTEGER) / 2 > 0", 15, "ConversionException"),
    ],
)
def test_errors_name_file_and_line(rules: Path, sql: str, line: int, says: str) -> None:
    run = run_of(mine(rules, HEAD + sql))
    assert not run.ran
    assert run.reason.startswith(f"mine.sql:{line}: ")
    assert says in run.reason
    assert "kim" not in run.reason, "a value of the data must not stand in an error"


def test_an_error_that_the_rule_raises_tells_no_value(rules: Path) -> None:
    sql = "SELECT source, seq, 'actor' AS entity_kind, error('saw ' || actor || ' 010-1234') AS entity FROM access"
    run = run_of(mine(rules, HEAD + sql))
    assert not run.ran
    assert "kim" not in run.reason and "010" not in run.reason
    assert run.reason.startswith("mine.sql") and "Exception" in run.reason


def test_a_budget_of_people_needs_a_page_that_shows_personal_data() -> None:
    for fields, ran in ((None, False), ("", False), ("name", True)):
        engine = engine_of(accesses(3, actor="kim", subject="m{n}", fields=fields))
        run = run_rules(engine, Settings(), only=["persons-over-budget"]).runs[0]
        engine.close()
        assert run.ran is ran
        assert (run.reason == "no page is known to show personal data") is not ran


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (ALL.replace("$least", "$most"), "$most is not among the rule's params"),
        ("SELECT source FROM access", "neither accesses nor findings"),
        (ALL.replace("'actor' AS", "'planet' AS"), "unknown entity_kind"),
        (ALL.replace("source,", "'elsewhere' AS source,"), "do not exist"),
        (
            "SELECT a.source, a.seq, 'actor' AS entity_kind, a.actor AS entity\n"
            "FROM access AS a, range(100000000) AS b, range(100000000) AS c",
            "more than 32 rows for each access",
        ),
    ],
)
def test_errors_without_a_line_name_the_file(rules: Path, sql: str, says: str) -> None:
    run = run_of(mine(rules, HEAD + sql))
    assert not run.ran
    assert "mine.sql" in run.reason
    assert says in run.reason


def test_dividing_by_what_is_never_nought_is_no_error(rules: Path) -> None:
    sql = (
        f"{ALL} AND 12 / (1 + seq) > 0 AND (seq / $least) / seq::DOUBLE > 0 AND seq / nullif(seq - 3, 0) > -9"
    )
    run = run_of(mine(rules, HEAD + sql))
    assert run.ran and run.findings == 1


@pytest.mark.parametrize("more", ["; DROP VIEW access", ";\nSELECT 1", "; COPY access TO 'x.csv'"])
def test_a_rule_is_one_query(rules: Path, more: str) -> None:
    run = run_of(mine(rules, HEAD + ALL + more))
    assert not run.ran
    assert "mine.sql:14: a rule is one query" in run.reason


def test_a_rule_that_is_no_text_is_named_with_its_line(rules: Path) -> None:
    (rules / "mine.sql").write_bytes((HEAD + ALL).encode() + b"\n-- \xff\n")
    engine = engine_of(accesses(5, host="other", actor="kim"))
    runs = {run.rule: run for run in run_rules(engine, Settings(), rules, ["mine", "other"]).runs}
    assert runs["other"].ran
    assert runs["mine"].reason.endswith("mine.sql:15: the file is not UTF-8")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ALL, "no header"),
        ("/* ---\nid = \n--- */\n" + ALL, "cannot be read"),
        (HEAD.replace('"low"', '"slight"') + ALL, "severity"),
        (HEAD.replace('"mine"', '"yours"') + ALL, "calls itself 'yours'"),
        (HEAD.replace("[params", 'needs = ["luck"]\n[params') + ALL, "needs 'luck'"),
    ],
)
def test_a_bad_header_is_a_reason(rules: Path, text: str, says: str) -> None:
    run = run_of(mine(rules, text))
    assert not run.ran
    assert says in run.reason


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"leest": 3}, "no parameter 'leest'"),
        ({"least": "3"}, "least must be like 2"),
        ({"least": True}, "least must be like 2"),
        ({"enabled": False}, "switched off"),
    ],
)
def test_settings_that_do_not_fit_are_a_reason(rules: Path, given: dict[str, object], says: str) -> None:
    run = run_of(mine(rules, HEAD + ALL), Settings(rules={"mine": given}))
    assert not run.ran
    assert says in run.reason


def test_parameters_and_the_flag_view(rules: Path) -> None:
    engine = engine_of(accesses(5, actor="kim", subject="m{n}"), accesses(3, actor="lee", subject="m1"))
    detection = run_rules(engine, Settings(rules={"mine": {"least": 3}}), mine(rules, HEAD + ALL), ["mine"])
    assert [(f.entity, f.accesses, f.subjects) for f in detection.findings] == [("kim", 3, 3), ("lee", 3, 1)]
    assert detection.findings[0].sentence == "Account kim: 3 requests for 3 people."
    assert detection.findings[0].first_seen == T0.replace(minute=2, tzinfo=UTC)
    flag = engine.rows("SELECT finding, rule, entity_kind, entity, source, seq FROM flag ORDER BY ALL")
    assert flag == [
        (n, "mine", "actor", who, "access", seq)
        for n, (who, seqs) in enumerate([("kim", (3, 4, 5)), ("lee", (6, 7, 8))])
        for seq in seqs
    ]


def test_an_access_that_a_rule_returns_twice_counts_once(rules: Path) -> None:
    engine = engine_of(accesses(4, actor="kim"))
    detection = run_rules(engine, Settings(), mine(rules, HEAD + f"{ALL} UNION ALL {ALL}"), ["mine"])
    assert [f.accesses for f in detection.findings] == [3]
    assert engine.rows("SELECT count(*) FROM flag") == [(3,)]


def test_a_rule_may_return_findings(rules: Path) -> None:
    sql = """SELECT 'actor' AS entity_kind, actor AS entity, min(time) + INTERVAL 1 MINUTE AS first_seen,
        max(time) AS last_seen, 77 AS accesses, 5 AS subjects, {'why': 'so'} AS evidence
        FROM access WHERE seq >= $least - 2 GROUP BY actor"""
    engine = engine_of(accesses(4, actor="kim", client_ip="192.0.2.1"), accesses(4))
    (finding,) = run_rules(engine, Settings(), mine(rules, HEAD + sql), ["mine"]).findings
    assert (finding.accesses, finding.subjects) == (77, 5), "the rule's own counts stand"
    assert finding.evidence["evidence"] == {"why": "so"}
    assert finding.evidence["top_addresses"] == {"192.0.2.1": 3}
    assert engine.rows("SELECT seq FROM flag ORDER BY seq") == [(2,), (3,), (4,)]


@pytest.mark.parametrize(
    ("kind", "entity"),
    [
        ("credential", "00ff00ff00ff00ff00ff00ff00ff00ff"),
        ("key", "k1"),
        ("client_ip", "192.0.2.1"),
        ("client", "Script"),
        ("actor", "kim"),
        ("person", "p1"),
        ("subject", "m1"),
        ("issuer", "login"),
    ],
)
def test_every_kind_of_entity_finds_its_accesses(rules: Path, kind: str, entity: str) -> None:
    sql = f"""SELECT '{kind}' AS entity_kind, '{entity}' AS entity,
        min(time) AS first_seen, max(time) AS last_seen, 3 AS accesses, 0 AS subjects, NULL AS evidence
        FROM access HAVING $least > 0"""
    of_it = {
        "credential": bytes.fromhex("00ff" * 8), "key": "k1", "client_ip": "192.0.2.1", "client": "Script",
        "actor": "kim", "subject": "m1", "issuer": "login",
    }  # fmt: skip
    person = [{"person": "p1", "account": "kim"}, {"person": "p1", "account": "kim"}]
    engine = engine_of(accesses(3, **of_it), accesses(2, actor="lee", key="k2"), person=person)
    run_rules(engine, Settings(), mine(rules, HEAD + sql), ["mine"])
    assert engine.rows("SELECT seq FROM flag ORDER BY seq") == [(1,), (2,), (3,)]


def test_what_is_not_collected_is_said() -> None:
    runs = {run.rule: run for run in run_rules(engine_of(accesses(3)), Settings()).runs}
    assert runs["never-issued"].reason == "no issuance records were collected"
    assert runs["leaver"].reason == "no list of people was collected"
    assert runs["subject-never-existed"].reason == "no registry of data subjects was collected"
    assert runs["outside-key-life"].reason == "haechi.toml names no signing key"
    assert not any(
        runs[rule].ran for rule in ("never-issued", "leaver", "subject-never-existed", "outside-key-life")
    )
    assert runs["persons-over-budget"].reason == "no page is known to show personal data"


def test_settings_for_a_rule_that_does_not_exist_are_said() -> None:
    detection = run_rules(engine_of(accesses(3)), Settings(rules={"never-isued": {"enabled": False}}))
    run = next(run for run in detection.runs if run.rule == "never-isued")
    assert not run.ran
    assert "names no rule" in run.reason


def test_only_a_rule_that_exists() -> None:
    with pytest.raises(RuleError, match="no such rule: nothing"):
        run_rules(engine_of(), Settings(), only=["nothing"])


def test_a_users_rule_takes_the_built_ins_place(rules: Path) -> None:
    rule_file(rules, "never-issued", "actor")
    engine = engine_of(accesses(2, host="never-issued", actor="kim"))
    detection = run_rules(engine, Settings(), rules, ["never-issued"])
    assert [f.entity for f in detection.findings] == ["kim"]


def test_rules_run_again_on_the_same_engine_give_the_same() -> None:
    engine = engine_of(
        accesses(3, key="k1", issuer="login", credential=b"x" * 16),
        accesses(9, key="k2", issuer="login", credential=b"y" * 16),
        issuance=[{"time": T0, "issuer": "login", "credential": b"y" * 16}],
    )
    settings = Settings(issuers=[IssuerSettings("login", token_life="1h")])
    first, second = run_rules(engine, settings), run_rules(engine, settings)
    assert first.findings == second.findings
    assert [run.reason for run in first.runs] == [run.reason for run in second.runs]
