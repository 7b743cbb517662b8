"""A day of a shop's nginx, combined format: honest visitors, and a few who are not.

`ACTORS` says who they are and what they do. Everything follows from the number of lines.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/135.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 "
    "Safari/605.1.15",
    "ShopApp/7.2 (Android 15)",
    "ShopApp/7.2 (iOS 18.4)",
)
DAY = 86_400


@dataclass(frozen=True)
class Actor:
    """Somebody up to no good.

    addresses: where from
    agent:     the client program that is claimed
    does:      in words
    takes:     whether personal data is asked for at all
    """

    name: str
    addresses: tuple[str, ...]
    agent: str
    does: str
    takes: bool = True


ACTORS = (
    Actor(
        "scraper",
        ("203.0.113.9",),
        AGENTS[3],
        "1,200 members' pages in the order of their numbers, 4 a second",
    ),
    Actor(
        "guesser",
        ("203.0.113.20",),
        "ShopApp/6.9 (Android 13)",
        "600 members' numbers that mostly do not exist, 2 a second",
    ),
    Actor(
        "stuffer",
        tuple(f"203.0.113.{n}" for n in range(40, 52)),
        "okhttp/3.12.1",
        "leaked passwords at the log-in, 12 addresses, 20 tries each, and the page of each account that opens",
    ),
    Actor(
        "known tool",
        ("203.0.113.60",),
        "Scrapy/2.11 (+https://scrapy.org)",
        "300 members' pages by chance, 1 a second",
    ),
    Actor(
        "slow reader",
        ("203.0.113.70",),
        AGENTS[0],
        "a member's page every 80 seconds all day, in no order",
    ),
    Actor(
        "prober",
        ("203.0.113.80",),
        "curl/8.5.0",
        "looks for files left lying about (.env, .git/config, backup.sql); asks for nobody's data",
        False,
    ),
)
FILES = (
    ".env",
    ".git/config",
    "backup.sql",
    ".aws/config",
    "debug.log",
    ".htpasswd",
    "secrets.yml",
    "dump.sql.gz",
)

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.floating[Any]]


@dataclass
class _Lines:
    """Columns of requests, gathered actor by actor."""

    parts: list[pa.Table] = field(default_factory=list)

    def add(self, seconds: Numbers, address: str, requests: list[str], status: Ints, agent: str) -> None:
        count = len(requests)
        columns = {
            "second": pa.array(seconds, pa.float64()),
            "ip": pa.array([address] * count, pa.string()),
            "request": pa.array(requests, pa.string()),
            "status": pa.array(status, pa.int32()),
            "agent": pa.array([agent] * count, pa.string()),
        }
        self.parts.append(pa.table(columns))


def write(file: Path, lines: int) -> int:
    """Write the day to a file, in the order of time. Returns how many lines are the bad actors'."""
    bad = _bad()
    if lines < 2 * len(bad):
        raise ValueError(f"the bad actors alone write {len(bad):,} lines: ask for {2 * len(bad):,} or more")
    with duckdb.connect() as engine:
        engine.execute("SET enable_progress_bar = false")
        engine.register("bad", bad)
        engine.execute(_HONEST, {"lines": lines - len(bad), "day": DAY, "agents": list(AGENTS)})
        engine.execute(_WRITE.replace("{file}", str(file)))
    return len(bad)


