"""Does a gateway let a credential in? Asked at a harmless page that the settings name.

Three requests: without a credential (a page that lets everybody in would prove nothing), with a token that is good
(the control), and with the token asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, needed, unknown
from haechi.identity.probes.jwt_times import times
from haechi.identity.probes.web import PLAIN, Refused, Web
from haechi.model.settings import ProbeSettings, SystemSettings

SYSTEM_OPTIONS: Final = frozenset({"path", "method", "header", "scheme", PLAIN})


@dataclass(frozen=True)
class Gateway:
    """credential: the token asked about. control: a reference to a good token; empty: the system's credential.

    The system's options: `path` of a page that only reads (needed), `header` (authorization), `scheme` (Bearer).
    """

    kind: str = "gateway"
    systems: frozenset[str] = frozenset({"gateway"})
    options: frozenset[str] = frozenset({"path"})
    about: Literal["account", "session", "secret"] = "secret"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        path = probe.options.get("path", system.options.get("path", ""))
        control = probe.control or system.credential
        needed(probe, credential=probe.credential, control=control, path=path)
        method = system.options.get("method", "GET").upper()
        if method not in ("GET", "HEAD"):
            raise Refused(f"{method} could change something at {system.name}: it was not sent")
        web = Web(system, asking)

        statuses: list[int] = []

        def send(reference: str, what: str) -> Said:
            headers = _headers(system, asking.secret(reference) if reference else b"")
            statuses.append(web.ask(method, path, headers=headers, secret=bool(reference)).status)
            return _said(statuses[-1], what, system.name)

        nobody = send("", "a request without a token")
        if nobody.state != "dead":
            return unknown(f"{nobody.words}: what lets a token in there cannot be told")

        def question() -> Said:
            what = f"the token {probe.target}".strip()
            said = send(probe.credential, what)
            told = times(asking.secret(probe.credential))
            if said.state == "dead" and told and told.ends and told.ends <= asking.now:
                ended = f"it expired {told.ends:%Y-%m-%d}, which is reason enough"
                return Said("unknown", f"{said.words}, but {ended}")
            return said

        answer = compare(lambda: send(control, "the control token"), question)
        # Who comes with a session that may not do this is refused otherwise than who comes with none. A token with
        # claims may be refused for what it lacks.
        alike = statuses[-1] == statuses[0] or statuses[-1] == 401
        return replace(answer, plain=alike and times(asking.secret(probe.credential)) is None)


def _headers(system: SystemSettings, token: bytes) -> dict[str, str]:
    if not token:
        return {}
    scheme = system.options.get("scheme", "Bearer")
    value = f"{scheme} {token.decode('latin-1')}".strip()
    return {system.options.get("header", "authorization").lower(): value}


def _said(status: int, what: str, name: str) -> Said:
    if status in (401, 403):
        return Said("dead", f"{what} is refused by {name} ({status})")
    if 200 <= status < 300:
        return Said("alive", f"{what} is let in by {name} ({status})")
    # A redirect may lead to a log-in page, or to the page itself in another place. It is not followed.
    return Said("unknown", f"{what}: {name} answered {status}, which tells neither")


GATEWAY: Final = Gateway()
