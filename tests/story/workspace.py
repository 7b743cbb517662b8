"""The workspace of the story: haechi.toml, and the secrets that it refers to, readable by their owner alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

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
token-life = "{life}"

[[issuer.key]]
kid = "login-1"
secret = "transit/keys/login:1"

[[issuer.key]]
kid = "login-2"
secret = "transit/keys/login:2"

[[system]]
name = "vault"
kind = "openbao"
url = "{vault}"
credential = "file:secrets/vault"

[[system]]
name = "staff"
kind = "scim"
url = "{scim}"
credential = "file:secrets/scim"

[[system]]
name = "ldap"
kind = "ldap"
url = "{ldap}"
credential = "file:secrets/ldap"
options = {{ bind = "{ldap_admin}", base = "{ldap_base}", policy = "{ldap_policy}" }}

[[system]]
name = "customers"
kind = "postgresql"
url = "{database}"
credential = "file:secrets/database"

[[system]]
name = "host"
kind = "ssh"
url = "{ssh}"
options = {{ host-key = "{ssh_host_key}", paths = "{authorized_keys}", account = "{ssh_user}", person = "comment" }}

[[system]]
name = "cloud"
kind = "aws"
url = "{aws}"
credential = "file:secrets/aws"

[[system]]
name = "issuer"
kind = "oidc"
url = "{issuer}"
credential = "file:secrets/monitor"
options = {{ client-id = "monitor" }}

[[system]]
name = "keys"
kind = "jwks"
url = "{jwks}"

[[system]]
name = "gate"
kind = "gateway"
url = "{gateway}"
credential = "file:secrets/good-token"
options = {{ path = "/ping" }}

[[probe]]
name = "kim-staff"
system = "staff"
kind = "scim"
target = "kim"
control = "lee"

[[probe]]
name = "kim-ldap"
system = "ldap"
kind = "ldap-account"
target = "{kim_dn}"
control = "{lee_dn}"
options = {{ policy = "{ldap_policy}" }}

[[probe]]
name = "kim-database"
system = "customers"
kind = "postgresql-login"
target = "kim"

[[probe]]
name = "kim-database-session"
system = "customers"
kind = "postgresql-session"
target = "kim"

[[probe]]
name = "kim-ssh"
system = "host"
kind = "ssh-key"
target = "{ssh_user}"
control = "{lee_key}"
options = {{ key = "{kim_key}" }}

[[probe]]
name = "kim-vault-token"
system = "vault"
kind = "openbao-token"
target = "{kim_accessor}"

[[probe]]
name = "kim-refresh"
system = "issuer"
kind = "refresh"
target = "kim"
credential = "file:secrets/kim-refresh"
control = "file:secrets/lee-refresh"

[[probe]]
name = "login-1-in-vault"
system = "vault"
kind = "openbao-key"
target = "transit/keys/login:1"
control = "transit/keys/other"

[[probe]]
name = "login-1-published"
system = "keys"
kind = "jwks"
target = "login-1"
"""


def write_workspace(folder: Path, values: Mapping[str, object], secrets: Mapping[str, str]) -> None:
    """Write haechi.toml, with the values that it names, and the folder `secrets/`."""
    (folder / "secrets").mkdir(parents=True, mode=0o700)
    for name, secret in secrets.items():
        write_secret(folder, name, secret)
    (folder / "haechi.toml").write_text(TOML.format(**values))


def write_secret(folder: Path, name: str, secret: str) -> None:
    """Put one secret into the folder `secrets/`."""
    file = folder / "secrets" / name
    file.touch(mode=0o600)
    file.write_text(secret)
