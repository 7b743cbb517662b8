"""The kinds of probes by their names in haechi.toml."""

from __future__ import annotations

from typing import Final

from haechi.identity.interface import Probe
from haechi.identity.probes.gateway import GATEWAY
from haechi.identity.probes.introspection import INTROSPECTION, REFRESH
from haechi.identity.probes.jwks import JWKS

_ALL: Final[tuple[Probe, ...]] = (INTROSPECTION, REFRESH, JWKS, GATEWAY)
PROBES: Final[dict[str, Probe]] = {probe.kind: probe for probe in _ALL}
