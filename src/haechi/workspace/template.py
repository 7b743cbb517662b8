"""Route templates: `/members/{id}/addresses`.

A segment is text, `{name}`, or `{name}` with text before or after it (`{id}.json`). A last `{name...}`
matches all that is left, which may be nothing. Templates stand for paths without query, host, empty segments
and escapes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from haechi.model.errors import SettingsError

_SEGMENT = re.compile(r"(?P<prefix>[^{}]*)\{(?P<name>[^{}./?#]+)(?P<rest>\.\.\.)?\}(?P<suffix>[^{}]*)")


@dataclass(frozen=True)
class Segment:
    """One piece of a template. `name` is empty for text, which then stands in `prefix`."""

    prefix: str = ""
    name: str = ""
    suffix: str = ""
    rest: bool = False

    @property
    def static(self) -> bool:
        return not self.name

    def matches(self, text: str) -> bool:
        """Whether one path segment fits. A parameter stands for at least one character."""
        if self.static:
            return text == self.prefix
        longest = len(text) > len(self.prefix) + len(self.suffix)
        return longest and text.startswith(self.prefix) and text.endswith(self.suffix)

    def value(self, text: str) -> str:
        """What the parameter stands for in a segment that matches."""
        return text[len(self.prefix) : len(text) - len(self.suffix)]

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is more specific: text, then a parameter with text around it (more text first), then any,
        then rest.
        """
        if self.static:
            return (0, 0)
        if self.rest:
            return (3, 0)
        affix = len(self.prefix) + len(self.suffix)
        return (1, -affix) if affix else (2, 0)


@dataclass(frozen=True)
class Template:
    """A parsed template. `segments` leaves out the leading slash; a last `rest` segment matches what is
    left.
    """

    text: str
    segments: tuple[Segment, ...]

    @property
    def open(self) -> bool:
        """Whether it ends in `{name...}`."""
        return bool(self.segments) and self.segments[-1].rest

    @property
    def fixed(self) -> tuple[Segment, ...]:
        """The segments that stand for exactly one path segment."""
        return self.segments[:-1] if self.open else self.segments

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(segment.name for segment in self.segments if segment.name)

    @property
    def shape(self) -> tuple[tuple[str, str, int], ...]:
        """What it matches, apart from the names of its parameters: equal shapes match the same paths."""
        return tuple((s.prefix, s.suffix, s.rank[0]) for s in self.segments)

    @property
    def rank(self) -> tuple[tuple[int, int], ...]:
        """Sort key, the most specific template first, decided from the left."""
        # A template that ends beats an open one that goes on, hence the marker behind the last segment.
        return tuple(s.rank for s in self.segments) + (() if self.open else ((0, 0),))

    def matches(self, parts: Sequence[str]) -> bool:
        """Whether it fits a path that was cut into decoded segments."""
        fixed = self.fixed
        if len(parts) < len(fixed) or (len(parts) > len(fixed) and not self.open):
            return False
        return all(segment.matches(part) for segment, part in zip(fixed, parts, strict=False))

    def position(self, name: str) -> int:
        """Where `{name}` stands, from 0.

        Raises:
            KeyError: the template has no such parameter.
        """
        for index, segment in enumerate(self.segments):
            if segment.name == name:
                return index
        raise KeyError(name)


def parse(path: str) -> Template:
    """Read a template.

    Raises:
        SettingsError: it does not begin with "/", carries a query, has unbalanced braces, a name twice, or
            something behind `{name...}`.
    """
    if not path.startswith("/"):
        raise _bad(path, 'must begin with "/"')
    if "?" in path or "#" in path:
        raise _bad(path, 'must not hold "?" or "#": a query is matched by `subject = "query:NAME"`')
    # Requests are compared decoded; a template copied from an address bar may hold escapes.
    pieces = [unquote(piece) for piece in path.split("/") if piece]
    segments = tuple(_segment(piece, path) for piece in pieces)
    names = [segment.name for segment in segments if segment.name]
    if len(set(names)) != len(names):
        raise _bad(path, "has two parameters of one name")
    for segment in segments[:-1]:
        if segment.rest:
            raise _bad(path, f"has something behind {{{segment.name}...}}, which takes all that is left")
    return Template(path, segments)


def _segment(piece: str, path: str) -> Segment:
    if "{" not in piece and "}" not in piece:
        return Segment(prefix=piece)
    match = _SEGMENT.fullmatch(piece)
    if match is None:
        raise _bad(path, "must have at most one {name} between two slashes, with balanced braces")
    prefix, suffix, rest = match["prefix"], match["suffix"], bool(match["rest"])
    if rest and (prefix or suffix):
        raise _bad(path, f"must have {{{match['name']}...}} alone between slashes")
    return Segment(prefix, match["name"], suffix, rest)


def _bad(path: str, why: str) -> SettingsError:
    return SettingsError(f'The path template "{path}" {why}.', todo="Write it like /members/{id}/addresses.")
