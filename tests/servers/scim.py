"""scim2-server: a SCIM 2.0 directory in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.servers.process import HTTP, NotInstalled, free_port, listens, process

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True)
class Scim:
    """A running SCIM server."""

    url: str  # users are under <url>/Users
    token: str = field(repr=False)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request; its JSON answer, {} for none.

        Raises:
            httpx.HTTPStatusError: it refused.
        """
        answer = HTTP.request(
            method, f"{self.url}/{path}", json=body, headers={"Authorization": f"Bearer {self.token}"},
        )  # fmt: skip
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def user(self, name: str, external: str = "", active: bool = True) -> str:
        """Add a user; its id. `external` is HR's number of the person."""
        body: dict[str, Any] = {"schemas": [USER], "userName": name, "active": active}
        if external:
            body["externalId"] = external
        return str(self.call("POST", "Users", body)["id"])

    def active(self, user: str, active: bool) -> None:
        """Switch a user, by its id, on or off."""
        operations = [{"op": "replace", "path": "active", "value": active}]
        self.call("PATCH", f"Users/{user}", {"schemas": [PATCH], "Operations": operations})


@contextmanager
def running(folder: Path) -> Iterator[Scim]:
    """An empty directory that asks for a bearer token."""
    if find_spec("scim2_server") is None:
        raise NotInstalled("scim2-server is not installed; pip install scim2-server")
    port, token = free_port(), "scim-not-a-secret"
    code = "from scim2_server.testserver.cli import main; main()"
    command = [sys.executable, "-c", code, "--port", str(port), "--bearer-token", token]
    with process(folder, "scim", command, lambda: listens(port)):
        yield Scim(f"http://127.0.0.1:{port}/v2", token)
