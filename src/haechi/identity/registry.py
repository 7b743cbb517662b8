"""The kinds of systems that can be listed, and of probes that can be asked, by their names in haechi.toml."""

from __future__ import annotations

from typing import Final

from haechi.identity.interface import Source
from haechi.identity.probes.common import ACCOUNT
from haechi.identity.probes.registry import PROBES, SYSTEM_OPTIONS
from haechi.identity.signals import stream
from haechi.identity.sources.aws import Aws
from haechi.identity.sources.jwks import Jwks
from haechi.identity.sources.ldap import Ldap
from haechi.identity.sources.openbao import OpenBao
from haechi.identity.sources.postgresql import PostgreSql
from haechi.identity.sources.scim import Scim
from haechi.identity.sources.ssh import Ssh
from haechi.workspace.check_systems import Kinds

_LISTED: Final[tuple[Source, ...]] = (
    Aws(),
    Jwks(),
    Jwks("oidc"),
    Ldap(),
    OpenBao(),
    PostgreSql(),
    Scim(),
    Ssh(),
)

SOURCES: Final[dict[str, Source]] = {source.kind: source for source in _LISTED}


def kinds() -> Kinds:
    """All kinds of systems and probes with their options, to check haechi.toml against."""
    systems: dict[str, frozenset[str]] = {kind: source.options for kind, source in SOURCES.items()}
    systems[stream.KIND] = stream.OPTIONS
    for probe in PROBES.values():
        for kind in probe.systems:
            systems[kind] = systems.get(kind, frozenset()) | SYSTEM_OPTIONS.get(kind, frozenset())
    return Kinds(
        systems, {kind: (probe.systems, probe.options | {ACCOUNT}) for kind, probe in PROBES.items()}
    )
