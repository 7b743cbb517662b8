"""Facts become records of the store, each with its line, and leave nothing behind outside of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.collect.harness import named, read

from haechi.identity.facts import FOLDER, commit, keep_facts, lines_of, waiting, write
from haechi.identity.interface import Fact
from haechi.model.errors import IdentityError, StoreError
from haechi.store.of_workspace import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace, load

SEEN = datetime(2026, 3, 4, 5, 6, 7, 89, UTC)
FACT = Fact(SEEN, "account", "mail", "alive", "listed", person="E1", account="kim", first=SEEN)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "haechi.toml").write_text("")
    return load(tmp_path)


def rows(workspace: Workspace) -> list[tuple[object, ...]]:
    engine = open_engine(open_store(workspace).snapshot(), workspace.settings.store)
    try:
        return engine.rows("SELECT source, seq, time, system, account, version, state FROM fact ORDER BY ALL")
    finally:
        engine.close()


def test_facts_are_records_and_the_outbox_is_empty(workspace: Workspace) -> None:
    assert keep_facts(workspace, "mail", [FACT, FACT]) == 2
    later = replace(FACT, time=SEEN + timedelta(days=1), state="dead")
    assert keep_facts(workspace, "mail", [later]) == 1
    seen = SEEN.replace(tzinfo=None)
    assert rows(workspace) == [
        ("facts.mail", 1, seen, "mail", "kim", None, "alive"),
        ("facts.mail", 2, seen, "mail", "kim", None, "alive"),
        ("facts.mail", 3, seen + timedelta(days=1), "mail", "kim", None, "dead"),
    ]
    assert waiting(workspace) == []


def test_the_outbox_is_its_owner_s_alone(workspace: Workspace) -> None:
    file = write(workspace, "mail", b"{}\n")
    assert file.parent.stat().st_mode & 0o077 == 0
    assert (workspace.root / FOLDER).stat().st_mode & 0o077 == 0


def test_facts_wait_while_another_process_writes(workspace: Workspace) -> None:
    with open_store(workspace).writer(), pytest.raises(StoreError):
        keep_facts(workspace, "mail", [FACT])
    assert len(waiting(workspace)) == 1
    assert keep_facts(workspace, "probes", []) == 0
    assert len(rows(workspace)) == 1


def test_what_was_committed_before_a_crash_is_not_doubled(workspace: Workspace) -> None:
    keep_facts(workspace, "mail", [FACT])
    lines = (
        b'{"time":"2026-03-05T00:00:00.000000Z","kind":"account","system":"m","state":"dead","account":"a"}\n'
    )
    file = write(workspace, "mail", lines)
    commit(workspace)
    file.write_bytes(lines)
    commit(workspace)
    assert len(rows(workspace)) == 2


def test_a_fact_that_cannot_be_read_is_heard_of(workspace: Workspace) -> None:
    write(workspace, "mail", b'{"kind":"account"}\n')
    with pytest.raises(IdentityError, match="could not be kept"):
        commit(workspace)
    assert len(waiting(workspace)) == 1


TIMES = st.datetimes(datetime(1701, 1, 1), datetime(2249, 1, 1), timezones=st.just(UTC))
EVER = st.none() | st.datetimes(timezones=st.just(UTC))


@given(st.text(min_size=1), st.text(), st.text(), TIMES, EVER, EVER)
@example("null", "-", "None", SEEN, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
@example("\0", "a\nb", "\ud800", SEEN, None, None)
@settings(max_examples=60, deadline=None)
def test_whatever_a_system_says_is_read_back(
    account: str, person: str, evidence: str, time: datetime, first: datetime | None, last: datetime | None
) -> None:
    told = Fact(
        time, "account", "mail", "dead", evidence, person=person, account=account, first=first, last=last
    )
    found = read(named("facts"), lines_of([FACT, told]))
    assert found.aside == []
    row = found.records[1]
    for name, text in {"account": account, "person": person, "evidence": evidence}.items():
        said = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
        assert row[name] == (said or None)
    for name, moment in {"time": time, "first": first, "last": last}.items():
        assert row[name] == (moment.replace(tzinfo=None) if moment else None)
