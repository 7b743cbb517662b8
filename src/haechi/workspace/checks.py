"""What the settings must hold beyond the shape of each table: names that exist, nothing twice, nothing
contradictory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from haechi.model.errors import SettingsError
from haechi.model.settings import (
    AskingSettings,
    CoverageSettings,
    CustodianSettings,
    EngineSettings,
    EvidenceSettings,
    ExposesSettings,
    InspectionSettings,
    IssuerSettings,
    MailSettings,
    NetworkSettings,
    ProbeSettings,
    PurposeSettings,
    ReasonsSettings,
    RetentionSettings,
    RouteSettings,
    SourceSettings,
    StoreSettings,
    SystemSettings,
    WorkspaceSettings,
)
from haechi.model.tables import SCHEMAS
from haechi.model.words import ACTIONS, READ_ONLY_COLUMNS, SECRET
from haechi.workspace.check_asking import check_asking
from haechi.workspace.check_evidence import check_custodians, check_evidence
from haechi.workspace.check_reasons import check_reasons
from haechi.workspace.check_retention import check_retention
from haechi.workspace.check_systems import Kinds, check_systems
from haechi.workspace.positions import Path
from haechi.workspace.problems import did_you_mean
from haechi.workspace.read import Complain
from haechi.workspace.template import Template, parse
from haechi.workspace.times import as_utc, zone
from haechi.workspace.units import duration, is_memory, memory_bytes

T = TypeVar("T")

LEAST_MEMORY = (
    128_000_000  # bytes: with 100 MB all rules got through a few thousand records, with 60 some did not
)
_NAME = re.compile(r"\w[\w.-]*")
_MASTER = re.compile(r"local(\[(\d+|\*)(, ?\d+)?\])?|local-cluster\[.+\]|(spark|k8s)://\S+|yarn")
_WORD = re.compile(r"[^\s,\"']+")
_METHOD = re.compile(r"\*|[A-Za-z][A-Za-z_-]*")
_DATABASE = re.compile(r"postgres(?:ql)?(?:\+\w+)?://\S+|sqlite:///.+|[^:]+\.parquet|[A-Za-z]:.+\.parquet")
# Identity is counted by the reader.
_UNMAPPED = {"source", "seq"}


class Drafted(msgspec.Struct):
    """Settings as far as they could be read: a misfit in a list is None, a misfit elsewhere the default."""

    workspace: WorkspaceSettings = WorkspaceSettings()
    store: StoreSettings = StoreSettings()
    engine: EngineSettings = EngineSettings()
    coverage: CoverageSettings = CoverageSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    retention: RetentionSettings = RetentionSettings()
    custodians: list[CustodianSettings | None] = []
    sources: list[SourceSettings | None] = []
    routes: list[RouteSettings | None] = []
    issuers: list[IssuerSettings | None] = []
    exposes: list[ExposesSettings | None] = []
    reasons: ReasonsSettings = ReasonsSettings()
    purposes: list[PurposeSettings | None] = []
    network: NetworkSettings = NetworkSettings()
    systems: list[SystemSettings | None] = []
    probes: list[ProbeSettings | None] = []
    mail: MailSettings = MailSettings()
    asking: AskingSettings = AskingSettings()
    inspection: InspectionSettings = InspectionSettings()
    rules: dict[str, dict[str, object]] = {}


def check(
    draft: Drafted,
    formats: Collection[str] | None,
    complain: Complain,
    kinds: Kinds | None = None,
    raw: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Complain about everything that contradicts itself or names what is not there.

    `formats` are the names that a source's `format` may have, each with its table where it is a mapping; `kinds`
    those of systems and probes. None leaves them unchecked. `raw`: the document, of which systems and probes that
    misfit in one thing are checked in all others.
    """
    _general(draft, complain)
    _sources(draft.sources, formats, complain)
    _routes(draft.routes, complain)
    _issuers(draft, complain)
    _exposes(draft, complain)
    check_evidence(draft.evidence, complain)
    check_custodians(draft.custodians, complain)
    check_retention(draft.retention, draft.sources, complain)
    # An OpenAPI document, or a route that could not be read, may be the one that a purpose names.
    complete = None not in draft.routes and not draft.workspace.openapi and bool(draft.routes)
    routes = {route.path for route in draft.routes if route} if complete else None
    check_reasons(draft.reasons, draft.purposes, routes, complain)
    check_systems(draft.systems, draft.probes, kinds, complain, raw)
    check_asking(draft.mail, draft.asking, draft.inspection, complain)


