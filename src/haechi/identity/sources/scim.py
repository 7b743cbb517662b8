"""SCIM 2.0 (RFC 7643, RFC 7644): users, whether they are active, and their groups and roles.

SCIM knows no sessions: a user that is not active may still be logged in somewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec

from haechi.identity.interface import Asking, Fact
from haechi.identity.sources.making import MOST_ITEMS, MOST_PAGES, Maker, utc
from haechi.identity.sources.reading import Reader, bearer
from haechi.model.settings import SystemSettings

PAGE: Final = 200  # users or groups asked for at once; a server may give fewer
_ROUNDS: Final = 3  # the list may change while it is read
_ACCEPT: Final = {"Accept": "application/scim+json, application/json"}
_WORK: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

T = TypeVar("T", bound="_Resource")


class _Value(msgspec.Struct, frozen=True):
    value: str | None = None
    display: str | None = None
    primary: bool | str | None = None


class _Meta(msgspec.Struct, frozen=True):
    created: str | None = None


class _Resource(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    meta: _Meta | None = None


class _Work(msgspec.Struct, frozen=True, rename="camel"):
    employee_number: str | None = None


class User(
    _Resource, frozen=True, rename={"work": _WORK, "user_name": "userName", "external_id": "externalId"}
):
    """A user as a server tells it. `active` may be a bool, a word, or missing."""

    user_name: str | None = None
    external_id: str | None = None
    active: Any = None
    emails: list[_Value] | None = None
    groups: list[_Value] | None = None
    roles: list[_Value | str] | None = None
    entitlements: list[_Value | str] | None = None
    work: _Work | None = None


class _Group(_Resource, frozen=True, rename="camel"):
    display_name: str | None = None
    members: list[_Value] | None = None


class Scim:
    """Asks `/Users` and `/Groups` below the system's address, with its credential as a bearer token."""

    kind = "scim"
    options = frozenset({"person", "plain"})

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        """Accounts (`userName`) and their groups, roles and entitlements as grants.

        Raises:
            IdentityError: no usable answer, or the lists could not be read whole.
        """
        make = Maker(system, asking)
        person = system.options.get("person", "")
        if person not in _PERSON:
            raise make.trouble(f"`person` must be one of {', '.join(filter(None, _PERSON))}", where="options")
        reader = Reader(system, asking, _ACCEPT | bearer(asking, system.credential))
        users = _all(reader, make, "/Users", User)
        make.some(users, "user")
        groups = _groups(reader, make)
        told = "SCIM /Users"
        for user in users:
            alive, words = active(user.active)
            yield make(
                "account", f"{told}: {words}", state="alive" if alive else "dead", person=_PERSON[person](user),
                account=_name(user), object=user.id, first=utc(user.meta.created) if user.meta else None,
            )  # fmt: skip
            yield from _grants(make, user, groups)
        yield from make.listings(f"{told}: {len(users):,} users, all pages", "account")
        if groups is not None:
            yield from make.listings(f"SCIM /Groups: {len(groups):,} groups, all pages", "grant")


def active(told: Any) -> tuple[bool, str]:
    """What `active` means, and the words for it. Only a plain no is a no: some servers write it as a word."""
    if told is False or (isinstance(told, str) and told.strip().lower() == "false"):
        return False, "active is false" if told is False else 'active is the word "false"'
    if told is True or (isinstance(told, str) and told.strip().lower() == "true"):
        return True, "active is true"
    if told is None:
        return True, "active is not told, which is no proof that it is not"
    return True, "active is neither true nor false, which is no proof that it is not"


def _all(reader: Reader, make: Maker, path: str, shape: type[T]) -> list[T]:
    """Every resource under a path. The list is read again when it changed while its pages were read."""
    for _ in range(_ROUNDS):
        found = _pages(reader, make, path, shape)
        if found is not None:
            return found
    raise make.trouble(f"its list changed each of {_ROUNDS} times it was read", where=path)


def _pages(reader: Reader, make: Maker, path: str, shape: type[T]) -> list[T] | None:
    """All pages; None: the number of resources changed on the way, so that one may have slipped from page to page."""
    page_shape = msgspec.defstruct(
        "Page",
        [("totalResults", int), ("Resources", list[shape] | None, None)],  # type: ignore[valid-type]
    )
    found: dict[str, T] = {}
    total = -1
    for _ in range(MOST_PAGES):
        page: Any = reader.get(path, page_shape, {"startIndex": len(found) + 1, "count": PAGE})
        if total not in (-1, page.totalResults):
            return None
        total = page.totalResults
        if total > MOST_ITEMS:
            raise make.trouble(f"it says that it has more than {MOST_ITEMS:,} entries", where=path)
        before = len(found)
        found |= {resource.id: resource for resource in page.Resources or []}
        if len(found) >= total:
            return list(found.values()) if len(found) == total else None
        if len(found) == before:
            raise make.trouble("its pages hold fewer entries than it says there are", where=path)
    raise make.trouble(f"its list has more than {MOST_PAGES:,} pages", where=path)


def _groups(reader: Reader, make: Maker) -> dict[str, list[str]] | None:
    """The names of the groups that each user or group is in, by its id; None: the server knows no groups."""
    if reader.ask("GET", "/Groups", {"startIndex": 1, "count": 1}).status in (
        HTTPStatus.NOT_FOUND,
        HTTPStatus.NOT_IMPLEMENTED,
    ):
        return None
    groups = _all(reader, make, "/Groups", _Group)
    parents: dict[str, list[_Group]] = {}
    for group in groups:
        for member in group.members or []:
            parents.setdefault(member.value or "", []).append(group)
    return {member: _above(member, parents) for member in parents}


def _above(member: str, parents: dict[str, list[_Group]]) -> list[str]:
    """The groups that somebody is in, also through other groups."""
    found: dict[str, str] = {}
    todo = [member]
    while todo:
        for group in parents.get(todo.pop(), []):
            if group.id not in found:
                found[group.id] = group.display_name or group.id
                todo.append(group.id)
    return sorted(found.values())


def _grants(make: Maker, user: User, groups: dict[str, list[str]] | None) -> Iterator[Fact]:
    names = groups.get(user.id, []) if groups is not None else _words(user.groups)
    where = "SCIM /Groups" if groups is not None else "SCIM /Users: groups"
    rights = [(f"group/{name}", where) for name in names]
    rights += [(f"role/{name}", "SCIM /Users: roles") for name in _words(user.roles)]
    rights += [(f"entitlement/{name}", "SCIM /Users: entitlements") for name in _words(user.entitlements)]
    for right, evidence in dict(rights).items():
        yield make("grant", evidence, account=_name(user), object=right)


def _words(values: list[_Value] | list[_Value | str] | None) -> list[str]:
    told = (value if isinstance(value, str) else value.display or value.value for value in values or [])
    return [word for word in told if word]


def _name(user: User) -> str:
    return user.user_name or user.id


def _email(user: User) -> str:
    emails = [email for email in user.emails or [] if email.value]
    first = next((email for email in emails if email.primary in (True, "true", "True")), None)
    return (first or emails[0]).value or "" if emails else ""


_PERSON: Final[Mapping[str, Callable[[User], str]]] = {
    "externalId": lambda user: user.external_id or "",
    "userName": _name,
    "id": lambda user: user.id,
    "email": _email,
    "employeeNumber": lambda user: (user.work.employee_number or "") if user.work else "",
    "": lambda user: "",
}
