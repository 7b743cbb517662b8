"""When a probe is due: by its own `every`, else its system's; what was not answered, always."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from haechi.identity.ask import Question
from haechi.identity.schedule import Last, due, next_time
from haechi.model.settings import ProbeSettings, SystemSettings
from haechi.model.words import FactState

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def question(every: str = "") -> Question:
    return Question(ProbeSettings("p", "s", "scim", every=every), SystemSettings("s", "scim", every="2d"))


@pytest.mark.parametrize(
    ("every", "state", "ago", "is_due"),
    [
        ("", "dead", timedelta(days=2), True),
        ("", "dead", timedelta(days=2) - timedelta(seconds=1), False),
        ("1h", "dead", timedelta(hours=1), True),
        ("1h", "alive", timedelta(minutes=59), False),
        ("1h", "unknown", timedelta(seconds=1), True),
    ],
)
def test_when_it_is_due(every: str, state: FactState, ago: timedelta, is_due: bool) -> None:
    last = {("p", "s"): Last(NOW - ago, state, "", None)}
    assert due([question(every)], last, NOW) == ([question(every)] if is_due else [])


def test_what_was_never_asked_is_due() -> None:
    other = {("p", "another"): Last(NOW, "dead", "", None)}
    assert due([question()], other, NOW) == [question()]
    assert next_time(question(), None) is None
