"""A role's credentials, got through a web firewall, list and copy 700 buckets (published in July 2019)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, some_day
from haechi.drill.world.addresses import OFFICE, rented
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, SECOND
from haechi.drill.world.columns import ETL, WEB, Requests, join, requests
from haechi.drill.world.pages import DUMPED, NUMBER, PAGES, SDK_AGENT, SHELL_AGENT
from haechi.drill.world.shop import Shop

PERSONS = 106_000_000  # published
BUCKETS = 700  # published: folders or buckets
PHASES = ("honest", "list", "copy")


class CapitalOne2019:
    """The role reads its own configuration all day. From rented addresses it lists everything, then reads it."""

    name = "capital-one-2019"
    title = "A web firewall's role that lists and copies every bucket"
    source = "United States v. Thompson, complaint of July 2019; the company's notice"

    def setting(self, scale: float) -> Setting:
        usual = ordinary(scale, days=60, accounts=110_000_000)
        return replace(usual, requests=min(usual.requests // 4, 40_000))

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        buckets = scaled(BUCKETS, scale, 40)
        victims = rng.permutation(np.flatnonzero(shop.members.since < shop.calendar.begin))
        victims = victims[: scaled(PERSONS, scale, 2_000)]
        page = PAGES[NUMBER["s3_get"]]
        parts = np.array_split(victims, buckets)
        for one, some in enumerate(parts):
            shop.documents.add(f"{page.prefix}{one}{page.suffix}", shop.members.ids[some], DUMPED)
        size = np.array([len(some) * 200 for some in parts])
        return script(
            PHASES, shop.calendar, [_usual(rng, shop, size), _theft(rng, shop, size)], actors=["role-web"]
        )


SCENARIO = CapitalOne2019()


def _theft(
    rng: np.random.Generator, shop: Shop, size: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> Requests:
    """First everything is listed, then everything is read, at night and through changing addresses."""
    n = len(size)
    begin = shop.calendar.start_of(some_day(rng, shop)) + int(rng.integers(0, 23 * HOUR))
    exits = rented(rng, int(rng.integers(2, 12)))
    role = {"actor": WEB, "agent": SHELL_AGENT}
    listed = begin + MINUTE + np.arange(n) * 2 * SECOND
    copied = begin + 40 * MINUTE + np.arange(n) * 9 * SECOND
    return join(
        [
            requests(np.array([begin]), page=NUMBER["s3_buckets"], address=exits[0], bad=1, **role),
            requests(
                listed, page=NUMBER["s3_list"], argument=np.arange(n), bad=1,
                address=exits[np.arange(n) // 20 % len(exits)], **role,
            ),
            requests(
                copied, page=NUMBER["s3_get"], argument=np.arange(n), bad=2, bytes=size,
                address=exits[np.arange(n) // 9 % len(exits)], **role,
            ),
        ]
    )  # fmt: skip


def _usual(
    rng: np.random.Generator, shop: Shop, size: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> Requests:
    """The role reads its configuration every few minutes; another one loads the warehouse each night, as declared."""
    days, n = shop.calendar.days, len(size)
    time = np.sort(shop.calendar.begin + rng.integers(0, days * DAY, days * 300))
    config = requests(
        time, page=NUMBER["s3_config"], argument=rng.integers(1, 9, len(time)), actor=WEB, agent=SDK_AGENT,
        address=OFFICE + 80 + rng.integers(0, 3, len(time)),
    )  # fmt: skip
    night = shop.calendar.begin + np.repeat(np.arange(days), n) * DAY + 3 * HOUR + 5 * MINUTE
    which = np.tile(np.arange(n), days)
    load = {"actor": ETL, "agent": SDK_AGENT, "address": OFFICE + 85}
    return join(
        [
            config,
            requests(night + which * SECOND, page=NUMBER["s3_list"], argument=which, **load),
            requests(
                night + which * SECOND + MINUTE,
                page=NUMBER["s3_get"],
                argument=which,
                bytes=size[which],
                **load,
            ),
        ]
    )
