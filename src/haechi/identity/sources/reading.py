"""Reading lists from a configured system over HTTP: JSON of a known shape, and every refusal in words."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from haechi.identity.interface import Asking
from haechi.identity.probes.web import Reply, Web
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

T = TypeVar("T")

LONGEST: Final = 3600.0  # seconds for all questions of one gathering: a server may answer one entry a page
_RIGHTS: Final = "docs/systems.md says which rights the asking account needs."


class Reader:
    """Asks one system for its lists. `headers` hold its secret, if it has one.

    `questions`: paths, as they stand in the URL, to which a POST only asks.
    """

    def __init__(
        self,
        system: SystemSettings,
        asking: Asking,
        headers: Mapping[str, str],
        questions: Collection[str] = (),
    ) -> None:
        self._web = Web(system, asking, questions)
        self._headers, self._name, self._secret = headers, system.name, bool(system.credential)
        self._until = time.monotonic() + LONGEST

    def get(self, path: str, shape: type[T], query: Mapping[str, str | int] | None = None) -> T:
        """What a GET answers, as `shape`.

        Raises:
            IdentityError: no usable answer, another status than 200, or JSON of another shape.
        """
        return self.decoded(self.ask("GET", path, query), path, shape)

    def ask(
        self, method: str, path: str, query: Mapping[str, str | int] | None = None, json: Any = None
    ) -> Reply:
        """One question below the system's address. Raises `IdentityError`."""
        if time.monotonic() > self._until:
            raise self.trouble(path, f"all its answers together took longer than {LONGEST:g} seconds")
        asked = {name: str(value) for name, value in query.items()} if query else None
        try:
            reply = self._web.ask(
                method, path, query=asked, headers=self._headers, json=json, secret=self._secret
            )
        except (httpx.InvalidURL, UnicodeError):
            raise self.trouble("", "it names a thing that cannot stand in an address") from None
        if 300 <= reply.status < 400:
            raise self.trouble(
                path,
                "it points to another address, which is not followed: the secret is for this one",
                todo="Give the address that answers itself as `url`.",
            )
        return reply

    def decoded(self, reply: Reply, path: str, shape: type[T]) -> T:
        """The body of a 200 as `shape`. Raises `IdentityError`, which tells the place and never the value."""
        if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise self.trouble(path, f"the asking account may not read this ({reply.status})", todo=_RIGHTS)
        if reply.status != HTTPStatus.OK:
            raise self.trouble(path, f"it answered {reply.status}")
        try:
            return msgspec.json.decode(reply.body, type=shape)
        except msgspec.ValidationError as error:
            raise self.trouble(path, f"its answer is not as it should be ({error})") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self.trouble(path, "its answer is not JSON") from None

    def trouble(self, path: str, why: str, *, todo: str = "") -> IdentityError:
        """An error about this system. `why` must hold nothing that the server said."""
        where = path if "://" in path else f"{str(self._web.base).rstrip('/')}{path}"
        return IdentityError(f'system "{self._name}": {why}', where=where[:300], todo=todo)


def bearer(asking: Asking, reference: str) -> dict[str, str]:
    """The header that carries a secret as a bearer token; none without a reference."""
    return {"Authorization": f"Bearer {word(asking, reference)}"} if reference else {}


def word(asking: Asking, reference: str) -> str:
    """A secret that may stand in a header.

    Raises:
        IdentityError: it is not one word of plain characters, and could end the header.
        SettingsError: the reference leads nowhere.
    """
    secret = asking.secret(reference).strip()
    if not secret or not all(0x21 <= byte < 0x7F for byte in secret):
        raise IdentityError(
            "the credential to ask with is not one word of plain characters",
            where=reference,
            todo="Look at the file or variable that it names.",
        )
    return secret.decode("ascii")


def segment(name: str) -> str:
    """A name as one segment of a path, whatever stands in it."""
    return quote(name, safe="")
