"""Having the newest head of a log vouched for from outside: by its witnesses and a timestamp authority."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from haechi.evidence import timestamp
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.log import Log
from haechi.evidence.timestamp import Stamp
from haechi.evidence.vkey import Vkey
from haechi.evidence.witness import cosigned, refusals
from haechi.evidence.witness.client import Answer, submit
from haechi.model.errors import EvidenceError
from haechi.model.settings import EvidenceSettings, WitnessSettings


@dataclass(frozen=True)
class Vouched:
    """What came of it. `stamp` is None where no authority is set, or where `problem` says why there is none."""

    point: Checkpoint
    answers: tuple[Answer, ...]
    stamp: Stamp | None
    problem: str

    @property
    def whole(self) -> bool:
        """Whether everybody who was asked vouches for the head."""
        return all(answer.state == "signed" for answer in self.answers) and not self.problem


def vouch(log: Log, settings: EvidenceSettings, folder: Path) -> Vouched:
    """Ask all witnesses and the authority about the log's newest head, and store what they sign.

    `folder` is what paths in the settings are relative to.

    Raises:
        EvidenceError: the log has no signed head, or witnesses signed another head of this size before.
        StoreError: the log cannot be read.
    """
    point, answers = _witnessed(log, settings.witnesses)
    stamp, problem = None, ""
    if settings.timestamp:
        try:
            stamp = _stamped(log.root, point, settings, folder)
        except EvidenceError as error:
            problem = error.what
    return Vouched(point, tuple(answers), stamp, problem)


def keys_of(witnesses: Sequence[WitnessSettings]) -> list[Vkey]:
    """The witnesses' keys. Raises `EvidenceError`."""
    return [Vkey.parse(witness.key) for witness in witnesses]


def _witnessed(log: Log, witnesses: Sequence[WitnessSettings]) -> tuple[Checkpoint, list[Answer]]:
    known = {key: head.size for key, (head, _) in cosigned.newest(log.root, keys_of(witnesses)).items()}
    while True:
        point = log.open().checkpoint
        if not point.signatures or not point.size:
            raise EvidenceError(
                "there is no signed head that anybody could vouch for",
                where=str(log.root),
                todo="collect something first; the log of a store that was begun without a key stays unsigned",
            )
        answers = submit(point, _Proofs(log), witnesses, known)
        lines = [answer.line for answer in answers if answer.state == "signed"]
        if lines:
            cosigned.keep(log.root, point, lines)
        refused = any(answer.state == "refused" for answer in answers)
        # Another process may have added to the log and submitted its head meanwhile: that is no rollback.
        if not refused or log.open().checkpoint.size == point.size:
            refusals.keep(log.root, point, witnesses, answers)
            return point, answers


class _Proofs:
    """Consistency proofs for several threads from a log that is for one."""

    def __init__(self, log: Log) -> None:
        self._log, self._lock = log, threading.Lock()

    def __call__(self, size: int) -> list[bytes]:
        with self._lock:
            return self._log.consistency(size)


def _stamped(root: Path, point: Checkpoint, settings: EvidenceSettings, folder: Path) -> Stamp:
    try:
        roots = (folder / settings.timestamp_roots).read_bytes()
    except OSError as error:
        raise EvidenceError(
            f"the certificates for timestamps cannot be read: {error.strerror}",
            where=str(folder / settings.timestamp_roots),
        ) from error
    kept = timestamp.file(root, point.size)
    if kept.exists():  # asked for before: another one of the same head would say nothing more
        stamp = timestamp.verify(kept.read_bytes(), point.body, roots, datetime.now(UTC))
        timestamp.keep_head(root, point)
        return stamp
    return timestamp.stamp(root, point, settings.timestamp, roots)
