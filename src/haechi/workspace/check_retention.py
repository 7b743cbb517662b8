"""How long records are kept: what the settings may say of it, and what the law forbids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from haechi.model.settings import RetentionSettings, SourceSettings
from haechi.workspace.positions import Path
from haechi.workspace.read import Complain
from haechi.workspace.units import duration

USUAL = "2y"
LEAST = "1y"
# Registers and lists of people are no access records: what their retention is, only their source says.
GUARDED = ("access", "issuance")
LAW = (
    "access records must be kept for at least a year, and for two by those who hold data of 50,000 persons or more, "
    "unique identifiers or sensitive data (PIPC Notice 2026-9, article 8)"
)


def check_retention(
    retention: RetentionSettings, sources: Sequence[SourceSettings | None], complain: Complain
) -> None:
    """Complain about what is kept too short, and about what is kept otherwise than usual for no reason."""
    path = ("retention",)
    usual = _length(retention.keep, (*path, "keep"), complain, guarded=True)
    if usual not in (None, duration(USUAL)) and not retention.keep_reason.strip():
        complain(path, f'keeps records for another time than {USUAL} and gives no "keep-reason".')
    for number, source in enumerate(sources):
        if source is None:
            continue
        _source(source, ("source", number), usual, complain)


def _source(source: SourceSettings, path: Path, usual: timedelta | None, complain: Complain) -> None:
    guarded = source.table in GUARDED
    if not source.keep:
        if source.keep_reason:
            complain((*path, "keep-reason"), 'gives a reason, but there is no "keep" that it is for.')
        return
    keep = _length(source.keep, (*path, "keep"), complain, guarded=guarded)
    if keep is None or source.keep_reason.strip() or (guarded and usual in (None, keep)):
        return
    complain((*path, "keep"), 'differs from what is usual: "keep-reason" must give the legal reason.')


def _length(text: str, path: Path, complain: Complain, *, guarded: bool) -> timedelta | None:
    try:
        length = duration(text)
    except ValueError as error:
        complain(path, f"is {error}.")
        return None
    if guarded and length < duration(LEAST):
        complain(path, f"is less than {LEAST} (366 days): {LAW}.")
        return None
    if not length:
        complain(path, "keeps nothing.")
        return None
    return length
