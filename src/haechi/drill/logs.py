"""Numbers the lines at the machine that writes them, and writes them to the files of the month."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from haechi.drill.truth import TruthWriter
from haechi.drill.world.columns import Issuances, Requests, join
from haechi.drill.world.files import MonthlyFiles
from haechi.drill.world.pages import PAGES
from haechi.drill.world.shop import Shop
from haechi.drill.world.text import ISSUERS, LOGS, LineWriter

GZ_BEFORE, ZST_BEFORE = (
    "2025-03",
    "2025-09",
)  # months; what is older is packed, each as its time's archive job did
FLUSH = 120_000  # lines held before they are written
_SIZES = np.array([page.size for page in PAGES])
_LOG = np.array([list(LOGS).index(page.log) for page in PAGES])


@dataclass
class Logs:
    """All logs of a world, day by day. `lines` counts access records, `issued` issuance records."""

    folder: Path
    shop: Shop
    truth: TruthWriter
    rng: np.random.Generator
    salt: str
    issuance: bool = True  # whether the issuance log is kept
    lines: int = 0
    issued: int = 0
    written: set[str] = field(default_factory=set)  # names of the logs that have lines
    _held: list[tuple[Requests, Issuances]] = field(default_factory=list)
    _count: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._writer = LineWriter(self.shop.keyring.keys, self.shop.accounts, self.salt)
        self._files = {
            name: MonthlyFiles(self.folder, name, "json", gz_before=GZ_BEFORE, zst_before=ZST_BEFORE)
            for name in LOGS
        }
        self._issuance = MonthlyFiles(self.folder, "issuance", "jsonl")

    def add(self, day: int, asked: Requests, issued: Issuances) -> None:
        """A day's lines, in order of time. They are written when enough are held, or the month ends."""
        self._held.append((asked, issued))
        today = self.shop.calendar.date_of(day)
        month_ends = self.shop.calendar.date_of(day + 1).month != today.month
        if month_ends or sum(len(batch) for batch, _ in self._held) >= FLUSH:
            self._flush(day)

    def close(self) -> None:
        self._flush(self.shop.calendar.days - 1)
        for log in (*self._files.values(), self._issuance):
            log.close()
        self._writer.close()

    def _flush(self, day: int) -> None:
        if not self._held:
            return
        asked, issued = (join(column) for column in zip(*self._held, strict=True))
        self._held.clear()
        log = _LOG[asked["page"]]
        for number, name in enumerate(LOGS):
            mine = log == number
            if mine.any():
                self._write(day, name, asked if mine.all() else asked.take(mine))
        if self.issuance:
            self._write_issued(day, issued)
        self.lines += len(asked)

    def _write(self, day: int, log: str, asked: Requests) -> None:
        asked, nodes = self._sized(asked), LOGS[log]
        node = self.rng.integers(0, len(nodes), len(asked)).astype(np.int8)
        seq = self._number(log, node, len(nodes))
        for text in self._writer.requests(log, asked, node, seq, self.rng):
            self._files[log].write(self.shop.calendar.date_of(day), text)
        self.truth.add(asked, nodes, node, seq)
        self.written.add(log)

    def _write_issued(self, day: int, issued: Issuances) -> None:
        backup = issued["key"] == self.shop.keyring.backup
        idp = np.where(backup, 2, self.rng.integers(0, 2, len(issued))).astype(np.int8)
        for text in self._writer.issuance(issued, idp, self._number("issuance", idp, len(ISSUERS))):
            self._issuance.write(self.shop.calendar.date_of(day), text)
        self.issued += len(issued)

    def _sized(self, asked: Requests) -> Requests:
        """Body sizes: around the page's usual size; short where there is nothing to show."""
        n = len(asked)
        usual = (_SIZES[asked["page"]] * self.rng.lognormal(0, 0.25, n)).astype(np.int64)
        short = self.rng.integers(60, 180, n)
        size = np.where(asked["bytes"] >= 0, asked["bytes"], np.where(asked["status"] < 300, usual, short))
        return Requests({**asked.of, "bytes": size})

    def _number(self, log: str, node: npt.NDArray[np.int8], nodes: int) -> npt.NDArray[np.int64]:
        """Each machine counts its own lines from 1, without a gap."""
        seq = np.empty(len(node), dtype=np.int64)
        for machine in range(nodes):
            mine = node == machine
            before, n = self._count.get(f"{log} {machine}", 0), int(mine.sum())
            seq[mine] = before + 1 + np.arange(n)
            self._count[f"{log} {machine}"] = before + n
        return seq
