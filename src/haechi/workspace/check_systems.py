"""Systems and probes: kinds and options that exist, addresses, and references to secrets that are no secrets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit

from haechi.model.settings import ProbeSettings, SystemSettings
from haechi.workspace.positions import Path
from haechi.workspace.problems import did_you_mean
from haechi.workspace.read import Complain, read_partly
from haechi.workspace.units import duration

S = TypeVar("S", SystemSettings, ProbeSettings)
_NAME = re.compile(r"\w[\w.-]*")
_SCHEMES = {
    "postgresql": ("postgresql", "postgres"),
    "ldap": ("ldap", "ldaps", "ldapi"),
    "ssh": ("ssh",),
}
_WEB = ("https", "http")
# These may be asked elsewhere: files of a folder, the cloud's own addresses; signals may come to us.
_WITHOUT_ADDRESS = ("ssh", "aws", "signals")
_RESERVED = ("probes",)  # under this name the answers of all probes are kept


@dataclass(frozen=True)
class Kinds:
    """The kinds that exist.

    systems: kind of system -> names of its options
    probes:  kind of probe -> (kinds of systems that it can ask, names of its options)
    """

    systems: Mapping[str, Collection[str]]
    probes: Mapping[str, tuple[Collection[str], Collection[str]]]


def check_systems(
    systems: Sequence[SystemSettings | None],
    probes: Sequence[ProbeSettings | None],
    kinds: Kinds | None,
    complain: Complain,
    raw: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Complain about systems that cannot be asked and probes that ask nothing. `kinds`: None leaves them unchecked.

    `raw`: the document. What misfits in one thing (None) is taken from there, and checked in all others.
    """
    named: dict[str, int] = {}
    known: dict[str, SystemSettings] = {}
    complete = True
    for path, system, tell in _read("system", systems, SystemSettings, raw, complain):
        complete &= system is not None and bool(system.name)
        if system is not None:
            _name(system.name, path, named, "system", tell)
            if system.name in _RESERVED:
                tell((*path, "name"), f'cannot be "{system.name}": answers of probes are kept under it.')
            _system(system, path, kinds, tell)
            known[system.name] = system
    asked: dict[str, int] = {}
    for path, probe, tell in _read("probe", probes, ProbeSettings, raw, complain):
        if probe is not None:
            _name(probe.name, path, asked, "probe", tell)
            # A system that could not be read may be the one meant: then nothing is said.
            _probe(probe, path, known if complete else None, kinds, tell)


def _read(
    key: str, items: Sequence[S | None], kind: type[S], raw: Mapping[str, Any], complain: Complain
) -> Iterator[tuple[Path, S | None, Complain]]:
    """Each item with its path and where to complain about it; None where nothing of it could be read."""
    for number, item in enumerate(items):
        path: Path = (key, number)
        if item is None and key in raw and (partly := read_partly(kind, raw[key][number], path, complain)):
            fits, of_the_rest = partly
            yield path, fits, of_the_rest
        else:
            yield path, item, complain


def _system(system: SystemSettings, path: Path, kinds: Kinds | None, complain: Complain) -> None:
    if kinds is not None and _known(system.kind, kinds.systems, (*path, "kind"), "system", complain):
        _options(system.options, kinds.systems[system.kind], path, complain)
    if system.url:
        _url(system, (*path, "url"), complain)
    elif system.kind not in _WITHOUT_ADDRESS and (kinds is None or system.kind in kinds.systems):
        complain(path, 'has no "url", which it needs.')
    _reference(system.credential, (*path, "credential"), complain)
    _length(system.every, (*path, "every"), complain)


def _probe(
    probe: ProbeSettings,
    path: Path,
    systems: Mapping[str, SystemSettings] | None,
    kinds: Kinds | None,
    complain: Complain,
) -> None:
    if systems is not None and probe.system not in systems:
        complain((*path, "system"), f'names no system "{probe.system}".{did_you_mean(probe.system, systems)}')
    if kinds is not None and _known(probe.kind, kinds.probes, (*path, "kind"), "probe", complain):
        can_ask, options = kinds.probes[probe.kind]
        _options(probe.options, options, path, complain)
        system = (systems or {}).get(probe.system)
        if system is not None and system.kind in kinds.systems and system.kind not in can_ask:
            complain(
                (*path, "system"),
                f'names "{system.name}", of the kind "{system.kind}"; a probe of the kind "{probe.kind}" asks '
                f"{' or '.join(sorted(can_ask))}.",
            )
    _reference(probe.credential, (*path, "credential"), complain)
    if probe.every:
        _length(probe.every, (*path, "every"), complain)


def _name(name: str, path: Path, seen: dict[str, int], key: str, complain: Complain) -> None:
    if not _NAME.fullmatch(name):
        complain((*path, "name"), "must be of letters, digits, dot, dash and underscore.")
    if name in seen:
        complain((*path, "name"), f'"{name}" is also the name of {key}[{seen[name] + 1}].')
    seen.setdefault(name, int(path[1]))


def _known(kind: str, known: Collection[str], path: Path, what: str, complain: Complain) -> bool:
    if kind not in known:
        complain(path, f'names the unknown kind of {what} "{kind}".{did_you_mean(kind, sorted(known))}')
    return kind in known


def _options(given: Mapping[str, str], known: Collection[str], path: Path, complain: Complain) -> None:
    for option in given:
        if option not in known:
            hint = did_you_mean(option, sorted(known)) if known else " It has none."
            complain((*path, "options", option), f"is not an option of this kind.{hint}")


def _url(system: SystemSettings, path: Path, complain: Complain) -> None:
    schemes = _SCHEMES.get(system.kind, _WEB)
    try:
        parts = urlsplit(system.url)
        port = parts.port
    except ValueError:
        complain(path, "is no address.")
        return
    if parts.scheme not in schemes or (not parts.hostname and parts.scheme != "ldapi") or port == 0:
        complain(path, f"must be an address that begins with {' or '.join(f'{s}://' for s in schemes)}.")
    if parts.password is not None:
        complain(path, 'holds a password: name where it is with "credential" instead.')


def _reference(text: str, path: Path, complain: Complain) -> None:
    """That a secret is only referred to. The text itself is never repeated: it may be one."""
    form, colon, name = text.partition(":")
    if text and not (form in ("env", "file") and colon and name.strip()):
        complain(path, 'must say where the secret is: "env:NAME" or "file:PATH".')


def _length(text: str, path: Path, complain: Complain) -> None:
    try:
        duration(text)
    except ValueError as error:
        complain(path, f"is {error}.")
