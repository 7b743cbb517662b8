"""A witness on the network: plain HTTP, as c2sp.org/tlog-witness says. TLS is a reverse proxy's business.

POST /add-checkpoint        sign the next head of a log
GET  /heads/<hex>           the newest head signed of the log whose origin has this SHA-256, as a note
GET  /                      the witness's public key
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import haechi
from haechi.evidence.connections import IDLE, BoundedServer, say, shown
from haechi.evidence.witness.request import HEADS, MAX_BODY, PATH
from haechi.evidence.witness.witness import TEXT, Reply, Witness
from haechi.model.errors import EvidenceError


class WitnessServer(BoundedServer):
    """Listens from the moment it is made; `serve_forever` answers. Port 0: any free one, see `server_port`."""

    def __init__(self, witness: Witness, host: str, port: int) -> None:
        """Raises `OSError` where the address cannot be had."""
        self.witness = witness
        super().__init__(host, port, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version = f"haechi-witness/{haechi.__version__}"
    sys_version = ""
    timeout = IDLE

    def do_POST(self) -> None:
        if self.path != PATH:
            self._refuse_body(HTTPStatus.NOT_FOUND, f"post to {PATH}")
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < 10):
            self._refuse_body(HTTPStatus.LENGTH_REQUIRED, "the request must tell its length")
        elif int(length) > MAX_BODY:
            self._refuse_body(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {MAX_BODY} bytes")
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._answer(self._decided(body))

    def do_GET(self) -> None:
        if self.headers.get("Content-Length") or self.headers.get("Transfer-Encoding"):
            self._refuse_body(HTTPStatus.BAD_REQUEST, "ask without a body")
            return
        witness = self.server.witness
        if self.path == "/":
            self._answer(Reply(HTTPStatus.OK, f"{witness.signer.vkey}\n"))
            return
        try:
            head = witness.newest(self.path.removeprefix(HEADS)) if self.path.startswith(HEADS) else None
        except EvidenceError as error:
            self._answer(_failed(error))
            return
        self._answer(Reply(HTTPStatus.OK, head) if head else Reply(HTTPStatus.NOT_FOUND, "not here\n"))

    def log_message(self, format: str, *args: Any) -> None:
        """Who asked, and what came of it; control characters in a request line are escaped."""
        say(f"{self.address_string()} {shown(format % args)}")

    def _decided(self, body: bytes) -> Reply:
        try:
            reply = self.server.witness.add_checkpoint(body)
            if reply.told:
                say(f"{self.address_string()} {shown(reply.told)}")
            return reply
        except EvidenceError as error:
            return _failed(error)
        except OSError as error:
            say(f"the witness cannot remember: {error.strerror}")
            return Reply(
                HTTPStatus.INTERNAL_SERVER_ERROR, "the witness cannot remember, so it does not sign\n"
            )

    def _refuse_body(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True  # the body was not read, so nothing behind it can be either
        self._answer(Reply(status, f"{why}\n"))

    def _answer(self, reply: Reply) -> None:
        data = reply.body.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.type)
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a witness's memory for this process. Raises `EvidenceError` where another process serves it."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EvidenceError(
                "another process serves this witness",
                where=str(folder),
                todo="stop it first: two of one key could sign two histories",
            ) from None
        yield


def _failed(error: EvidenceError) -> Reply:
    say(error.diagnostics())
    return Reply(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error.what}\n", TEXT)
