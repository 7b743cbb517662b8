"""PostgreSQL: roles, what they are members of, who may read the tables with personal data, and open sessions.

All is read in transactions that cannot write. https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any, Final

import psycopg
from psycopg.rows import namedtuple_row

from haechi.identity.alarm import alarm
from haechi.identity.interface import Asking, Fact
from haechi.identity.probes.postgresql import address
from haechi.identity.sources.making import MOST_ITEMS, Maker
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings
from haechi.model.words import FactState

_SQL: Final = resources.files("haechi.identity.sources") / "sql"
_REFUSED: Final = ("28000", "28P01")  # invalid_authorization_specification, invalid_password


class PostgreSql:
    """Asks the catalogs of the database in the system's address, as a role that may see all sessions."""

    kind = "postgresql"
    options = frozenset({"person", "plain", "tables"})

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        """Roles as accounts, memberships, attributes and rights on tables as grants, connections as sessions.

        Raises:
            IdentityError: it refuses us, gives no answer, or hides sessions.
        """
        make = Maker(system, asking)
        person = _person(system, make)
        patterns = [_like(pattern) for pattern in system.options.get("tables", "").split()]
        with _Catalogs(system, asking, make) as catalogs:
            roles = catalogs.rows("roles")
            members = catalogs.rows("memberships")
            tables = catalogs.rows("tables", patterns=patterns) if patterns else []
            sessions = catalogs.rows("sessions")
        for role in roles:
            state, words = _role(role)
            yield make(
                "account",
                f"pg_roles: {words}",
                state=state,
                person=person(role),
                account=role.name,
                last=role.until,
            )
            for attribute in role.attributes:
                yield make("grant", "pg_roles", account=role.name, object=f"attribute/{attribute}")
        for row in members:
            yield make("grant", "pg_auth_members", account=row.name, object=f"role/{row.held}")
        for row in tables:
            for right, may in (("read", row.reads), ("write", row.writes)):
                if may:
                    words = f"has_table_privilege, of the role or one that it may become: {right}"
                    yield make("grant", words, account=row.name, object=f"{right}/{row.table_name}")
        for row in sessions:
            yield _session(make, row)
        listed = f"{len(roles):,} roles, {len(sessions):,} sessions besides ours"
        listed += f"; tables {system.options['tables']}" if patterns else "; no tables"
        yield from make.listings(listed, "account", "grant", "session")


class _Catalogs:
    """A connection that can only read. Its queries end when they take longer than one question may."""

    def __init__(self, system: SystemSettings, asking: Asking, make: Maker) -> None:
        self._system, self._asking, self._make = system, asking, make

    def __enter__(self) -> _Catalogs:
        self._asking.turn()
        try:
            self._connection = psycopg.connect(
                address(self._system, self._asking, "", b""), row_factory=namedtuple_row
            )
        except psycopg.Error as error:
            raise self._failed(error) from None
        self._connection.read_only = True
        return self

    def __exit__(self, *trace: object) -> None:
        self._connection.close()

    def rows(self, name: str, **values: Any) -> list[Any]:
        """The rows of a query of `sql/`. Raises `IdentityError`."""
        query = (_SQL / f"{name}.sql").read_bytes()
        asked = values | {"most": MOST_ITEMS + 1}
        found = []
        self._asking.turn()
        try:
            with (
                alarm(self._system.name, self._connection.fileno(), self._asking.wait),
                self._connection.cursor() as cursor,
            ):
                for row in cursor.stream(query, asked):
                    found.append(row)
                    if len(found) > MOST_ITEMS:
                        raise self._make.trouble(f"it lists more than {MOST_ITEMS:,} rows of {name}")
        except psycopg.Error as error:
            raise self._failed(error) from None
        return found

    def _failed(self, error: psycopg.Error) -> IdentityError:
        """What went wrong, without the server's own words, which may quote what it was sent."""
        if error.sqlstate in _REFUSED or "authentication failed" in str(error):
            return self._make.trouble("it refuses the asking role or its password")
        if "certificate" in str(error):
            return self._make.trouble("its certificate is not trusted, or is for another name")
        return self._make.trouble(f"it gave no answer ({error.sqlstate or type(error).__name__})")


def _role(role: Any) -> tuple[FactState, str]:
    """The end of a password is no end of other ways in, such as certificates."""
    if not role.logs_in:
        return "dead", "NOLOGIN; its open sessions are told apart"
    if role.over:
        return "unknown", "its password is over, which ends no other way in"
    return "alive", "LOGIN"


def _session(make: Maker, row: Any) -> Fact:
    if row.since is None:
        raise make.trouble(
            "it hides the sessions of others from the asking role",
            todo="GRANT pg_read_all_stats to the asking role.",
        )
    where = f" from {row.address}" if row.address else " through a local socket"
    return make(
        "session", f"pg_stat_activity: {row.type} in database {row.database}{where}", account=row.name,
        object=f"{row.pid}@{row.since:%Y-%m-%dT%H:%M:%S.%f%z}", first=row.since,
    )  # fmt: skip


def _person(system: SystemSettings, make: Maker) -> Callable[[Any], str]:
    """Whose account a role is, by option `person`: "account" (its name), "comment" (of the role), or not told."""
    told = system.options.get("person", "")
    if told not in ("", "account", "comment"):
        raise make.trouble("`person` must be account or comment", where="options")
    return {
        "": lambda row: "",
        "account": lambda row: str(row.name),
        "comment": lambda row: str(row.comment),
    }[told]


def _like(pattern: str) -> str:
    """A pattern of tables ("public.*", "members") as LIKE reads it."""
    full = pattern if "." in pattern else f"public.{pattern}"
    return full.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%").replace("*", "%")
