"""Apache and nginx access logs in the common and the combined format, with or without a virtual host before them.

https://httpd.apache.org/docs/2.4/logs.html and nginx's predefined `combined`. The line is split at its double quotes,
which is several times faster than a regular expression with a group for each value. An escaped quote inside a value
(Apache writes `\\"`) is put out of the way first.
"""

from __future__ import annotations

import re

from haechi.collect import framing
from haechi.collect.expressions import absent, time_expression
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_LINE = re.compile(
    r'^(?:\S+ )?(?P<ip>\S+) \S+ (?:.*? )?\[(?P<time>[^\]]+)\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)'
    r'(?:\s*$| "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*".*$)'
)
_SAMPLE_LINES = 500


class CombinedFormat:
    """`ADDRESS IDENT USER [TIME] "METHOD PATH PROTOCOL" STATUS BYTES ["REFERER" "USER AGENT" ...]`."""

    name = "combined"
    title = "Apache/nginx common or combined"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        lines = sample.lines[:_SAMPLE_LINES]
        return sum(1 for line in lines if _LINE.match(line)) / len(lines) if lines else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        times = [m["time"] for m in map(_LINE.match, sample.lines[:_SAMPLE_LINES]) if m]
        time, note = time_expression("clock", times[:50], source.timezone)
        return Projection(
            stages=(
                {"escaped": "contains(line, chr(92))"},
                {"p": _SPLIT},
                {
                    "head": "string_split(p[1], ' ')",  # before the request: ADDRESS IDENT USER [TIME ZONE]
                    "tail": f"string_split({_AFTER}, ' ')",  # '', STATUS, BYTES, ''
                    "asked": _restored("p[2]"),
                    "agent": _restored("p[6]"),
                    "quotes": "len(p)",
                },
                {
                    "code": "TRY_CAST(tail[2] AS INTEGER)",
                    "sent": "CASE tail[3] WHEN '-' THEN 0 ELSE TRY_CAST(tail[3] AS BIGINT) END",
                    "words": "len(head)",
                    "space": "instr(asked, ' ')",
                    "ending": _PROTOCOL,
                },
                {
                    "clock": "substr(head[words - 2], 2) || ' ' || rtrim(head[words - 1], ']')",
                    # Seven words: a virtual host stands first, unless IDENT ("-") does. Five: no USER at all.
                    "hosted": "words = 7 AND head[2] <> '-'",
                },
            ),
            columns={
                "time": time,
                "client_ip": "CASE WHEN hosted THEN head[2] ELSE head[1] END",
                "host": "CASE WHEN hosted THEN head[1] END",
                "actor": absent(
                    "CASE WHEN words = 5 THEN NULL WHEN words = 6 THEN head[3] WHEN hosted THEN head[4] "
                    "ELSE array_to_string(head[3:words - 3], ' ') END"
                ),
                "method": "CASE WHEN space > 0 AND ending > 0 THEN left(asked, space - 1) END",
                "path": "CASE WHEN ending > 0 THEN substr(asked, space + 1, ending - space) ELSE asked END",
                "status": "code",
                "bytes": "sent",
                "client": absent("agent"),
            },
            readable=(
                "(quotes = 3 OR quotes >= 7 AND quotes % 2 = 1) AND words >= 5 AND left(head[words - 2], 1) = '[' "
                "AND strlen(tail[2]) = 3 AND code IS NOT NULL AND sent IS NOT NULL"
            ),
            reason="not a whole line of the common or combined format",
            notes=(note,) if "no zone" in note else (),
        )


# `\\\\` and `\\"` are put out of the way as control characters, which neither server writes unescaped.
_SPLIT = (
    "string_split(CASE WHEN escaped "
    "THEN replace(replace(line, '\\\\', chr(2)), '\\\"', chr(1)) ELSE line END, '\"')"
)
# Only in the common format the line ends here. Trimming costs as much as splitting, so it is done where it is needed.
_AFTER = "CASE WHEN ends_with(p[3], ' ') THEN p[3] ELSE rtrim(p[3], chr(10) || chr(13)) END"
# Where the path ends: before " HTTP/1.1" or " HTTP/2"; 0 where the request line has no protocol (not HTTP at all).
_PROTOCOL = (
    "CASE WHEN substr(asked, -9, 6) = ' HTTP/' THEN len(asked) - 9 "
    "WHEN substr(asked, -7, 6) = ' HTTP/' THEN len(asked) - 7 ELSE 0 END"
)


def _restored(value: str) -> str:
    return (
        f"CASE WHEN escaped THEN replace(replace({value}, chr(1), '\\\"'), chr(2), '\\\\') ELSE {value} END"
    )


FORMAT = CombinedFormat()
