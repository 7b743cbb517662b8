"""A former employee downloads customer reports months after leaving (published in April 2022)."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, some_day, there, working_days
from haechi.drill.world.addresses import HOMES, OFFICE
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, Ints
from haechi.drill.world.columns import Requests, requests
from haechi.drill.world.pages import DATA_AGENT, NUMBER, PAGES, REPORTED, WEB_AGENTS
from haechi.drill.world.people import Employee
from haechi.drill.world.reasons import PURPOSES
from haechi.drill.world.shop import Shop

PERSONS = 8_200_000  # published: current and former customers in the reports
_LEAVER = Employee("E2101", "staff-2101", "2019-04-01", "2025-05-30", "brokerage reporting")
_COLLEAGUES = (
    Employee("E2102", "staff-2102", "2018-02-05", "", "brokerage reporting"),
    Employee("E2103", "staff-2103", "2020-10-12", "", "brokerage reporting"),
)


class Cashapp2021:
    """Two colleagues download a report on most days, as approved; the third left in May and still can."""

    name = "cashapp-2021"
    title = "Customer reports downloaded by a former employee"
    source = "The company's report to the SEC (form 8-K), April 2022"

    def setting(self, scale: float) -> Setting:
        return ordinary(scale, days=60, people=(_LEAVER, *_COLLEAGUES))

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        days = working_days(shop, 0.0, 1.0)
        honest = _reports(rng, shop, days, 100)
        evening = shop.calendar.start_of(some_day(rng, shop)) + int(rng.integers(18 * HOUR, 22 * HOUR))
        n = int(rng.integers(4, 20))
        time = np.sort(evening + rng.integers(0, 50 * MINUTE, n) + (np.arange(n) >= n // 2) * DAY)
        number = 5_000 + np.arange(n)
        victims = rng.permutation(there(shop))[: scaled(PERSONS, scale, 300)]
        page = PAGES[NUMBER["report"]]
        for one, some in zip(number, np.array_split(victims, n), strict=True):
            shop.documents.add(f"{page.prefix}{one}{page.suffix}", shop.members.ids[some], REPORTED)
        leaver = shop.position(_LEAVER.employee_id)
        bad = requests(
            time, page=NUMBER["report"], argument=number, bad=1, address=HOMES + 7_654_321,
            agent=WEB_AGENTS.start + 2, bytes=len(victims) // n * 90,
            **shop.badges.use(shop.actor(np.full(n, leaver)), time),
        )  # fmt: skip
        told = {"leaver": _LEAVER.employee_id, "actors": [_LEAVER.account]}
        return script(("honest", "report"), shop.calendar, [honest, bad], **told)


SCENARIO = Cashapp2021()


def _reports(rng: np.random.Generator, shop: Shop, days: list[int], first: int) -> Requests:
    """The colleagues' own downloads in office hours, each approved by name of the file."""
    who = np.array([shop.position(person.employee_id) for person in _COLLEAGUES])
    on: Ints = np.repeat(np.array(days, dtype=np.int64), len(who))
    person = np.tile(who, len(days))
    some = rng.random(len(on)) < 0.5
    on, person = on[some], person[some]
    time = shop.calendar.begin + on * DAY + 10 * HOUR + rng.integers(0, 6 * HOUR, len(on))
    number = first + np.arange(len(on))
    page = PAGES[NUMBER["report"]]
    paths = [f"{page.prefix}{one}{page.suffix}" for one in number]
    members = there(shop)
    for path in paths:
        shop.documents.add(path, shop.members.ids[rng.choice(members, 40, replace=False)], REPORTED)
    start = time // DAY * DAY
    shop.reasons.add(
        "approvals", approval=shop.reasons.numbers("approval", len(on)), who=person,
        what=np.full(len(on), page.template, dtype=object), approved_by=np.full(len(on), shop.crews.size),
        from_=start - DAY, to=start + 3 * DAY, purpose=np.full(len(on), PURPOSES.index("Yearly audit sample")),
    )  # fmt: skip
    return requests(
        time, page=NUMBER["report"], argument=number, address=OFFICE + 31, agent=DATA_AGENT,
        bytes=40 * 90, **shop.badges.use(shop.actor(person), time),
    )  # fmt: skip
