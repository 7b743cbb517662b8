"""What to call a request that no route matches: a template made from its own path, and an action by its
method.

Without this, a page asked for with a million ids would be a million pages. Segments that look like ids become
`{id}`; a file extension stays.
"""

from __future__ import annotations

from collections.abc import Mapping

from haechi.collect.routes.request import SEGMENTS
from haechi.collect.routes.tree import literal

LONGEST = 200  # characters of a made-up template; more is cut, so that garbage stays small
CUT = "{rest...}"

# One alternative each, on a whole segment.
ID_LOOKS: tuple[str, ...] = (
    r"[0-9]+",
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",  # UUID, RFC 9562
    r"[0-9A-Fa-f]{16,}",
    r"[^@]+@[^@]+\.[^@]+",  # e-mail
    r"\+?[0-9][0-9 .()-]{5,}[0-9]",  # telephone, date, IPv4 address
    r"[A-Za-z]{1,10}[_-]?[0-9]{5,}",  # usr_12345, ORD20250101
    r"eyJ[\w-]+\.[\w-]+\.?[\w-]*",  # JWT: '{"' in base64url
)
EXTENSION = r"\.[A-Za-z][A-Za-z0-9]{0,4}"
_ID = literal(f"(?:{'|'.join(ID_LOOKS)})(?:{EXTENSION})?")

# Long random text in the base64url alphabet: letters and digits change more than once, and no whole word
# stands between two separators, as it does in the title of an article.
RANDOM = r"[A-Za-z0-9_=-]{20,}"
CHANGES = r"[0-9].*[A-Za-z].*[0-9]"
WORD = r"(?:^|[-_])[A-Za-z]?[a-z]{3,}(?:[-_]|$)"
_RANDOM = f"""length(s) >= 20 AND regexp_full_match(s, {literal(RANDOM)})
    AND regexp_matches(s, {literal(CHANGES)}) AND NOT regexp_matches(s, {literal(WORD)})"""

# The cheap tests first: few segments come as far as the last ones. Matching alone is several times faster
# than replacing, so the extension is cut out only where an id was found.
_DIGIT_FIRST = "s >= '0' AND s < ':'"
_SEGMENT = f"""CASE
    WHEN length(s) < 5 AND NOT ({_DIGIT_FIRST}) THEN s
    WHEN {_DIGIT_FIRST} AND regexp_full_match(s, '[0-9]+') THEN '{{id}}'
    WHEN NOT regexp_matches(s, '[0-9@]') THEN s
    WHEN regexp_full_match(s, {_ID}) THEN
        CASE WHEN contains(s, '@') OR starts_with(s, 'eyJ') THEN '{{id}}'
        ELSE '{{id}}' || regexp_extract(s, {literal(EXTENSION + "$")}) END
    WHEN {_RANDOM} THEN '{{id}}'
    ELSE s END"""

LOGIN = ("login", "signin", "sign-in", "log-in")
LOGOUT = ("logout", "signout", "sign-out", "log-out")
EXPORT = ("export", "download")
_LAST = f"lower({SEGMENTS}[-1])"


def _any(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(literal(word) for word in words) + ")"


ACTION = f"""CASE
    WHEN {_LAST} IN {_any(LOGIN)} THEN 'login'
    WHEN {_LAST} IN {_any(LOGOUT)} THEN 'logout'
    WHEN {_LAST} IN {_any(EXPORT)} OR ends_with({_LAST}, '.csv') OR ends_with({_LAST}, '.xlsx') THEN 'export'
    WHEN route_method = 'GET' THEN 'view'
    WHEN route_method = 'POST' THEN 'create'
    WHEN route_method IN ('PUT', 'PATCH') THEN 'update'
    WHEN route_method = 'DELETE' THEN 'delete'
    ELSE 'other' END"""


# Most paths hold no digit and no '@', hence no id: they are their own template. A list function works on
# every row that it is handed, so the other rows hand it nothing.
_DOUBTFUL = "route_number IS NULL AND regexp_matches(route_flat, '[0-9@]')"

# CASE skips its branch where no row of a vector wants it; a list function alone would be set up for nothing.
STAGES: tuple[Mapping[str, str], ...] = (
    {"route_doubtful": f"CASE WHEN {_DOUBTFUL} THEN {SEGMENTS} END"},
    {
        "route_made": f"""CASE WHEN route_doubtful IS NOT NULL
    THEN array_to_string(list_transform(route_doubtful, lambda s: {_SEGMENT}), '/') END"""
    },
)

TEMPLATE = f"""CASE WHEN route_flat = '' THEN '/'
    WHEN length(coalesce(route_made, route_flat)) > {LONGEST}
        THEN left(coalesce(route_made, route_flat), {LONGEST - len(CUT)}) || '{CUT}'
    ELSE coalesce(route_made, route_flat) END"""
