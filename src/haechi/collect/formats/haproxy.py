"""HAProxy's HTTP log, behind a syslog prefix or not, and its connection errors.

https://docs.haproxy.org/3.0/configuration.html#8.2.3 and #8.2.5. The time carries no zone.
"""

from __future__ import annotations

import re

from haechi.collect import framing
from haechi.collect.expressions import absent, time_expression
from haechi.collect.formats.line_family import groups, matching_share, values_of
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

# What stands before the address: nothing, or a syslog header that ends in "haproxy[123]: ".
_HEAD = r"^(?:.*haproxy\[\d+\]: )?(\S+):(\d+) \[(\d{1,2}/\w{3}/\d{4}:[\d:.]+)\] "
_REQUEST = (
    _HEAD + r"(\S+) ([^\s/]+)/(\S+) [-\d/+]+ (\d{3}|-1) \+?(\d+) \S+ \S+ \S+ [\d/+]+ [\d/]+ (?:\{.*\} )?"
    r'"([^"]*)"?\s*$'
)
_ERROR = _HEAD + r"([^\s/]+)/([^\s:]+): (.+?)\s*$"
_LINE = re.compile(
    _HEAD.replace(r"(\d{1,2}/\w{3}/\d{4}:[\d:.]+)", r"(?P<time>\d{1,2}/\w{3}/\d{4}:[\d:.]+)") + r"\S+[ /]"
)


class HaproxyFormat:
    """`CLIENT:PORT [TIME] FRONTEND BACKEND/SERVER TIMERS STATUS BYTES ... "METHOD PATH PROTOCOL"`."""

    name = "haproxy"
    title = "HAProxy HTTP"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        return matching_share(sample, _LINE)

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        time, note = time_expression("clock", values_of(sample, _LINE), source.timezone)
        names = ("ip", "port", "clock", "frontend", "backend", "server", "status", "bytes", "request")
        return Projection(
            stages=(
                {
                    "r": groups(_REQUEST, names),
                    "e": groups(_ERROR, ("ip", "port", "clock", "frontend", "server", "message")),
                },
                {"refused": "r.ip = '' AND e.ip <> ''", "words": "string_split(r.request, ' ')"},
                {"clock": "CASE WHEN refused THEN e.clock ELSE r.clock END", "http": "len(words) = 3"},
            ),
            columns={
                "time": time,
                "client_ip": "CASE WHEN refused THEN e.ip ELSE r.ip END",
                "host": "rtrim(CASE WHEN refused THEN e.frontend ELSE r.frontend END, '~')",
                "node": absent(r"regexp_extract(line, '(\S+) haproxy\[\d+\]: ', 1)"),
                "method": "CASE WHEN http THEN words[1] END",
                "path": absent("CASE WHEN http THEN words[2] ELSE r.request END"),
                "status": absent("r.status", "-1"),
                "bytes": "r.bytes",
                # A connection that never became a request: the client was there, and got nothing.
                "action": "CASE WHEN refused THEN 'other' END",
                "outcome": "CASE WHEN refused THEN 'failure' END",
            },
            readable="r.ip <> '' OR e.ip <> ''",
            reason="not a whole line of an HAProxy log",
            notes=(note,) if "no zone" in note else (),
        )


FORMAT = HaproxyFormat()
