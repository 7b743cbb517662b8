"""PostgreSQL: may a role log in, is it connected right now, is a password of it accepted?

NOLOGIN keeps new sessions out and leaves open ones alone, so the two are asked apart. Catalogues are read in a
transaction that cannot write. https://www.postgresql.org/docs/current/sql-alterrole.html
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import conninfo, errors

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, needed
from haechi.identity.probes.common import count as counted
from haechi.identity.probes.web import PLAIN, Refused
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

SYSTEM_OPTIONS: Final = frozenset({PLAIN})
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_ROLE: Final = """
SELECT rolcanlogin, rolvaliduntil, rolvaliduntil <= now() FROM pg_catalog.pg_roles WHERE rolname = %s
"""
# A role that was dropped while it was connected stays in the list without its name.
_SESSIONS: Final = """
SELECT
    count(*) FILTER (WHERE usename = %(role)s),
    count(*) FILTER (WHERE usename IS NULL AND usesysid IS NOT NULL),
    min(backend_start) FILTER (WHERE usename = %(role)s)
FROM pg_catalog.pg_stat_activity
"""
_OWN: Final = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()"
_PREPARED: Final = "SELECT count(*) FROM pg_catalog.pg_prepared_xacts WHERE owner = %s"
_WAYS: Final = """
SELECT count(*) FROM pg_catalog.pg_hba_file_rules
WHERE error IS NOT NULL OR auth_method NOT IN ('password', 'md5', 'scram-sha-256', 'reject')
"""
# What a server says that tried the password, or needed none to refuse. "Peer", "Ident", "GSSAPI" or "certificate
# authentication failed" tells nothing of the password: it was not looked at, and may be good from elsewhere.
_REFUSALS: Final = (
    "password authentication failed", "PAM authentication failed", "LDAP authentication failed",
    "RADIUS authentication failed", "is not permitted to log in",
)  # fmt: skip
Query = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Login:
    """target: a role. control: a role that may log in; empty: the one we ask with."""

    kind: str = "postgresql-login"
    systems: frozenset[str] = frozenset({"postgresql"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "account"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target)
        with connected(system, asking) as query:
            own = str(query("SELECT session_user", None)[0])
            return compare(
                lambda: _may_log_in(query, probe.control or own, system.name),
                lambda: _may_log_in(query, probe.target, system.name),
            )


@dataclass(frozen=True)
class Sessions:
    """target: a role. The control is our own session, which must be seen."""

    kind: str = "postgresql-session"
    systems: frozenset[str] = frozenset({"postgresql"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "session"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target)
        with connected(system, asking) as query:
            seen = int(query(_OWN, None)[0])
            control = Said("alive" if seen else "unknown", f"our own session is {'' if seen else 'not '}seen")
            return compare(lambda: control, lambda: _sessions(query, probe.target, system.name))


@dataclass(frozen=True)
class Password:
    """target: a role. credential: a password of it that may still be good. It is tried once, reading nothing.

    The control is the login of the account that we ask with. A wrong password changes nothing in PostgreSQL itself.
    """

    kind: str = "postgresql-password"
    systems: frozenset[str] = frozenset({"postgresql"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "secret"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target, credential=probe.credential)

        def own() -> Said:
            with connected(system, asking):
                return Said("alive", f"{system.name} lets us in")

        def theirs() -> Said:
            try:
                with connected(system, asking, probe.target, asking.secret(probe.credential)):
                    return Said("alive", f"the password of role {probe.target} is accepted by {system.name}")
            except NotLetIn:
                return Said("dead", f"the password of role {probe.target} is refused by {system.name}")

        return compare(own, theirs)


class NotLetIn(IdentityError):
    """The server refused the name or the password."""


@contextmanager
def connected(
    system: SystemSettings, asking: Asking, user: str = "", password: bytes = b""
) -> Iterator[Query]:
    """Connect and begin a transaction that cannot write; yields what runs a query and gives its first row.

    Raises:
        NotLetIn: the server refused the name or the password.
        IdentityError: it cannot be reached, or does not answer in time.
    """
    asking.turn()
    try:
        with psycopg.connect(address(system, asking, user, password), autocommit=False) as connection:
            connection.read_only = True

            def query(sql: str, params: Any) -> Any:
                return connection.execute(sql.encode(), params).fetchone() or (None,) * 3

            query("SELECT 1", None)
            yield query
            connection.rollback()
    except errors.InvalidPassword:
        raise NotLetIn(f"{system.name} refuses the account or its password") from None
    except psycopg.Error as error:
        # The message of a failed connection names the address and the account, so only its kind is told.
        refused = any(words in str(error) for words in _REFUSALS)
        kind = NotLetIn if refused else IdentityError
        why = "refuses the account or its password" if refused else f"gave no answer ({_code(error)})"
        raise kind(f"{system.name} {why}") from None


def _code(error: psycopg.Error) -> str:
    return error.sqlstate or type(error).__name__


def address(system: SystemSettings, asking: Asking, user: str, password: bytes) -> str:
    """Where and as whom to connect, taking nothing from the environment or from password files."""
    parts = urlsplit(system.url)
    if parts.password:
        raise Refused(f"the address of {system.name} carries a password: it belongs into credential")
    if parts.query:
        raise Refused(f"the address of {system.name} carries parameters, which could lead elsewhere")
    host = parts.hostname or ""
    if not host:
        raise IdentityError(f"the address of {system.name} names no host")
    trusted = host in _LOOPBACK or host.startswith("/") or system.options.get(PLAIN) == "yes"
    secret = password or (asking.secret(system.credential) if system.credential else b"")
    roots = str(asking.folder / system.ca) if system.ca else "system"
    wait = max(2, math.ceil(asking.wait))
    return conninfo.make_conninfo(
        host=host,
        port=parts.port or 5432,
        dbname=unquote(parts.path.lstrip("/")) or "postgres",
        user=user or unquote(parts.username or ""),
        password=secret.decode("utf-8", "surrogateescape"),
        hostaddr="",
        passfile="/dev/null",
        connect_timeout=wait,
        # Without TLS nothing proves who answers: a password then goes to this machine alone.
        sslmode="prefer" if trusted and not system.ca else "verify-full",
        **({} if trusted and not system.ca else {"sslrootcert": roots}),
        gssencmode="disable",
        **(
            {"sslcertmode": "disable"} if user else {}
        ),  # our certificate must not stand in for their password
        application_name="haechi-probe",
        options=f"-c default_transaction_read_only=on -c statement_timeout={wait * 1000}",
    )


def _may_log_in(query: Query, role: str, name: str) -> Said:
    can, until, over = query(_ROLE, (role,))
    if can is None:
        return Said("dead", f"{name} has no role {role}")
    if not can:
        return Said("dead", f"role {role} is NOLOGIN at {name}")
    if not over:
        return Said("alive", f"role {role} may log in at {name}")
    # VALID UNTIL ends passwords only; certificates, peer and Kerberos go on.
    if _only_passwords(query):
        return Said(
            "dead", f"role {role} at {name} is valid until {until}, and only passwords are accepted there"
        )
    return Said(
        "unknown", f"the password of role {role} at {name} ended {until}, but other ways in may be open"
    )


def _only_passwords(query: Query) -> bool:
    """Whether every rule of access asks for a password; False also where we may not see the rules."""
    try:
        allowed = query(
            "SELECT has_table_privilege('pg_catalog.pg_hba_file_rules', 'select')"
            " AND has_function_privilege('pg_catalog.pg_hba_file_rules()', 'execute')",
            None,
        )[0]
        return bool(allowed) and int(query(_WAYS, None)[0]) == 0
    except psycopg.errors.InsufficientPrivilege:
        return False


def _sessions(query: Query, role: str, name: str) -> Said:
    known = query(_ROLE, (role,))[0] is not None
    sessions, nameless, since = query(_SESSIONS, {"role": role})
    if sessions:
        return Said(
            "alive",
            f"role {role} has {counted(sessions, 'open session')} at {name}, the oldest since {since}",
        )
    if not known and nameless:
        return Said(
            "unknown", f"{name} has no role {role}, but {counted(nameless, 'open session')} of dropped roles"
        )
    prepared = int(query(_PREPARED, (role,))[0] or 0)
    if prepared:
        return Said("alive", f"role {role} has {counted(prepared, 'prepared transaction')} at {name}")
    return Said("dead", f"role {role} has no open session at {name}")


LOGIN: Final = Login()
SESSIONS: Final = Sessions()
PASSWORD: Final = Password()
