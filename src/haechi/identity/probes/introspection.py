"""Is a token, or a refresh token, still good? RFC 7662 (OAuth 2.0 Token Introspection).

`active: false` says "not good" and also "you may not ask about it", in the same words (section 2.2). So the same
client asks about a token that is known to be good, too. Refreshing would make a new token: it is never tried.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, needed
from haechi.identity.probes.web import PLAIN, Refused, Reply, Web
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

DISCOVERY: Final = ".well-known/openid-configuration"
# Members of an issuer's metadata whose addresses change something when they are posted to.
_ACTING: Final = (
    "token_endpoint", "revocation_endpoint", "registration_endpoint", "end_session_endpoint",
    "device_authorization_endpoint", "pushed_authorization_request_endpoint",
    "backchannel_authentication_endpoint", "userinfo_endpoint",
)  # fmt: skip


@dataclass(frozen=True)
class Introspection:
    """credential: the token asked about. control: a reference to a token that is good, of the same client.

    The system is of kind oidc: url is the issuer's, credential the client's secret; options `client-id`, and
    `introspection` where the issuer's metadata does not tell that address.
    """

    kind: str = "introspection"
    hint: str = "access_token"
    systems: frozenset[str] = frozenset({"oidc"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "session"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, credential=probe.credential, control=probe.control)
        # Whoever asks with a wrong address is told so before any secret is read.
        web, path = _endpoint(system, asking)

        def question(reference: str, what: str) -> Said:
            return _introspect(web, path, system, asking, asking.secret(reference), self.hint, what)

        name = f"the {self.hint.replace('_', ' ')} {probe.target}".strip()
        return compare(
            lambda: question(probe.control, "the control token"),
            lambda: question(probe.credential, name),
        )


def _endpoint(system: SystemSettings, asking: Asking) -> tuple[Web, str]:
    """Where to ask, and the only address to which a POST is let through.

    Raises:
        Refused: that address is known to change something, or is somebody else's.
        IdentityError: the issuer does not tell it.
    """
    finder = Web(system, asking)
    where = system.options.get("introspection", "")
    reply = finder.ask("GET", DISCOVERY, secret=False)
    metadata = _metadata(reply, system.name, optional=bool(where))
    where = where or str(metadata.get("introspection_endpoint") or "")
    if not where:
        raise IdentityError(f"{system.name} does not tell where tokens are introspected: set introspection")
    url = finder.address(where)
    for name in _ACTING:
        other = metadata.get(name)
        if isinstance(other, str) and other == str(url):
            raise Refused(f"the address to introspect at is the {name} of {system.name}: nothing was sent")
    return Web(system, asking, questions={url.path}), str(url)


def _metadata(reply: Reply, name: str, optional: bool) -> dict[str, Any]:
    """What an issuer tells of itself; {} where it tells nothing, or something else and that does not matter."""
    try:
        told = reply.json(name) if reply.status == 200 else {}
    except IdentityError:
        if not optional:
            raise
        told = {}
    return told if isinstance(told, dict) else {}


def _introspect(
    web: Web, where: str, system: SystemSettings, asking: Asking, token: bytes, hint: str, what: str
) -> Said:
    form = {"token": token.decode("utf-8", "replace"), "token_type_hint": hint}
    headers = {"accept": "application/json", **_client(system, asking)}
    reply = web.ask("POST", where, headers=headers, form=form)
    if reply.status in (401, 403):
        return Said("unknown", f"{what}: {system.name} answered {reply.status}, we may not ask")
    if reply.status != 200:
        return Said("unknown", f"{what}: {system.name} answered {reply.status}")
    said = reply.json(system.name)
    active = said.get("active") if isinstance(said, dict) else None
    if active is True:
        return Said("alive", f"{what} is active at {system.name}")
    if active is False:
        return Said("dead", f"{what} is not active at {system.name}")
    return Said("unknown", f"{what}: {system.name} does not say whether it is active")


def _client(system: SystemSettings, asking: Asking) -> dict[str, str]:
    """RFC 6749, section 2.3.1: both parts are form-encoded before they are joined."""
    identifier = system.options.get("client-id", "")
    if not system.credential:
        return {}
    secret = asking.secret(system.credential)
    if not identifier:
        return {"authorization": f"Bearer {secret.decode('ascii', 'replace')}"}
    pair = f"{quote(identifier, safe='')}:{quote(secret, safe='')}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


SYSTEM_OPTIONS: Final = frozenset({"client-id", "introspection", PLAIN})
INTROSPECTION: Final = Introspection()
REFRESH: Final = Introspection(kind="refresh", hint="refresh_token")
