"""Sentences: numbers, nouns, and values as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.detect.sentence import counted, fill


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "request", "1 request"),
        (0, "request", "0 requests"),
        (182201, "token", "182,201 tokens"),
        (1, "person|people", "1 person"),
        (2, "person|people", "2 people"),
    ],
)
def test_counted(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


def test_fill() -> None:
    template = {"key": "{accesses:request} by key {entity} until {last}", "any": "{kind} {entity}: {why}"}
    last = datetime(2025, 5, 1, 9, 30, tzinfo=UTC)
    assert fill(template, "key", {"accesses": 1204, "entity": "k1", "last": last}) == (
        "1,204 requests by key k1 until 2025-05-01 09:30"
    )
    assert (
        fill(template, "client_ip", {"entity": "192.0.2.1", "why": {"a": 3, "b": 2}})
        == "Address 192.0.2.1: a, b"
    )
    assert fill(template, "actor", {"entity": "kim"}) == "Account kim: unknown"


@given(st.text())
def test_what_comes_out_of_the_data_is_never_a_template(entity: str) -> None:
    assert fill("of {entity}", "key", {"entity": entity}) == f"of {entity}"
