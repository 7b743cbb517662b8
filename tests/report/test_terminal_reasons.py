"""The line on reasons says what share is explained, and what cannot be known."""

from __future__ import annotations

from haechi.model.values import Explained
from haechi.report.terminal_reasons import explained_lines


def test_the_share_is_cut_and_not_rounded() -> None:
    lines = explained_lines(Explained(100_000, 99_999, {"order": 1, "ticket": 99_998}, 0))
    assert lines == [
        "99,999 accesses of 100,000 by staff to personal data have a reason on record (99.9 %): "
        "ticket 99,998, order 1."
    ]


def test_what_is_unknown_is_said() -> None:
    lines = explained_lines(Explained(10, 1, {"ticket": 1}, 7, 5, 5))
    assert lines == [
        "1 access of 10 by staff to personal data has a reason on record (10.0 %): ticket 1.",
        "Of the others, 7 are by teams for whom few or no reasons are on record: whether they had one is unknown.",
        "Of 5 accesses by services, 5 had a declared purpose or another reason.",
    ]


def test_nothing_is_said_where_nobody_at_work_was_seen() -> None:
    assert explained_lines(None) == []
    assert explained_lines(Explained(0, 0, {}, 0)) == []
