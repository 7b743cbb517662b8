"""The forms of the small JSON files in a pack, beside its manifest, its rows and its statement (`docs/packs.md`)."""

from __future__ import annotations

from typing import Literal

import msgspec


class UnitsProof(msgspec.Struct, frozen=True):
    """`batches/<number>.proof`: the hashes (hex) that lead from the pack's rows of a batch to its root.

    `leaves` is how many units the batch has. The hashes stand level by level from the leaves up, in each level by
    place; with a single row they are its audit path.
    """

    leaves: int
    nodes: list[str]
    format: Literal["haechi-multiproof-1"] = "haechi-multiproof-1"


class LoggedEntry(msgspec.Struct, frozen=True):
    """An entry of the log as text, with its audit path in base64."""

    index: int
    entry: str
    path: list[str]


class KeyEntries(msgspec.Struct, frozen=True):
    """`log/keys.json`: entry 0, which names the log's first key, and each replacement of it."""

    entries: list[LoggedEntry]


class History(msgspec.Struct, frozen=True):
    """`log/history.json`: for each earlier size, the proof in base64 that the pack's head continues that head."""

    consistency: dict[str, list[str]]
