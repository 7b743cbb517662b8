"""A shop on real servers, and what happens in it when a developer who can read the signing key leaves.

The test of the story and `demos/leaver.py` play it alike. kim is the developer, lee stays; both work on the log-in.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.servers import aws, gateway, nginx, oidc, openbao, postgres, scim, slapd, sshd
from tests.story.workspace import write_secret, write_workspace

MEMBERS = 40
THIEF = "203.0.113.66"  # where the forged tokens come from
KEY = "transit/keys/login"  # the signing key in the vault
STAFF = {"kim": "E1", "lee": "E2"}  # log-in name: HR's number

_READS_KEY = 'path "transit/export/signing-key/login" { capabilities = ["read"] }'
_MONITOR = """
path "sys/mounts" { capabilities = ["read"] }
path "sys/auth" { capabilities = ["read"] }
path "sys/policies/acl" { capabilities = ["list"] }
path "sys/policies/acl/*" { capabilities = ["read"] }
path "identity/entity/id" { capabilities = ["list"] }
path "identity/entity/id/*" { capabilities = ["read"] }
path "identity/group/id" { capabilities = ["list"] }
path "identity/group/id/*" { capabilities = ["read"] }
path "auth/userpass/users" { capabilities = ["list"] }
path "auth/userpass/users/*" { capabilities = ["read"] }
path "auth/token/accessors" { capabilities = ["list", "sudo"] }
path "auth/token/lookup-accessor" { capabilities = ["update"] }
path "transit/keys" { capabilities = ["list"] }
path "transit/keys/*" { capabilities = ["read"] }
path "secret/metadata" { capabilities = ["list"] }
path "secret/metadata/*" { capabilities = ["read", "list"] }
"""


@dataclass
class Company:
    """The running shop. Each method is one thing that somebody does."""

    folder: Path
    bao: openbao.OpenBao
    issuer: oidc.Oidc
    cache: nginx.Nginx
    gate: gateway.Gateway
    directory: scim.Scim
    ldap: slapd.Slapd
    database: postgres.Postgres
    ssh: sshd.Sshd
    cloud: aws.Aws
    ids: dict[str, str] = field(default_factory=dict)  # of the SCIM users
    vault_tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    staff_tokens: dict[str, oidc.Tokens] = field(default_factory=dict)
    sessions: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)
    stolen: str = ""  # the key as the vault gave it to kim, PEM
    departed: str = ""

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def public_key(self) -> Path:
        """What the evidence log's signatures are checked with."""
        return self.workspace / "haechi.key.pub"

    def export_entry(self) -> dict[str, Any]:
        """The entry of the vault's audit log that says that kim exported the key."""
        for line in self.bao.audit.read_text().splitlines():
            entry: dict[str, Any] = json.loads(line)
            who = str(entry.get("auth", {}).get("display_name", ""))
            exports = "export/signing-key" in entry["request"]["path"]
            if entry["type"] == "response" and exports and "kim" in who:
                return entry
        raise AssertionError("the audit log does not know of the export")

    def open(self) -> None:
        """Everybody gets what their work needs, and the log-in service takes the key from the vault."""
        self.bao.policy("login-developer", _READS_KEY)
        self.bao.call("POST", "transit/keys/other", {"type": "ed25519"})
        self.bao.policy("haechi", _MONITOR)
        for name, number in STAFF.items():
            self.bao.user(name, f"{name}-not-a-secret", "login-developer")
            self.ids[name] = self.directory.user(name, external=number)
            self.ldap.person(name, f"{name}-not-a-secret", number)
            self.ssh.key(name, comment=number)
            self.cloud.user(name)
            self.cloud.key(name)
            with psycopg.connect(self.database.url, autocommit=True) as connection:
                connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}-not-a-secret'")
            self.sessions[name] = psycopg.connect(self.database.address(name, f"{name}-not-a-secret"))
            self.staff_tokens[name] = self.issuer.login(name)
            self.vault_tokens[name] = self.bao.login(name, f"{name}-not-a-secret")
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            connection.execute("CREATE ROLE haechi LOGIN PASSWORD 'haechi-not-a-secret' IN ROLE pg_monitor")
        self._hr()
        self._workspace()

    def trade(self, customers: int = 60) -> None:
        """Customers log in and look at their own pages."""
        for number in _shuffled(1, customers):
            token = self.issuer.login(str(number)).access
            assert self.gate.get(f"/members/{number}", token, f"192.0.2.{number}") == 200

    def read_key(self) -> None:
        """kim exports the signing key, as the work on the log-in sometimes needs. The audit log notes it."""
        told = self.bao.call(
            "GET", "transit/export/signing-key/login", token=self.vault_tokens["kim"]["client_token"]
        )
        self.stolen = told["data"]["keys"]["1"]

    def leave(self) -> None:
        """kim leaves: HR's list says so, and so does the staff directory."""
        time.sleep(1.1)  # HR writes whole seconds: what happened before must stay before
        self.departed = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        time.sleep(1.1)
        self._hr()
        self.directory.active(self.ids["kim"], False)
        time.sleep(LIFE)

    def lock(self) -> None:
        """Everything that bears kim's name is shut: log-ins, sessions, keys."""
        self.ldap.lock("kim")
        self.issuer.disable("kim")
        self.issuer.revoke(self.staff_tokens["kim"].refresh)
        self.issuer.revoke(self.staff_tokens["kim"].opaque)
        self.ssh.forget("kim")
        del self.cloud.users["kim"]
        self.bao.call(
            "POST", "auth/token/revoke-accessor", {"accessor": self.vault_tokens["kim"]["accessor"]}
        )
        self.bao.call("DELETE", "auth/userpass/users/kim")
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            connection.execute("ALTER ROLE kim NOLOGIN")

    def end_sessions(self) -> None:
        """What NOLOGIN leaves alone: the connection that was open already."""
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'kim'")
        self.sessions.pop("kim").close()

    def forge(self, members: int = MEMBERS) -> int:
        """Tokens for members of kim's choice, made with the stolen key; how many the gateway let in."""
        key = ECKey.import_key(self.stolen)
        let_in = 0
        for number in _shuffled(100, members):
            now = int(time.time())
            claims = {"iss": self.issuer.url, "sub": str(number), "aud": "https://api.shop.example",
                      "jti": secrets.token_urlsafe(16), "iat": now, "exp": now + 3600}  # fmt: skip
            token = jwt.encode({"alg": "ES256", "kid": "login-1", "typ": "at+jwt"}, claims, key)
            let_in += self.gate.get(f"/members/{number}", token, THIEF) == 200
        return let_in

    def key_file(self) -> Path:
        """The key that signs now, as the log-in service holds it (PEM)."""
        told = self.bao.call("GET", "transit/export/signing-key/login", token=self.bao.token("login-service"))
        file = self.folder / "login.pem"
        file.touch(mode=0o600)
        keys = told["data"]["keys"]
        file.write_text(keys[max(keys, key=int)])
        return file

    def rotate(self) -> None:
        """A new version of the key signs; the old one is no longer served, trusted, or kept in the vault."""
        self.bao.call("POST", f"{KEY}/rotate", {})
        self.issuer.keys([vault_key(self.bao, 2)])
        self.bao.call("POST", f"{KEY}/config", {"min_decryption_version": 2, "min_encryption_version": 2})
        self.bao.call("POST", f"{KEY}/trim", {"min_available_version": 2})

    def forget_cache(self) -> None:
        """Wait until the gateway's cache of the issuer's keys has gone out of date."""
        time.sleep(CACHE_SECONDS + 1.1)

    def _hr(self) -> None:
        rows = [
            f"{STAFF['kim']},kim,2021-03-02,{self.departed},Log-in",
            f"{STAFF['lee']},lee,2020-05-04,,Log-in",
        ]
        (self.folder / "hr.csv").write_text(
            "\n".join(["employee_id,login,hire_date,termination_date,department", *rows]) + "\n"
        )

    def _workspace(self) -> None:
        admin, kim, lee = (self.cloud.users[name].keys[0] for name in ("admin", "kim", "lee"))
        values = {
            "hr": self.folder / "hr.csv",
            "access": self.gate.access_log,
            "issuance": self.issuer.issuance,
            "audit": self.bao.audit,
            "issuer": self.issuer.url,
            "life": f"{LIFE}s",
            "jwks": f"{self.cache.url}/jwks",
            "gateway": self.gate.url,
            "vault": self.bao.url,
            "kim_accessor": self.vault_tokens["kim"]["accessor"],
            "scim": self.directory.url,
            "ldap": self.ldap.url,
            "ldap_admin": self.ldap.admin,
            "ldap_policy": self.ldap.policy,
            "ldap_base": self.ldap.base,
            "authorized_keys": self.ssh.authorized_keys,
            "kim_dn": self.ldap.dn("kim"),
            "lee_dn": self.ldap.dn("lee"),
            "database": self.database.address("haechi"),
            "ssh": f"ssh://{self.ssh.host}:{self.ssh.port}",
            "ssh_host_key": self.ssh.host_key,
            "ssh_user": self.ssh.user,
            "kim_key": self.ssh.folder / "kim.pub",
            "lee_key": self.ssh.folder / "lee.pub",
            "aws": self.cloud.url,
            "kim_aws": kim.id,
            "lee_aws": lee.id,
        }
        held = {
            "vault": self.bao.token("haechi"),
            "scim": self.directory.token,
            "ldap": self.ldap.password,
            "database": "haechi-not-a-secret",
            "aws": f"{admin.id}:{admin.secret}",
            "monitor": "monitor-not-a-secret",
            "kim-refresh": self.staff_tokens["kim"].refresh,
            "lee-refresh": self.staff_tokens["lee"].refresh,
        }
        write_workspace(self.workspace, values, held)
        self.good_token()

    def good_token(self) -> None:
        """A token that the gateway lets in, for the control of probes."""
        write_secret(self.workspace, "good-token", self.issuer.login("lee", life=600).access)


