"""Caddy's access log (its JSON encoder). https://caddyserver.com/docs/logging"""

from __future__ import annotations

from haechi.collect.formats.json_family import JsonLinesFormat

FORMAT = JsonLinesFormat(
    name="caddy-json",
    title="Caddy JSON",
    needed=(
        ("ts",),
        ("request.uri", "request.method"),
        ("request.remote_ip", "request.remote_addr", "request.client_ip"),
    ),
    aliases={
        "time": ("ts",),
        "client_ip": ("request.client_ip", "request.remote_ip", "request.remote_addr"),
        "method": ("request.method",),
        "path": ("request.uri",),
        "status": ("status",),
        "bytes": ("size",),
        "client": ("request.headers.User-Agent[0]",),
        "host": ("request.host",),
        "actor": ("user_id",),
        "credential_secret": ("request.headers.Authorization[0]",),
    },
)
