"""The witness itself: which heads it signs. c2sp.org/tlog-witness, without the network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.merkle import EMPTY_ROOT, verify_consistency
from haechi.evidence.note import verify
from haechi.evidence.signer import FileSigner
from haechi.evidence.vkey import COSIGNATURE, NOTE, Vkey
from haechi.evidence.witness.memory import Memory
from haechi.evidence.witness.request import SIZE_TYPE, AddCheckpoint, origin_name
from haechi.model.errors import EvidenceError

TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """What goes back over the wire."""

    status: HTTPStatus
    body: str
    type: str = TEXT
    told: str = field(
        default="", compare=False
    )  # for the witness's own record: which head, what became of it


class Witness:
    """Signs a head only if it continues the last one it signed of that log, and remembers it before it answers.

    Safe to call from many threads. One process at a time may use a memory; `serve` sees to that.
    """

    def __init__(self, signer: FileSigner, logs: Sequence[Vkey], memory: Memory) -> None:
        """`logs` are the keys of the logs that it signs for; a key's name is the log's origin.

        Raises:
            EvidenceError: a key of the wrong kind.
        """
        if signer.key.kind != COSIGNATURE:
            raise EvidenceError(
                "this key is a log's, not a witness's",
                where=str(signer.path),
                todo="haechi witness init makes one",
            )
        if any(key.kind != NOTE for key in logs):
            raise EvidenceError(
                "a log's key was given that is a witness's", todo="give what haechi key show says"
            )
        self.signer, self.logs, self.memory = signer, tuple(logs), memory
        self._lock = threading.Lock()

    def add_checkpoint(self, body: bytes, now: Callable[[], float] = time.time) -> Reply:
        """Answer an `add-checkpoint` request. Raises `EvidenceError` and `OSError` where its memory fails."""
        try:
            request = AddCheckpoint.parse(body)
        except EvidenceError as error:
            return _no(HTTPStatus.BAD_REQUEST, error.what)
        point = request.point
        if not self._keys(point):
            return _no(HTTPStatus.NOT_FOUND, "this witness does not sign for a log of this origin")
        if not _signatures(point, self._keys(point)):
            return _no(HTTPStatus.FORBIDDEN, "no signature on the checkpoint is that of the log's key")
        if request.old > point.size:
            return _no(HTTPStatus.BAD_REQUEST, "the old size is above the checkpoint's")
        with self._lock:  # from looking at the last head until the new one is remembered
            reply = self._decide(request, int(now()))
        return replace(reply, told=f"{point.origin}, {point.size} entries: {_became(reply)}")

    def newest(self, name: str) -> str | None:
        """The newest head signed of the log whose origin has this SHA-256 (hex), as a note; None: none."""
        for origin in {key.name for key in self.logs}:
            if origin_name(origin) == name:
                known = self.memory.head(origin)
                return known[0].text() if known else None
        return None

    def _keys(self, point: Checkpoint) -> list[Vkey]:
        return [key for key in self.logs if key.name == point.origin]

    def _decide(self, request: AddCheckpoint, now: int) -> Reply:
        point = request.point
        known = self.memory.head(point.origin)
        last, earlier = (known[0], known[1].time or 0) if known else (None, 0)
        size = last.size if last else 0
        if request.old != size:
            return Reply(HTTPStatus.CONFLICT, f"{size}\n", SIZE_TYPE)
        wrong = _contradicts(last, request)
        if wrong:
            self.memory.refuse(point)
            return wrong
        if now < earlier:
            return _no(
                HTTPStatus.INTERNAL_SERVER_ERROR, "the witness's clock stands before its last signature"
            )
        line = self.signer.cosign(point.body, now)
        signatures = (*_signatures(point, self._keys(point)), line)
        self.memory.keep(replace(point, signatures=signatures))  # before anybody can see the cosignature
        return Reply(HTTPStatus.OK, f"{line}\n")


def _signatures(point: Checkpoint, keys: Sequence[Vkey]) -> list[str]:
    """The lines by the log's keys; none where one of them is wrong."""
    try:
        found = [verify(point.body, point.signatures, key) for key in keys]
    except EvidenceError:
        return []
    return [signed.line for signed in found if signed]


def _contradicts(last: Checkpoint | None, request: AddCheckpoint) -> Reply | None:
    """Why the head does not continue the last one; None where it does."""
    point = request.point
    if last is not None and last.size == point.size and last.root != point.root:
        return _no(HTTPStatus.CONFLICT, "a fork: this witness signed another head of the same size")
    if last is None or last.size == 0:
        # Every tree continues the empty one, and there is nothing to prove.
        proven = not request.proof and (point.size > 0 or point.root == EMPTY_ROOT)
    else:
        proven = verify_consistency(last.size, point.size, last.root, point.root, request.proof)
    if proven:
        return None
    return _no(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "the proof does not show that this head continues the one that this witness signed",
    )


def _became(reply: Reply) -> str:
    if reply.status == HTTPStatus.OK:
        return "signed"
    if reply.type == SIZE_TYPE:
        return f"asked from another size; told {reply.body.strip()}"
    if reply.status == HTTPStatus.CONFLICT:
        return "REFUSED, a fork: this witness signed another head of the same size"
    if reply.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return "REFUSED, a fork or a wrong proof: it is not shown to continue what this witness signed"
    return f"refused: {reply.body.strip()}"


def _no(status: HTTPStatus, why: str) -> Reply:
    return Reply(status, f"{why}\n")
