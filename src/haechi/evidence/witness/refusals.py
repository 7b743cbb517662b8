"""What witnesses refused last, kept in the store so that a refusal is not forgotten with the screen that told it.

A reminder and no evidence: whoever may write to the store may remove it. The witness keeps its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from haechi.evidence import durable
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.witness.client import Answer
from haechi.model.errors import EvidenceError
from haechi.model.settings import WitnessSettings

FILE = "refused.json"


class Refusal(msgspec.Struct, frozen=True):
    """One witness's newest refusal. `at`: seconds since 1970 UTC by our own clock; `size`, `root`: of the head."""

    at: int
    size: int
    root: str
    problem: str


def keep(
    root: Path, point: Checkpoint, witnesses: Sequence[WitnessSettings], answers: Sequence[Answer]
) -> None:
    """Remember who refused `point`, and forget the refusals of those who signed it. Answers in the witnesses' order.

    Raises:
        EvidenceError: it cannot be stored.
    """
    known = dict(before := read(root))
    for witness, answer in zip(witnesses, answers, strict=True):
        if answer.state == "signed":
            known.pop(witness.key, None)
        elif answer.state == "refused":
            known[witness.key] = Refusal(int(time.time()), point.size, point.root.hex(), answer.problem)
    if known == before:
        return
    try:
        durable.replace(root / FILE, msgspec.json.encode(known))
    except OSError as error:
        raise EvidenceError(
            f"what a witness refused cannot be stored: {error.strerror}", where=str(root / FILE)
        ) from error


def read(root: Path) -> dict[str, Refusal]:
    """By witness key what it refused last and has not signed since. Raises `EvidenceError`: it cannot be read."""
    try:
        return msgspec.json.decode((root / FILE).read_bytes(), type=dict[str, Refusal])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EvidenceError(
            "what witnesses refused cannot be read",
            where=str(root / FILE),
            todo="remove the file, then haechi witness submit",
        ) from error
