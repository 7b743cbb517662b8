"""Routes as SQL: what a request asked for, computed for millions of records without a loop.

The path is cut into segments once, a tree of comparisons finds the route's number, and everything else is
looked up by that number. Requests are read as a server would read them: without host, query, fragment, empty
segments and matrix parameters (`;x=y`), with percent escapes decoded in each segment and `.` and `..`
resolved, so that an odd spelling does not hide a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from haechi.collect.routes import generic, request
from haechi.collect.routes.request import SEGMENTS, query_value
from haechi.collect.routes.template import Template, parse
from haechi.collect.routes.tree import Numbered, decide, literal, segment
from haechi.model.settings import DescribedRoute, RouteSettings

Place = tuple[str, int, str, str]  # kind, position or 0, text before or name, text behind


@dataclass(frozen=True)
class RouteSql:
    """DuckDB expressions over the columns `path`, `method`, `actor` (VARCHAR, each may be NULL).

    stages:  named expressions, one sub-select after the other; a stage may use the names of those before it.
             All names begin with `route_`.
    columns: `route`, `action`, `fields`, `subject`, as expressions over the stages' names and those three.
    """

    stages: tuple[Mapping[str, str], ...]
    columns: Mapping[str, str]

    def select(self, inner: str, keep: Sequence[str] = ("*",)) -> str:
        """A query that adds the four columns to those of `inner`, a query or a table's name.

        `keep` are the columns of `inner` to answer as well; "*" leaves the stages' names out.
        """
        source = inner if inner.isidentifier() else f"({inner})"
        for stage in self.stages:
            source = f"(SELECT *, {_named(stage)} FROM {source})"
        staged = ", ".join(name for stage in self.stages for name in stage)
        kept = [f"* EXCLUDE ({staged})" if column == "*" else column for column in keep]
        return f"SELECT {', '.join([*kept, _named(self.columns)])} FROM {source}"


def compile_routes(routes: Sequence[RouteSettings]) -> RouteSql:
    """The expressions that find the route of each request.

    Text beats a parameter and a parameter beats `{rest...}`, decided from the left; then a named method
    beats `*`. HEAD, and a method that is not told, count as GET. What matches nothing gets a template made
    from its own path, and neither fields nor subject.

    Raises:
        SettingsError: a path template cannot be read.
    """
    ordered = sorted(((parse(route.path), route) for route in routes), key=lambda pair: _specific(*pair))
    # Numbers follow the place of the subject, so that a range of numbers shares one expression.
    by_place = sorted(range(len(ordered)), key=lambda index: _place(*ordered[index]))
    numbers = {index: number for number, index in enumerate(by_place, 1)}
    tree = decide(
        [Numbered(numbers[i], _method(route.method), template) for i, (template, route) in enumerate(ordered)]
    )
    settings = [ordered[index][1] for index in by_place]
    deepest = max((len(template.segments) for template, _ in ordered), default=0)
    segments = {segment(i): f"{SEGMENTS}[{i + 2}]" for i in range(deepest)}
    return RouteSql(
        stages=(
            *request.STAGES,
            {**segments, "route_n": f"len({SEGMENTS}) - 1"},
            {"route_number": tree},
            *generic.STAGES,
        ),
        columns={
            "route": _by_number(settings, lambda route: route.path, generic.TEMPLATE),
            "action": _by_number(settings, lambda route: route.action, generic.ACTION),
            "fields": _by_number(settings, _fields, "NULL"),
            "subject": _subject([_place(*ordered[index]) for index in by_place]),
        },
    )


def _named(expressions: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in expressions.items())


def _method(method: str) -> str:
    return "GET" if method.upper() == "HEAD" else method.upper()


def _specific(template: Template, route: RouteSettings) -> tuple[object, ...]:
    return (template.rank, route.method == "*")


def _place(template: Template, route: RouteSettings) -> Place:
    """Where the data subject stands, as a key that sorts equal places together."""
    kind, _, name = route.subject.partition(":")
    if kind == "path":
        position = template.position(name)
        piece = template.segments[position]
        return ("rest" if piece.rest else "path", position, piece.prefix, piece.suffix)
    return (kind, 0, name, "")


def _fields(route: RouteSettings) -> str | None:
    """Empty where the route is known to show none, and None where its fields are not known."""
    return None if isinstance(route, DescribedRoute) else ",".join(sorted(set(route.fields)))


def _by_number(
    routes: Sequence[RouteSettings], value: Callable[[RouteSettings], str | None], otherwise: str
) -> str:
    """A look-up by the route's number; None is NULL."""
    if not routes:
        return otherwise if otherwise != "NULL" else "NULL::VARCHAR"
    found_values = (value(route) for route in routes)
    values = ", ".join("NULL" if text is None else literal(text) for text in found_values)
    found = f"([{values}]::VARCHAR[])[route_number]"
    return (
        found if otherwise == "NULL" else f"CASE WHEN route_number IS NULL THEN {otherwise} ELSE {found} END"
    )


def _subject(places: Sequence[Place]) -> str:
    cases = ""
    last = 0
    for place, group in groupby(places):
        last += len(list(group))
        cases += f" WHEN route_number <= {last} THEN {_value(place)}"
    return f"CASE{cases} END" if cases else "NULL::VARCHAR"


def _value(place: Place) -> str:
    kind, position, before, behind = place
    if kind == "token":
        return "actor"
    if kind == "query":
        return query_value(before)
    if kind == "rest":
        return f"nullif(array_to_string({SEGMENTS}[{position + 2}:], '/'), '')"
    if kind == "path":
        column = segment(position)
        around = len(before) + len(behind)
        return f"substr({column}, {len(before) + 1}, length({column}) - {around})" if around else column
    return "NULL"