def _general(draft: Drafted, complain: Complain) -> None:
    _zone(draft.workspace.timezone, ("workspace", "timezone"), complain)
    store, coverage = draft.store, draft.coverage
    if not is_memory(store.memory):
        complain(("store", "memory"), "must be an amount of memory such as 512MB or 2GB.")
    elif memory_bytes(store.memory) < LEAST_MEMORY:
        complain(("store", "memory"), "must be 128MB or more: with less, rules fail on a few records.")
    if store.threads < 0:
        complain(("store", "threads"), "must be 0 (one for each core) or more.")
    if not _MASTER.fullmatch(draft.engine.master):
        complain(("engine", "master"), "must be local[2], say, or spark://host:7077.")
    if not is_memory(draft.engine.memory):
        complain(("engine", "memory"), "must be an amount of memory such as 512MB or 2GB.")
    if not store.path.strip():
        complain(("store", "path"), "is empty.")
    _duration(coverage.silent_at_least, ("coverage", "silent-at-least"), complain)
    if not coverage.silent_factor >= 1:
        complain(("coverage", "silent-factor"), "must be 1 or more.")


def _sources(
    sources: Sequence[SourceSettings | None], formats: Collection[str] | None, complain: Complain
) -> None:
    _once(sources, "source", "name", lambda source: source.name, complain)
    for path, source in _items(sources, "source"):
        if not _NAME.fullmatch(source.name):
            complain((*path, "name"), "must be of letters, digits, dot, dash and underscore.")
        if not any(pattern.strip() for pattern in source.paths):
            complain((*path, "paths"), "names no file: the source would always be empty.")
        if formats is not None and source.format and source.format not in formats:
            complain(
                (*path, "format"),
                f'names the unknown format "{source.format}".' + _near(source.format, formats),
            )
        elif isinstance(formats, Mapping) and source.format and formats[source.format] != source.table:
            complain(
                (*path, "format"),
                f'names "{source.format}", a format of the table "{formats[source.format]}" '
                f'and not of "{source.table}".',
            )
        if source.timezone:
            _zone(source.timezone, (*path, "timezone"), complain)
        known = [name for name in SCHEMAS[source.table].names if name not in _UNMAPPED]
        known += READ_ONLY_COLUMNS if source.table == "access" else ()
        known += [SECRET] if source.table == "issuance" else []
        for column in source.columns:
            if column not in known:
                complain(
                    (*path, "columns", column),
                    f'is not a column of the table "{source.table}".{did_you_mean(column, known)}',
                )


def _routes(routes: Sequence[RouteSettings | None], complain: Complain) -> None:
    seen: dict[tuple[str, object], int] = {}
    for path, route in _items(routes, "route"):
        template = _template(route, path, complain)
        if not _METHOD.fullmatch(route.method):
            complain((*path, "method"), 'must be one method such as GET, or "*" for any.')
        if route.action not in ACTIONS:
            complain(
                (*path, "action"),
                f'names the unknown action "{route.action}".{did_you_mean(route.action, ACTIONS)}',
            )
        for field in route.fields:
            if not _WORD.fullmatch(field):
                complain((*path, "fields"), "holds an empty name, or one with a space, comma or quote in it.")
        if template is None:
            continue
        _subject(route, template, path, complain)
        method = route.method.upper()
        same = ("GET" if method == "HEAD" else method, template.shape)
        if same in seen:
            complain(
                (*path, "path"),
                f"stands for the same requests as {_nth('route', seen[same])}: only one can apply.",
            )
        seen.setdefault(same, int(path[1]))


def _template(route: RouteSettings, path: Path, complain: Complain) -> Template | None:
    try:
        return parse(route.path)
    except SettingsError as error:
        complain((*path, "path"), error.what)
        return None


