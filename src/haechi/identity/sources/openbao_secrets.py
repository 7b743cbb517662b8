"""The secrets that an OpenBao keeps, version by version, and the paths that give each away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from haechi.identity.sources.making import MOST_ITEMS, Maker, utc
from haechi.identity.sources.openbao_api import Bao, Mount, Secret, TransitKey, below
from haechi.model.words import FactState

_DEEPEST: Final = 64  # folders in folders


@dataclass(frozen=True)
class Version:
    """One version of a secret. `paths`: reading any of them gives it away.

    how: of a key, "exportable" where it can be taken out.
    """

    object: str  # "transit/keys/NAME", "secret/data/NAME"; as the audit log of OpenBao is read
    version: str
    state: FactState
    evidence: str
    first: datetime | None = None
    last: datetime | None = None
    how: str = ""
    paths: tuple[str, ...] = ()


def versions(bao: Bao, make: Maker, mounts: Mapping[str, Mount]) -> Iterator[Version]:
    """Every version of every secret of the transit and key-value engines. Raises `IdentityError`."""
    for path, mount in sorted(mounts.items()):
        if mount.type == "transit":
            for name, key in bao.all(below(path, "keys"), TransitKey).items():
                yield from _transit(path, name, key)
        elif mount.type == "kv" and (mount.options or {}).get("version") == "2":
            for name in _tree(bao, make, f"{path}metadata/"):
                secret = bao.listed(below(path, "metadata/", name), Secret)
                if secret is not None:
                    yield from _kept(path, name, secret)
        elif mount.type in ("kv", "generic"):
            for name in _tree(bao, make, path):
                evidence = "key-value engine, version 1: it is there"
                yield Version(path + name, "", "alive", evidence, paths=(path + name,))


def _transit(mount: str, name: str, key: TransitKey) -> Iterator[Version]:
    ways = ["export/hmac-key/"]
    ways += ["export/signing-key/"] if key.supports_signing else []
    ways += ["export/encryption-key/"] if key.supports_encryption else []
    for version, told in key.keys.items():
        number = int(version) if version.isdecimal() else 0
        paths = []
        if key.exportable:
            ends = ["", f"/{version}"] + (["/latest"] if number == key.latest_version else [])
            paths = [f"{mount}{way}{name}{end}" for way in ways for end in ends]
            paths += [f"{mount}backup/{name}"] if key.allow_plaintext_backup else []
        state, words = _life(key, number)
        yield Version(
            f"{mount}keys/{name}", version, state, f"transit key of type {key.type}, version {version}: {words}",
            first=_created(told), how="exportable" if key.exportable else "", paths=tuple(paths),
        )  # fmt: skip


def _life(key: TransitKey, version: int) -> tuple[FactState, str]:
    if key.soft_deleted:
        return "unknown", "deleted, and may be brought back"
    if version < key.min_decryption_version:
        return "dead", f"below min_decryption_version {key.min_decryption_version}, no longer used by OpenBao"
    return "alive", f"from min_decryption_version {key.min_decryption_version} on"


def _created(told: Any) -> datetime | None:
    """The creation time of a key's version: seconds since 1970, or an object with the time as text."""
    if isinstance(told, dict):
        text = told.get("creation_time")
        return utc(text) if isinstance(text, str) else None
    try:
        return datetime.fromtimestamp(told, UTC) if isinstance(told, int) else None
    except (OverflowError, ValueError, OSError):
        return None


def _kept(mount: str, name: str, secret: Secret) -> Iterator[Version]:
    for version, told in secret.versions.items():
        where = f"{mount}data/{name}"
        deleted = utc(told.deletion_time)
        state: FactState = "unknown" if told.destroyed or deleted else "alive"
        words = "it is there"
        if state == "unknown":
            words = f"{'destroyed' if told.destroyed else 'deleted'} here; whether what it opened still opens is not"
        yield Version(
            where, version, state, f"key-value engine, version {version}: {words}",
            first=utc(told.created_time), last=deleted, paths=() if told.destroyed else (where,),
        )  # fmt: skip


def _tree(bao: Bao, make: Maker, top: str) -> Iterator[str]:
    """The names of all secrets below a path, relative to it."""
    todo, seen = [""], 0
    while todo:
        folder = todo.pop()
        for name in bao.keys(below(top, folder)):
            seen += 1
            if seen > MOST_ITEMS or folder.count("/") > _DEEPEST:
                raise make.trouble(f"it has more than {MOST_ITEMS:,} secrets, or folders too deep", where=top)
            if name.endswith("/"):
                todo.append(folder + name)
            else:
                yield folder + name
