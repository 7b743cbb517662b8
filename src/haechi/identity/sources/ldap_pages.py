"""Reading a directory page by page (RFC 2696), bounded in time and bytes whatever the server sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ldap3
from ldap3.core.exceptions import LDAPException

from haechi.identity.alarm import alarm
from haechi.identity.probes.ldap import Directory
from haechi.identity.sources.making import MOST_ITEMS, MOST_PAGES, Maker

PAGE: Final = 500
_PAGED: Final = "1.2.840.113556.1.4.319"
_MOST_BYTES: Final = 32 * 1024 * 1024  # of the answer to one question
_RANGE: Final = ";range="


@dataclass(frozen=True)
class Entry:
    """An entry. Names of attributes are lower case; values that are no UTF-8 have marks in the wrong places."""

    dn: str
    attributes: Mapping[str, Sequence[str]]

    def first(self, *names: str) -> str:
        """The first value of the first of these attributes that there is; "" for none."""
        return next((values[0] for name in names if (values := self.attributes.get(name.lower()))), "")

    def all(self, name: str) -> Sequence[str]:
        return self.attributes.get(name.lower(), ())


class Pages:
    """Searches of one open directory."""

    def __init__(self, directory: Directory, make: Maker) -> None:
        self._directory, self._make = directory, make
        self._meter = _Meter(directory.connection.socket)
        directory.connection.socket = self._meter

    def search(self, base: str, where: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """All entries below a base. Lists of values that come in ranges (Active Directory) are read to the end.

        Raises:
            IdentityError: it refuses, gives no answer, or gives part of it only.
        """
        cookie: bytes | None = None
        seen = 0
        for _ in range(MOST_PAGES):
            result, response = self._ask(base, where, ldap3.SUBTREE, attributes, cookie)
            for item in response:
                if item.get("type") == "searchResEntry":
                    seen += 1
                    if seen > MOST_ITEMS:
                        raise self._make.trouble(f"it lists more than {MOST_ITEMS:,} entries", where=base)
                    yield self._whole(_entry(item))
            told = (result.get("controls") or {}).get(_PAGED) or {}
            cookie = (told.get("value") or {}).get("cookie") or None
            if cookie is None:
                return
        raise self._make.trouble(f"its list has more than {MOST_PAGES:,} pages", where=base)

    def _whole(self, entry: Entry) -> Entry:
        attributes = dict(entry.attributes)
        for name in [name for name in attributes if _RANGE in name]:
            plain, _, span = name.partition(_RANGE)
            values = [*attributes.pop(name)]
            while not span.endswith("*"):
                if len(values) > MOST_ITEMS:
                    raise self._make.trouble(f"a group has more than {MOST_ITEMS:,} members", where=entry.dn)
                asked = f"{plain}{_RANGE}{len(values)}-*"
                _, response = self._ask(entry.dn, "(objectClass=*)", ldap3.BASE, [asked], None)
                more = {
                    n: v
                    for item in response
                    for n, v in _entry(item).attributes.items()
                    if n.startswith(plain)
                }
                if len(more) != 1 or not next(iter(more.values())):
                    raise self._make.trouble("it tells part of a group's members only", where=entry.dn)
                ((asked, told),) = more.items()
                span = asked.partition(_RANGE)[2] or "*"
                values += told
            attributes[plain] = [*attributes.get(plain, ()), *values]
        return Entry(entry.dn, attributes)

    def _ask(
        self, base: str, where: str, scope: Any, attributes: Sequence[str], cookie: bytes | None
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        directory, connection = self._directory, self._directory.connection
        directory.asking.turn()
        self._meter.left = _MOST_BYTES
        try:
            with alarm(directory.name, self._meter.fileno(), directory.asking.wait):
                connection.search(
                    base, where, scope, attributes=list(attributes), paged_size=PAGE, paged_cookie=cookie
                )
        except (LDAPException, OSError, ValueError, TypeError) as error:
            raise self._make.trouble(f"it gave no answer that can be read ({type(error).__name__})") from None
        code = int(connection.result["result"])
        if code != 0:
            raise self._make.trouble(
                f"it does not list all that is asked for (result {code})",
                where=base,
                todo="docs/systems.md says which rights and limits the asking account needs.",
            )
        return connection.result, connection.response or []


class _Meter:
    """A socket that breaks off when an answer is too long."""

    def __init__(self, socket: Any) -> None:
        self._socket, self.left = socket, _MOST_BYTES

    def recv(self, size: int) -> bytes:
        data: bytes = self._socket.recv(size)
        self.left -= len(data)
        if self.left < 0:
            raise OSError("the answer is too long")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


def _entry(item: Mapping[str, Any]) -> Entry:
    raw = item.get("raw_attributes") or {}
    return Entry(
        str(item.get("dn", "")),
        {
            name.lower(): [value.decode("utf-8", "replace") for value in values]
            for name, values in raw.items()
        },
    )
