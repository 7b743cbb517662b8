"""The header of a batch: the leaf of the evidence log by which the batch exists.

A leaf is the header in canonical JSON (RFC 8785). It names which bytes of which file became which records, so that
a later run reads on from there, and so that an outsider can tell what is whole and what is missing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from haechi.evidence import jcs
from haechi.model.errors import StoreError
from haechi.model.words import Table

CANONICAL = "haechi-record-1"  # the form in which records are hashed; see haechi.store.canonical


class FileSpan(msgspec.Struct, frozen=True):
    """The stretch of a file that a batch was made from. Offsets count unpacked bytes.

    A file is known again by content, not by name, since logs are renamed, packed and copied: `head_sha256` is over
    its first `head_bytes`, `tail_sha256` over the `tail_bytes` before `to`.
    """

    stream: str  # the same for every batch of this file
    path: str
    begin: int
    end: int
    head_bytes: int
    head_sha256: str
    tail_bytes: int
    tail_sha256: str


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
    raw_sha256: str
    root: str  # RFC 6962 root over the records in canonical form, hex
    aside_root: str
    collected: int  # when, microseconds since 1970 UTC
    canonical: str = CANONICAL
    problem: str = ""  # why the file could not be read beyond this batch
    kind: Literal["batch"] = "batch"

    def leaf(self) -> bytes:
        return jcs.canonical(msgspec.to_builtins(self))


class _Kind(msgspec.Struct):
    kind: str


def parse_leaf(leaf: bytes, index: int) -> BatchHeader | None:
    """The header in a leaf, or None for a leaf of another kind. A leaf that is no JSON is a `StoreError`."""
    try:
        if msgspec.json.decode(leaf, type=_Kind).kind != "batch":
            return None
        return msgspec.json.decode(leaf, type=BatchHeader)
    except msgspec.DecodeError as error:
        raise StoreError(
            f"leaf {index} of the evidence log cannot be read: {error}",
            kept="nothing was changed",
            todo="compare the store with a backup; the leaf was not written by this version of Haechi",
        ) from None
