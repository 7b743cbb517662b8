"""The lines of a case on networks and on who may be behind it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from haechi.model.values import Attribution, AttributionFact, NetworkShare
from haechi.report.terminal_attribution import attribution_table, networks_table

INSIDE = AttributionFact(
    "staff_account", "insider", "40 of 40 requests came from the staff account kim.", {}, 3
)
OUTSIDE = AttributionFact("many_addresses", "outsider", "It came from 40 addresses.", {}, 1)


def printed(table: object) -> str:
    stream = io.StringIO()
    Console(file=stream, width=100, markup=False, highlight=False).print(table)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("attribution", "leaning"),
    [
        (Attribution("insider", [INSIDE], [OUTSIDE]), "towards an insider, or somebody who was one"),
        (Attribution("outsider", [OUTSIDE], [INSIDE]), "towards an outsider"),
        (Attribution("unknown", [INSIDE], [OUTSIDE]), "does not tell"),
    ],
)
def test_both_sides_always_stand_there(attribution: Attribution, leaning: str) -> None:
    said = printed(attribution_table(attribution))
    assert leaning in said
    lines = [line.split(None, 3) for line in said.splitlines()]
    assert [line[:3] for line in lines[1:]] == [["for", "an", "insider"], ["for", "an", "outsider"]]
    assert INSIDE.sentence in said.splitlines()[1]
    assert OUTSIDE.sentence in said.splitlines()[2]


def test_a_side_without_evidence_says_so() -> None:
    assert "nothing that was looked at" in printed(attribution_table(Attribution("insider", [INSIDE], [])))


def test_networks_say_owner_country_and_counts() -> None:
    shares = [
        NetworkShare("KR", "Example Telecom", 64500, None, 1, 1200),
        NetworkShare(None, None, 64501, "hosting", 30, 60),
        *(NetworkShare("US", None, None, None, n, n) for n in range(4)),
    ]
    lines = [" ".join(line.split()) for line in printed(networks_table(shares)).splitlines()]
    assert lines[0] == "Networks Example Telecom, KR: 1,200 requests from 1 address"
    assert lines[1] == "AS64501, hosting: 60 requests from 30 addresses"
    assert lines[2].startswith("owner not known, US")
    assert lines[-1] == "and 2 more networks; --json lists them"


def test_hostile_text_is_inert() -> None:
    bad = "\x1b[31mred\u202e"
    said = printed(networks_table([NetworkShare("KR", bad, None, None, 1, 1)]))
    said += printed(attribution_table(Attribution("insider", [AttributionFact("x", "insider", bad)], [])))
    assert "\x1b" not in said
    assert "\u202e" not in said
