"""The workspace of the story: haechi.toml, and the secrets that it refers to, readable by their owner alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.aws import Key
from tests.servers.oidc import Tokens

TOML = """
[workspace]
name = "shop"

[[source]]
name = "hr"
paths = ["{hr}"]
table = "person"

[[source]]
name = "gateway"
paths = ["{access}"]
format = "nginx-json"

[[source]]
name = "log-in"
paths = ["{issuance}"]
format = "issuance"
table = "issuance"

[[source]]
name = "vault"
paths = ["{audit}"]
format = "openbao-audit"
table = "fact"

[[route]]
path = "/members/{{id}}"
method = "GET"
fields = ["name", "email", "address"]
subject = "path:id"

[[route]]
path = "/ping"

[[issuer]]
name = "{issuer}"
issuance = "log-in"
token-life = "3s"

[[issuer.key]]
kid = "login-1"
secret = "transit/keys/login:1"

[[issuer.key]]
kid = "login-2"
secret = "transit/keys/login:2"
"""


@dataclass(frozen=True)
class Place:
    """Where everything stands, and what Haechi asks with."""

    hr: Path
    access: Path
    issuance: Path
    audit: Path
    issuer: str
    jwks: str
    gateway: str
    vault: str
    vault_token: str = field(repr=False)
    scim: str
    scim_token: str = field(repr=False)
    ldap: str
    ldap_password: str = field(repr=False)
    database: str
    ssh: str
    ssh_folder: Path
    aws: str
    aws_key: Key
    kim_aws: str
    lee_aws: str
    kim_tokens: Tokens
    lee_tokens: Tokens
    lee_accessor: str


def write_workspace(folder: Path, place: Place) -> None:
    """Write haechi.toml and the folder `secrets/`."""
    kept = folder / "secrets"
    kept.mkdir(parents=True, mode=0o700)
    for name, secret in {
        "vault": place.vault_token,
        "scim": place.scim_token,
        "ldap": place.ldap_password,
        "database": "haechi-not-a-secret",
        "aws": f"{place.aws_key.id}:{place.aws_key.secret}",
        "monitor": "monitor-not-a-secret",
        "kim-refresh": place.kim_tokens.refresh,
        "lee-refresh": place.lee_tokens.refresh,
    }.items():
        file = kept / name
        file.touch(mode=0o600)
        file.write_text(secret)
    (folder / "haechi.toml").write_text(TOML.format(**vars(place)))
