"""Error logs of nginx and Apache, as far as they tell of a client: requests and logins that failed.

nginx:  `2025/01/02 03:04:05 [error] 12#12: *34 user "kim": password mismatch, client: 192.0.2.1, ...`
Apache: `[Thu Jan 02 03:04:05.123456 2025] [auth_basic:error] [pid 1] [client 192.0.2.1:5678] AH01618: ...`
Neither carries a zone. A request that also stands in the access log is a record of its own here: it says why.
"""

from __future__ import annotations

import re

from haechi.collect import framing
from haechi.collect.expressions import absent, time_expression
from haechi.collect.formats.line_family import groups, matching_share, values_of
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_NGINX_HEAD = r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[\w+\] \d+#\d+: "
_NGINX = r"^(?:(.*) )?" + _NGINX_HEAD + r"(?:\*\d+ )?(.*?), client: ([^,\s]+)(.*?)\s*$"
_NGINX_LINE = re.compile(r"(?:<\d+>.*? |\S.* )?" + _NGINX_HEAD.replace("(", "(?P<time>", 1))
_APACHE_HEAD = r"^\[(\w{3} \w{3} +\d{1,2} [\d:.]+ \d{4})\] \[[\w.:-]+\] "
_APACHE = _APACHE_HEAD + r"(?:\[pid [^\]]*\] )?(.*?)\[client ([^\]]+?)(?::\d+)?\] (.*?)\s*$"
_APACHE_LINE = re.compile(_APACHE_HEAD.replace("(", "(?P<time>", 1))
_DENIED = "'user .*(not found|mismatch|authentication failure)|was not found in|no user/password'"


class NginxErrorFormat:
    """nginx's error log, behind a syslog prefix or not."""

    name = "nginx-error"
    title = "nginx error log"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        return matching_share(sample, _NGINX_LINE)

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        time, note = time_expression("m.clock", values_of(sample, _NGINX_LINE), source.timezone)
        return Projection(
            stages=(
                {"m": groups(_NGINX, ("head", "clock", "message", "ip", "rest"))},
                {"asked": groups(r', request: "(\S+) (.*?)(?: HTTP/[\d.]+)?"', ("method", "path"), "m.rest")},
            ),
            columns={
                "time": time,
                "client_ip": "m.ip",
                "host": absent("""regexp_extract(m.rest, ', host: "([^"]*)"', 1)"""),
                "node": absent(r"regexp_extract(m.head, '^<\d+>\d+ \S+ (\S+) ', 1)"),
                "actor": absent("""regexp_extract(m.message, '^user "([^"]*)"', 1)"""),
                "method": absent("asked.method"),
                "path": absent("asked.path"),
                "action": f"CASE WHEN regexp_matches(m.message, {_DENIED}) THEN 'login' END",
                "outcome": "'failure'",
            },
            readable="m.clock <> ''",
            reason="not a line of an nginx error log that tells of a client",
            notes=(note,) if "no zone" in note else (),
        )


class ApacheErrorFormat:
    """Apache's error log (2.4's default format)."""

    name = "apache-error"
    title = "Apache error log"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        return matching_share(sample, _APACHE_LINE)

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        time, note = time_expression("m.clock", values_of(sample, _APACHE_LINE), source.timezone)
        return Projection(
            prepare={"m": groups(_APACHE, ("clock", "before", "ip", "message"))},
            columns={
                "time": time,
                "client_ip": "m.ip",
                "actor": absent(
                    r"regexp_extract(m.message, '\buser (\S+?):? (?:not found|in realm|authentication)', 1)"
                ),
                # "user kim not found: /private": what was asked stands at the end of messages about users.
                "path": absent(r"regexp_extract(m.message, '\buser .*: (/\S*)', 1)"),
                "action": f"CASE WHEN regexp_matches(m.message, {_DENIED}) THEN 'login' END",
                "outcome": "'failure'",
            },
            readable="m.clock <> ''",
            reason="not a line of an Apache error log that tells of a client",
            notes=(note,) if "no zone" in note else (),
        )


NGINX = NginxErrorFormat()
APACHE = ApacheErrorFormat()
