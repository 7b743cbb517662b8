"""The raw files: exact keys, whole counts, and an honest world that does what honest worlds do."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import zstandard
from tests.drill.small_world import GATEWAY, ISSUANCE, Small

HASH = "^[0-9a-f]{64}$"


def raw(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())) as reader:
            return reader.read()
    return path.read_bytes()


def test_every_line_is_json_with_exactly_the_keys_of_the_format(small: Small) -> None:
    seen = {"gateway": 0, "issuance": 0}
    for path in sorted((small.made.inspect / "logs").iterdir()):
        log = path.name.split("-")[0]
        keys = list(GATEWAY if log == "gateway" else ISSUANCE)
        text = raw(path)
        assert text.endswith(b"\n")
        for line in text.splitlines():
            assert list(json.loads(line)) == keys
            seen[log] += 1
    assert seen == {"gateway": small.made.records["access"], "issuance": small.made.records["issuance"]}


def test_files_are_a_mix_of_packings(small: Small) -> None:
    suffixes = {path.suffix for path in (small.made.inspect / "logs").glob("gateway-*")}
    assert suffixes == {".json", ".gz", ".zst"}


def test_each_machine_counts_its_lines_without_a_gap(small: Small) -> None:
    for table in ("gateway", "issued"):
        gaps = small.one(
            f"SELECT count(*) FROM (SELECT node FROM {table} GROUP BY node "
            f"HAVING min(seq) <> 1 OR max(seq) <> count(*) OR count(DISTINCT seq) <> count(*))"
        )
        assert gaps == 0
        disorder = small.one(
            "SELECT count(*) FROM (SELECT at_time < lag(at_time) OVER (PARTITION BY node ORDER BY seq) AS b "
            f"FROM {table}) WHERE b"
        )
        assert disorder == 0


def test_lines_stand_in_the_file_of_their_month(small: Small) -> None:
    for path in (small.made.inspect / "logs").glob("gateway-*"):
        month = path.name[len("gateway-") : len("gateway-2025-01")]
        assert all(json.loads(line)["time"].startswith(month) for line in raw(path).splitlines())


def test_honest_credentials_were_issued_to_their_actor_before_use(small: Small) -> None:
    with_token = "FROM honest WHERE token_sha256 <> '-'"
    assert small.one(f"SELECT count(*) {with_token}") > 10_000
    assert small.one(f"SELECT count(*) {with_token} AND NOT regexp_matches(token_sha256, '{HASH}')") == 0
    matched = small.one(
        """SELECT count(*) FROM honest INNER JOIN issued USING (token_sha256)
           WHERE sub = jwt_claim_sub AND kid = jwt_header_kid AND jti = jwt_claim_jti AND iss = jwt_claim_iss
             AND issued.at_time < honest.at_time"""
    )
    assert matched == small.one(f"SELECT count(*) {with_token}")


def test_expired_tokens_are_tried_and_refused_never_served(small: Small) -> None:
    late = "FROM honest INNER JOIN issued USING (token_sha256) WHERE epoch(honest.at_time) > exp"
    assert small.one(f"SELECT count(*) {late} AND status <> 401") == 0
    assert small.one(f"SELECT count(*) {late}") > 100


def test_anonymous_requests_carry_no_claims(small: Small) -> None:
    claims = "jwt_claim_sub || jwt_header_kid || jwt_claim_iss || jwt_claim_jti"
    assert small.one(f"SELECT count(*) FROM gateway WHERE token_sha256 = '-' AND {claims} <> ''") == 0
    assert small.one("SELECT count(*) FROM gateway WHERE token_sha256 <> '-' AND jwt_claim_sub = ''") == 0


def test_the_backup_key_has_honest_uses_on_two_nights(small: Small) -> None:
    nights = small.sql.execute(
        """SELECT DISTINCT (at_time + INTERVAL 9 HOUR)::DATE::VARCHAR
           FROM issued WHERE kid = 'backup-login-2019' ORDER BY ALL"""
    ).fetchall()
    assert [night for (night,) in nights] == ["2025-03-16", "2025-09-21"]
    assert small.one("SELECT count(*) FROM honest WHERE jwt_header_kid = 'backup-login-2019'") > 20


def test_personal_pages_are_about_a_tenth_of_honest_requests(small: Small) -> None:
    personal = small.one(
        "SELECT count(*) FROM honest WHERE regexp_matches(uri, '^/(api/me|cs/members|internal/deliveries)')"
    )
    assert 0.07 < personal / small.one("SELECT count(*) FROM honest") < 0.13


def test_carrier_addresses_are_shared_by_many_honest_members(small: Small) -> None:
    shared = small.one(
        "SELECT min(n) FROM (SELECT count(DISTINCT jwt_claim_sub) AS n FROM honest "
        "WHERE remote_addr LIKE '198.18.%' GROUP BY remote_addr)"
    )
    assert shared > 100


def test_members_act_between_joining_and_withdrawing(small: Small) -> None:
    served = "FROM honest INNER JOIN member ON jwt_claim_sub = member_id WHERE status < 400"
    assert small.one(f"SELECT count(*) {served} AND at_time < since") == 0
    assert small.one(f"SELECT count(*) {served} AND at_time > withdrawn") == 0
    assert small.one("SELECT count(*) FROM honest WHERE request_method = 'DELETE'") > 50
    refused = small.one(
        "SELECT count(*) FROM honest INNER JOIN member ON jwt_claim_sub = member_id "
        "WHERE status = 401 AND at_time > withdrawn"
    )
    assert refused > 10


def test_honest_actors_are_members_staff_or_the_service(small: Small) -> None:
    strangers = small.one(
        "SELECT count(*) FROM honest ANTI JOIN member ON jwt_claim_sub = member_id "
        "WHERE jwt_claim_sub <> '' AND jwt_claim_sub <> 'svc-nightly' "
        "AND NOT regexp_matches(jwt_claim_sub, '^(cs|courier)-')"
    )
    assert strangers == 0
    assert small.one("SELECT count(DISTINCT jwt_claim_sub) FROM honest WHERE jwt_claim_sub LIKE 'cs-%'") >= 3


def test_staff_mistype_numbers_and_are_told_so(small: Small) -> None:
    wrong = small.one(
        """SELECT count(*) FROM honest ANTI JOIN member ON split_part(uri, '/', 4) = member_id
           WHERE uri LIKE '/cs/members/%' AND status <> 404"""
    )
    assert wrong == 0
    assert small.one("SELECT count(*) FROM honest WHERE uri LIKE '/cs/members/%' AND status = 404") > 5


def test_staff_do_not_act_once_they_have_left(small: Small) -> None:
    late = small.one(
        f"""SELECT count(*) FROM gateway
            INNER JOIN read_csv('{small.made.inspect / "hr.csv"}', types = {{'departed': 'DATE'}}) AS hr
                ON account = jwt_claim_sub
            WHERE at_time + INTERVAL 9 HOUR >= departed"""
    )
    assert late == 0


def test_every_address_is_reserved(small: Small) -> None:
    """No real network may be accused by a drill (RFC 1112, RFC 2544, RFC 5737)."""
    outside = small.one(
        r"""SELECT count(*) FROM gateway
            WHERE NOT regexp_matches(
                remote_addr, '^(192\.0\.2|203\.0\.113|198\.1[89]\.\d+|2[45]\d\.\d+\.\d+)\.\d+$'
            )"""
    )
    assert outside == 0