_HONEST = """
CREATE TABLE honest AS
WITH visitor AS (
    -- A visitor has one address, one program, and one account; people come by day more than by night.
    SELECT n, hash(n, 1) AS h, hash(n, 2) % ($lines // 25 + 1) AS who FROM range($lines) AS r (n)
)
SELECT
    CAST($day * pow((h % 1000003) / 1000003, 0.8) AS DOUBLE) AS second,
    format('198.{}.{}.{}', 18 + (who // 65536) % 2, (who // 256) % 256, who % 256) AS ip,
    CASE
        WHEN hash(n, 3) % 100 < 55 THEN format('GET /products/{} HTTP/1.1', hash(n, 4) % 20000)
        WHEN hash(n, 3) % 100 < 75 THEN format('GET /static/img/{}.jpg HTTP/1.1', hash(n, 4) % 20000)
        WHEN hash(n, 3) % 100 < 85 THEN format('GET /search?q=word{} HTTP/1.1', hash(n, 4) % 5000)
        WHEN hash(n, 3) % 100 < 93 THEN format('GET /members/{} HTTP/1.1', 100000 + who * 7919 % 900000)
        WHEN hash(n, 3) % 100 < 97 THEN 'POST /cart HTTP/1.1'
        ELSE 'POST /login HTTP/1.1'
    END AS request,
    CASE WHEN hash(n, 5) % 200 = 0 THEN 404 WHEN hash(n, 5) % 200 = 1 THEN 500 ELSE 200 END AS status,
    list_extract($agents, CAST(who % len($agents) + 1 AS BIGINT)) AS agent
FROM visitor
"""
_WRITE = """
COPY (
    SELECT format(
        '{} - - [{} +0000] "{}" {} {} "-" "{}"', ip,
        strftime(TIMESTAMP '2025-06-24' + to_microseconds(CAST(second * 1000000 AS BIGINT)), '%d/%b/%Y:%H:%M:%S'),
        request,
        CAST(status AS INTEGER), 400 + hash(second, ip) % 9000, agent
    ) AS line
    FROM (SELECT * FROM honest UNION ALL SELECT * FROM bad) ORDER BY second, ip, request
) TO '{file}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\\x01')
"""


def _bad() -> pa.Table:
    chance, made = np.random.default_rng(2025), _Lines()
    scraper, guesser, stuffer, tool, slow, prober = ACTORS

    def pages(numbers: Ints) -> list[str]:
        return [f"GET /members/{number} HTTP/1.1" for number in numbers.tolist()]

    def alone(actor: Actor, begin: float, pace: float, requests: list[str], status: Ints) -> None:
        seconds = begin + np.arange(len(requests)) * pace
        made.add(seconds, actor.addresses[0], requests, status, actor.agent)

    alone(scraper, 3 * 3600, 0.25, pages(np.arange(200_000, 201_200)), np.full(1200, 200))
    alone(
        guesser,
        9 * 3600,
        0.5,
        pages(np.arange(5_000_000, 5_000_600)),
        np.where(chance.random(600) < 0.9, 404, 200),
    )
    for n, address in enumerate(stuffer.addresses):
        begin = 13 * 3600 + 600 * n
        opened = chance.random(20) < 0.1
        tries = np.arange(20) * 1.0 + begin
        made.add(tries, address, ["POST /login HTTP/1.1"] * 20, np.where(opened, 200, 401), stuffer.agent)
        found = tries[opened] + 0.5
        opens = pages(chance.integers(100_000, 1_000_000, len(found)))
        made.add(found, address, opens, np.full(len(found), 200), stuffer.agent)
    alone(tool, 16 * 3600, 1.0, pages(chance.integers(100_000, 1_000_000, 300)), np.full(300, 200))
    alone(slow, 60, 80.0, pages(chance.choice(900_000, 1070, replace=False) + 100_000), np.full(1070, 200))
    looked = [f"GET /{folder}{file} HTTP/1.1" for folder in ("", "old/", "site/", "wp/") for file in FILES]
    alone(prober, 20 * 3600, 0.5, looked, np.full(len(looked), 404))
    return pa.concat_tables(made.parts)


def main() -> None:
    """`python -m benchmarks.peers.visitors FILE LINES`: writes the file, and who is in it as JSON."""
    write(Path(sys.argv[1]), int(sys.argv[2]))
    json.dump([asdict(actor) for actor in ACTORS], sys.stdout)


if __name__ == "__main__":
    main()
