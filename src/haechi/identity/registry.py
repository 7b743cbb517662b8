"""The kinds of systems that can be listed, by their names in haechi.toml."""

from __future__ import annotations

from haechi.identity.interface import Source
from haechi.identity.sources.scim import Scim

_ALL: tuple[Source, ...] = (Scim(),)

SOURCES: dict[str, Source] = {source.kind: source for source in _ALL}
