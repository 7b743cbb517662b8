"""The span of time of a question in words: in the zone of whoever asked, and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo

from haechi.model.times import moment
from haechi.proof.manifest import Told
from haechi.proof.rows import time_text
from haechi.report.figures import local
from haechi.workspace.times import zone


def bounds(asked: Mapping[str, Told]) -> tuple[str | None, str | None]:
    """Begin and end (which is outside) of what was asked, as a reader's clock told them; None: open.

    The zone is the one that the question names; a pack may name anything there, and what is no zone is UTC.
    """
    named = asked.get("zone")
    place = (zone(named) if isinstance(named, str) else None) or UTC
    begin, end = asked.get("from"), asked.get("to")
    return (
        clock(begin, place) if isinstance(begin, int) else None,
        clock(end, place) if isinstance(end, int) else None,
    )


def clock(micros: int, place: tzinfo) -> str:
    """`2025-06-24 00:00:00 Asia/Seoul (2025-06-23 15:00:00 UTC)`, with microseconds where there are any."""
    time = moment(micros)
    if time is None:
        return time_text(micros)
    there, utc = (text.replace(tzinfo=None).isoformat(" ") for text in (local(time, place), time))
    return f"{utc} UTC" if str(place) == "UTC" else f"{there} {place} ({utc} UTC)"


def in_words(asked: Mapping[str, Told]) -> str:
    """`from ... up to, but not including, ...`; "" where no span was asked for."""
    begin, end = bounds(asked)
    parts = [f"from {begin}"] if begin else []
    parts += [f"up to, but not including, {end}"] if end else []
    return " ".join(parts)
