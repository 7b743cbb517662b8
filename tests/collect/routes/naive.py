"""What the routes' SQL must answer, written the slow and obvious way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from haechi.collect.routes.template import parse
from haechi.model.settings import RouteSettings

Answer = tuple[
    str | None, str | None, str | None
]  # route, action, subject; (None, None, None) if none matches


def decoded(text: str) -> str:
    """Percent escapes read as UTF-8; as it was where they are not."""
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text


def target(path: str | None) -> str | None:
    if path is None:
        return None
    if path.startswith("/"):
        return path
    absolute = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*/?", path)
    if absolute:
        return "/" + path[absolute.end() :]
    return "/" + path if re.match(r"[A-Za-z0-9_.~%-]*[A-Za-z0-9_][A-Za-z0-9_.~%-]*/", path) else None


def segments(path: str | None) -> list[str] | None:
    whole = target(path)
    if whole is None:
        return None
    kept: list[str] = []
    for raw in re.split("[?#]", whole, maxsplit=1)[0].split("/"):
        text = decoded(raw.split(";")[0]).replace("/", "%2F")
        if text == "..":
            kept = kept[:-1]
        elif text not in ("", "."):
            kept.append(text)
    return kept


def query(path: str, name: str) -> str | None:
    whole = (target(path) or "").split("#")[0]
    pairs = [pair.partition("=") for pair in whole.partition("?")[2].split("&")]
    plain = [value for key, equals, value in pairs if equals and key == name]
    escaped = [pair for pair in pairs if decoded(pair[0]) == name]
    found = plain[0] if plain and plain[0] else None
    if found is None and "%" in whole and escaped:
        found = escaped[0][2].split("=")[0] if escaped[0][1] else ""
    return decoded(found.replace("+", " ")) or None if found else None


def answer(
    routes: Sequence[RouteSettings], path: str | None, method: str | None, actor: str | None
) -> Answer:
    asked = "GET" if method in (None, "", "-") else str(method).upper()
    asked = "GET" if asked == "HEAD" else asked
    parts = segments(path)
    if path is None or parts is None:
        return (None, None, None)
    for route in sorted(routes, key=lambda r: (parse(r.path).rank, r.method == "*")):
        template = parse(route.path)
        wanted = "GET" if route.method.upper() == "HEAD" else route.method.upper()
        if wanted not in ("*", asked) or not template.matches(parts):
            continue
        kind, _, name = route.subject.partition(":")
        subject: str | None = None
        if kind == "token":
            subject = actor
        elif kind == "query":
            subject = query(path, name)
        elif kind == "path":
            at = template.position(name)
            piece = template.segments[at]
            subject = "/".join(parts[at:]) or None if piece.rest else piece.value(parts[at])
        return (route.path, route.action, subject)
    return (None, None, None)
