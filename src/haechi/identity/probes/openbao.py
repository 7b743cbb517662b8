"""OpenBao and Vault: is a token still good (by its accessor), is a version of a key or secret still there?

Only metadata is asked for: exporting a key or reading a secret would be one more exposure. A read of `transit/keys/`
or of `metadata/` tells versions and public halves; an accessor tells about a token and cannot be used as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import quote

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, needed
from haechi.identity.probes.web import PLAIN, Refused, Reply, Web
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

SYSTEM_OPTIONS: Final = frozenset({"namespace", PLAIN})
_LOOKUP: Final = "v1/auth/token/lookup-accessor"


@dataclass(frozen=True)
class OpenBaoToken:
    """target: a token's accessor. control: another accessor; empty: that of the token we ask with."""

    kind: str = "openbao-token"
    systems: frozenset[str] = frozenset({"openbao"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "session"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target)
        web = Web(system, asking, questions={Web(system, asking).address(_LOOKUP).path})
        headers = _headers(system, asking)

        def look(accessor: str, what: str) -> Said:
            reply = web.ask("POST", _LOOKUP, headers=headers, json={"accessor": accessor})
            if reply.status == 200:
                return Said("alive", f"{what} is known to {system.name}{_expires(_data(reply, system))}")
            if reply.status in (400, 403, 404) and b"invalid accessor" in reply.body:
                return Said("dead", f"{what} is not known to {system.name}")
            return Said("unknown", f"{what}: {system.name} answered {reply.status}{_why(reply)}")

        def control() -> Said:
            if probe.control:
                return look(probe.control, "the control token")
            reply = web.ask("GET", "v1/auth/token/lookup-self", headers=headers)
            if reply.status != 200:
                return Said("unknown", f"our own token: {system.name} answered {reply.status}{_why(reply)}")
            return look(str(_data(reply, system).get("accessor", "")), "our own token")

        return compare(control, lambda: look(probe.target, f"the token with accessor {probe.target}"))


@dataclass(frozen=True)
class OpenBaoKey:
    """target: a version of a transit key or a secret: `transit/keys/login:3`, `secret/data/app:7`.

    control: another one that is alive; empty: any other version of the same key that is alive. Without a version,
    the target is the key as a whole, which is dead when it is deleted; that needs a control.
    """

    kind: str = "openbao-key"
    systems: frozenset[str] = frozenset({"openbao"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "secret"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target)
        path, version = _versioned(probe.target)
        web, headers = Web(system, asking), _headers(system, asking)

        def versions(of: str) -> dict[str, str] | None:
            reply = web.ask("GET", f"v1/{quote(_metadata(of))}", headers=headers)
            if reply.status == 404:
                return None
            if reply.status != 200:
                raise IdentityError(f"{of}: {system.name} answered {reply.status}{_why(reply)}")
            data = _data(reply, system)
            return _transit(data) if "/keys/" in of else _stored(data, asking.now)

        def judge(of: str, number: str) -> Said:
            known = versions(of)
            if known is None:
                return Said("dead", f"{of} is not in {system.name}")
            if not number:
                return Said("alive", f"{of} is in {system.name}")
            why = known.get(number, "is no more")
            what = f"version {number} of {of}"
            return Said("dead", f"{what} {why}") if why else Said("alive", f"{what} can be used")

        def control() -> Said:
            if probe.control:
                return judge(*_versioned(probe.control))
            living = [
                number for number, why in (versions(path) or {}).items() if not why and number != version
            ]
            if version and living:
                return Said("alive", f"version {living[-1]} of it can be used")
            return Said("unknown", "no other version of it is alive, and no control is named")

        return compare(control, lambda: judge(path, version))


def _versioned(target: str) -> tuple[str, str]:
    """A path and a version, "" for none. Raises `IdentityError`."""
    path, colon, version = target.rpartition(":")
    if not colon:
        path, version = target, ""
    path = path.strip("/")
    parts = path.split("/")
    if len(parts) < 3 or not {"keys", "data", "metadata"} & set(parts[1:-1]) or {"", ".", ".."} & set(parts):
        raise IdentityError("a target is written transit/keys/NAME:VERSION or MOUNT/data/NAME:VERSION")
    if version and not version.isdecimal():
        raise IdentityError("the version of a target is a number")
    return path, version


def _metadata(path: str) -> str:
    """Where the metadata of a secret stand: reading `data/` would show the secret itself."""
    mount, _, rest = path.partition("/data/")
    where = f"{mount}/metadata/{rest}" if rest else path
    if "/export/" in where or "/data/" in where:
        raise Refused("this would read a secret itself: it was not asked")
    return where


def _transit(data: dict[str, Any]) -> dict[str, str]:
    """Versions of a transit key, each with why it is dead, or ""."""
    keys = data.get("keys")
    least, gone = _number(data, "min_decryption_version"), _number(data, "min_available_version")
    found = {}
    for number in range(1, _number(data, "latest_version") + 1):
        if number < gone:
            found[str(number)] = "was trimmed: it is gone for good"
        elif number < least:
            found[str(number)] = "is below min_decryption_version (who may set that can bring it back)"
        elif isinstance(keys, dict) and str(number) in keys:
            found[str(number)] = ""
    return found


def _number(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    return value if isinstance(value, int) and 0 <= value <= 100_000 else 0


def _stored(data: dict[str, Any], now: datetime) -> dict[str, str]:
    """Versions of a stored secret, each with why it is dead, or ""."""
    versions = data.get("versions")
    found = {}
    for number, about in (versions if isinstance(versions, dict) else {}).items():
        facts = about if isinstance(about, dict) else {}
        if facts.get("destroyed") is True:
            found[str(number)] = "was destroyed"
        elif _past(str(facts.get("deletion_time") or ""), now):
            found[str(number)] = "was deleted (who may undelete can bring it back)"
        else:
            found[str(number)] = ""
    return found


def _past(time: str, now: datetime) -> bool:
    try:
        read = datetime.fromisoformat(time)
    except ValueError:
        return False
    return (read if read.tzinfo else read.replace(tzinfo=UTC)) <= now


def _headers(system: SystemSettings, asking: Asking) -> dict[str, str]:
    token = asking.secret(system.credential).decode("latin-1") if system.credential else ""
    space = system.options.get("namespace", "")
    return {"x-vault-token": token} | ({"x-vault-namespace": space} if space else {})


def _data(reply: Reply, system: SystemSettings) -> dict[str, Any]:
    said = reply.json(system.name)
    data = said.get("data") if isinstance(said, dict) else None
    if not isinstance(data, dict):
        raise IdentityError(f"{system.name} answered in a form that is not OpenBao's")
    return data


def _expires(data: dict[str, Any]) -> str:
    time = data.get("expire_time")
    return f", until {time[:19]}Z" if isinstance(time, str) and len(time) >= 19 else ""


def _why(reply: Reply) -> str:
    return ", permission denied" if b"permission denied" in reply.body else ""


TOKEN: Final = OpenBaoToken()
KEY: Final = OpenBaoKey()
