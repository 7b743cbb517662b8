"""A phished administrator's open session: whole tables read at night, a dump split into sixteen files (2016)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, some_day
from haechi.drill.world.calendar import HOUR, MINUTE
from haechi.drill.world.columns import requests
from haechi.drill.world.database import A_ROW, ADMINISTRATORS, DESK_OF, database
from haechi.drill.world.pages import CLIENT_AGENT, DUMPED, NUMBER, PAGES, PSQL_AGENT
from haechi.drill.world.shop import Shop

FILES = 16  # published


class Interpark2016:
    """From the administrator's own desk and account, in two nights: first a look at all, then the dump."""

    name = "interpark-2016"
    title = "A phished database administrator's session that dumps all members"
    source = "Ministry of Science, joint investigation, August 2016"

    def setting(self, scale: float) -> Setting:
        usual = ordinary(scale, days=60, people=ADMINISTRATORS)
        return replace(usual, requests=usual.requests // 4)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        person = ADMINISTRATORS[0]
        session = {
            "actor": shop.actor(shop.position(person.employee_id)), "address": DESK_OF[person.employee_id],
        }  # fmt: skip
        day = some_day(rng, shop)
        hours = rng.integers(0, 4 * HOUR, 2)
        first, second = (shop.calendar.start_of(day + night) + int(hours[night]) for night in range(2))
        page, number = PAGES[NUMBER["db_copy"]], 80_000 + np.arange(FILES)
        everybody = shop.members.ids[shop.members.since < shop.calendar.begin]
        parts = np.array_split(everybody, FILES)
        for one, some in zip(number, parts, strict=True):
            shop.documents.add(f"{page.prefix}{one}{page.suffix}", some, DUMPED)
        shop.documents.add(PAGES[NUMBER["db_all"]].prefix, everybody, PAGES[NUMBER["db_all"]].fields)
        size = np.array([len(some) for some in parts])
        read = requests(
            first + np.arange(3) * 11 * MINUTE, page=NUMBER["db_all"], rows=len(everybody),
            bytes=len(everybody) * A_ROW, bad=1, agent=CLIENT_AGENT, **session,
        )  # fmt: skip
        dump = requests(
            second + np.arange(FILES) * 2 * MINUTE, page=NUMBER["db_copy"], argument=number, rows=size,
            bytes=size * A_ROW, bad=2, agent=PSQL_AGENT, **session,
        )  # fmt: skip
        honest = database(rng, shop, scaled(4_000_000, scale, 1_500))
        told = {"actors": [person.account]}
        return script(("honest", "whole table", "dump"), shop.calendar, [honest, read, dump], **told)


SCENARIO = Interpark2016()
