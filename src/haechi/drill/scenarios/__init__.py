"""The scenarios, by name. A new one is a module here with a `SCENARIO`, and a line below."""

from __future__ import annotations

from haechi.drill.interface import Scenario
from haechi.drill.scenarios import (
    call_storm,
    capital_one_2019,
    card_firms_2014,
    cashapp_2021,
    coinbase_2025,
    coupang_2025,
    credential_stuffing,
    interpark_2016,
    kt_2025,
    month_end,
    quiet,
    scraper,
    sk_telecom_2025,
    snooping,
    storm_0558,
)
from haechi.model.errors import HaechiError

_ALL: tuple[Scenario, ...] = (
    coupang_2025.SCENARIO,
    storm_0558.SCENARIO,
    cashapp_2021.SCENARIO,
    coinbase_2025.SCENARIO,
    card_firms_2014.SCENARIO,
    capital_one_2019.SCENARIO,
    interpark_2016.SCENARIO,
    sk_telecom_2025.SCENARIO,
    kt_2025.SCENARIO,
    snooping.SCENARIO,
    credential_stuffing.SCENARIO,
    scraper.SCENARIO,
    month_end.SCENARIO,
    call_storm.SCENARIO,
    quiet.SCENARIO,
)
SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}


def find(name: str) -> Scenario:
    """The scenario of that name. Raises HaechiError that lists those there are."""
    if name not in SCENARIOS:
        known = ", ".join(sorted(SCENARIOS))
        raise HaechiError(f"There is no drill named {name!r}.", todo=f"Use one of: {known}.")
    return SCENARIOS[name]
