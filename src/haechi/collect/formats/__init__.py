"""The registry of formats, from the most specific to the most general: the first that knows a unit reads it."""

from __future__ import annotations

from haechi.collect.formats import caddy_json, combined, envoy_json, json_lines, nginx_json
from haechi.collect.interface import Format

FORMATS: tuple[Format, ...] = (
    caddy_json.FORMAT,
    envoy_json.FORMAT,
    nginx_json.FORMAT,
    combined.FORMAT,
    json_lines.FORMAT,
)
