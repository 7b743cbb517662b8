"""A consumer signing key of 2016, retired in 2021, still opens enterprise mail (published in July 2023)."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, there
from haechi.drill.world.addresses import rented
from haechi.drill.world.calendar import DAY, SECOND, kst
from haechi.drill.world.columns import requests
from haechi.drill.world.keys import Key
from haechi.drill.world.pages import NUMBER, SPARE_AGENT
from haechi.drill.world.shop import Shop

PERSONS = 503  # published: mailboxes of more than 500 individuals
KEY = Key("consumer-2016", kst(2016, 4, 11), kst(2021, 4, 5), idle=True)
DAYS = 30  # published: from mid May to mid June


class Storm0558:
    """Forged tokens of a retired key, from one client that nobody knows, for few people, over and over."""

    name = "storm-0558"
    title = "A retired signing key that is still accepted"
    source = "Cyber Safety Review Board, 2024-03-20"

    def setting(self, scale: float) -> Setting:
        return ordinary(scale, days=60, keys=(KEY,))

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        victims = rng.permutation(there(shop))[: scaled(PERSONS, scale, 40)]
        who = np.repeat(victims, rng.integers(5, 40, len(victims)))
        begin = shop.calendar.start_of(int(rng.integers(5, shop.calendar.days - DAYS)))
        time = np.sort(begin + rng.integers(0, DAYS * DAY, len(who)))
        pages = np.array([NUMBER["profile"], NUMBER["orders"], NUMBER["addresses"]])
        forged = {
            "actor": shop.members.ids[rng.permutation(who)],
            "token": shop.mint.take(len(who)),
            "key": shop.keyring.number(KEY.kid),
            "address": rng.choice(rented(rng, int(rng.integers(4, 20))), len(who)),
            "agent": SPARE_AGENT,
        }
        read = requests(time + SECOND, page=rng.choice(pages, len(who)), bad=1, **forged)
        return script(("honest", "read"), shop.calendar, [read], key=KEY.kid)


SCENARIO = Storm0558()
