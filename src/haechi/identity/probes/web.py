"""Questions over HTTP to one configured system, and to nobody else.

Whoever asks carries a secret, so: the address is the configured one (scheme, host and port), redirects are not
followed, no proxy or password file of the environment is used, and in the clear it goes to this machine alone.
Whoever probes must change nothing, so: it reads (GET, HEAD), or posts to an address that only answers questions.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import httpx
import msgspec

from haechi.identity.alarm import alarm
from haechi.identity.interface import Asking
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

MOST: Final = 4 * 1024 * 1024  # bytes of an answer
PLAIN: Final = "plain"  # option of a system: "yes" lets secrets go to it unencrypted
_READS: Final = ("GET", "HEAD")
_PORTS: Final = {"http": 80, "https": 443}


class Refused(IdentityError):
    """What was about to be asked is not asked: it would change something, or tell a secret to somebody else."""


class _NobodyThere(IdentityError):
    """Nobody answers at an address: nothing was sent."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer. Names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self, who: str) -> Any:
        """The body as JSON. Raises `IdentityError`, naming `who` answered."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise IdentityError(f"{who} answered {self.status} with something that is not JSON") from None


class Web:
    """One system's address.

    questions: paths to which a POST only asks (RFC 7662: introspection); anything else than reading is refused.
    """

    def __init__(self, system: SystemSettings, asking: Asking, questions: Collection[str] = ()) -> None:
        self.base = parse(system.url, system.name)
        self.name, self._asking, self._questions = system.name, asking, frozenset(questions)
        self._plain = system.options.get(PLAIN) == "yes"
        # Without TLS there is nothing to verify, and reading all of the machine's certificates takes its time.
        self._tls = tls(system, asking) if self.base.scheme == "https" else False

    def address(self, where: str) -> httpx.URL:
        """The address of a path below the system's own, or of a URL of the same scheme, host and port.

        Raises:
            Refused: it is somebody else's.
        """
        if "://" not in where:
            base = self.base.copy_with(query=None, fragment=None)
            return httpx.URL(f"{str(base).rstrip('/')}/{where.lstrip('/')}") if where else base
        url = parse(where, self.name)
        if origin(url) != origin(self.base):
            raise Refused(
                f"{self.name} points to another host, scheme or port than it is configured with: nothing was sent",
                where=shown(url),
            )
        return url

    def ask(
        self,
        method: str,
        where: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        secret: bool = True,
    ) -> Reply:
        """Ask one question. `secret`: whether it carries one, in its headers or its body.

        Raises:
            Refused: before anything is sent.
            IdentityError: no answer, too long a one, or too slow.
        """
        url = self.address(where)
        if query:
            url = url.copy_merge_params(query)
        if method not in _READS and not (method == "POST" and url.path in self._questions):
            raise Refused(
                f"{method} could change something at {self.name}: it was not sent", where=shown(url)
            )
        sent = {"accept-encoding": "identity", **(headers or {})}
        targets, sent["host"] = self._pinned(url, secret), url.netloc.decode()
        self._asking.turn()
        body = {"data": form, "json": json, "content": content}
        for target in targets[:-1]:
            try:
                return self._send(method, target, sent, body, shown(url))
            except _NobodyThere:
                continue  # a name may lead to two addresses of this machine, with a server at one of them
        return self._send(method, targets[-1], sent, body, shown(url))

    def _pinned(self, url: httpx.URL, secret: bool) -> list[httpx.URL]:
        """Where to connect to, in this order. Without TLS nothing proves who answers: a secret stays here then."""
        if url.scheme == "https" or not secret or self._plain:
            return [url]
        try:
            found = socket.getaddrinfo(url.host, url.port or 80, type=socket.SOCK_STREAM)
        except OSError:
            raise IdentityError("nobody answers at its address", where=shown(url)) from None
        addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
        if not addresses or not all(ipaddress.ip_address(text).is_loopback for text in addresses):
            raise Refused(
                f"a secret would go to {self.name} unencrypted: it was not sent",
                where=shown(url),
                todo=f'Use https, or set {PLAIN} = "yes" in the options of the system if that network is trusted.',
            )
        return [url.copy_with(host=address) for address in dict.fromkeys(addresses)]

    def _send(
        self, method: str, url: httpx.URL, headers: dict[str, str], body: Mapping[str, Any], where: str
    ) -> Reply:
        wait = self._asking.wait
        deadline = time.monotonic() + wait
        try:
            with (
                ExitStack() as alarms,
                httpx.Client(
                    timeout=wait, verify=self._tls, trust_env=False, follow_redirects=False
                ) as client,
                client.stream(
                    method, url, headers=headers, extensions=self._alarm(alarms), **body
                ) as response,
            ):
                data = b""
                for part in response.iter_raw():
                    data += part
                    if len(data) > MOST:
                        raise IdentityError(f"{self.name} answered with too much", where=where)
                    if time.monotonic() > deadline:
                        raise IdentityError(f"{self.name} took longer than {wait:g} seconds", where=where)
                return Reply(response.status_code, dict(response.headers), data)
        except httpx.TimeoutException:
            raise IdentityError(f"{self.name} did not answer within {wait:g} seconds", where=where) from None
        except httpx.ConnectError as error:
            if "CERTIFICATE" in str(error):
                raise IdentityError(
                    f"{self.name} shows a certificate that is not trusted", where=where
                ) from None
            raise _NobodyThere(f"{self.name} cannot be reached", where=where) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise IdentityError(f"{self.name} broke off ({type(error).__name__})", where=where) from None

    def _alarm(self, alarms: ExitStack) -> dict[str, Any]:
        """What ends a connection whose headers drip: each byte of them would begin the time-out anew."""

        def trace(event: str, info: Mapping[str, Any]) -> None:
            if event.endswith("connect_tcp.complete"):
                connection = info["return_value"].get_extra_info("socket")
                alarms.enter_context(alarm(self.name, connection.fileno(), self._asking.wait))

        return {"trace": trace}


def parse(text: str, name: str) -> httpx.URL:
    """A URL of http or https that carries no password. Raises `IdentityError`."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise IdentityError(f"the address of {name} is not a URL") from None
    if url.scheme not in _PORTS or not url.host:
        raise IdentityError(f"the address of {name} is not a URL of http or https")
    if url.userinfo:
        raise Refused(f"the address of {name} carries a password: it belongs into credential")
    return url


def origin(url: httpx.URL) -> tuple[str, str, int]:
    """Scheme, host and port."""
    return url.scheme, url.host.rstrip(".").lower(), url.port or _PORTS[url.scheme]


def shown(url: httpx.URL) -> str:
    """A URL for messages: without its query, which may name a person."""
    return str(url.copy_with(query=None, fragment=None))


def tls(system: SystemSettings, asking: Asking) -> ssl.SSLContext:
    """Whom to believe: the certificates of `ca`, else the machine's. Raises `IdentityError`."""
    try:
        return ssl.create_default_context(cafile=str(asking.folder / system.ca) if system.ca else None)
    except (OSError, ssl.SSLError):
        raise IdentityError(f"the certificates that {system.name} shall be known by cannot be read") from None
