"""Make a world: play a scenario day by day and write what a shop would have; apart from it, the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from haechi.drill.interface import Incident, Made, Setting
from haechi.drill.scenarios import find
from haechi.drill.truth import TruthWriter
from haechi.drill.world import papers
from haechi.drill.world.address_book import make_address_book
from haechi.drill.world.columns import C, Issuances, Requests, issuances, join, requests
from haechi.drill.world.comings import Comings
from haechi.drill.world.files import MonthlyFiles
from haechi.drill.world.members import make_members
from haechi.drill.world.pages import PAGES
from haechi.drill.world.sessions import Sessions
from haechi.drill.world.shop import Keyring, Mint, Shop
from haechi.drill.world.staff import Desk, Nightly, personnel
from haechi.drill.world.text import GATEWAYS, ISSUERS, LineWriter
from haechi.model.errors import HaechiError

Streams = dict[str, np.random.Generator]
PARTS = ("members", "address_book", "people", "sessions", "comings", "desk", "nightly", "incident", "edge")
SMALLEST = 0.00001  # scale: below it there are not enough members for anybody to be a victim
SPARE = 1.03  # honest requests beyond what was asked for, so that chance never leaves fewer
GZ_BEFORE, ZST_BEFORE = (
    "2025-03",
    "2025-09",
)  # months; what is older is packed, each as its time's archive job did
FLUSH = 120_000  # lines held before they are written
_SIZES = np.array([page.size for page in PAGES])


def make(name: str, out: Path, *, scale: float = 0.001, seed: int = 1, mix: float = 1.0) -> Made:
    """Write the world of scenario `name` to `out/inspect` and its truth to `out/truth`.

    scale: 1.0 is the incident as it was; 0.001 a thousandth of its members and requests; 0.00001 or more
    mix:   honest requests for each bad one, at least 0

    The same arguments give the same bytes. Raises HaechiError on bad arguments, or if `out` holds a world.
    """
    scenario = find(name)
    if not (SMALLEST <= scale <= 1 and mix >= 0 and seed >= 0):
        raise HaechiError(
            f"A drill's scale is {SMALLEST:f} to 1, its mix and seed at least 0.",
            where=f"scale {scale}, mix {mix}, seed {seed}",
        )
    inspect, truth = out / "inspect", out / "truth"
    if inspect.exists() or truth.exists():
        raise HaechiError("The folder already holds a drill.", where=str(out), todo="Name an empty folder.")
    (inspect / "logs").mkdir(parents=True)
    streams = np.random.SeedSequence(seed).spawn(len(PARTS))
    rng = {part: np.random.Generator(np.random.PCG64(s)) for part, s in zip(PARTS, streams, strict=True)}
    setting = scenario.setting(scale)
    shop = _build(setting, rng)
    book = make_address_book(rng["address_book"], setting.calendar, shop.members, setting.non_members)
    incident = scenario.stage(rng["incident"], shop, scale)
    writer = TruthWriter(truth, incident.phases)
    logs = _Logs(inspect / "logs", shop, writer, rng["edge"], salt=f"{name} {seed} ")
    _play(shop, incident, rng, mix, logs)
    papers.write_personnel(inspect / "hr.csv", sorted(shop.employees, key=lambda e: e.employee_id))
    registry = papers.write_registry(inspect, shop.members)
    papers.write_book(inspect / "address_book.parquet", book)
    papers.write_settings(inspect / "haechi.toml", registry.name, setting.keys)
    records = {
        "access": logs.lines,
        "issuance": logs.issued,
        "subject": len(shop.members),
        "person": len(shop.employees),
    }
    asked = {"scenario": name, "scale": scale, "seed": seed, "mix": mix, "records": records}
    writer.finish(shop.members, book, {**asked, **incident.facts()})
    return Made(inspect, truth, records)


def _build(setting: Setting, rng: Streams) -> Shop:
    staff = personnel(rng["people"], setting.calendar, setting.desk)
    return Shop(
        calendar=setting.calendar,
        members=make_members(rng["members"], setting.calendar, setting.accounts, setting.lost_ids),
        keyring=Keyring(setting.keys, setting.nights),
        mint=Mint(),
        employees=(*staff, *setting.people),
        desk=setting.desk,
    )


def _play(shop: Shop, incident: Incident, rng: Streams, mix: float, logs: _Logs) -> None:
    """All days in order. What a day's sessions leave for after midnight waits for its own day."""
    honest = incident.requests * mix * SPARE
    due = np.cumsum(shop.calendar.weights()) * honest
    sessions, comings = Sessions(rng["sessions"], shop), Comings(rng["comings"], shop)
    desk, nightly = Desk(rng["desk"], shop), Nightly(rng["nightly"], shop)
    late, late_issued = requests(np.empty(0, np.int64)), issuances(np.empty(0, np.int64))
    made = 0
    for day in range(shop.calendar.days):
        share = honest / shop.calendar.days
        parts = [comings.day(day), desk.day(day, share * 0.04), nightly.day(day, share * 0.01)]
        made += sum(len(asked) for asked, _ in parts)
        parts.append(sessions.day(day, max(0.0, float(due[day]) - made)))
        made += len(parts[-1][0])
        asked = join([late, incident.day(day), *(part[0] for part in parts)])
        issued = join([late_issued, *(part[1] for part in parts)])
        midnight = shop.calendar.start_of(day + 1)
        asked, late = _until(asked, midnight)
        issued, late_issued = _until(issued, midnight)
        logs.add(day, asked, issued)
    logs.close()


def _until(batch: C, end: int) -> tuple[C, C]:
    """What is before `end`, in order of time, and what is not."""
    now = batch["time"] < end
    today = batch.take(now)
    return today.take(np.argsort(today["time"], kind="stable")), batch.take(~now)


@dataclass
class _Logs:
    """Numbers the lines at the machine that writes them, and writes them to the files of the month."""

    folder: Path
    shop: Shop
    truth: TruthWriter
    rng: np.random.Generator
    salt: str
    lines: int = 0
    issued: int = 0
    _held: list[tuple[Requests, Issuances]] = field(default_factory=list)
    _count: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._writer = LineWriter(self.shop.keyring.keys, self.salt)
        self._gateway = MonthlyFiles(
            self.folder, "gateway", "json", gz_before=GZ_BEFORE, zst_before=ZST_BEFORE
        )
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
        self._gateway.close()
        self._issuance.close()
        self._writer.close()

    def _flush(self, day: int) -> None:
        if not self._held:
            return
        today = self.shop.calendar.date_of(day)
        asked, issued = (join(column) for column in zip(*self._held, strict=True))
        self._held.clear()
        asked = self._sized(asked)
        node = self.rng.integers(0, len(GATEWAYS), len(asked)).astype(np.int8)
        seq = self._number("gateway", node, len(GATEWAYS))
        millis = (4 + self.rng.lognormal(3.1, 0.8, len(asked))).astype(np.int64)
        for text in self._writer.gateway(asked, node, seq, millis):
            self._gateway.write(today, text)
        self.truth.add(asked, node, seq)
        backup = issued["key"] == self.shop.keyring.backup
        idp = np.where(backup, 2, self.rng.integers(0, 2, len(issued))).astype(np.int8)
        for text in self._writer.issuance(issued, idp, self._number("issuance", idp, len(ISSUERS))):
            self._issuance.write(today, text)
        self.lines += len(asked)
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
