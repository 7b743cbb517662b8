"""OpenLDAP's slapd with password policy, and its access log as a second database."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.process import NotInstalled, free_port, listens, need, process

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
modulepath {modules}
moduleload back_mdb
moduleload accesslog
moduleload ppolicy

database mdb
suffix cn=accesslog
directory {folder}/accesslog
rootdn cn=admin,dc=example,dc=org
maxsize 67108864
index reqStart eq

database mdb
suffix dc=example,dc=org
directory {folder}/data
rootdn cn=admin,dc=example,dc=org
rootpw not-a-secret
maxsize 67108864
access to attrs=userPassword by anonymous auth by self write by * none
access to * by users read by * none
overlay ppolicy
ppolicy_default cn=default,dc=example,dc=org
ppolicy_use_lockout
overlay accesslog
logdb cn=accesslog
logops writes session
logsuccess FALSE
"""

TREE = """
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: cn=default,dc=example,dc=org
objectClass: person
objectClass: pwdPolicy
cn: default
sn: default
pwdAttribute: userPassword
pwdLockout: TRUE
"""

PERSON = """
dn: uid={uid},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: {uid}
cn: {uid}
sn: {uid}
userPassword: {password}
employeeNumber: {number}
"""


@dataclass(frozen=True)
class Slapd:
    """A running slapd. People stand under `ou=people,<base>`, groups under `ou=groups,<base>`."""

    host: str
    port: int
    config: Path
    password: str = field(repr=False)  # of the administrator
    base: str = "dc=example,dc=org"
    admin: str = "cn=admin,dc=example,dc=org"
    policy: str = "cn=default,dc=example,dc=org"

    @property
    def url(self) -> str:
        return f"ldap://{self.host}:{self.port}"

    def dn(self, uid: str) -> str:
        """The name of a person in the directory."""
        return f"uid={uid},ou=people,{self.base}"

    def modify(self, ldif: str) -> None:
        """Add, change or delete entries as the administrator; `changetype: add` where none is said."""
        program = need("ldapmodify", install="apt-get install ldap-utils")
        command = [program, "-a", "-x", "-H", self.url, "-D", self.admin, "-w", self.password]
        subprocess.run(command, input=ldif.encode(), check=True, capture_output=True, timeout=60)

    def person(self, uid: str, password: str, number: str = "0") -> None:
        """Add a person who may bind with this password. number: the employee's."""
        self.modify(PERSON.format(uid=uid, password=password, number=number))

    def lock(self, uid: str) -> None:
        """Lock a person out for good, as the password policy's draft says."""
        self.modify(
            f"dn: {self.dn(uid)}\nchangetype: modify\nreplace: pwdAccountLockedTime\n"
            "pwdAccountLockedTime: 000001010000Z\n"
        )


def _modules() -> Path:
    for path in (Path("/usr/lib/ldap"), Path("/usr/lib64/openldap"), Path("/usr/lib/openldap")):
        if (path / "accesslog.so").exists():
            return path
    raise NotInstalled("slapd's modules accesslog and ppolicy are not installed; apt-get install slapd")


@contextmanager
def running(folder: Path) -> Iterator[Slapd]:
    """A directory with the base entries only."""
    slapd, modules = need("slapd", install="apt-get install slapd"), _modules()
    need("ldapmodify", install="apt-get install ldap-utils")
    for part in ("data", "accesslog"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    config, port = folder / "slapd.conf", free_port()
    config.write_text(CONFIG.format(folder=folder, modules=modules))
    made = Slapd("127.0.0.1", port, config, "not-a-secret")
    # A debug level keeps slapd in the foreground; 256 logs connections, operations and results.
    command = [slapd, "-f", config, "-h", made.url, "-d", "256"]
    with process(folder, "slapd", command, lambda: listens(port)):
        made.modify(TREE)
        yield made
