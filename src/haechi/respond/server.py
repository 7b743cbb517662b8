"""The answer page on the network: plain HTTP, one page a link. TLS is a reverse proxy's business.

GET  /a/TOKEN    the question
POST /a/TOKEN    its answer, once

Nothing else is served, and nothing tells a link that never was from one that is over. To look changes nothing, since
mail servers follow links before people do. No cookie, no script: who has the link may answer, and nobody else.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qs

import sqlalchemy as sa

import haechi
from haechi.evidence.connections import IDLE, BoundedServer, say
from haechi.model.errors import AskError, HaechiError, StoreError
from haechi.respond import database as db
from haechi.respond.decisions import LONGEST, SHORTEST, Answer, record
from haechi.respond.desk import Desk, open_desk
from haechi.respond.links import Link, hash_of, read_token
from haechi.respond.machine import WAITING
from haechi.respond.page import notice_page, policy, question_page
from haechi.respond.phrases import say as sentence
from haechi.respond.seal import seal
from haechi.respond.steps import Row
from haechi.store.store import now as clock
from haechi.workspace.load import Workspace

PATH: Final = "/a/"
MAX_BODY: Final = 64 * 1024  # an answer of the greatest length, each letter escaped
PER_MINUTE: Final = 60  # requests of one address
_REMEMBERED: Final = 10_000  # addresses


class Pace:
    """How often each address may ask: so many a minute, in one burst or spread. Forgets the ones longest silent."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._most, self._now = per_minute / 60, float(per_minute), now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def may(self, address: str) -> bool:
        """Whether this one may ask now; counts it if so."""
        now = self._now()
        with self._lock:
            left, since = self._left.pop(address, (self._most, now))
            left = min(self._most, left + (now - since) * self._rate)
            self._left[address] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > _REMEMBERED:
                self._left.popitem(last=False)
        return left >= 1


class AnswerServer(BoundedServer):
    """Listens from the moment it is made; `serve_forever` answers. Port 0: any free one, see `server_port`."""

    def __init__(
        self,
        workspace: Workspace,
        host: str,
        port: int,
        now: Callable[[], int] = clock,
        per_minute: int = PER_MINUTE,
    ) -> None:
        """Raises `OSError` where the address cannot be had, `StoreError` where the store or the database cannot."""
        self.workspace, self.now, self.pace = workspace, now, Pace(per_minute)
        self.vkeys = self.known_keys()
        super().__init__(host, port, _Handler)

    def known_keys(self) -> tuple[str, ...]:
        """All keys that ever signed the workspace's log: a link outlives a key that was replaced."""
        with self.desk() as desk:
            catalog = desk.store.snapshot().catalog
        first = [catalog.log.vkey] if catalog.log else []
        return tuple(key for key in [*first, *(leaf.vkey for leaf in catalog.rotations)] if key)

    def desk(self) -> Any:
        """Nobody sits there: who answers is told by the link."""
        return open_desk(self.workspace, self.now, "the answer page")

    def link(self, token: str) -> Link | None:
        """What a token says that this workspace's key signed."""
        found = read_token(token, self.vkeys)
        if found is None and "." in token and len(token) < 1024:
            with self.desk() as desk, desk.database.reading() as connection:
                known = connection.execute(
                    sa.select(db.link.c.ask).where(db.link.c.hash == hash_of(token))
                ).first()
            if known is not None:  # the key was replaced since this process began
                self.vkeys = self.known_keys()
                found = read_token(token, self.vkeys)
        return found


