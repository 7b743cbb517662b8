"""Asking witnesses to sign a head. One that fails never stops the others; what each said is told in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from haechi.evidence.ask import Answered, ask
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.note import verify
from haechi.evidence.vkey import COSIGNATURE, Vkey
from haechi.evidence.witness.request import HEADS, MAX_BODY, PATH, SIZE_TYPE, AddCheckpoint, origin_name
from haechi.model.errors import EvidenceError, StoreError
from haechi.model.settings import WitnessSettings

SECONDS: Final = 20.0  # for one answer, from connecting to its last byte
_ROUNDS: Final = 3  # somebody else may submit at the same time
_AHEAD: Final = 24 * 3600  # seconds that a cosignature may be ahead of our clock before it is said

Proofs = Callable[[int], Sequence[bytes]]
State = Literal["signed", "refused", "failed"]


@dataclass(frozen=True)
class Answer:
    """What came of asking one witness.

    signed:  `line` is its cosignature, verified; `time` what it tells, seconds since 1970 UTC
    refused: the witness answered, and does not sign this head: `problem` says why. To be looked into
    failed:  no answer that can be used: unreachable, too slow, an error of its own
    """

    url: str
    name: str
    state: State
    line: str = ""
    time: int = 0
    problem: str = ""


def submit(
    point: Checkpoint,
    proofs: Proofs,
    witnesses: Sequence[WitnessSettings],
    known: Mapping[str, int] | None = None,
    seconds: float = SECONDS,
) -> list[Answer]:
    """Ask all witnesses at the same time to sign `point`, which must carry the log's own signature.

    `proofs(size)` is the consistency proof from that size to `point` (`Log.consistency`). `known` tells by
    witness key the size it signed last, which saves a question; a wrong one does no harm. The answers come in
    the order of `witnesses`. Nothing is stored.
    """
    if not witnesses:
        return []
    sizes = known or {}

    def ask(witness: WitnessSettings) -> Answer:
        try:
            key = _key(witness)
            old = min(sizes.get(witness.key, 0), point.size)
            return _ask(point, proofs, witness, key, old, seconds)
        except (EvidenceError, StoreError) as error:
            return Answer(witness.url, witness.key.partition("+")[0], "failed", problem=error.what)

    with ThreadPoolExecutor(min(len(witnesses), 16)) as pool:
        return list(pool.map(ask, witnesses))


def newest(witness: WitnessSettings, origin: str, seconds: float = SECONDS) -> Checkpoint | None:
    """The newest head of a log that the witness says it signed, its cosignature verified; None: it knows none.

    Raises:
        EvidenceError: no usable answer, or the cosignature is wrong.
    """
    key = _key(witness)
    answer = _call("GET", witness.url, f"{HEADS}{origin_name(origin)}", None, seconds)
    if answer.status == HTTPStatus.NOT_FOUND:
        return None
    if answer.status != HTTPStatus.OK:
        raise _useless(f"it answered {answer.status}", witness.url)
    try:
        point = Checkpoint.parse(answer.body.decode())
    except (UnicodeDecodeError, StoreError):
        raise _useless("its answer is no checkpoint", witness.url) from None
    if point.origin != origin or verify(point.body, point.signatures, key) is None:
        raise _useless("its answer is another log's head, or lacks its own cosignature", witness.url)
    return point


def _ask(
    point: Checkpoint, proofs: Proofs, witness: WitnessSettings, key: Vkey, old: int, seconds: float
) -> Answer:
    for _ in range(_ROUNDS):
        proof = tuple(proofs(old)) if 0 < old < point.size else ()
        answer = _call("POST", witness.url, PATH, AddCheckpoint(old, proof, point).body(), seconds)
        told = _size_told(answer)
        if told is None:
            return _judge(answer, point, witness, key)
        if told > point.size:
            return _refused(
                witness,
                key,
                f"it has signed a later head of this log, of {told} entries: this one was put back",
            )
        if told == old:
            break
        old = told
    return Answer(witness.url, key.name, "failed", problem="it tells another size each time it is asked")


def _judge(answer: Answered, point: Checkpoint, witness: WitnessSettings, key: Vkey) -> Answer:
    """What an answer means that is not a size to begin at."""
    match answer.status:
        case HTTPStatus.OK:
            return _cosignature(answer, point, witness, key)
        case HTTPStatus.CONFLICT:
            return _refused(witness, key, "a fork: it has signed another head of the same size")
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return _refused(witness, key, "a fork: this head does not continue the one that it signed")
        case HTTPStatus.FORBIDDEN:
            return _refused(witness, key, "it does not know the key that signed this head")
        case HTTPStatus.NOT_FOUND:
            return _refused(witness, key, "it does not sign for this log: give it the log's key")
        case HTTPStatus.BAD_REQUEST:
            return _refused(witness, key, "it cannot read the request")
    problem = f"it answered {answer.status}, which says nothing about this head"
    return Answer(witness.url, key.name, "failed", problem=problem)


def _cosignature(answer: Answered, point: Checkpoint, witness: WitnessSettings, key: Vkey) -> Answer:
    lines = answer.body.decode("utf-8", "replace").splitlines()
    try:
        signed = verify(point.body, lines, key)
    except EvidenceError as error:
        return Answer(witness.url, key.name, "failed", problem=error.what)
    if signed is None:
        return Answer(witness.url, key.name, "failed", problem="its answer holds no signature of its key")
    told = signed.time or 0
    if told > time.time() + _AHEAD:
        return Answer(witness.url, key.name, "failed", problem="its signature tells a time in the future")
    return Answer(witness.url, key.name, "signed", signed.line, told)


def _size_told(answer: Answered) -> int | None:
    """The size that a witness stands at, where its answer tells it."""
    text = answer.body.decode("ascii", "replace").removesuffix("\n")
    if answer.status != HTTPStatus.CONFLICT or answer.type != SIZE_TYPE:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def _call(method: str, url: str, path: str, body: bytes | None, seconds: float) -> Answered:
    return ask("a witness", method, url.rstrip("/") + path, body, most=MAX_BODY, seconds=seconds)


def _key(witness: WitnessSettings) -> Vkey:
    key = Vkey.parse(witness.key)
    if key.kind != COSIGNATURE:
        raise EvidenceError("the key given for a witness is not a witness's", where=witness.url)
    return key


def _refused(witness: WitnessSettings, key: Vkey, problem: str) -> Answer:
    return Answer(witness.url, key.name, "refused", problem=problem)


def _useless(why: str, url: str) -> EvidenceError:
    return EvidenceError(f"a witness gave no usable answer: {why}", where=url)
