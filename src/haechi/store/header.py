"""The header of a batch: the leaf of the evidence log by which the batch exists.

A leaf is the header in canonical JSON (RFC 8785). It names which bytes of which file became which records, so that
a later run reads on from there, and so that an outsider can tell what is whole and what is missing.
"""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

from haechi.evidence import jcs
from haechi.model.words import Table

CANONICAL = "haechi-record-1"  # the form in which records are hashed; see haechi.store.canonical
MOST_UNITS: Final = 1 << 26  # of one batch: who checks it makes room for so many hashes at once
MOST_NUMBER: Final = 10**10  # batches and compactions are numbered with ten digits

_PERIOD = re.compile(r"\d{4}-\d{2}", re.ASCII)


class FileSpan(msgspec.Struct, frozen=True):
    """The stretch of a file that a batch was made from. Offsets count unpacked bytes.

    A file is known again by content, not by name, since logs are renamed, packed and copied: `head_mac` is over its
    first `head_bytes`, `tail_mac` over the `tail_bytes` before `end`. Both are made with the store's key, since a bare
    hash of a short file could be guessed back.
    """

    stream: str  # the same for every batch of this file
    path: str
    begin: int
    end: int
    head_bytes: int
    head_mac: str
    tail_bytes: int
    tail_mac: str


class BatchHeader(msgspec.Struct, frozen=True):
    number: int
    table: Table
    source: str
    format: str
    file: FileSpan
    line_from: int  # line of the file on which the batch begins, from 1
    line_count: int  # lines of the file it covers
    seq_from: int
    seq_to: int  # inclusive; seq_to - seq_from + 1 = rows + set_aside
    rows: int
    set_aside: int
    first: int | None  # microseconds since 1970 UTC, of the earliest record
    last: int | None
    bytes_sent: int
    raw_bytes: int
    raw_mac: str  # over the raw bytes, made with the store's key
    root: str  # RFC 6962 root over the blinded leaves of all units (docs/evidence.md), hex
    period: str  # whose person-period keys blind the leaves: "2026-11"
    files: dict[str, str]  # SHA-256 of the batch's files: "records", "aside", "raw", "leaves"
    collected: int  # when, microseconds since 1970 UTC
    canonical: str = CANONICAL
    problem: str = ""  # why the file could not be read beyond this batch
    kind: Literal["batch"] = "batch"

    def __post_init__(self) -> None:
        """Raises `ValueError` for what no batch can be: an entry may be anybody's, and names files and sizes."""
        check_number(self.number)
        check_period(self.period)
        check_times(self.first, self.last, self.collected)
        if min(self.rows, self.set_aside, self.raw_bytes, self.seq_from - 1) < 0 or self.seq_to >= 1 << 63:
            raise ValueError("a count or place in it cannot be")
        if self.units != self.rows + self.set_aside or self.units > MOST_UNITS:
            raise ValueError("its units are not its records and lines set aside, or too many")

    @property
    def units(self) -> int:
        """How many leaves the batch's tree has."""
        return self.seq_to - self.seq_from + 1

    def leaf(self) -> bytes:
        return jcs.canonical(msgspec.to_builtins(self))


def check_number(number: int) -> None:
    """Raise `ValueError` for what cannot be the number of a batch or compaction."""
    if not 0 <= number < MOST_NUMBER:
        raise ValueError("a number in it cannot be a batch's")


def check_period(period: str) -> None:
    """Raise `ValueError` for what is no month such as "2026-11": it is the name of a file."""
    if not _PERIOD.fullmatch(period):
        raise ValueError("its period is no month")


def check_times(*times: int | None) -> None:
    """Raise `ValueError` for microseconds that no column of times can hold."""
    if any(time is not None and not -(1 << 63) <= time < 1 << 63 for time in times):
        raise ValueError("a time in it cannot be")
