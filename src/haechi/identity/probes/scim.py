"""SCIM 2.0: is an account still active? (RFC 7643, RFC 7644)

`active` is a boolean; some services write it as a word ("False"), which as text would count as true. It may be left
out (RFC 7643, section 4.1.1), which then says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, needed
from haechi.identity.probes.web import Web
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

_BY_ID: Final = "id:"
_WORDS: Final = {"true": True, "false": False}


@dataclass(frozen=True)
class Scim:
    """target: a `userName`, or `id:` and the service's own id. control: the same of somebody who is active."""

    kind: str = "scim"
    systems: frozenset[str] = frozenset({"scim"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "account"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target, control=probe.control)
        web = Web(system, asking)
        headers = {"accept": "application/scim+json"}
        if system.credential:
            headers["authorization"] = f"Bearer {asking.secret(system.credential).decode('latin-1')}"

        def user(name: str) -> Said:
            found = _find(web, headers, name)
            if not found:
                return Said("dead", f"{system.name} has no user {name}")
            if any(said.state == "alive" for said in found):
                return Said("alive", f"user {name} is active at {system.name}")
            return min(found, key=lambda said: said.state != "unknown")

        return compare(lambda: user(probe.control), lambda: user(probe.target))


def _find(web: Web, headers: dict[str, str], name: str) -> list[Said]:
    """What the service says of each user of a name."""
    if name.startswith(_BY_ID):
        where = f"Users/{quote(name.removeprefix(_BY_ID), safe='')}"
        reply = web.ask("GET", where, headers=headers)
        if reply.status == 404:
            return []
        users = [reply.json(web.name)] if reply.status == 200 else None
    else:
        wanted = name.replace("\\", "\\\\").replace('"', '\\"')
        reply = web.ask("GET", "Users", query={"filter": f'userName eq "{wanted}"'}, headers=headers)
        users = _listed(reply.json(web.name), name, web.name) if reply.status == 200 else None
    if users is None:
        raise IdentityError(f"user {name}: {web.name} answered {reply.status}")
    return [_active(user, name, web.name) for user in users]


def _listed(said: Any, name: str, who: str) -> list[Any]:
    """The users of a list that bear the name. A service that ignores the filter must not hide them on a later page."""
    resources = said.get("Resources", []) if isinstance(said, dict) else None
    total = said.get("totalResults") if isinstance(said, dict) else None
    if not isinstance(resources, list) or not isinstance(total, int) or isinstance(total, bool):
        raise IdentityError(f"{who} answered in a form that is not SCIM's")
    same = [user for user in resources if isinstance(user, dict) and _named(user, name)]
    if not same and total > 0:
        raise IdentityError(f"{who} did not filter its users by name: use id: and the user's id")
    return same


def _named(user: dict[str, Any], name: str) -> bool:
    return str(user.get("userName", "")).casefold() == name.casefold()  # RFC 7643: not case sensitive


def _active(user: Any, name: str, who: str) -> Said:
    told = user.get("active") if isinstance(user, dict) else None
    value = _WORDS.get(told.strip().casefold()) if isinstance(told, str) else told
    as_word = ", written as a word" if isinstance(told, str) else ""
    if value is True:
        return Said("alive", f"user {name} is active at {who}{as_word}")
    if value is False:
        return Said("dead", f"user {name} is not active at {who}{as_word}")
    return Said("unknown", f"user {name} is at {who}, which does not say whether active")


SCIM: Final = Scim()
