"""How late a way in died, or is."""

from __future__ import annotations

from datetime import UTC

import pytest
from tests.identity.knowing import day, fact, listing
from tests.identity.test_leaver import account, one

DAY = 86_400
RIGHT = fact(1, "grant", system="mail", account="kim", object="group/admins")


def test_a_right_dies_when_its_account_does() -> None:
    right = one([account(1), account(9), account(10.5, "dead"), RIGHT], "grant", at=11)
    assert (right.state, right.gone, right.late_s) == ("dead", day(10.5).replace(tzinfo=UTC), 0)
    right = one([account(1), account(12), account(13, "dead"), RIGHT], "grant", at=13.5)
    assert (right.gone, right.late_s) == (day(13).replace(tzinfo=UTC), 2 * DAY)


def test_a_right_that_is_listed_after_its_account_died_is_not_late() -> None:
    listed = [account(1), account(10.5, "dead"), RIGHT, RIGHT | {"time": day(11.5)}]
    right = one(listed, "grant", at=12)
    assert (right.state, right.gone, right.late_s) == ("dead", day(10.5).replace(tzinfo=UTC), 0)
    gone = [*listed, listing(12, "grant", system="mail")]
    right = one(gone, "grant", at=12)
    assert (right.state, right.gone, right.late_s) == ("dead", day(10.5).replace(tzinfo=UTC), 0)


@pytest.mark.parametrize(("state", "late"), [("alive", 9 * DAY), ("unknown", 0)])
def test_what_is_alive_is_late_as_of_now_whenever_that_was_told(state: str, late: int) -> None:
    item = one([account(1), account(9, state)], "account", at=20)
    assert (item.state, item.late_s) == (state, late)


def test_what_nobody_knows_is_not_told_to_be_late() -> None:
    assert one([], "account", at=20).late_s == 0
