"""Is a signing key still published? RFC 7517 (JSON Web Key Set).

It is asked for twice: as gateways do, when a cache on the way may answer, and past caches (RFC 9111). Served by
either is ALIVE. The same key under another `kid` is alive, too, where its thumbprint (RFC 7638) is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, count, needed
from haechi.identity.probes.web import Reply, Web
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

_PAST_CACHES: Final = {"cache-control": "no-cache", "pragma": "no-cache"}


@dataclass(frozen=True)
class Jwks:
    """target: a `kid`. control: another `kid` that is served; empty: any other key.

    The system is of kind jwks: url is the key set's. Option `thumbprint`: of the key, base64url of SHA-256.
    """

    kind: str = "jwks"
    systems: frozenset[str] = frozenset({"jwks", "oidc"})
    options: frozenset[str] = frozenset({"thumbprint", "path"})
    about: Literal["account", "session", "secret"] = "secret"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target)
        web = Web(system, asking)
        where = _where(web, probe, system)
        normal = _fetch(web, where, {})
        past = _fetch(web, where, _PAST_CACHES)

        def served(reply: tuple[Reply, list[dict[str, Any]]]) -> str:
            return _serves(reply[1], probe.target, probe.options.get("thumbprint", ""))

        def question() -> Said:
            for reply, how in ((normal, ""), (past, ", past caches")):
                if found := served(reply):
                    return Said("alive", f"{system.name} serves {found}{how}{_age(reply[0])}")
            return Said("dead", f"{system.name} does not serve key {probe.target}{_age(normal[0])}")

        def control() -> Said:
            others = [set(_kids(keys)) - {probe.target} for _, keys in (normal, past)]
            names = others[0] & others[1]
            if probe.control:
                alive = probe.control in names
                return Said(
                    "alive" if alive else "dead", f"key {probe.control} {'is' if alive else 'is not'} served"
                )
            return Said("alive" if names else "unknown", f"it serves {count(len(names), 'other key')}")

        return compare(control, question)


def _where(web: Web, probe: ProbeSettings, system: SystemSettings) -> str:
    if path := probe.options.get("path", ""):
        return path
    if system.kind == "jwks":
        return ""
    reply = web.ask("GET", ".well-known/openid-configuration", secret=False)
    told = reply.json(system.name) if reply.status == 200 else None
    where = told.get("jwks_uri") if isinstance(told, dict) else None
    if not isinstance(where, str):
        raise IdentityError(f"{system.name} does not tell where its keys are")
    return where


def _fetch(web: Web, where: str, headers: dict[str, str]) -> tuple[Reply, list[dict[str, Any]]]:
    """The answer and its keys. Raises `IdentityError` unless it is a key set."""
    reply = web.ask("GET", where, headers={"accept": "application/json", **headers}, secret=False)
    if reply.status != 200:
        raise IdentityError(f"{web.name} answered {reply.status} when asked for its keys")
    said = reply.json(web.name)
    keys = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise IdentityError(f"{web.name} answered with something that is no key set")
    return reply, keys


def _kids(keys: list[dict[str, Any]]) -> list[str]:
    return [key["kid"] for key in keys if isinstance(key.get("kid"), str)]


def _serves(keys: list[dict[str, Any]], kid: str, thumbprint: str) -> str:
    """In words what of the key is there, or ""."""
    if kid in _kids(keys):
        return f"key {kid}"
    if thumbprint and any(_thumbprint(key) == thumbprint for key in keys):
        return f"the key of {kid} under another kid"
    return ""


def _thumbprint(key: dict[str, Any]) -> str:
    try:
        return JWKRegistry.import_key(key).thumbprint()
    except (JoseError, ValueError, TypeError, KeyError):
        return ""  # of a kind that nobody here can use


def _age(reply: Reply) -> str:
    """How long an answer may be believed by caches, where it tells."""
    age = reply.headers.get("age", "")
    life = re.search(r"max-age=(\d{1,9})", reply.headers.get("cache-control", ""))
    told = [f"{age} seconds old"] if re.fullmatch(r"\d{1,9}", age) else []
    told += [f"to be kept by caches for {life[1]} seconds"] if life else []
    return f" (an answer {', '.join(told)})" if told else ""


JWKS: Final = Jwks()
