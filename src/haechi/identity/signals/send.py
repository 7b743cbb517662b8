"""Signals on their way out: made for each stream, pushed (RFC 8935), or kept for whoever fetches them (RFC 8936)."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from haechi.identity.interface import Asking
from haechi.identity.probes.web import Reply, Web
from haechi.identity.signals.event import Signal
from haechi.identity.signals.outbox import Outbox
from haechi.identity.signals.stream import Stream, streams
from haechi.identity.signals.token import TYPE, sign, signing_key
from haechi.model.errors import HaechiError, IdentityError
from haechi.workspace.load import Workspace

_CODES: Final = (
    "invalid_request", "invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed",
    "access_denied",
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """What became of a stream's signals. problem: why those that still wait were not taken; empty: none was refused."""

    stream: str
    taken: int
    waiting: int
    problem: str = ""


def announce(
    workspace: Workspace, signal: Signal, asking: Asking, names: Collection[str] = ()
) -> list[Stream]:
    """Sign a signal for each outgoing stream, or those named, and put it into their outboxes. Returns the streams.

    Raises:
        IdentityError: there is no such stream, or the signal cannot be kept.
    """
    known = {name: stream for name, stream in streams(workspace).items() if stream.outgoing}
    if missing := sorted(set(names) - set(known)):
        raise IdentityError(f"there is no outgoing stream called {missing[0]}")
    chosen = [stream for name, stream in known.items() if not names or name in names]
    key = signing_key(workspace.root) if chosen else None
    for stream in chosen:
        assert key is not None
        jti, token = sign(signal, key, stream.us, stream.them, stream.subject_issuer, asking.now)
        Outbox(workspace.root, stream.name).put(time.time_ns(), jti, token)
    return chosen


def deliver(workspace: Workspace, asking: Asking) -> list[Sent]:
    """Push what waits for the streams that are pushed to. One that fails never stops the others."""
    return [
        _push(workspace, stream, asking) for stream in streams(workspace).values() if stream.way == "push"
    ]


def _push(workspace: Workspace, stream: Stream, asking: Asking) -> Sent:
    box = Outbox(workspace.root, stream.name)
    taken, problem = 0, ""
    waiting = box.waiting()
    for jti, token in waiting:
        try:
            problem = _said(_post(stream, token, asking))
        except HaechiError as error:
            problem = error.what
        if problem:
            break  # in order: a later signal may rest on an earlier one
        box.taken(jti)
        taken += 1
    return Sent(stream.name, taken, len(waiting) - taken, problem)


def _post(stream: Stream, token: str, asking: Asking) -> Reply:
    web = Web(stream.system, asking)
    web = Web(stream.system, asking, questions={web.address("").path})
    headers = {"content-type": f"application/{TYPE}", "accept": "application/json"}
    if stream.system.credential:
        headers["authorization"] = f"Bearer {asking.secret(stream.system.credential).decode('latin-1')}"
    return web.ask("POST", "", headers=headers, content=token.encode("ascii"))


def _said(reply: Reply) -> str:
    """Why a token was not taken; empty: it was (RFC 8935, section 2.2)."""
    if reply.status == 202:
        return ""
    try:
        told = reply.json("it")
    except IdentityError:
        told = None
    code = told.get("err") if isinstance(told, dict) else None
    return f"answered {reply.status}" + (f" ({code})" if code in _CODES else "")
