"""The request target, as logs write it, cut into decoded segments: SQL stages that the routes build on.

Most requests are plain, and a few cheap tests keep them off the costly expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from haechi.collect.routes.tree import literal

SEGMENTS = "route_parts"  # VARCHAR[]: '' and then the segments, so that '/a/b' is ['', 'a', 'b']

# "https://host:443/a", as proxies and load balancers write it (absolute form, RFC 9112 section 3.2.2).
_ABSOLUTE = "'^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*/?'"
# "api/members/5": some applications leave the first slash out. Other text without one is no path.
_RELATIVE = r"'^[\w.~%-]*\w[\w.~%-]*/'"

_TARGET = f"""CASE WHEN starts_with(path, '/') THEN path
    WHEN regexp_matches(path, {_ABSOLUTE}) THEN regexp_replace(path, {_ABSOLUTE}, '/')
    WHEN regexp_matches(path, {_RELATIVE}) THEN '/' || path END"""

# A fragment is never sent by a browser; a hostile client can send anything.
_PATH = """CASE WHEN contains(route_target, '#') THEN regexp_extract(route_target, '^[^?#]*')
    WHEN contains(route_target, '?') THEN left(route_target, instr(route_target, '?') - 1)
    ELSE route_target END"""
_WHOLE_QUERY = r"^[^?#]*\?([^#]*)"
_QUERY_HEAD = r"^[^?#]*\?(?:[^#]*?&)?"
_VALUE = r"=([^&#]*)"

_ODD = """contains(route_path, '%') OR contains(route_path, '//') OR contains(route_path, '/.')
    OR contains(route_path, ';')"""
# Matrix parameters go before escapes are decoded, so that an escaped ';' stays. An escape that is not UTF-8
# leaves its segment as it was written. An escaped slash separates nothing, so it stays escaped.
_DECODED = """list_filter(
    list_transform(
        string_split(route_path, '/'),
        lambda s: replace(coalesce(TRY(url_decode(split_part(s, ';', 1))), split_part(s, ';', 1)), '/', '%2F')
    ),
    lambda s: s NOT IN ('', '.')
)"""
# RFC 3986 section 5.2.4: '..' takes the segment before it away. The first item, '', is the root and stays.
_RESOLVED = f"""array_to_string(list_reduce(
    list_transform({_DECODED}, lambda s: [s]),
    lambda kept, s: CASE WHEN s = ['..'] THEN kept[:greatest(len(kept) - 1, 1)] ELSE list_concat(kept, s) END,
    ['']
), '/')"""
# '/a/b' without a last slash; '' for the root.
_FLAT = f"""CASE WHEN {_ODD} THEN {_RESOLVED}
    WHEN ends_with(route_path, '/') THEN left(route_path, length(route_path) - 1)
    ELSE route_path END"""

# A method that is not told counts as GET, as the reading of a page is what most requests are.
_METHOD = """CASE WHEN method = 'GET' THEN method WHEN method IN ('', '-') OR method IS NULL THEN 'GET'
    WHEN upper(method) = 'HEAD' THEN 'GET' ELSE upper(method) END"""

STAGES: tuple[Mapping[str, str], ...] = (
    {"route_target": _TARGET, "route_method": _METHOD},
    {"route_path": _PATH},
    {"route_flat": _FLAT},
    {SEGMENTS: "string_split(route_flat, '/')"},
)


def query_value(name: str) -> str:
    """The first value that the query gives a name, decoded; NULL where it gives none, or an empty one."""
    quick = f"regexp_extract(route_target, {literal(_QUERY_HEAD + re.escape(name) + _VALUE)}, 1)"
    # The name itself may be written with escapes. Then each pair is decoded and compared.
    pairs = f"string_split(regexp_extract(route_target, {literal(_WHOLE_QUERY)}, 1), '&')"
    named = f"coalesce(TRY(url_decode(split_part(pair, '=', 1))), '') = {literal(name)}"
    slow = f"split_part(list_filter({pairs}, lambda pair: {named})[1], '=', 2)"
    raw = f"coalesce(nullif({quick}, ''), CASE WHEN contains(route_target, '%') THEN {slow} END)"
    spaced = f"replace({raw}, '+', ' ')"
    return f"nullif(coalesce(TRY(url_decode({spaced})), {spaced}), '')"
