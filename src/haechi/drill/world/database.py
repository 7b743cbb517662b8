"""The ordinary traffic of a database: an application, administrators, a nightly backup, a nightly model."""

from __future__ import annotations

import numpy as np

from haechi.drill.world.addresses import OFFICE
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, SECOND, Ints
from haechi.drill.world.columns import API, BACKUP, FRAUD, Requests, join, requests
from haechi.drill.world.pages import API_AGENT, CLIENT_AGENT, DUMP_AGENT, NUMBER, PAGES
from haechi.drill.world.people import Employee
from haechi.drill.world.shop import Shop

ADMINISTRATORS = (
    Employee("E1911", "dba-kim", "2017-03-02", "", "database administrator"),
    Employee("E1912", "dba-lee", "2021-06-14", "", "database administrator"),
)
API_HOST, DUMP_HOST, MODEL_HOST = OFFICE + 60, OFFICE + 61, OFFICE + 62
DESK_OF = {"E1911": OFFICE + 71, "E1912": OFFICE + 72}
A_ROW = 180  # bytes of a member's row


def database(rng: np.random.Generator, shop: Shop, a_day: int) -> Requests:
    """All days of it: about `a_day` queries of the application and a few of everybody else's."""
    days = np.arange(shop.calendar.days)
    return join([_application(rng, shop, a_day), _administrators(rng, shop), _nights(rng, shop, days)])


def _application(rng: np.random.Generator, shop: Shop, a_day: int) -> Requests:
    """Rows one by one, by day and by night, for whoever opens a page."""
    n = a_day * shop.calendar.days
    time = np.sort(shop.calendar.begin + rng.integers(0, shop.calendar.days * DAY, n))
    page = np.where(rng.random(n) < 0.5, NUMBER["db_row"], NUMBER["db_order"])
    rows = np.where(page == NUMBER["db_row"], 1, rng.integers(1, 12, n))
    return requests(
        time, page=page, rows=rows, bytes=rows * A_ROW, actor=API, address=API_HOST, agent=API_AGENT
    )


def _administrators(rng: np.random.Generator, shop: Shop) -> Requests:
    """On working days some queries each in office hours: small looks at single tables, at times in the evening."""
    parts = []
    for person in ADMINISTRATORS:
        position = shop.position(person.employee_id)
        days = [d for d in range(shop.calendar.days) if shop.calendar.date_of(d).weekday() < 5]
        on = np.repeat(np.array(days, dtype=np.int64), rng.poisson(14, len(days)))
        late = rng.random(len(on)) < 0.04
        hour = np.where(
            late, rng.integers(18 * HOUR, 21 * HOUR, len(on)), rng.integers(9 * HOUR, 18 * HOUR, len(on))
        )
        time = shop.calendar.begin + on * DAY + hour
        # A database client fetches two hundred rows at a time, and nobody scrolls on.
        rows = np.clip(rng.lognormal(2.2, 1.0, len(on)), 1, 200).astype(np.int64)
        which = rng.choice([NUMBER["db_row"], NUMBER["db_order"], NUMBER["db_fraud"]], len(on))
        at_work = {
            "actor": shop.actor(position),
            "address": DESK_OF[person.employee_id],
            "agent": CLIENT_AGENT,
        }
        parts += [
            requests(time, page=which, rows=rows, bytes=rows * A_ROW, **at_work),
            requests(
                shop.calendar.begin + np.array(days) * DAY + 9 * HOUR,
                page=NUMBER["db_connect"],
                rows=0,
                **at_work,
            ),
        ]
    return join(parts)


def _nights(rng: np.random.Generator, shop: Shop, days: Ints) -> Requests:
    """The backup at ten past three, whole; the fraud model's features at two, without names."""
    size = len(shop.members)
    backup = shop.calendar.begin + days * DAY + 3 * HOUR + 10 * MINUTE
    page = PAGES[NUMBER["db_copy"]]
    number = 20_000 + days
    shop.documents.add(f"{page.prefix}{number[0]}{page.suffix}", shop.members.ids, page.fields)
    model = np.repeat(shop.calendar.begin + days * DAY + 2 * HOUR, 6) + np.tile(
        np.arange(6) * 40 * SECOND, len(days)
    )
    rows = rng.integers(size, size * 3, len(model))
    return join(
        [
            requests(
                backup, page=NUMBER["db_copy"], argument=number, rows=size, bytes=size * A_ROW, actor=BACKUP,
                address=DUMP_HOST, agent=DUMP_AGENT,
            ),
            requests(
                model, page=NUMBER["db_fraud"], rows=rows, bytes=rows * 40, actor=FRAUD, address=MODEL_HOST,
                agent=API_AGENT,
            ),
        ]
    )  # fmt: skip