def _shuffled(first: int, count: int) -> list[int]:
    """Numbers in an order that is no walk through them, the same each time."""
    numbers = list(range(first, first + count))
    Random(first).shuffle(numbers)
    return numbers


CACHE_SECONDS = 1  # the gateway's cache of the issuer's keys
# Seconds of an access token. Before the issuance log is older than that, no token can be called forged.
LIFE = 6


def vault_key(bao: openbao.OpenBao, version: int) -> dict[str, Any]:
    """A version of the signing key, as the log-in service takes it from the vault: `login-<version>`."""
    told = bao.call("GET", "transit/export/signing-key/login", token=bao.token("login-service"))
    return oidc.signing_key(f"login-{version}", told["data"]["keys"][str(version)].encode())


@contextmanager
def company(folder: Path) -> Iterator[Company]:
    """Start all servers, and open the shop.

    Raises:
        NotInstalled: a server is missing on this machine.
    """
    with ExitStack() as stack:
        bao = stack.enter_context(openbao.running(folder / "vault"))
        bao.call("POST", KEY, {"type": "ecdsa-p256", "exportable": True})
        bao.policy("login-service", _READS_KEY)
        issuer = stack.enter_context(oidc.running(folder / "issuer", [vault_key(bao, 1)], LIFE))
        cache = stack.enter_context(nginx.running(folder / "cache", issuer.url, CACHE_SECONDS))
        made = Company(
            folder,
            bao,
            issuer,
            cache,
            stack.enter_context(gateway.running(folder / "gateway", f"{cache.url}/jwks")),
            stack.enter_context(scim.running(folder / "scim")),
            stack.enter_context(slapd.running(folder / "ldap")),
            stack.enter_context(postgres.running(folder / "database")),
            stack.enter_context(sshd.running(folder / "ssh")),
            stack.enter_context(aws.running(folder / "aws")),
        )
        made.open()
        try:
            yield made
        finally:
            for session in made.sessions.values():
                session.close()
