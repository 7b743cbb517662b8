"""The customer-service desk: calls with tickets, and the members behind them."""

from __future__ import annotations

import numpy as np

from haechi.drill.world.addresses import OFFICE
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, SECOND, Ints
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.members import popular
from haechi.drill.world.pages import DESK_AGENT, NUMBER
from haechi.drill.world.reasons import TOPICS
from haechi.drill.world.roster import SHIFT
from haechi.drill.world.shop import Shop

A_CALL = 5  # requests: the queue, the member, their orders, a note, the queue
TYPO, NO_TICKET, OF_A_COLLEAGUE = 0.01, 0.02, 0.03  # shares of calls. Assumed
ADDRESS = OFFICE + 10


class Desk:
    """Customer service: shifts on working days, tickets and the members behind them."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop

    def day(self, day: int, wanted: float) -> Requests:
        """A day's calls: each agent's usual number, or about `wanted` requests where the shop names none."""
        shop = self._shop
        staff, begin, end = shop.roster.shifts(day, shop.desk)
        shop.reasons.add("shifts", employee=staff, start=begin, end=end)
        if not len(staff):
            return requests(np.empty(0, np.int64))
        each = shop.calls if shop.calls is not None else wanted / A_CALL / len(staff)
        agent = np.repeat(staff, self._rng.poisson(each, len(staff)))
        return calls(self._rng, shop, agent, call_times(self._rng, shop, day, len(agent)))


def call_times(rng: np.random.Generator, shop: Shop, day: int, n: int) -> Ints:
    """When `n` calls of a day begin: within the shift, all day long."""
    span = SHIFT[1] - SHIFT[0] - 8 * MINUTE
    return np.asarray(shop.calendar.start_of(day) + SHIFT[0] + 2 * MINUTE + rng.integers(0, span, n))


def calls(
    rng: np.random.Generator,
    shop: Shop,
    agent: Ints,
    begun: Ints,
    member: Ints | None = None,
    topic: int = -1,
) -> Requests:
    """Calls that these agents take then, with their tickets: the queue, the member, their orders, a note.

    `member`: who rings up, by place; drawn by popularity unless given. Some numbers are mistyped; for some calls no
    ticket is written, and some agents work on a colleague's ticket.
    """
    n, members = len(begun), shop.members
    who = popular(rng, len(members), n) if member is None else member
    # Nobody calls before they have joined, and canaries never: take an older member instead.
    for _ in range(20):
        wrong = (members.since[who] + DAY > begun) | members.canary[who]
        who = np.where(wrong, who // 2 + wrong * rng.integers(0, 3, n), who)
    # In a shop of few hundred the oldest places may all be canaries'.
    who = np.where(members.canary[who], np.argmin(members.canary), who)
    number = members.ids[who].copy()
    typo = rng.random(n) < TYPO
    number[typo] = number[typo] * 10 + 7  # a digit too many
    gone = ~members.active(who, begun)
    status = np.where(typo, 404, np.where(gone, 410, 200))
    shown = {"argument": number, "status": status}
    ticket = _tickets(rng, shop, agent, begun, who, topic)
    desk = {**shop.badges.use(shop.actor(agent), begun), "agent": DESK_AGENT, "address": ADDRESS}
    return join(
        [
            requests(begun, page=NUMBER["cs_queue"], argument=1, **desk),
            requests(begun + 20 * SECOND, page=NUMBER["cs_member"], **shown, **desk),
            requests(begun + 45 * SECOND, page=NUMBER["cs_orders"], **shown, **desk),
            requests(begun + 200 * SECOND, page=NUMBER["cs_ticket"], argument=ticket, **desk).take(
                ticket >= 0
            ),
            requests(begun + 210 * SECOND, page=NUMBER["cs_queue"], argument=1, **desk),
        ]
    )


def _tickets(rng: np.random.Generator, shop: Shop, agent: Ints, begun: Ints, who: Ints, topic: int) -> Ints:
    """Write the calls' tickets. Returns their numbers, -1 for a call without one."""
    n = len(begun)
    chance = rng.random(n)
    # Who works here is known at the desk: their calls get a ticket like anybody's, without fail.
    none = (chance < NO_TICKET) & ~np.isin(who, shop.own_members())
    number = np.full(n, -1, dtype=np.int64)
    number[~none] = shop.reasons.numbers("ticket", int((~none).sum()))
    other = shop.desk.start + rng.integers(0, len(shop.desk), n)
    of = np.where((chance >= NO_TICKET) & (chance < NO_TICKET + OF_A_COLLEAGUE), other, agent)
    opened = begun - np.where(
        rng.random(n) < 0.7, rng.integers(5, 60, n) * SECOND, rng.integers(10, 1200, n) * MINUTE
    )
    closed = begun + np.where(rng.random(n) < 0.8, 215 * SECOND + rng.integers(0, 9, n) * MINUTE, 30 * HOUR)
    topics = rng.integers(0, len(TOPICS) - 1, n) if topic < 0 else np.full(n, topic)
    rows = {
        "ticket": number,
        "opened": opened,
        "closed": closed,
        "agent": of,
        "member_id": shop.members.ids[who],
    }
    shop.reasons.add("tickets", **{name: column[~none] for name, column in rows.items()}, topic=topics[~none])
    return number
