"""oidc-provider (npm): an issuer with refresh tokens, introspection, revocation and keys that a test replaces."""

from __future__ import annotations

import fcntl
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.servers.process import HTTP, NotInstalled, free_port, listens, need, process

HERE = Path(__file__).parent / "oidc"
OLDEST_NODE = (20, 12)
Jwk = Mapping[str, Any]


@dataclass(frozen=True)
class Tokens:
    """What a login gives."""

    access: str = field(repr=False)  # JWT for the API
    opaque: str = field(repr=False)  # for /me, can be introspected
    refresh: str = field(repr=False)


@dataclass(frozen=True)
class Oidc:
    """A running issuer.

    Clients, with their secrets: `shop-app` (`app-not-a-secret`) has all tokens; `monitor` (`monitor-not-a-secret`)
    may ask about every token; `stranger` (`stranger-not-a-secret`) about its own only.
    """

    url: str  # the issuer
    issuance: Path  # its issuance log, JSON lines, numbered without gaps
    client: str = "shop-app"
    client_secret: str = field(default="app-not-a-secret", repr=False)

    @property
    def jwks(self) -> str:
        return f"{self.url}/jwks"

    @property
    def introspection(self) -> str:
        return f"{self.url}/token/introspection"

    def login(self, account: str, life: int | None = None) -> Tokens:
        """As somebody who logs in and agrees to everything. life: seconds of the access token."""
        return Tokens(**self._do("login", {"account": account, "life": life}))

    def disable(self, account: str) -> None:
        """Disable an account. Its refresh tokens go on, unless the issuer is `careful`."""
        self._do("disable", {"account": account})

    def enable(self, account: str) -> None:
        self._do("enable", {"account": account})

    def careful(self, careful: bool = True) -> None:
        """Whether a refresh looks at the account first."""
        self._do("careful", {"careful": careful})

    def keys(self, keys: Sequence[Jwk]) -> None:
        """Serve and use these private keys from now on; the first signs."""
        self._do("keys", {"keys": list(keys)})

    def introspect(self, token: str, client: str = "monitor") -> dict[str, Any]:
        """What the issuer says of an opaque token to a client (RFC 7662)."""
        return dict(
            self._form("token/introspection", {"token": token}, client, f"{client}-not-a-secret").json()
        )

    def refresh(self, refresh: str) -> httpx.Response:
        """Use a refresh token; 200 with `access_token`, or 400."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        return self._form("token", form, self.client, self.client_secret)

    def revoke(self, token: str) -> None:
        """RFC 7009, as the application that has the token."""
        self._form("token/revocation", {"token": token}, self.client, self.client_secret).raise_for_status()

    def _form(self, path: str, form: Mapping[str, str], client: str, secret: str) -> httpx.Response:
        return HTTP.post(f"{self.url}/{path}", data=form, auth=(client, secret))

    def _do(self, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = HTTP.post(f"{self.url}/test/{action}", json=body)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return dict(answer.json())


def signing_key(kid: str, pem: bytes | None = None) -> dict[str, Any]:
    """A private JWK for ES256: of this PEM, or a new one."""
    from joserfc.jwk import ECKey

    what = {"kid": kid, "use": "sig", "alg": "ES256"}
    key = ECKey.import_key(pem, what) if pem else ECKey.generate_key("P-256", what, private=True)
    return dict(key.as_dict(private=True))


def install() -> str:
    """Node's path, with the locked packages installed beside server.js (once, however many ask).

    Raises:
        NotInstalled: there is no Node or npm, or npm could not get the packages.
    """
    node = need("node", install="apt-get install nodejs npm")
    told = subprocess.run([node, "--version"], capture_output=True, check=True, text=True, timeout=60).stdout
    if tuple(int(part) for part in told.strip().lstrip("v").split(".")[:2]) < OLDEST_NODE:
        raise NotInstalled(f"Node {told.strip()} is too old for oidc-provider; 20.12 or later is needed")
    modules, lock = HERE / "node_modules", HERE / "package-lock.json"
    made = modules / "made"
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if made.exists() and made.read_bytes() == lock.read_bytes():
            return node
        npm = need("npm", install="apt-get install npm")
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, timeout=300, text=True)
        if done.returncode:
            raise NotInstalled(f"npm ci in {HERE} failed: {done.stderr[-300:]}")
        made.write_bytes(lock.read_bytes())
    return node


@contextmanager
def running(folder: Path, keys: Sequence[Jwk] = (), life: int = 3600) -> Iterator[Oidc]:
    """An issuer with these private keys, or one of its own, `kid` "login-1". life: seconds of an access token."""
    node = install()
    folder.mkdir(parents=True, exist_ok=True)
    port, jwks = free_port(), folder / "jwks.json"
    jwks.touch(mode=0o600)
    jwks.write_text(json.dumps({"keys": list(keys) or [signing_key("login-1")]}))
    issuance = folder / "issuance.log"
    issuance.touch()
    with process(
        folder, "oidc", [node, HERE / "server.js", folder, str(port), str(life)], lambda: listens(port)
    ):
        yield Oidc(f"http://127.0.0.1:{port}", issuance)
