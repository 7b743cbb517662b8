"""Routes from an OpenAPI 3 document: its paths, what its responses hold, and whom its parameters name.

What the document's author says in `x-haechi: {fields: [...], subject: ..., action: ...}` on an operation or
a path wins over every guess. See the OpenAPI Specification 3.1, https://spec.openapis.org/oas/v3.1.1.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from haechi.collect.routes import words
from haechi.collect.routes.properties import fields_of
from haechi.collect.routes.template import Template, parse
from haechi.model.errors import SettingsError
from haechi.model.settings import DescribedRoute, RouteSettings
from haechi.model.words import ACTIONS

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_ACTIONS = {
    "get": "view",
    "head": "view",
    "post": "create",
    "put": "update",
    "patch": "update",
    "delete": "delete",
}
_DEEPEST = 12  # of schemas within schemas; real ones go on in circles long before
_EXTENSION = "x-haechi"
_EXTENSION_KEYS = {"fields", "subject", "action"}
_TEMPLATED = re.compile(r"\{([^{}]*)\}")


def routes_from_openapi(path: Path) -> list[RouteSettings]:
    """The routes of an OpenAPI 3.x document in YAML or JSON, in the order of its paths.

    References within the document are followed; those to other files are not, and then say nothing about
    fields.

    Raises:
        SettingsError: it cannot be read, is not OpenAPI 3, has a reference that leads nowhere, a path that
        is no
            template, or an `x-haechi` that says what Haechi does not know.
    """
    document = _Document(_parsed(path), str(path))
    root = document.root
    version = root.get("openapi") if isinstance(root, dict) else None
    if not isinstance(version, str) or not version.startswith("3."):
        raise document.error("", 'is not an OpenAPI 3 document: it has no "openapi: 3.x"')
    routes: dict[tuple[str, tuple[object, ...]], RouteSettings] = {}
    for base in _bases(document):
        for route, template in _routes(document, base):
            routes.setdefault((route.method, template.shape), route)
    return list(routes.values())


def beside(own: Sequence[RouteSettings], described: Iterable[RouteSettings]) -> list[RouteSettings]:
    """A person's own routes, and the described ones for requests that none of those speaks of.

    A route of one's own with the method `*` stands for every method, although a named method would beat it.
    """
    spoken = {(route.method.upper(), parse(route.path).shape) for route in own}
    return [
        *own,
        *(
            route
            for route in described
            if spoken.isdisjoint((method, parse(route.path).shape) for method in ("*", route.method.upper()))
        ),
    ]


@dataclass(frozen=True)
class _Document:
    root: Any
    name: str

    def error(self, place: str, what: str) -> SettingsError:
        return SettingsError(
            f"The OpenAPI document {what}.",
            where=f"{self.name}{' at ' + place if place else ''}",
            kept="nothing was read or changed",
            todo="Correct the document, or leave openapi out of haechi.toml and write the routes there.",
        )

    def follow(self, value: Any, place: str) -> Any:
        """The value itself, or what its chain of local references leads to; {} where it leads out of the
        document.
        """
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            reference: str = value["$ref"]
            if not reference.startswith("#"):
                return {}
            if reference in seen:
                raise self.error(place, f'has a reference that leads to itself: "{reference}"')
            seen.add(reference)
            value = self._at(reference, place)
        return value

    def _at(self, reference: str, place: str) -> Any:
        """A JSON Pointer (RFC 6901) in a URI fragment."""
        value = self.root
        for part in unquote(reference[1:]).split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            else:
                raise self.error(place, f'has a reference that leads nowhere: "{reference}"')
        return value

    def table(self, value: Any, place: str) -> Mapping[str, Any]:
        """A mapping with its references followed; an absent one is empty."""
        value = self.follow(value, place)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.error(place, "has something else where a mapping must stand")
        return value


def _parsed(path: Path) -> Any:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"The OpenAPI document cannot be read: {error.strerror}.", where=str(path)
        ) from None
    try:
        return yaml.load(data, Loader=_Loader)  # JSON is YAML
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise SettingsError(
            "The OpenAPI document is neither valid YAML nor JSON.",
            where=f"{path}{line}",
            todo="Correct it there.",
        ) from None


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe, and several times faster where libyaml is there."""


def _bases(document: _Document) -> list[str]:
    """The base paths of the servers, without a last slash; variables at their default."""
    servers = document.root.get("servers") or [{"url": "/"}]
    if not isinstance(servers, list):
        raise document.error("servers", "has something else where a list must stand")
    bases: list[str] = []
    for index, server in enumerate(servers):
        place = f"servers[{index}]"
        entry = document.table(server, place)
        variables = document.table(entry.get("variables"), place)
        url = str(entry.get("url", "/"))
        for name in _TEMPLATED.findall(url):
            default = document.table(variables.get(name), place).get("default", "")
            url = url.replace("{" + name + "}", str(default))
        try:
            base = "/" + urlsplit(url).path.strip("/")
        except ValueError:
            raise document.error(place, "has a server whose url cannot be read") from None
        bases.append(base.rstrip("/"))
    return list(dict.fromkeys(bases))


