"""Signals that arrive: checked, kept as facts, and only then acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from joserfc.jwk import KeySet

from haechi.identity.facts import commit, lines_of, write
from haechi.identity.interface import Asking, Fact
from haechi.identity.probes.web import Web
from haechi.identity.signals.event import fact, read
from haechi.identity.signals.stream import Stream
from haechi.identity.signals.token import Wrong, verify
from haechi.model.errors import IdentityError, StoreError
from haechi.workspace.load import Workspace

AT_ONCE: Final = 100  # signals of one answer
MOST_ROUNDS: Final = 1000


@dataclass(frozen=True)
class Taken:
    """Signals fetched from one stream: how many were taken, how many refused, and how many facts came of them."""

    stream: str
    taken: int
    refused: int
    facts: int


def facts_of(token: bytes, stream: Stream, keys: KeySet, asking: Asking) -> tuple[str, list[Fact]]:
    """A token's id and what it says. Raises `Wrong`."""
    heard = verify(token, keys, stream.them, stream.us, asking.now)
    try:
        signals = read(heard.claims, asking.now)
    except ValueError as error:
        raise Wrong("invalid_request", str(error)) from None
    evidence = f"signal {heard.jti} of {stream.them}"
    return heard.jti, [fact(signal, stream.name, evidence) for signal in signals]


def keep(workspace: Workspace, stream: Stream, facts: list[Fact]) -> None:
    """Keep what a token said: on the disk when this returns, and sealed unless another process is writing just now.

    Raises `StoreError`: it is not on the disk, so it must not be acknowledged.
    """
    if facts:
        write(workspace, stream.name, lines_of(facts))
    try:
        commit(workspace)
    except StoreError:
        # They stand in the outbox of facts, durably, and whoever gathers next seals them.
        return


def fetch(workspace: Workspace, stream: Stream, asking: Asking) -> Taken:
    """Fetch all signals that wait at the other side (RFC 8936), each acknowledged once it is kept.

    Raises:
        IdentityError: the other side does not answer as it must. What was kept before stays.
    """
    web = Web(stream.system, asking)
    web = Web(stream.system, asking, questions={web.address("").path})
    keys = stream.keys(asking)
    acknowledged: list[str] = []
    errors: dict[str, dict[str, str]] = {}
    taken = refused = kept = 0
    for _ in range(MOST_ROUNDS):
        body = {"maxEvents": AT_ONCE, "returnImmediately": True, "ack": acknowledged, "setErrs": errors}
        sets, more = _ask(web, stream, asking, body)
        acknowledged, errors, found = [], {}, []
        for name, token in sets.items():
            try:
                jti, facts = facts_of(token.encode(), stream, keys, asking)
                if jti != name:
                    raise Wrong("invalid_request", "it stands under another id")
                found += facts
                acknowledged.append(name)
            except Wrong as wrong:
                errors[name] = {"err": wrong.code, "description": wrong.why}
        if found:
            keep(workspace, stream, found)
        taken, refused, kept = taken + len(acknowledged), refused + len(errors), kept + len(found)
        if not sets and not more:
            return Taken(stream.name, taken, refused, kept)
    raise IdentityError(f"{stream.name} never comes to an end of its signals")


def _ask(web: Web, stream: Stream, asking: Asking, body: dict[str, Any]) -> tuple[dict[str, str], bool]:
    headers = {"accept": "application/json"}
    if stream.system.credential:
        headers["authorization"] = f"Bearer {asking.secret(stream.system.credential).decode('latin-1')}"
    reply = web.ask("POST", "", headers=headers, json=body)
    if reply.status != 200:
        raise IdentityError(f"{stream.name} answered {reply.status} when asked for its signals")
    told = reply.json(stream.name)
    sets = told.get("sets") if isinstance(told, dict) else None
    if not isinstance(sets, dict) or not all(isinstance(token, str) for token in sets.values()):
        raise IdentityError(f"{stream.name} answered with something that holds no signals")
    return sets, told.get("moreAvailable") is True
