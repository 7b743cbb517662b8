"""Where other systems bring their signals (RFC 8935) and fetch ours (RFC 8936). TLS is a reverse proxy's business.

POST /streams/<name>/events   take a signal of a stream whose way is "pushed"
POST /streams/<name>/poll     give the signals that wait for a stream whose way is "polled"
GET  /jwks.json               the public key of ours
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

import msgspec
from joserfc.jwk import KeySet

import haechi
from haechi.evidence.connections import IDLE, BoundedServer
from haechi.identity.interface import Asking
from haechi.identity.signals.outbox import Outbox
from haechi.identity.signals.receive import AT_ONCE, facts_of, keep
from haechi.identity.signals.stream import Stream, streams
from haechi.identity.signals.token import MOST, TYPE, Wrong, public_keys, signing_key
from haechi.model.errors import HaechiError
from haechi.workspace.load import Workspace

Reply = tuple[HTTPStatus, Any]


class _Poll(msgspec.Struct, rename="camel"):
    """What RFC 8936, section 2.2, lets a receiver ask. We always answer at once, which its section 2.4 allows."""

    max_events: int = AT_ONCE
    return_immediately: bool = True
    ack: list[str] = []
    set_errs: dict[str, Any] = {}


class SignalServer(BoundedServer):
    """Listens from the moment it is made; `serve_forever` answers. Port 0: any free one, see `server_port`."""

    def __init__(
        self,
        workspace: Workspace,
        asking: Callable[[], Asking],
        host: str,
        port: int,
        say: Callable[[str], None],
    ) -> None:
        """Raises `OSError` where the address cannot be had, `IdentityError` for streams set up wrongly."""
        self.workspace, self.asking, self.say = workspace, asking, say
        self.streams = streams(workspace)
        self.public = public_keys(signing_key(workspace.root))
        self.keeping = threading.Lock()  # one signal at a time goes into the store
        super().__init__(host, port, _Handler)

    def take(self, stream: Stream, token: bytes) -> Reply:
        """Check a signal and keep it (RFC 8935, section 2)."""
        asking = self.asking()
        try:
            jti, facts = facts_of(token, stream, self._keys(stream, asking), asking)
        except Wrong as wrong:
            self.say(f"{stream.name}: a signal was refused ({wrong.code}): {wrong.why}")
            return HTTPStatus.BAD_REQUEST, {"err": wrong.code, "description": wrong.why}
        with self.keeping:
            keep(self.workspace, stream, facts)
        self.say(f"{stream.name}: signal {jti} was taken")
        return HTTPStatus.ACCEPTED, None

    def give(self, stream: Stream, asked: _Poll) -> Reply:
        """The signals that wait (RFC 8936, section 2.3), after those that were taken are forgotten."""
        box = Outbox(self.workspace.root, stream.name)
        for jti in [*asked.ack, *asked.set_errs]:
            box.taken(jti)
        if asked.set_errs:
            self.say(f"{stream.name}: {len(asked.set_errs)} of our signals were refused")
        waiting = box.waiting()
        shown = waiting[: min(max(asked.max_events, 0), AT_ONCE)]
        return HTTPStatus.OK, {"sets": dict(shown), "moreAvailable": len(waiting) > len(shown)}

    def _keys(self, stream: Stream, asking: Asking) -> KeySet:
        # Asked for each time: a key that the other side has withdrawn must not be believed.
        return stream.keys(asking)


class _Handler(BaseHTTPRequestHandler):
    server: SignalServer
    protocol_version = "HTTP/1.0"  # one request a connection
    server_version = f"haechi-signals/{haechi.__version__}"
    sys_version = ""
    timeout = IDLE

    def do_GET(self) -> None:
        known = self.path == "/jwks.json"
        self._answer((HTTPStatus.OK, self.server.public) if known else (HTTPStatus.NOT_FOUND, None))

    def do_POST(self) -> None:
        parts = self.path.split("/")
        stream = self.server.streams.get(parts[2]) if len(parts) == 4 and parts[1] == "streams" else None
        way = {"events": "pushed", "poll": "polled"}.get(parts[-1])
        if stream is None or stream.way != way:
            self._answer((HTTPStatus.NOT_FOUND, None))
            return
        try:
            self._answer(self._served(stream))
        except HaechiError as error:
            self.server.say(f"{stream.name}: {error.what}")
            self._answer((HTTPStatus.SERVICE_UNAVAILABLE, None))

    def _served(self, stream: Stream) -> Reply:
        if not stream.lets_in(self.headers.get("Authorization", ""), self.server.asking()):
            return HTTPStatus.UNAUTHORIZED, {"err": "authentication_failed", "description": "show the token"}
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < 10):
            return HTTPStatus.LENGTH_REQUIRED, None
        if int(length) > MOST:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, None
        body = self.rfile.read(int(length))
        if stream.way == "pushed":
            if self.headers.get_content_type() != f"application/{TYPE}":
                return HTTPStatus.BAD_REQUEST, {
                    "err": "invalid_request",
                    "description": f"send application/{TYPE}",
                }
            return self.server.take(stream, body)
        try:
            asked = msgspec.json.decode(body, type=_Poll)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return HTTPStatus.BAD_REQUEST, None
        return self.server.give(stream, asked)

    def _answer(self, reply: Reply) -> None:
        status, told = reply
        body = b"" if told is None else msgspec.json.encode(told)
        self.send_response(status)
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """What came of a request is told by whoever answered it, without what was sent."""