class _Handler(BaseHTTPRequestHandler):
    server: AnswerServer
    protocol_version = "HTTP/1.1"
    server_version = f"haechi-answers/{haechi.__version__}"
    sys_version = ""
    timeout = IDLE

    def do_GET(self) -> None:
        if self.headers.get("Content-Length") or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._notice(HTTPStatus.BAD_REQUEST, "gone", "gone_more")
            return
        self._guarded(self._question)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        strange = not (length.isascii() and length.isdecimal()) or self.headers.get("Transfer-Encoding")
        if strange or len(length) > 9 or int(length) > MAX_BODY:
            self.close_connection = True  # the body was not read, so nothing behind it can be either
            self._notice(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "empty")
            return
        body = self.rfile.read(int(length))
        if len(body) == int(length):
            self._guarded(lambda: self._answered(body))

    def _guarded(self, work: Callable[[], None]) -> None:
        """Keep the pace, and turn what fails into a page that tells nothing of it."""
        if not self.server.pace.may(self.client_address[0]):
            self._notice(HTTPStatus.TOO_MANY_REQUESTS, "slow")
            return
        try:
            work()
        except HaechiError as error:
            say(error.diagnostics())
            self._notice(HTTPStatus.SERVICE_UNAVAILABLE, "failed")

    def _question(self) -> None:
        found = self._found()
        if found is None:
            self._notice(HTTPStatus.NOT_FOUND, "gone", "gone_more")
            return
        ask, link = found
        self._page(HTTPStatus.OK, ask, link)

    def _answered(self, body: bytes) -> None:
        found = self._found()
        if found is None or not self._from_here():
            self._notice(HTTPStatus.NOT_FOUND, "gone", "gone_more")
            return
        ask, link = found
        text = _field(body)
        if not SHORTEST <= len(text.strip()) <= LONGEST:
            problem = sentence(ask["language"], "empty", most=f"{LONGEST:,}")
            self._page(HTTPStatus.UNPROCESSABLE_ENTITY, ask, link, text[:LONGEST], problem)
            return
        with self.server.desk() as desk:
            try:
                self._record(desk, ask, link, text)
            except AskError:  # somebody was faster
                self._notice(HTTPStatus.NOT_FOUND, "gone", "gone_more")
                return
            try:
                seal(desk.store, desk.database)
            except StoreError as error:
                # The answer is kept; the next run of haechi case tend seals it.
                say(error.diagnostics())
        say(f"{ask['id']} was answered")
        self._notice(HTTPStatus.OK, "thanks", "thanks_more", ask["language"])

    def _record(self, desk: Desk, ask: Row, link: Link, text: str) -> None:
        by = "asked, by link" if link.role == ask["role"] else "manager, by link"
        with desk.database.reading() as connection:
            query = sa.select(db.message.c.recipient).where(db.message.c.id == link.message)
            reader = connection.execute(query).scalar_one()
        proof = {"message": link.message, "from": reader}
        given = Answer(text.replace("\r\n", "\n"), "link", link.role, proof)
        record(desk, ask["id"], given, by, hash_of(self._token()))

    def _found(self) -> tuple[Row, Link] | None:
        """The question of the link, as long as it can be answered through it."""
        link = self.server.link(self._token()) if self.path.startswith(PATH) else None
        if link is None or link.expires <= self.server.now():
            return None
        key = sa.and_(db.link.c.hash == hash_of(self._token()), db.link.c.used.is_(None))
        with self.server.desk() as desk, desk.database.reading() as connection:
            query = sa.select(db.ask).join(db.link, db.link.c.ask == db.ask.c.id).where(key)
            ask = connection.execute(query).mappings().first()
        return (ask, link) if ask is not None and ask["state"] in WAITING else None

    def _token(self) -> str:
        return self.path.removeprefix(PATH)

    def _from_here(self) -> bool:
        """Whether the form was ours. A strange page does not know the link; this stops one that guessed it."""
        site, origin = self.headers.get("Sec-Fetch-Site"), self.headers.get("Origin")
        if site is not None:
            return site == "same-origin"
        # Browsers that tell no site tell an origin; what is neither is no browser, and carries no one's rights.
        return origin is None or origin.partition("://")[2] == self.headers.get("Host")

    def _page(self, status: HTTPStatus, ask: Row, link: Link, text: str = "", problem: str = "") -> None:
        settings = self.server.workspace.settings
        with self.server.desk() as desk:
            zone = desk.zone
        self._send(status, question_page(ask, link.role, settings.mail.sender, zone, text, problem))

    def _notice(self, status: HTTPStatus, title: str, more: str = "", language: str = "") -> None:
        language = language or self.server.workspace.settings.asking.language
        if title == "empty":
            self._send(status, notice_page(language, "failed"))
            return
        self._send(status, notice_page(language, title, more))

    def _send(self, status: HTTPStatus, page: str) -> None:
        data = page.encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Content-Security-Policy", policy()),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "same-origin"),  # with no-referrer, browsers hide where a form came from
            ("X-Content-Type-Options", "nosniff"),
            ("X-Robots-Tag", "noindex"),
        ):
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Who asked and what came of it: never the path, which is the link."""
        status = code.value if isinstance(code, HTTPStatus) else code
        say(f"{self.address_string()} {self.command} {status}")

    def log_error(self, format: str, *args: Any) -> None:
        """What the library says of requests that are none: it may quote them, so only that there was one."""
        say(f"{self.address_string()} sent what is no request")


def _field(body: bytes) -> str:
    try:
        fields = parse_qs(body.decode(), max_num_fields=8, errors="strict")
    except (UnicodeDecodeError, ValueError):
        return ""
    return fields.get("answer", [""])[0]
