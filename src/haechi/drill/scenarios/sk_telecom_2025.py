"""Malware on subscriber servers since 2022 takes the keys of all subscribers (published in July 2025)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, some_day
from haechi.drill.world.addresses import rented
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, SECOND
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.database import ADMINISTRATORS, API_HOST, DUMP_HOST, database
from haechi.drill.world.pages import NUMBER, PAGES
from haechi.drill.world.shop import Shop

BYTES = 9_820_000_000  # published: 9.82 GB of subscriber data


class SkTelecom2025:
    """Bytes go out of the subscriber host at night, to an address that it never talks to, and nobody has queried.

    The malware was there years before the records begin: what left then cannot be known.
    """

    name = "sk-telecom-2025"
    title = "Malware on a subscriber server that sends all keys out"
    source = "Ministry of Science and ICT, joint investigation, 2025-07-04"

    def setting(self, scale: float) -> Setting:
        usual = ordinary(scale, days=60, accounts=27_000_000, people=ADMINISTRATORS)
        return replace(usual, requests=usual.requests // 4)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        page = PAGES[NUMBER["flow"]]
        shop.documents.add(
            page.prefix, shop.members.ids[shop.members.since < shop.calendar.begin], page.fields
        )
        queries = database(rng, shop, scaled(4_000_000, scale, 1_500))
        n, many = int(rng.integers(3, 9)), int(rng.integers(10, 60))
        first = shop.calendar.start_of(some_day(rng, shop)) + int(rng.integers(0, 5 * HOUR))
        nights = first + np.arange(n) * DAY
        time = np.sort((nights[:, None] + rng.integers(0, HOUR, (n, many))).ravel())
        size = max(40_000, round(BYTES * scale / len(time)))
        out = requests(time, page=NUMBER["flow"], address=rented(rng, 1)[0], bytes=size, bad=1)
        return script(
            ("honest", "bytes out"), shop.calendar, [queries, _answers(rng, shop, queries), out],
            address=int(out["address"][0]),
        )  # fmt: skip


def _answers(rng: np.random.Generator, shop: Shop, queries: Requests) -> Requests:
    """What the tap sees of honest queries: their answers on the way to the hosts that asked, put together."""
    parts = []
    for host in (API_HOST, DUMP_HOST):
        mine = queries.take(queries["address"] == host)
        span = 5 * MINUTE
        slot, which = np.unique((mine["time"] - shop.calendar.begin) // span, return_inverse=True)
        size = np.bincount(which, weights=mine["bytes"], minlength=len(slot)).astype(np.int64)
        time = shop.calendar.begin + slot * span + span - SECOND
        parts.append(
            requests(time, page=NUMBER["flow"], address=host, bytes=size + rng.integers(200, 900, len(slot)))
        )
    return join(parts)


SCENARIO = SkTelecom2025()
