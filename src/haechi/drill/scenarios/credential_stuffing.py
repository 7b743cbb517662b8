"""Real logins with leaked passwords, tried from many addresses: most fail, few succeed, each sees its own data."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, some_day, there
from haechi.drill.world.addresses import rented
from haechi.drill.world.calendar import DAY, HOUR, SECOND
from haechi.drill.world.columns import requests
from haechi.drill.world.pages import NUMBER, SCRIPT_AGENT, WEB_AGENTS
from haechi.drill.world.shop import Shop

PHASES = ("honest", "failed login", "login", "own data")
TRIES = 12_000_000  # at scale 1. Assumed
WORKS = 0.015  # share of the leaked passwords that still open an account. Assumed
DAYS = 5
AN_ADDRESS_A_DAY = (30, 90)  # tries, so that no address stands out. Assumed


class CredentialStuffing:
    """Five days of tries from rented addresses; after a login that works one look at the profile."""

    name = "credential-stuffing"
    title = "Leaked passwords tried on many accounts"
    source = "Assumed after published reports on credential stuffing"

    def setting(self, scale: float) -> Setting:
        return ordinary(scale, days=45)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        n = scaled(TRIES, scale, 8_000)
        first = shop.calendar.start_of(some_day(rng, shop))
        time = np.sort(first + rng.integers(HOUR, DAYS * DAY - HOUR, n))
        an_address = DAYS * int(rng.integers(*AN_ADDRESS_A_DAY))
        address = rng.choice(rented(rng, max(20, n // an_address)), n)
        # A script that says so, or one that goes by a browser's name.
        agent = int(rng.choice([SCRIPT_AGENT, WEB_AGENTS.start, WEB_AGENTS.start + 3]))
        victims = rng.permutation(there(shop))[: round(n * WORKS)]
        opens = np.sort(rng.permutation(n)[: len(victims)])
        failed = np.setdiff1d(np.arange(n), opens)
        where = {"address": address[opens], "agent": agent}
        token = shop.badges.issue(shop.members.ids[victims], time[opens] + 90_000)
        return script(
            PHASES,
            shop.calendar,
            [
                requests(
                    time[failed], page=NUMBER["login"], status=401, bad=1, address=address[failed],
                    agent=agent,
                ),
                requests(time[opens], page=NUMBER["login"], bad=2, **where),
                requests(time[opens] + 2 * SECOND, page=NUMBER["profile"], bad=3, **where, **token),
            ],
        )  # fmt: skip


SCENARIO = CredentialStuffing()
