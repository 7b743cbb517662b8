"""A small HTTP server of the test's own, for what no well-made server does."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Handle = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(handle: Handle, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server on the loopback that leaves every request to `handle`; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                handle(self)
            except OSError:
                self.close_connection = True  # who asked has hung up

        do_POST = do_GET  # noqa: N815 (the name that http.server looks for)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda request, client: None  # type: ignore[method-assign]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(request: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def send_json(request: BaseHTTPRequestHandler, told: Any, status: int = 200, **headers: str) -> None:
    send(request, json.dumps(told).encode(), status, **headers)


def json_pages(lists: Mapping[str, Sequence[Any]], most: int = 1000) -> Handle:
    """SCIM lists by path, at most so many a page; 404 for the rest."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        asked = urlsplit(request.path)
        if asked.path not in lists:
            return send_json(request, {"status": "404"}, 404)
        query = parse_qs(asked.query)
        start, count = int(query["startIndex"][0]), min(int(query["count"][0]), most)
        every = lists[asked.path]
        return send_json(
            request, {"totalResults": len(every), "Resources": every[start - 1 : start - 1 + count]}
        )

    return handle
