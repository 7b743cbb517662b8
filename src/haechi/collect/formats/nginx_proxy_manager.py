"""Nginx Proxy Manager's two access logs: its proxy hosts' own, and one that names host and address first."""

from __future__ import annotations

import re

from haechi.collect import framing
from haechi.collect.expressions import absent, time_expression
from haechi.collect.formats.line_family import groups, matching_share, values_of
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_TIME = r"^\[(\d{1,2}/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
_VALUE = r'"((?:[^"\\]|\\.)*)"'
# [TIME] [CACHE] [UPSTREAM] STATUS - METHOD SCHEME HOST "PATH" [Client IP] [Length N] ... "AGENT" "REFERER"
_PROXY = (
    _TIME + r"(?:\S+ )*?(\d{3}) - (\S+) (\S+) (\S+) " + _VALUE + r" \[Client ([^\]]*)\] \[Length ([^\]]*)\]"
    r"(?: \[[^\]]*\])* " + _VALUE + " " + _VALUE + r"\s*$"
)
# [TIME] HOST IP SECONDS "METHOD PATH PROTOCOL" STATUS BYTES RECEIVED REFERER AGENT
_DIRECT = _TIME + r'(\S+) (\S+) [\d.]+ "(.*)" (\d{3}) (\d+) (\d+|-) (\S+) (.*?)\s*$'
_LINE = re.compile(
    _TIME.replace("(", "(?P<time>", 1)
    + r"(?:(?:\S+ )*?\d{3} - \S+ \S+ \S+ \".*\" \[Client |\S+ \S+ [\d.]+ \".*\" \d{3} )"
)


class NginxProxyManagerFormat:
    """Both shapes begin with the time; `[Client ...]` tells them apart."""

    name = "nginx-proxy-manager"
    title = "Nginx Proxy Manager"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        return matching_share(sample, _LINE)

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        time, _ = time_expression("clock", values_of(sample, _LINE), source.timezone)
        proxy = ("clock", "status", "method", "scheme", "host", "path", "ip", "length", "agent", "referer")
        direct = ("clock", "host", "ip", "request", "status", "bytes", "received", "referer", "agent")
        return Projection(
            stages=(
                {"p": groups(_PROXY, proxy), "d": groups(_DIRECT, direct)},
                {
                    "proxied": "p.clock <> ''",
                    "http": r"regexp_extract(d.request, '^(\S+) (.*) HTTP/[\d.]+$', ['method', 'path'])",
                },
                {"clock": "CASE WHEN proxied THEN p.clock ELSE d.clock END"},
            ),
            columns={
                "time": time,
                "client_ip": absent("CASE WHEN proxied THEN p.ip ELSE d.ip END"),
                "host": absent("CASE WHEN proxied THEN p.host ELSE d.host END"),
                "method": absent("CASE WHEN proxied THEN p.method ELSE http.method END"),
                "path": (
                    "CASE WHEN proxied THEN p.path WHEN http.method <> '' THEN http.path ELSE d.request END"
                ),
                "status": "CASE WHEN proxied THEN p.status ELSE d.status END",
                "bytes": absent("CASE WHEN proxied THEN p.length ELSE d.bytes END"),
                "client": absent("CASE WHEN proxied THEN p.agent ELSE d.agent END"),
            },
            readable="p.clock <> '' OR d.clock <> ''",
            reason="not a whole line of a Nginx Proxy Manager log",
        )


FORMAT = NginxProxyManagerFormat()
