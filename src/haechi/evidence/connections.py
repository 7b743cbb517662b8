"""A small HTTP server that many, slow or broken connections cannot hold up. TLS is a reverse proxy's business."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any, Final

MAX_CONNECTIONS: Final = 64  # at a time; the next one is told to come back
IDLE: Final = 10.0  # seconds that a connection may be silent
LIFE: Final = 60.0  # seconds that a connection may last, so that slow ones cannot take all the places


class BoundedServer(ThreadingHTTPServer):
    """Listens from the moment it is made; `serve_forever` answers. Port 0: any free one, see `server_port`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        """Raises `OSError` where the address cannot be had."""
        self._free = threading.Semaphore(MAX_CONNECTIONS)
        self._since: dict[socket, float] = {}
        super().__init__((host, port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self._turn_away(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread can be started
            self._free.release()
            self._turn_away(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._since[request] = time.monotonic()
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self._since[request]
            self._free.release()

    def service_actions(self) -> None:
        """Called twice a second: end connections that have lasted too long."""
        for connection, since in list(self._since.items()):
            if time.monotonic() - since > LIFE:
                with suppress(OSError):  # it ended by itself
                    connection.shutdown(SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke. Only its kind is told: the message might quote what was sent."""
        kind = sys.exc_info()[0]
        say(f"a connection ended early: {kind.__name__ if kind else 'unknown'}")

    def _turn_away(self, request: socket) -> None:
        answer = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        try:
            request.setblocking(False)
            request.send(answer)
        except OSError:
            say("a connection was turned away and did not listen")
        self.shutdown_request(request)


def shown(text: str) -> str:
    """What somebody sent, without letters that could lie in a log."""
    line = text.encode("ascii", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in line)


def say(text: str) -> None:
    """One line of the server's own log, on standard error."""
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}", file=sys.stderr, flush=True)
