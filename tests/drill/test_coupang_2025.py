"""The incident: its numbers are those published, scaled; and nothing but the truth folder tells it apart."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from tests.drill.small_world import SCALE, Small

from haechi.drill.scenarios import coupang_2025 as facts


def about(number: int) -> int:
    return round(number * SCALE)


def test_the_truth_names_lines_that_are_there(small: Small) -> None:
    meta = json.loads((small.made.truth / "meta.json").read_text())
    assert (
        small.one("SELECT count(*) FROM forged") == small.one("SELECT count(*) FROM bad") == meta["requests"]
    )
    assert (
        small.one("SELECT count(*) FROM forged WHERE true_time <> at_time OR subject <> jwt_claim_sub") == 0
    )
    assert small.one("SELECT count(*) FROM forged WHERE shown <> (status = 200)") == 0


@pytest.mark.parametrize(
    ("phase", "published"),
    [
        ("address list", facts.ADDRESS_VIEWS),
        ("profile", facts.PROFILES),
        ("ghost", facts.GHOSTS),
        ("address edit", facts.EDIT_VIEWS),
        ("order list", facts.ORDER_VIEWS),
    ],
)
def test_counts_are_the_published_ones_scaled(small: Small, phase: str, published: int) -> None:
    answered = small.one(f"SELECT count(*) FROM forged WHERE phase = '{phase}' AND status <> 502")
    assert answered == about(published)


def test_each_account_and_each_ghost_is_tried_once_on_the_profile_page(small: Small) -> None:
    for phase, published in (("profile", facts.PROFILES), ("ghost", facts.GHOSTS)):
        who = f"FROM forged WHERE phase = '{phase}' AND status <> 502"
        assert small.one(f"SELECT count(DISTINCT subject) {who}") == about(published)


def test_ghosts_never_existed_and_all_others_did(small: Small) -> None:
    known = "(SELECT member_id FROM member)"
    assert small.one(f"SELECT count(*) FROM forged WHERE phase = 'ghost' AND subject IN {known}") == 0
    assert small.one(f"SELECT count(*) FROM forged WHERE phase <> 'ghost' AND subject NOT IN {known}") == 0
    early = small.one(
        """SELECT count(*) FROM forged INNER JOIN member ON subject = member_id
           WHERE forged.at_time < member.since"""
    )
    assert early == 0


def test_no_forged_token_was_ever_issued_or_used_twice(small: Small) -> None:
    assert small.one("SELECT count(*) FROM forged SEMI JOIN issued USING (token_sha256)") == 0
    assert small.one("SELECT count(*) FROM forged INNER JOIN issued ON jwt_claim_jti = jti") == 0
    assert small.one("SELECT count(*) - count(DISTINCT token_sha256) FROM forged") == 0
    assert small.one("SELECT count(DISTINCT jwt_header_kid) FROM forged") == 1


def test_phases_run_when_they_ran(small: Small) -> None:
    def days(phase: str) -> tuple[datetime, datetime]:
        row = small.sql.execute(
            f"""SELECT min(at_time) + INTERVAL 9 HOUR, max(at_time) + INTERVAL 9 HOUR
                FROM forged WHERE phase IN ({phase})"""
        ).fetchone()
        assert row is not None
        return row[0], row[1]

    for phase, (first, last) in {
        "'tests'": (datetime(2025, 1, 6), datetime(2025, 1, 22)),
        "'address list'": (datetime(2025, 4, 14), datetime(2025, 7, 1)),
        "'profile', 'ghost'": (datetime(2025, 6, 24), datetime(2025, 11, 9)),
    }.items():
        begun, ended = days(phase)
        assert first <= begun <= ended < last
        assert (last - ended).days == 0 and (begun - first).days == 0


def test_one_fingerprint_and_many_addresses(small: Small) -> None:
    assert small.one("SELECT count(DISTINCT http_user_agent) FROM forged") == 1
    assert small.one("SELECT count(DISTINCT remote_addr) FROM forged WHERE phase = 'address list'") == 16
    meta = json.loads((small.made.truth / "meta.json").read_text())
    assert small.one("SELECT count(DISTINCT remote_addr) FROM forged") == meta["addresses"]
    busiest = small.one(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM forged WHERE phase IN ('profile', 'ghost') "
        "GROUP BY remote_addr, at_time::DATE)"
    )
    assert busiest <= 160  # under every per-address limit


def test_the_honest_are_at_least_as_many(small: Small) -> None:
    assert small.one("SELECT count(*) FROM honest") >= small.one("SELECT count(*) FROM forged")


def test_persons_are_those_whose_data_was_shown(small: Small) -> None:
    """The same persons by another way: members from the log, third persons access by access."""
    small.sql.execute(
        """CREATE OR REPLACE TEMP TABLE expected AS
           SELECT DISTINCT subject AS person FROM forged WHERE status = 200
           UNION
           SELECT book.person FROM forged, book
           WHERE forged.subject = book.subject AND uri = '/api/me/addresses' AND status = 200
             AND forged.at_time >= book.since AND NOT coalesce(forged.at_time >= book.until, FALSE)"""
    )
    assert small.one("SELECT count(*) FROM expected ANTI JOIN shown USING (person)") == 0
    assert small.one("SELECT count(*) FROM shown ANTI JOIN expected USING (person)") == 0
    assert small.one("SELECT count(*) - count(DISTINCT person) FROM shown") == 0


def test_persons_are_about_as_many_as_published(small: Small) -> None:
    accounts = small.one("SELECT count(DISTINCT subject) FROM forged WHERE status = 200")
    assert accounts == about(facts.PROFILES) + about(facts.ADDRESS_ONLY)
    non_members = small.one("SELECT count(*) FROM shown WHERE kind = 'non_member'")
    assert non_members == pytest.approx(4_330_000 * SCALE, rel=0.05)
    assert small.one("SELECT count(*) FROM shown WHERE kind = 'withdrawn'") > 0
    linked = small.one(
        """SELECT count(*) FROM shown ANTI JOIN (FROM forged WHERE status = 200) ON person = subject
           WHERE kind <> 'non_member'"""
    )
    assert linked > 0  # members reached through somebody else's book only


def test_nothing_in_what_is_inspected_tells_the_incident(small: Small) -> None:
    words = (
        b"attack",
        b"forged",
        b"ghost",
        b"incident",
        b"truth",
        b"phase",
        b"leaver",
        b"drill",
        b"coupang",
    )
    for path in small.made.inspect.rglob("*"):
        if path.is_file() and path.suffix in (".json", ".jsonl", ".toml", ".csv"):
            text = path.read_bytes().lower()
            assert not [word for word in words if word in text], path.name
            assert str(small.made.truth).encode().lower() not in text


def test_the_leaver_could_read_the_key_and_had_left(small: Small) -> None:
    meta = json.loads((small.made.truth / "meta.json").read_text())
    row = small.sql.execute(
        f"""SELECT departed::VARCHAR FROM read_csv('{small.made.inspect / "hr.csv"}')
            WHERE employee_id = '{meta["leaver"]}'"""
    ).fetchone()
    assert row == ("2024-12-31",)
    assert f'readers = ["{meta["leaver"]}"' in (small.made.inspect / "haechi.toml").read_text()
