"""AWS Application Load Balancer access logs.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
Fields were added at the end over the years, so the first twelve and the quoted ones are read by their place.
"""

from __future__ import annotations

import re

from haechi.collect import framing
from haechi.collect.expressions import absent, time_expression
from haechi.collect.formats.line_family import matching_share, values_of
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_LINE = re.compile(
    r"(?:https?|h2|grpcs?|wss?) (?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z) (?:\S+ ){6}(?:\d{3}|-) (?:\d{3}|-) "
    r'-?\d+ -?\d+ "'
)
_TYPES = "('http', 'https', 'h2', 'grpc', 'grpcs', 'ws', 'wss')"


class AlbFormat:
    """`TYPE TIME ELB CLIENT:PORT TARGET:PORT ... STATUS TARGET_STATUS RECEIVED SENT "REQUEST" "AGENT" ...`"""

    name = "alb"
    title = "AWS ALB"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        return matching_share(sample, _LINE)

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        time, _ = time_expression("head[2]", values_of(sample, _LINE), source.timezone)
        return Projection(
            stages=(
                {"quoted": "string_split(line, '\"')"},
                {"head": "string_split(rtrim(quoted[1]), ' ')", "request": "string_split(quoted[2], ' ')"},
                # METHOD SCHEME://HOST:PORT/PATH PROTOCOL; what was no HTTP is written "- http://host:80- -".
                {"asked": "array_to_string(request[2:len(request) - 1], ' ')"},
            ),
            columns={
                "time": time,
                "client_ip": absent(r"regexp_replace(head[4], '^\[?(.*?)\]?(:\d+)?$', '\1')"),
                "host": absent(r"regexp_extract(asked, '^[a-z0-9]+://(\[[^\]]*\]|[^:/?]*)', 1)"),
                "method": absent("request[1]"),
                "path": absent(r"regexp_replace(asked, '^[a-z0-9]+://[^/?]*', '')"),
                "status": "head[9]",
                "bytes": "head[12]",
                "client": absent("quoted[4]"),
                "node": "head[3]",
            },
            readable=f"head[1] IN {_TYPES} AND len(head) = 12 AND len(request) >= 3 AND len(quoted) >= 5",
            reason="not a whole line of an AWS ALB log",
        )


FORMAT = AlbFormat()
