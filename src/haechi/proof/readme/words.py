"""The sentences of the page that differ from pack to pack, in each language: the files `words.<language>.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

from haechi.proof.manifest import Kind


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Templates.

    what:               what a pack of each kind holds; `part` of a person's records within a span of time
    holds:              what the pack holds, and how many rows
    nothing, no_part:   that there is no record of the person, at all or within a span
    span_*:             the span, by which of its ends are named
    collected:          when the pack's batches were sealed
    alone:              that nobody outside vouches for the log
    witnesses:          who cosigned how much of it; timestamp: how much was timestamped
    covered, uncovered: whether they vouch for all that the pack holds
    look:               where to look for what came after the page was written
    """

    what: dict[Kind, str]
    part: str
    holds: str
    nothing: str
    no_part: str
    span_both: str
    span_from: str
    span_to: str
    collected: str
    alone: str
    witnesses: str
    timestamp: str
    covered: str
    uncovered: str
    look: str

    def span(self, asked: Mapping[str, str]) -> str:
        """The sentence for a span of which `begin`, `end` or both are told; "" for none."""
        if asked["begin"] and asked["end"]:
            return self.span_both
        return self.span_from if asked["begin"] else self.span_to if asked["end"] else ""


@cache
def words(language: str) -> Words:
    text = files("haechi.proof.readme").joinpath(f"words.{language}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Words)
