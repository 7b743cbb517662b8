"""The kinds of probes by their names in haechi.toml."""

from __future__ import annotations

from typing import Final

from haechi.identity.interface import Probe
from haechi.identity.probes import (
    aws,
    gateway,
    introspection,
    jwks,
    ldap,
    openbao,
    postgresql,
    scim,
    ssh,
    web,
)

_ALL: Final[tuple[Probe, ...]] = (
    introspection.INTROSPECTION,
    introspection.REFRESH,
    jwks.JWKS,
    gateway.GATEWAY,
    openbao.TOKEN,
    openbao.KEY,
    postgresql.LOGIN,
    postgresql.SESSIONS,
    postgresql.PASSWORD,
    ldap.ACCOUNT,
    ldap.BIND,
    scim.SCIM,
    ssh.SSH,
    aws.KEY,
    aws.CALLER,
)
PROBES: Final[dict[str, Probe]] = {probe.kind: probe for probe in _ALL}

# Options of systems that probes read, by the systems' kinds.
SYSTEM_OPTIONS: Final[dict[str, frozenset[str]]] = {
    "oidc": introspection.SYSTEM_OPTIONS,
    "jwks": frozenset({web.PLAIN}),
    "gateway": gateway.SYSTEM_OPTIONS,
    "openbao": openbao.SYSTEM_OPTIONS,
    "postgresql": postgresql.SYSTEM_OPTIONS,
    "ldap": ldap.SYSTEM_OPTIONS,
    "scim": frozenset({web.PLAIN}),
    "ssh": ssh.SYSTEM_OPTIONS,
    "aws": aws.SYSTEM_OPTIONS,
}
