"""Who is at work is the same, whether or not those are read too who only ever were members."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.detect.prepare import SHARED, Shared, settings_tables
from haechi.model.settings import Settings

from .worlds import T0, Record, engine_of

ACCOUNTS = ("a", "b", "c")

records = st.lists(
    st.fixed_dictionaries(
        {
            "time": st.just(T0),
            "actor": st.sampled_from([*ACCOUNTS, None]),
            "actor_kind": st.sampled_from(["member", "member", "staff", "service", None]),
            "client": st.sampled_from(["shop 1", "shop 2", "desk", None]),
            "subject": st.sampled_from([*ACCOUNTS, "m1", None]),
            "fields": st.sampled_from(["name", "", None]),
            "status": st.sampled_from([200, None]),
            "action": st.sampled_from(["view", "login", None]),
            "path": st.sampled_from(["/x", None]),
        }
    ),
    max_size=12,
)
people = st.lists(
    st.fixed_dictionaries({"account": st.sampled_from(ACCOUNTS), "role": st.sampled_from(["support", None])}),
    max_size=2,
)


def workers(access: list[Record], person: list[Record], of_all: bool) -> list[tuple[Any, ...]]:
    engine = engine_of(access, person=person, subject=[{"subject": "c"}])
    for name, table in settings_tables(Settings()).items():
        engine.register(name, table)
    given = ()
    if of_all:
        text = (SHARED / "actor_use.sql").read_text()
        begin, end = text.index("    WHERE actor IN"), text.index("    GROUP BY actor, actor_kind, client")
        engine.execute(f"{text[:begin]}    WHERE actor IS NOT NULL\n{text[end:]}")
        given = ("actor_use",)
    try:
        Shared(engine, given=given).provide("SELECT * FROM worker")
        return engine.rows("SELECT * FROM worker ORDER BY ALL")
    finally:
        engine.close()


@settings(max_examples=60, deadline=None)
@given(records, people)
def test_members_alone_change_nothing(access: list[Record], person: list[Record]) -> None:
    assert workers(access, person, False) == workers(access, person, True)
