"""A contractor on site copies the customers of a card company to a USB stick (published in January 2014)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, there, working_days
from haechi.drill.world.addresses import OFFICE
from haechi.drill.world.calendar import DAY, HOUR, MINUTE
from haechi.drill.world.columns import join, requests
from haechi.drill.world.database import A_ROW, ADMINISTRATORS, database
from haechi.drill.world.pages import CLIENT_AGENT, DUMPED, NUMBER, PAGES
from haechi.drill.world.people import Employee
from haechi.drill.world.shop import Shop

PERSONS = 20_000_000  # published: about, of three companies together
_CONTRACTOR = Employee("E2201", "contractor-2201", "2025-06-02", "", "contractor, fraud model")


class CardFirms2014:
    """The contractor's task is a table without names; on one day he takes the customers whole, in a few files."""

    name = "card-firms-2014"
    title = "A contractor who copies all customers outside the task"
    source = "Prosecutor's office and financial regulator, January 2014"

    def setting(self, scale: float) -> Setting:
        usual = ordinary(scale, days=60, people=(*ADMINISTRATORS, _CONTRACTOR))
        return replace(usual, requests=usual.requests // 4)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        contractor = {
            "actor": shop.actor(shop.position(_CONTRACTOR.employee_id)),
            "address": OFFICE + 77,
            "agent": CLIENT_AGENT,
        }
        days = np.array(working_days(shop, 0.0, 1.0))
        on = np.repeat(days, rng.poisson(10, len(days)))
        time = shop.calendar.begin + on * DAY + 9 * HOUR + rng.integers(0, 9 * HOUR, len(on))
        rows = rng.integers(500, 9_000, len(on))
        task = requests(time, page=NUMBER["db_fraud"], rows=rows, bytes=rows * 40, **contractor)
        victims = rng.permutation(there(shop))[: scaled(PERSONS, scale, 1_000)]
        taken = days[int(len(days) * rng.uniform(0.5, 0.9))]
        number, page = 70_000 + np.arange(rng.integers(2, 9)), PAGES[NUMBER["db_copy"]]
        parts = np.array_split(victims, len(number))
        for one, some in zip(number, parts, strict=True):
            shop.documents.add(f"{page.prefix}{one}{page.suffix}", shop.members.ids[some], DUMPED)
        size = np.array([len(some) for some in parts])
        begin = shop.calendar.start_of(int(taken)) + int(rng.integers(9 * HOUR, 17 * HOUR))
        copied = requests(
            begin + np.arange(len(number)) * 6 * MINUTE, page=NUMBER["db_copy"],
            argument=number, rows=size, bytes=size * A_ROW, bad=1, **contractor,
        )  # fmt: skip
        honest = database(rng, shop, scaled(4_000_000, scale, 1_500))
        told = {"actors": [_CONTRACTOR.account]}
        return script(("honest", "copy"), shop.calendar, [join([task, honest, copied])], **told)


SCENARIO = CardFirms2014()
