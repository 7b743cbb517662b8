"""One small world, with its log and its truth in a DuckDB where tests can ask for anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from haechi.drill.interface import Made
from haechi.drill.make import make

SCALE, SEED = 0.0005, 7


@dataclass(frozen=True)
class Small:
    """The world and its truth, as tables: gateway, issued, member, book; bad, shown; forged, honest."""

    made: Made
    sql: duckdb.DuckDBPyConnection

    def one(self, query: str) -> int:
        row = self.sql.execute(query).fetchone()
        assert row is not None
        return int(row[0])


def lines(folder: Path, name: str, columns: dict[str, str]) -> str:
    """SQL that reads all files of a log, packed or not, with exactly these columns."""
    found = sorted(str(path) for path in (folder / "logs").glob(f"{name}-*"))
    types = ", ".join(f"{column}: '{kind}'" for column, kind in columns.items())
    return f"read_json({found}, format = 'newline_delimited', columns = {{{types}}})"


GATEWAY = {
    "time": "VARCHAR",
    "node": "VARCHAR",
    "seq": "BIGINT",
    "remote_addr": "VARCHAR",
    "request_method": "VARCHAR",
    "host": "VARCHAR",
    "uri": "VARCHAR",
    "status": "INTEGER",
    "body_bytes_sent": "BIGINT",
    "request_time": "DOUBLE",
    "http_user_agent": "VARCHAR",
    "jwt_claim_sub": "VARCHAR",
    "jwt_header_kid": "VARCHAR",
    "jwt_claim_iss": "VARCHAR",
    "jwt_claim_jti": "VARCHAR",
    "token_sha256": "VARCHAR",
}
ISSUANCE = {
    "ts": "VARCHAR",
    "event": "VARCHAR",
    "node": "VARCHAR",
    "seq": "BIGINT",
    "iss": "VARCHAR",
    "jti": "VARCHAR",
    "kid": "VARCHAR",
    "sub": "VARCHAR",
    "exp": "BIGINT",
    "token_sha256": "VARCHAR",
}


def make_small(folder: Path) -> Small:
    made = make("coupang-2025", folder, scale=SCALE, seed=SEED)
    sql = duckdb.connect(":memory:", config={"threads": 1})
    sql.execute("SET TimeZone = 'UTC'")
    for table, log, columns, time in (
        ("gateway", "gateway", GATEWAY, "time"),
        ("issued", "issuance", ISSUANCE, "ts"),
    ):
        source = lines(made.inspect, log, columns)
        sql.execute(
            f"CREATE TABLE {table} AS SELECT *, {time}::TIMESTAMPTZ::TIMESTAMP AS at_time FROM {source}"
        )
    for table, file in (
        ("bad", made.truth / "requests.parquet"),
        ("shown", made.truth / "persons.parquet"),
        ("book", made.inspect / "address_book.parquet"),
    ):
        sql.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet('{file}')")
    # Read as text and cast: the CSV reader's own reading of times drops the offset from UTC.
    sql.execute(
        f"""CREATE TABLE member AS
            SELECT member_id, kind, since::TIMESTAMPTZ::TIMESTAMP AS since,
                withdrawn::TIMESTAMPTZ::TIMESTAMP AS withdrawn
            FROM read_csv('{made.inspect / "members.csv"}', all_varchar = true)"""
    )
    # The forged requests: what the truth names, found in the log by the machine's own count.
    sql.execute(
        """CREATE TABLE forged AS
           SELECT gateway.*, bad.phase, bad.shown, bad.subject, bad.time AS true_time
           FROM gateway INNER JOIN bad ON gateway.node = bad.node AND gateway.seq = bad.node_seq"""
    )
    sql.execute(
        "CREATE TABLE honest AS FROM gateway ANTI JOIN bad ON bad.node = gateway.node AND node_seq = seq"
    )
    return Small(made, sql)
