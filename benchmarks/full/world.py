"""The made-up world of the full-size benchmark, and what is true in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import duckdb

BLOCK, REAL = 777, 337  # of 777 member numbers in turn, 337 exist
BACK = pow(REAL, -1, BLOCK)
VIEWS = 148_056_502  # of address lists, as the ministry counted them
BLOCKS = 100_000  # 33.7 million members among 77.7 million numbers: 44 million who never were
TOKENS = 60_000_000
DAYS, ATTACK = 208, 78  # 2025-04-14 to 2025-11-08; the address lists were read in the first 78 days
DAY_US = 86_400_000_000
_SQL = Path(__file__).parent


@dataclass(frozen=True)
class World:
    """Sizes of a world. `part` 1 is the whole incident; honest records are as many again as forged ones.

    `days` of its 208, 78 at least: every member was shown by then, and not all numbers were walked through.
    """

    part: float
    days: int = DAYS

    @property
    def members(self) -> int:
        return REAL * round(BLOCKS * self.part)

    @property
    def ids(self) -> int:
        return BLOCK * round(BLOCKS * self.part)

    @property
    def views(self) -> int:
        return round(VIEWS * self.part)

    @property
    def honest(self) -> int:
        return self.views + self.ids

    @property
    def tokens(self) -> int:
        return round(TOKENS * self.part)

    @property
    def walked(self) -> int:
        return _cut(self.ids, self.days - 1 - ATTACK, DAYS - ATTACK)[1]

    @property
    def records(self) -> int:
        return self.views + self.walked + _cut(self.honest, self.days - 1, DAYS)[1]

    def truth(self) -> dict[str, int]:
        """The four counters of the case, and its ghosts, by arithmetic."""
        whole, rest = divmod(self.walked, BLOCK)
        met = whole * REAL + sum(number * REAL % BLOCK < REAL for number in range(rest))
        return {
            "requests": self.views + self.walked,
            "persons": self.members,
            "accounts": self.members,
            "ghosts": self.walked - met,
        }

    def make(self, folder: Path) -> None:
        """Write the records that are not there yet."""
        engine = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(folder / "spill")})
        engine.execute("SET enable_progress_bar = false")
        for table in ("access", "issuance", "subject"):
            (folder / table).mkdir(parents=True, exist_ok=True)
        self._write(engine, "subject", folder / "subject" / "all.parquet")
        for number in range(10):
            cut = _cut(self.tokens, number, 10)
            self._write(engine, "issuance", folder / "issuance" / f"{number}.parquet", tokens=cut)
        seq = 0
        for day in range(self.days):
            views, walk = _cut(self.views, day, ATTACK), _cut(self.ids, day - ATTACK, DAYS - ATTACK)
            honest = _cut(self.honest, day, DAYS)
            self._write(
                engine, "access", folder / "access" / f"{day:03}.parquet",
                views=views, walk=walk, honest=honest, seq=seq,
            )  # fmt: skip
            seq += sum(to - begin for begin, to in (views, walk, honest))
        assert seq == self.records

    def _write(
        self, engine: duckdb.DuckDBPyConnection, table: str, file: Path, seq: int = 0, **cuts: tuple[int, int]
    ) -> None:
        if file.exists():
            return
        values = {
            "block": BLOCK, "real": REAL, "back": BACK,
            "begin": "TIMESTAMP '2025-04-14'", "attack_us": ATTACK * DAY_US, "seq": seq, "file": f"{file}.tmp",
            # Microseconds from one to the next. A product of a number and the whole span would not fit 64 bits.
            "views_us": ATTACK * DAY_US // self.views, "ids_us": (DAYS - ATTACK) * DAY_US // self.ids,
            "honest_us": DAYS * DAY_US // self.honest, "tokens_us": (DAYS + 2) * DAY_US // self.tokens,
            "tokens_before": self.tokens * 2 // (DAYS + 2),
            **{name: getattr(self, name) for name in ("members", "ids", "views", "honest", "tokens")},
            **{f"{name}_{end}": cut[i] for name, cut in cuts.items() for i, end in enumerate(("from", "to"))},
        }  # fmt: skip
        engine.execute((_SQL / f"{table}.sql").read_text().format(**values))
        Path(f"{file}.tmp").rename(file)


def _cut(count: int, part: int, parts: int) -> tuple[int, int]:
    """Which of `count` things fall on one of so many parts; none before the first and after the last."""
    if not 0 <= part < parts:
        return 0, 0
    return math.ceil(count * part / parts), math.ceil(count * (part + 1) / parts)
