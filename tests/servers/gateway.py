"""A gateway that believes every good signature: it asks neither whether a token was issued nor whose it is.

It keeps the issuer's keys for a while, as gateways do, and writes an access log like nginx's with `escape=json`.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from tests.servers.process import HTTP


@dataclass(frozen=True)
class Gateway:
    """A running gateway. GET /ping and /members/<n> answer 200 to a token it believes, else 401."""

    url: str
    access_log: Path  # JSON lines, `node` gate-1, `seq` without gaps

    def get(self, path: str, token: str, address: str = "192.0.2.7") -> int:
        """The status that a client at this address gets; its load balancer says where it comes from."""
        headers = {
            "Authorization": f"Bearer {token}",
            "X-Forwarded-For": address,
            "User-Agent": "ShopApp/7.1",
        }
        return HTTP.get(f"{self.url}{path}", headers=headers).status_code


class _Keys:
    """The issuer's keys, asked for again after `seconds` or for a new `kid`; old ones stay if it fails."""

    def __init__(self, url: str, seconds: float) -> None:
        self.url, self.seconds = url, seconds
        self.keys, self.asked = KeySet([]), float("-inf")

    def of(self, kid: str) -> KeySet:
        known = kid in {key.kid for key in self.keys.keys}
        if time.monotonic() - self.asked > self.seconds or not known:
            try:
                answer = HTTP.get(self.url)
                answer.raise_for_status()
                self.keys, self.asked = KeySet.import_key_set(answer.json()), time.monotonic()
            except (httpx.HTTPError, ValueError):
                pass  # a gateway that cannot reach the issuer goes on with the keys it has
        return self.keys


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, log: Path, keys: _Keys) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.log, self.keys, self.seq, self.lock = log, keys, 0, threading.Lock()

    def note(self, line: dict[str, Any]) -> None:
        with self.lock:
            self.seq += 1
            with self.log.open("a") as file:
                file.write(json.dumps({**line, "node": "gate-1", "seq": self.seq}) + "\n")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        told = self.headers.get("Authorization", "")
        token = told.removeprefix("Bearer ") if told.startswith("Bearer ") else ""
        header, claims = self._believed(token)
        status = 200 if claims is not None else 401
        body = json.dumps({"member": self.path.rsplit("/", 1)[-1]} if claims is not None else {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        said = claims or {}
        self.server.note(
            {
                "time_iso8601": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "remote_addr": self.headers.get("X-Forwarded-For", self.client_address[0]),
                "request_method": "GET",
                "request_uri": self.path,
                "status": status,
                "body_bytes_sent": len(body),
                "http_user_agent": self.headers.get("User-Agent", ""),
                "jwt_header_kid": header.get("kid"),
                "jwt_claim_iss": said.get("iss"),
                "jwt_claim_sub": said.get("sub"),
                "jwt_claim_jti": said.get("jti"),
                "token_sha256": hashlib.sha256(token.encode()).hexdigest() if token else None,
            }
        )

    def _believed(self, token: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The token's header, and its claims if the signature is good and it has not expired."""
        try:
            read = jwt.decode(
                token, lambda obj: self.server.keys.of(str(obj.headers().get("kid"))), ["ES256"]
            )
        except (JoseError, ValueError):
            return {}, None
        good = float(read.claims.get("exp", 0)) > time.time()
        return dict(read.header), dict(read.claims) if good else None

    def log_message(self, format: str, *args: object) -> None:
        """The access log is enough."""


@contextmanager
def running(folder: Path, jwks: str, seconds: float = 0) -> Iterator[Gateway]:
    """A gateway that takes keys from the address `jwks` and keeps them for `seconds`; a thread of this process."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "access.log"
    log.touch()
    server = _Server(log, _Keys(jwks, seconds))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Gateway(f"http://127.0.0.1:{server.server_port}", log)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
