"""LDAP directories (OpenLDAP, 389, Active Directory): accounts, marks of being disabled, and groups as grants.

A directory knows no sessions: whoever has bound keeps the connection, whatever happens to the entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from haechi.identity.interface import Asking, Fact
from haechi.identity.probes.ldap import LOCKED_FOR_GOOD, MARKERS, Directory, connected, ended
from haechi.identity.sources.ldap_history import history
from haechi.identity.sources.ldap_names import group_right, key, when
from haechi.identity.sources.ldap_pages import Entry, Pages
from haechi.identity.sources.making import Maker
from haechi.model.settings import SystemSettings
from haechi.model.words import FactState

_ACCOUNTS: Final = "(|(objectClass=person)(objectClass=account)(objectClass=posixAccount))"
_GROUPS: Final = (
    "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=group))"
)
_NAMES: Final = ("uid", "sAMAccountName", "userPrincipalName")
_MEMBERS: Final = ("member", "uniqueMember", "memberUid")  # and gidNumber of the account
_CREATED: Final = ("createTimestamp", "whenCreated")


class Ldap:
    """Asks below option `base`, bound as option `bind` with the system's credential."""

    kind = "ldap"
    options = frozenset(
        {"accesslog", "account", "base", "bind", "filter", "groups", "person", "plain", "policy", "starttls"}
    )

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        """Accounts, the groups that they are in (also through groups), and what `accesslog` tells of the past.

        Raises:
            IdentityError: it refuses, gives no answer, or gives part of it only.
        """
        make, options = Maker(system, asking), system.options
        base = options.get("base", "")
        if not base:
            raise make.trouble(
                "it has no `base` to search below", where="options", todo='Give, say, "dc=example,dc=org".'
            )
        names = (options["account"],) if "account" in options else _NAMES
        person = options.get("person", "")
        asked = [
            *names,
            *([person] if person else []),
            *MARKERS,
            *_CREATED,
            "shadowExpire",
            "gidNumber",
            "objectClass",
        ]
        with connected(system, asking) as directory:
            pages = Pages(directory, make)
            found = pages.search(base, options.get("filter", _ACCOUNTS), asked)
            # Not in the filter: a directory that does not know the class would then answer nothing at all.
            accounts = [
                entry for entry in found if "computer" not in map(str.lower, entry.all("objectClass"))
            ]
            make.some(accounts, "account")
            groups = list(pages.search(options.get("groups", base), _GROUPS, ["cn", "gidNumber", *_MEMBERS]))
            locks = _Locks(directory, options.get("policy", ""))
            states = [_state(entry, locks, asking.now) for entry in accounts]
            log = options.get("accesslog", "")
            past = list(history(pages, make, log, base, names)) if log else []
        for entry, (state, words) in zip(accounts, states, strict=True):
            yield make(
                "account", f"{entry.dn}: {words}", state=state, person=entry.first(person),
                account=entry.first(*names) or entry.dn, object=key(entry.dn), first=when(entry.first(*_CREATED)),
            )  # fmt: skip
        index = _Groups(groups)
        for entry in accounts:
            account = entry.first(*names) or entry.dn
            for group in index.of(entry, account):
                yield make("grant", f"member of {group}", account=account, object=group_right(group))
        yield from past
        yield from make.listings(f"{len(accounts):,} accounts below {base}", "account")
        yield from make.listings(f"{len(groups):,} groups below {options.get('groups', base)}", "grant")


class _Locks:
    """Whether locks hold, asked once for each password policy."""

    def __init__(self, directory: Directory, policy: str) -> None:
        self._directory, self._policy = directory, policy
        self._known: dict[str, bool] = {}

    def hold(self, entry: Entry) -> bool:
        policy = entry.first("pwdPolicySubentry") or self._policy
        if policy not in self._known:
            self._known[policy] = self._directory.enforced(policy)
        return self._known[policy]


def _state(entry: Entry, locks: _Locks, now: datetime) -> tuple[FactState, str]:
    """What the marks on an entry mean. What the directory itself does not heed is no death."""
    if why := ended(entry.attributes, now):
        return "dead", why
    if locked := entry.first("pwdAccountLockedTime"):
        if not locks.hold(entry):
            return "unknown", "marked as locked, but no policy is known that makes locks hold"
        if locked == LOCKED_FOR_GOOD:
            return "dead", "locked for good"
        return "unknown", f"locked since {locked}, which may end by itself"
    days = entry.first("shadowExpire")
    if (
        days.isdecimal()
        and len(days) < 7
        and datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(days)) <= now
    ):
        return "unknown", "shadowExpire is over, which machines may heed and the directory does not"
    return "alive", "no mark of being disabled"


class _Groups:
    """Who is in which group, also through other groups."""

    def __init__(self, groups: Iterable[Entry]) -> None:
        self._of: dict[tuple[str, str], list[str]] = {}  # by a member's DN, name or number
        for group in groups:
            members = [("dn", key(dn)) for name in ("member", "uniqueMember") for dn in group.all(name)]
            members += [("name", name) for name in group.all("memberUid")]
            members += [("number", number) for number in group.all("gidNumber")]
            for member in members:
                self._of.setdefault(member, []).append(group.dn)

    def of(self, entry: Entry, name: str) -> list[str]:
        """The DNs of the groups that an account is in."""
        found: set[str] = set()
        todo = [("dn", key(entry.dn)), ("name", name), ("number", entry.first("gidNumber"))]
        while todo:
            for group in self._of.get(todo.pop(), ()):
                if group not in found:
                    found.add(group)
                    todo.append(("dn", key(group)))
        return sorted(found)
