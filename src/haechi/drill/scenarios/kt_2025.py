"""Rogue small cells with the one certificate that every cell carries (published in autumn 2025)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, some_day, there
from haechi.drill.world.addresses import HOMES, rented
from haechi.drill.world.calendar import DAY, HOUR, SECOND
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.members import scatter
from haechi.drill.world.pages import CELL_AGENT, NUMBER
from haechi.drill.world.people import DEVICE, Employee
from haechi.drill.world.shop import Shop

PERSONS = 22_227  # published: people whose phones attached to a rogue cell
ROGUE = 20  # published: ids of rogue cells
CELLS = 190_000  # honest ones. Published as about
PHASES = ("honest", "attach", "message")


def _cells(scale: float) -> int:
    return scaled(CELLS, scale, 150)


class Kt2025:
    """Honest cells stand in homes and see the few phones there. A rogue one in a car sees everybody who passes."""

    name = "kt-2025"
    title = "Rogue small cells with everybody's certificate"
    source = "Ministry of Science and ICT, joint investigation, autumn 2025"

    def setting(self, scale: float) -> Setting:
        cells = tuple(
            Employee(f"D{10_000 + n}", f"cell-{10_000 + n}", "2023-05-01", "", DEVICE)
            for n in range(_cells(scale))
        )
        usual = ordinary(scale, days=60, accounts=10_000_000, people=cells)
        rogue = tuple(f"cell-{90_000 + n}" for n in range(scaled(ROGUE, scale, 3)))
        return replace(usual, requests=usual.requests // 4, strangers=rogue)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        return script(PHASES, shop.calendar, [_homes(rng, shop, scale), _rogue(rng, shop, scale)])


SCENARIO = Kt2025()


def _homes(rng: np.random.Generator, shop: Shop, scale: float) -> Requests:
    """Each cell sees the two to five phones of its home, several times a day."""
    days, cells, members = shop.calendar.days, _cells(scale), there(shop)
    first = shop.position("D10000")
    n = cells * days * 6
    cell, day = rng.integers(0, cells, n), rng.integers(0, days, n)
    phone = members[scatter(cell * 5 + rng.integers(0, 2 + cell % 4, n), len(members))]
    time = shop.calendar.begin + day * DAY + rng.integers(6 * HOUR, 24 * HOUR, n)
    return requests(
        time, page=np.where(rng.random(n) < 0.8, NUMBER["attach"], NUMBER["sms"]), argument=shop.members.ids[phone],
        actor=shop.actor(first + cell), address=HOMES + 50_000_000 + cell * 11, agent=CELL_AGENT,
    )  # fmt: skip


def _rogue(rng: np.random.Generator, shop: Shop, scale: float) -> Requests:
    """Drives at one time of the day, over some weeks: who passes attaches; of some a message is read."""
    rogue = len(shop.strangers)
    victims = rng.permutation(there(shop))[: scaled(PERSONS, scale, 300)]
    cell = np.arange(len(victims)) % rogue
    evening = np.sort(rng.integers(some_day(rng, shop), shop.calendar.days - 1, len(victims)))
    time = (
        shop.calendar.begin
        + evening * DAY
        + int(rng.integers(0, 20 * HOUR))
        + rng.integers(0, 4 * HOUR, len(victims))
    )
    where = {
        "actor": shop.actor(len(shop.employees) + cell), "address": rented(rng, rogue)[cell], "agent": CELL_AGENT,
    }  # fmt: skip
    number = shop.members.ids[victims]
    attached = requests(time, page=NUMBER["attach"], argument=number, bad=1, **where)
    read = requests(time + 40 * SECOND, page=NUMBER["sms"], argument=number, bad=2, **where)
    return join([attached, read.take(rng.random(len(victims)) < 0.3)])
