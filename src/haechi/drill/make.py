"""Make a world: play scenarios day by day and write what a shop would have; apart from it, the truth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from haechi.drill.interface import PARTS, Incident, Made, Setting
from haechi.drill.logs import Logs
from haechi.drill.play import play
from haechi.drill.scenarios import find
from haechi.drill.truth import TruthWriter
from haechi.drill.world import papers
from haechi.drill.world.address_book import make_address_book
from haechi.drill.world.badges import Badges
from haechi.drill.world.documents import Documents
from haechi.drill.world.keys import Keyring, Mint
from haechi.drill.world.members import make_members
from haechi.drill.world.people import personnel
from haechi.drill.world.reasons import Reasons
from haechi.drill.world.roster import Roster
from haechi.drill.world.shop import Shop
from haechi.model.errors import HaechiError

Streams = dict[str, np.random.Generator]
STREAMS = (
    "members", "address_book", "people", "sessions", "comings", "desk", "nightly", "incident", "edge", "dispatch",
    "analysts", "roster", "nat",
)  # fmt: skip
SMALLEST = 0.00001  # scale: below it there are not enough members for anybody to be a victim


def make(
    name: str,
    out: Path,
    *,
    scale: float = 0.001,
    seed: int = 1,
    honest: float = 1.0,
    mix: Sequence[str] = (),
    without: Collection[str] = (),
    nat: int = 0,
    until: date | None = None,
) -> Made:
    """Write the world of scenario `name` to `out/inspect` and its truth to `out/truth`.

    scale:   1.0 is the incident as it was; 0.001 a thousandth of its members and requests; 0.00001 or more
    honest:  honest requests for each bad one, at least 0; a world's own least number holds besides
    mix:     further scenarios that are played in the same world and time
    without: parts that were not collected, of `interface.PARTS`
    nat:     members who all go out by one address of their carrier; the world gets at least so many members
    until:   the last day (of the shop's calendar) whose lines are written, as if it were now; None: all days

    The same arguments give the same bytes. Raises HaechiError on bad arguments, or if `out` holds a world.
    """
    names = list(dict.fromkeys((name, *mix)))
    scenarios = [find(one) for one in names]
    _check(scale, seed, honest, without, nat)
    inspect, truth = out / "inspect", out / "truth"
    if inspect.exists() or truth.exists():
        raise HaechiError("The folder already holds a drill.", where=str(out), todo="Name an empty folder.")
    (inspect / "logs").mkdir(parents=True)
    rng = _streams(seed, names)
    setting = _setting([scenario.setting(scale) for scenario in scenarios], nat)
    shop = _build(setting, rng, nat)
    book = make_address_book(rng["address_book"], setting.calendar, shop.members, setting.non_members)
    incidents = [(s.name, s.stage(rng[f"incident {s.name}"], shop, scale)) for s in scenarios]
    writer = TruthWriter(truth, [(one, incident.phases) for one, incident in incidents])
    logs = Logs(
        inspect / "logs", shop, writer, rng["edge"], f"{' '.join(names)} {seed} ", "issuance" not in without
    )
    days = shop.calendar.days if until is None else shop.calendar.number(until) + 1
    wanted = _honest(setting, incidents, honest)
    played = play(shop, [incident for _, incident in incidents], rng, wanted, logs, days)
    records = papers.write_all(inspect, shop, setting.keys, book, logs.written, without)
    records = {"access": logs.lines, "issuance": logs.issued, **records}
    asked = {
        "scenario": name, "scale": scale, "seed": seed, "honest": honest, "mix": names[1:],
        "without": sorted(without), "nat": nat, "until": str(until or shop.calendar.last), "records": records,
    }  # fmt: skip
    facts: dict[str, Any] = {}
    for _, incident in reversed(incidents):
        facts |= incident.facts()
    shares = {"honest_requests": played.honest, "bad_requests": played.bad}
    writer.finish(shop.members, book, shop.documents.table(), {**asked, **shares, **facts})
    return Made(inspect, truth, records)


def _check(scale: float, seed: int, honest: float, without: Collection[str], nat: int) -> None:
    if not (SMALLEST <= scale <= 1 and honest >= 0 and seed >= 0 and nat >= 0):
        raise HaechiError(
            f"A drill's scale is {SMALLEST:f} to 1, its honest share, seed and NAT at least 0.",
            where=f"scale {scale}, honest {honest}, seed {seed}, nat {nat}",
        )
    if unknown := set(without) - set(PARTS):
        raise HaechiError(
            f"No part of a drill is called {', '.join(sorted(unknown))}.",
            todo=f"Use some of: {', '.join(PARTS)}.",
        )


def _streams(seed: int, names: Sequence[str]) -> Streams:
    """A stream of random numbers for each part, so that no part's appetite changes another's world."""
    seeds = np.random.SeedSequence(seed).spawn(len(STREAMS))
    streams = {part: np.random.Generator(np.random.PCG64(s)) for part, s in zip(STREAMS, seeds, strict=True)}
    for name in names:
        own = np.random.SeedSequence([seed, *name.encode()])
        streams[f"incident {name}"] = np.random.Generator(np.random.PCG64(own))
    return streams


def _setting(settings: Sequence[Setting], nat: int) -> Setting:
    setting = settings[0]
    for other in settings[1:]:
        setting = setting.beside(other)
    return replace(setting, accounts=max(setting.accounts, nat + nat // 4))


def _build(setting: Setting, rng: Streams, nat: int) -> Shop:
    employees = (*personnel(rng["people"], setting.calendar, setting.crews), *setting.people)
    keyring, mint = Keyring(setting.keys, setting.nights), Mint()
    return Shop(
        calendar=setting.calendar,
        members=make_members(rng["members"], setting.calendar, setting.accounts, setting.lost_ids),
        keyring=keyring,
        mint=mint,
        employees=employees,
        crews=setting.crews,
        roster=Roster(rng["roster"], setting.calendar, employees, setting.crews.size),
        badges=Badges(mint, keyring, setting.calendar),
        reasons=Reasons(),
        documents=Documents(),
        calls=setting.calls,
        nat=nat,
        strangers=setting.strangers,
    )


def _honest(setting: Setting, incidents: Sequence[tuple[str, Incident]], honest: float) -> float:
    return max(float(setting.requests), honest * sum(incident.requests for _, incident in incidents))