def _subject(route: RouteSettings, template: Template, path: Path, complain: Complain) -> None:
    place, colon, name = route.subject.partition(":")
    key = (*path, "subject")
    if place in ("token", "none") and not colon:
        return
    if place not in ("path", "query") or not name:
        complain(key, 'must be "path:NAME", "query:NAME", "token" or "none".')
    elif place == "path" and name not in template.names:
        hint = f" It has {', '.join('{' + n + '}' for n in template.names)}." if template.names else ""
        complain(key, f'names {{{name}}}, which is not in the path "{route.path}".{hint}')


def _issuers(draft: Drafted, complain: Complain) -> None:
    _once(draft.issuers, "issuer", "name", lambda issuer: issuer.name, complain)
    # A source that could not be read may be the one meant: then nothing is said.
    sources = None if None in draft.sources else {s.name: s for s in draft.sources if s}
    for path, issuer in _items(draft.issuers, "issuer"):
        if not issuer.name.strip():
            complain((*path, "name"), "is empty.")
        _duration(issuer.token_life, (*path, "token-life"), complain)
        if issuer.issuance and sources is not None:
            source = sources.get(issuer.issuance)
            if source is None:
                complain(
                    (*path, "issuance"),
                    f'names no source "{issuer.issuance}".{did_you_mean(issuer.issuance, sources)}',
                )
            elif source.table != "issuance":
                complain(
                    (*path, "issuance"),
                    f'names the source "{source.name}", whose table is "{source.table}" and not "issuance".',
                )
        _once(issuer.keys, "key", "kid", lambda key: key.kid, complain, path)
        for at, key in _items(issuer.keys, "key", path):
            starts, ends = (
                as_utc(key.not_before, draft.workspace.timezone),
                as_utc(key.not_after, draft.workspace.timezone),
            )
            if starts and ends and ends <= starts:
                complain((*at, "not-after"), 'ends the key\'s life before "not-before" begins it.')
            if not key.kid.strip():
                complain((*at, "kid"), "is empty.")
            for reader in sorted({reader for reader in key.readers if key.readers.count(reader) > 1}):
                complain((*at, "readers"), f'names "{reader}" more than once.')


def _exposes(draft: Drafted, complain: Complain) -> None:
    _once(draft.exposes, "exposes", "name", lambda exposes: exposes.name, complain)
    routes = {route.path for route in draft.routes if route}
    complete = None not in draft.routes and not draft.workspace.openapi
    for path, exposes in _items(draft.exposes, "exposes"):
        if not _DATABASE.fullmatch(exposes.database):
            complain(
                (*path, "database"),
                "must be postgresql://..., sqlite:///file.db or a file ending in .parquet.",
            )
        if not exposes.sql.strip():
            complain((*path, "sql"), "is empty.")
        if not exposes.routes:
            complain((*path, "routes"), "names no route: these persons would never be counted.")
        for route in exposes.routes:
            if complete and route not in routes:
                complain(
                    (*path, "routes"),
                    f'names "{route}", which is the path of no route.{did_you_mean(route, routes)}',
                )


def _items(items: Sequence[T | None], key: str, parent: Path = ()) -> Iterator[tuple[Path, T]]:
    """The items that could be read, each with its path in the document."""
    return (((*parent, key, i), item) for i, item in enumerate(items) if item is not None)


def _once(
    items: Sequence[T | None],
    key: str,
    name: str,
    value: Callable[[T], str],
    complain: Complain,
    parent: Path = (),
) -> None:
    """Complain about each item whose name an earlier one bears."""
    seen: dict[str, int] = {}
    for path, item in _items(items, key, parent):
        index = int(path[-1])
        if value(item) in seen:
            complain((*path, name), f'"{value(item)}" is also the {name} of {_nth(key, seen[value(item)])}.')
        seen.setdefault(value(item), index)


def _nth(key: str, index: Any) -> str:
    return f"{key}[{index + 1}]"


def _near(word: str, known: Collection[str]) -> str:
    return did_you_mean(word, sorted(known))


def _zone(name: str, path: Path, complain: Complain) -> None:
    if zone(name) is None:
        complain(path, f'names the unknown time zone "{name}": write it like Asia/Seoul or UTC.')


def _duration(text: str, path: Path, complain: Complain) -> None:
    try:
        duration(text)
    except ValueError as error:
        complain(path, f"is {error}.")
