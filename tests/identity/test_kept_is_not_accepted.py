"""A vault that no longer has a secret tells nothing of the copy that somebody took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from haechi.identity.facts import PROBES, keep_facts
from haechi.identity.interface import Fact
from haechi.identity.leaver import check
from haechi.store.of_workspace import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import load

NOW = datetime.now(UTC)
SETTINGS = """
[[system]]
name = "vault"
kind = "openbao"
url = "https://vault.example"

[[system]]
name = "db"
kind = "postgresql"
url = "postgresql://db.example/x"
"""


@pytest.mark.parametrize(
    ("how", "answers", "state"),
    [
        ("exported", {"openbao-key": "dead"}, "unknown"),
        ("read", {"openbao-key": "dead"}, "unknown"),
        ("may-read", {"openbao-key": "dead"}, "unknown"),  # no audit log tells whether it was read
        ("exported", {"openbao-key": "alive"}, "alive"),
        ("exported", {"openbao-key": "dead", "postgresql-password": "dead"}, "dead"),
        ("exported", {"openbao-key": "dead", "postgresql-password": "alive"}, "alive"),
    ],
)
def test_who_answers_for_a_copy(tmp_path: Path, how: str, answers: dict[str, str], state: str) -> None:
    (tmp_path / "haechi.toml").write_text(SETTINGS)
    workspace = load(tmp_path)
    name, before = "secret/data/app", NOW - timedelta(hours=2)
    taken = Fact(before, "exposure", "vault", "alive", "entry 7", "E1", "kim", name, "1", how=how)
    probed = [
        Fact(
            NOW - timedelta(hours=1), "probe", "vault" if kind == "openbao-key" else "db", answer, "It said so.",
            object=f"p-{kind}", version=f"{name}:1", how=kind,
        )
        for kind, answer in answers.items()
    ]  # fmt: skip
    keep_facts(workspace, "vault", [taken])
    keep_facts(workspace, PROBES, probed)
    engine = open_engine(open_store(workspace).snapshot(), workspace.settings.store)
    try:
        (leaver,) = check(engine, workspace.settings, "E1").people
    finally:
        engine.close()
    (item,) = [item for item in leaver.items if item.sort == "secret"]
    assert item.state == state, item.why