def _routes(document: _Document, base: str) -> Iterator[tuple[RouteSettings, Template]]:
    paths = document.root.get("paths")
    for path, raw in document.table(paths, "paths").items():
        place = f"paths.{path}"
        try:
            template = parse(base + str(path))
        except SettingsError as error:
            raise document.error(place, f"has a path that is no template. {error.what.rstrip('.')}") from None
        item = document.table(raw, place)
        for method in _METHODS:
            if method in item:
                yield _route(document, template, item, method, f"{place}.{method}"), template


def _route(
    document: _Document, template: Template, item: Mapping[str, Any], method: str, place: str
) -> RouteSettings:
    operation = document.table(item[method], place)
    parameters = [
        *_list(document, item, "parameters", place),
        *_list(document, operation, "parameters", place),
    ]
    named = [document.table(parameter, place) for parameter in parameters]
    said = {**_extension(document, item, place), **_extension(document, operation, place)}
    subject = said.get("subject", _subject(template, named))
    action = said.get("action", _ACTIONS.get(method, "other"))
    if action not in ACTIONS:
        raise document.error(place, f"says an unknown action in {_EXTENSION}")
    kind, _, name = subject.partition(":")
    if kind not in ("path", "query", "token", "none") or (kind == "path" and name not in template.names):
        raise document.error(place, f"says a subject in {_EXTENSION} that is not there")
    fields = said.get("fields")
    if fields is None:
        person = subject != "none" or any(
            words.is_person_noun(s.prefix) for s in template.segments if s.static
        )
        fields = fields_of(_properties(document, operation, place), person)
        if not fields:  # a document often leaves its answers out: that says nothing about what they show
            return DescribedRoute(template.text, method.upper(), action, [], subject)
    return RouteSettings(template.text, method.upper(), action, list(fields), subject)


def _list(document: _Document, table: Mapping[str, Any], key: str, place: str) -> list[Any]:
    value = table.get(key) or []
    if not isinstance(value, list):
        raise document.error(f"{place}.{key}", "has something else where a list must stand")
    return value


def _extension(document: _Document, table: Mapping[str, Any], place: str) -> dict[str, Any]:
    said = document.table(table.get(_EXTENSION), f"{place}.{_EXTENSION}")
    fields = said.get("fields", [])
    texts = [value for key, value in said.items() if key != "fields"]
    good = isinstance(fields, list) and all(isinstance(value, str) for value in [*fields, *texts])
    if not good or set(said) - _EXTENSION_KEYS:
        raise document.error(
            f"{place}.{_EXTENSION}", "says something other than fields (a list of names), subject and action"
        )
    return dict(said)


def _subject(template: Template, parameters: list[Mapping[str, Any]]) -> str:
    """Whom an operation is about: a parameter that names a person, an id behind a person's noun, or the
    caller.
    """
    before = ""
    for segment in template.segments:
        if segment.name and (words.is_person_parameter(segment.name) or words.is_person_noun(before)):
            return f"path:{segment.name}"
        before = segment.prefix if segment.static else ""
    for parameter in parameters:
        name = parameter.get("name")
        if parameter.get("in") == "query" and isinstance(name, str) and words.is_person_parameter(name):
            return f"query:{name}"
    own = any(words.plain(segment.prefix) in words.SELF for segment in template.segments if segment.static)
    return "token" if own else "none"


def _properties(document: _Document, operation: Mapping[str, Any], place: str) -> Iterator[str]:
    """The names of all properties in successful responses."""
    responses = document.table(operation.get("responses"), place)
    for status, raw in responses.items():
        if str(status)[:1] not in ("2", "d"):  # 200, 2XX, default
            continue
        at = f"{place}.responses.{status}"
        content = document.table(document.table(raw, at).get("content"), at)
        for kind in content.values():
            yield from _names(document, document.table(kind, at).get("schema"), at, set(), 0)


def _names(document: _Document, schema: Any, place: str, seen: set[int], depth: int) -> Iterator[str]:
    schema = document.follow(schema, place)
    # The same schema is reached by many ways, and by ways in circles.
    if not isinstance(schema, dict) or id(schema) in seen or depth > _DEEPEST:
        return
    seen.add(id(schema))
    properties = document.table(schema.get("properties"), place)
    yield from map(str, properties)
    inner = [*properties.values(), schema.get("items"), schema.get("additionalProperties")]
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        inner += _list(document, schema, key, place)
    for part in inner:
        yield from _names(document, part, place, seen, depth + 1)
