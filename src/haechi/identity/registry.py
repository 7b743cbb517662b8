"""The kinds of systems that can be listed, and of probes that can be asked, by their names in haechi.toml."""

from __future__ import annotations

from haechi.identity.interface import Source

SOURCES: dict[str, Source] = {}
