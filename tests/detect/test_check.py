"""Mistakes in `[rules.ID]` are told at once, with their keys, before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.detect.check import check_rules
from haechi.model.errors import SettingsError
from haechi.model.settings import Settings
from haechi.report.inspection import inspect
from haechi.workspace.load import load

from .worlds import rule_file


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"lever": {}}, 'rules.lever: is not a rule. Did you mean "leaver"?'),
        (
            {"persons-over-budget": {"credential_hours": 9}},
            'rules.persons-over-budget.credential_hours: is not a parameter. Did you mean "credential_hour"?',
        ),
        ({"persons-over-budget": {"client_ip_day": "many"}}, "client_ip_day: must be like 300"),
        ({"persons-over-budget": {"client_ip_day": True}}, "client_ip_day: must be like 300"),
        ({"persons-over-budget": {"declared": [1]}}, "declared: must be like []"),
        ({"leaver": {"enabled": "no"}}, "rules.leaver.enabled: must be true or false"),
    ],
)
def test_mistakes_name_their_key(rules: dict[str, dict[str, object]], says: str) -> None:
    with pytest.raises(SettingsError) as error:
        check_rules(Settings(rules=rules), None)
    assert says in error.value.what
    assert error.value.exit_code == 2


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        check_rules(Settings(rules={"a": {}, "leaver": {"enabled": 1}}), None)
    assert "rules.a:" in error.value.what and "rules.leaver.enabled:" in error.value.what


def test_what_is_right_passes(tmp_path: Path) -> None:
    rule_file(tmp_path / "rules", "mine", "actor")
    (tmp_path / "rules" / "broken.sql").write_text("no header")
    rules: dict[str, dict[str, object]] = {
        "mine": {"enabled": False},
        "broken": {"least": 3},
        "persons-over-budget": {"credential_hour": 9, "personal_share": 1, "declared": ["batch"]},
    }
    check_rules(Settings(rules=rules), tmp_path / "rules")


def test_an_inspection_stops_before_it_reads(tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text("[rules.lever]\nenabled = false\n")
    workspace = load(tmp_path, frozenset())
    with pytest.raises(SettingsError), inspect([], workspace):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["haechi.toml"]
