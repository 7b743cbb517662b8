"""All days of a world in order: members, staff, services and incidents side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haechi.drill.interface import Incident
from haechi.drill.logs import Logs
from haechi.drill.world.analysts import Analysts
from haechi.drill.world.carrier import Carrier
from haechi.drill.world.columns import C, Requests, issuances, join, requests
from haechi.drill.world.comings import Comings
from haechi.drill.world.desk import Desk
from haechi.drill.world.dispatch import Dispatch
from haechi.drill.world.nightly import Nightly
from haechi.drill.world.sessions import Sessions
from haechi.drill.world.shop import Shop

SPARE = 1.03  # honest requests beyond what was asked for, so that chance never leaves fewer
AT_DESK, AT_DISPATCH, AT_NIGHT = (
    0.04,
    0.01,
    0.01,
)  # shares of honest requests, where crews have no usual number


@dataclass(frozen=True)
class Played:
    """How many requests there were."""

    honest: int
    bad: int


def play(
    shop: Shop,
    incidents: Sequence[Incident],
    rng: Mapping[str, np.random.Generator],
    honest: float,
    logs: Logs,
    days: int,
) -> Played:
    """Play the first `days` days and hand their lines to `logs`.

    What a day leaves for after midnight waits for its own day.
    `honest`: about how many honest requests there are in all.
    """
    wanted = honest * SPARE
    due = np.cumsum(shop.calendar.weights()) * wanted
    share = wanted / shop.calendar.days
    sessions, comings = Sessions(rng["sessions"], shop), Comings(rng["comings"], shop)
    desk, dispatch = Desk(rng["desk"], shop), Dispatch(rng["dispatch"], shop)
    analysts, nightly = Analysts(rng["analysts"], shop), Nightly(rng["nightly"], shop)
    carrier = Carrier(rng["nat"], shop)
    late, late_issued = requests(np.empty(0, np.int64)), issuances(np.empty(0, np.int64))
    made = bad = total = 0
    for day in range(min(days, shop.calendar.days)):
        played = _incidents(incidents, day)
        came, came_issued = comings.day(day)
        parts = [
            came,
            desk.day(day, share * AT_DESK),
            dispatch.day(day, share * AT_DISPATCH),
            analysts.day(day),
            nightly.day(day, share * AT_NIGHT),
            carrier.day(day),
        ]
        made += sum(len(part) for part in parts)
        visits, visits_issued = sessions.day(day, max(0.0, float(due[day]) - made))
        made += len(visits)
        asked = join([late, played, *parts, visits])
        issued = join([late_issued, came_issued, visits_issued, shop.badges.drain()])
        midnight = shop.calendar.start_of(day + 1)
        asked, late = _until(asked, midnight)
        issued, late_issued = _until(issued, midnight)
        bad, total = bad + int((asked["bad"] > 0).sum()), total + len(asked)
        logs.add(day, asked, issued)
    logs.close()
    return Played(total - bad, bad)


def _incidents(incidents: Sequence[Incident], day: int) -> Requests:
    """The incidents' requests of a day; the phases of each are numbered on from those of the one before."""
    parts, before = [requests(np.empty(0, np.int64))], 0
    for incident in incidents:
        asked = incident.day(day)
        number = np.where(asked["bad"] > 0, asked["bad"] + before, 0).astype(np.int8)
        parts.append(Requests({**asked.of, "bad": number}))
        before += len(incident.phases) - 1
    return join(parts)


def _until(batch: C, end: int) -> tuple[C, C]:
    """What is before `end`, in order of time, and what is not."""
    now = batch["time"] < end
    today = batch.take(now)
    return today.take(np.argsort(today["time"], kind="stable")), batch.take(~now)
