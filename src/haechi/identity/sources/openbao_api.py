"""The questions to OpenBao's HTTP API that listing needs, and the shapes of its answers. All of them only read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from haechi.identity.interface import Asking
from haechi.identity.sources.making import MOST_ITEMS
from haechi.identity.sources.reading import Reader, segment, word
from haechi.model.settings import SystemSettings

T = TypeVar("T")

LOOKUP: Final = "/v1/auth/token/lookup-accessor"  # a POST that only asks


class _Answer(msgspec.Struct, Generic[T], frozen=True):
    data: T


class _Keys(msgspec.Struct, frozen=True):
    keys: list[str] = []


class _Errors(msgspec.Struct, frozen=True):
    errors: list[str] = []


class Mount(msgspec.Struct, frozen=True):
    """A secrets engine or a way to log in."""

    type: str
    options: dict[str, str] | None = None


class Alias(msgspec.Struct, frozen=True):
    """A name that an entity logs in with."""

    name: str
    mount_path: str = ""
    mount_type: str = ""
    mount_accessor: str = ""


class Entity(msgspec.Struct, frozen=True):
    """Somebody, by all the names they log in with."""

    id: str
    name: str
    disabled: bool = False
    creation_time: str = ""
    policies: list[str] | None = None
    aliases: list[Alias] | None = None
    metadata: dict[str, str] | None = None
    group_ids: list[str] | None = None  # those of `inherited_group_ids` among them


class Group(msgspec.Struct, frozen=True):
    id: str
    name: str
    policies: list[str] | None = None


class Policy(msgspec.Struct, frozen=True):
    policy: str


class Role(msgspec.Struct, frozen=True):
    """A user of userpass, or a role of approle."""

    token_policies: list[str] | None = None
    token_no_default_policy: bool = False


class RoleId(msgspec.Struct, frozen=True):
    role_id: str


class Token(msgspec.Struct, frozen=True):
    """A token, by its accessor: never the token itself."""

    accessor: str
    display_name: str = ""
    entity_id: str = ""
    issue_time: str | None = None
    expire_time: str | None = None
    path: str = ""
    policies: list[str] | None = None
    identity_policies: list[str] | None = None
    meta: dict[str, str] | None = None


class TransitKey(msgspec.Struct, frozen=True):
    """A key of a transit engine. `keys`: version -> creation time, or an object that holds it."""

    keys: dict[str, Any] = {}
    exportable: bool = False
    allow_plaintext_backup: bool = False
    min_decryption_version: int = 1
    latest_version: int = 0
    soft_deleted: bool = False
    type: str = ""
    supports_signing: bool = False
    supports_encryption: bool = False


class SecretVersion(msgspec.Struct, frozen=True):
    created_time: str = ""
    deletion_time: str = ""
    destroyed: bool = False


class Secret(msgspec.Struct, frozen=True):
    """What a key-value engine of version 2 tells of a secret besides its content."""

    versions: dict[str, SecretVersion] = {}


class Bao:
    """Asks one OpenBao, as the token that the system's credential holds."""

    def __init__(self, system: SystemSettings, asking: Asking) -> None:
        headers = {"X-Vault-Request": "true"}
        if system.credential:
            headers["X-Vault-Token"] = word(asking, system.credential)
        if "namespace" in system.options:
            headers["X-Vault-Namespace"] = system.options["namespace"]
        self.reader = Reader(system, asking, headers, questions=(LOOKUP,))

    def data(self, path: str, shape: type[T]) -> T:
        """The `data` of what is read at a path. Raises `IdentityError`."""
        return self.reader.get(f"/v1/{path}", _enveloped(shape)).data

    def listed(self, path: str, shape: type[T]) -> T | None:
        """The `data` of something that was listed a moment ago; None: it has gone since. Raises `IdentityError`."""
        where = f"/v1/{path}"
        reply = self.reader.ask("GET", where)
        if reply.status == HTTPStatus.NOT_FOUND and _empty(reply.body):
            return None
        return self.reader.decoded(reply, where, _enveloped(shape)).data

    def all(self, path: str, shape: type[T]) -> dict[str, T]:
        """Everything that is listed under a path, by its name. Raises `IdentityError`."""
        found = ((name, self.listed(below(path, "/", name), shape)) for name in self.keys(path))
        return {name: told for name, told in found if told is not None}

    def keys(self, path: str) -> list[str]:
        """The names listed under a path; none where it is empty, which OpenBao tells as not found.

        Raises:
            IdentityError: it may not be listed, or there is nothing mounted.
        """
        where = f"/v1/{path.rstrip('/')}"
        reply = self.reader.ask("GET", where, {"list": "true"})
        if reply.status == HTTPStatus.NOT_FOUND and _empty(reply.body):
            return []
        found = self.reader.decoded(reply, where, _enveloped(_Keys)).data.keys
        if len(found) > MOST_ITEMS:
            raise self.reader.trouble(where, f"it lists more than {MOST_ITEMS:,} names")
        return found

    def token(self, accessor: str) -> Token | None:
        """The token of an accessor; None: there is none any more. Raises `IdentityError`."""
        reply = self.reader.ask("POST", LOOKUP, json={"accessor": accessor})
        gone = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
        if reply.status in gone and b"invalid accessor" in reply.body:
            return None
        return self.reader.decoded(reply, LOOKUP, _enveloped(Token)).data


def below(*names: str) -> str:
    """A path of names, each of which is one segment or, where it ends with a slash, a mount or folder."""
    return "".join(_quoted(name) for name in names)


def _quoted(name: str) -> str:
    return "/".join(segment(part) for part in name.split("/"))


def _empty(body: bytes) -> bool:
    try:
        return not msgspec.json.decode(body, type=_Errors).errors
    except (msgspec.DecodeError, RecursionError):
        return False


def _enveloped(shape: type[T]) -> type[_Answer[T]]:
    """What OpenBao puts around every answer."""
    envelope: Any = _Answer  # a type of a variable type is beyond what annotations can say
    return cast("type[_Answer[T]]", envelope[shape])
