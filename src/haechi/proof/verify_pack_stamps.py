"""The timestamps in a pack: that the log had its head at a time which an outside authority tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm

from haechi.evidence import timestamp
from haechi.evidence.checkpoint import Checkpoint
from haechi.model.errors import EvidenceError, StoreError
from haechi.proof import manifest as names
from haechi.proof.verdict import State, Verdict
from haechi.proof.verify_pack_log import Base
from haechi.report.figures import count


def check_timestamps(base: Base, roots: bytes | None, now: datetime | None) -> Iterator[Verdict]:
    """Each timestamp with the head that it is of. `roots`: PEM certificates; None: nobody said whom to trust."""
    stamps = [
        name for name in base.archive.names if name.startswith(names.STAMPED) and name.endswith(names.TSR)
    ]
    for name in stamps:
        yield _check(base, name, roots, now)
    if roots is not None and not stamps:
        yield _told("unknown", "the pack holds no timestamp", "")


def _check(base: Base, name: str, roots: bytes | None, now: datetime | None) -> Verdict:
    try:
        point = Checkpoint.parse(base.archive.read(name.removesuffix(names.TSR)).decode())
        fits = point.origin == base.point.origin and base.continues(point.size, point.root)
    except (EvidenceError, StoreError, UnicodeDecodeError):
        return _told("altered", "the head that a timestamp is of cannot be read", name)
    if roots is None:
        return _told(
            "unknown",
            "a timestamp was not checked: name the authority's certificates with --timestamp-roots",
            name,
        )
    try:
        stamp = timestamp.verify(base.archive.read(name), point.body, roots, now)
    except EvidenceError as error:
        return _told("altered", error.what, name)
    except (ValueError, UnsupportedAlgorithm):  # a damaged answer whose outer shell can be read
        return _told("altered", "a timestamp does not hold: it cannot be read", name)
    when = f"{stamp.time:%Y-%m-%d %H:%M:%S} UTC"
    if not fits:
        return _told(
            "forked",
            f"a head of {count(point.size, 'entry')} that was timestamped at {when} is none that the log in "
            "the pack continues",
            name,
        )
    return _told(
        "whole",
        f"the log had its first {count(point.size, 'entry')} at {when}: {stamp.authority} says so",
        name,
    )


def _told(state: State, sentence: str, where: str) -> Verdict:
    return Verdict("timestamp", state, sentence, where)
