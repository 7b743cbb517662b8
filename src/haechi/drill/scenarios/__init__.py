"""The scenarios, by name. A new one is a module here with a `SCENARIO`, and a line below."""

from __future__ import annotations

from haechi.drill.interface import Scenario
from haechi.drill.scenarios import coupang_2025
from haechi.model.errors import HaechiError

SCENARIOS: dict[str, Scenario] = {s.name: s for s in (coupang_2025.SCENARIO,)}


def find(name: str) -> Scenario:
    """The scenario of that name. Raises HaechiError that lists those there are."""
    if name not in SCENARIOS:
        known = ", ".join(sorted(SCENARIOS))
        raise HaechiError(f"There is no drill named {name!r}.", todo=f"Use one of: {known}.")
    return SCENARIOS[name]
