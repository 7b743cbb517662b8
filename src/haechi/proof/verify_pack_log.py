"""What a pack brings of the log: its head and who signed it, the seal, and the heads that others vouched for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from haechi.evidence import note
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.merkle import leaf_hash, verify_consistency, verify_inclusion
from haechi.evidence.tlog_proof import TlogProof, decoded_path
from haechi.evidence.vkey import Vkey
from haechi.model.errors import EvidenceError, HaechiError, StoreError
from haechi.proof import manifest as names
from haechi.proof.forms import History, KeyEntries, LoggedEntry
from haechi.proof.manifest import Manifest
from haechi.proof.rows import time_text
from haechi.proof.verdict import State, Verdict
from haechi.proof.verify_history import Chain, check_signature, key_chain, strangers
from haechi.proof.verify_pack_archive import Archive
from haechi.report.figures import count
from haechi.store.leaves import CustodyLeaf, Leaf, read_leaf

MOST_KEYS: Final = 10_000  # replacements of a key that are looked at
_MICROS: Final = 1_000_000


@dataclass(frozen=True)
class Base:
    """What proofs of entries are checked against: the pack's head of the log."""

    archive: Archive
    point: Checkpoint
    history: Mapping[str, list[str]]

    def entry(self, data: bytes, proof_file: str, index: int | None = None) -> int:
        """The place in the log of an entry. Raises `EvidenceError` where its proof does not show that it is there."""
        proof = TlogProof.parse(self.archive.read(proof_file))
        if proof.checkpoint != self.point or proof.extra:
            raise EvidenceError("a proof is for another head of the log than the pack's", where=proof_file)
        if not proof.proves(data) or index not in (None, proof.index):
            raise EvidenceError("a proof does not show that the entry stands in the log", where=proof_file)
        return proof.index

    def continues(self, size: int, root: bytes) -> bool:
        """Whether the pack's head continues the head of that size and root."""
        if size == self.point.size:
            return root == self.point.root
        path = decoded_path(self.history.get(str(size), []))
        return verify_consistency(size, self.point.size, root, self.point.root, path)


def read_base(archive: Archive) -> tuple[Base | None, list[Verdict]]:
    """The head of the log and the proofs of its history; None where nothing can be checked against them."""
    try:
        point = Checkpoint.parse(archive.read(names.CHECKPOINT).decode())
    except (EvidenceError, StoreError, UnicodeDecodeError) as error:
        told = error.what if isinstance(error, HaechiError) else "it is no text"
        return None, [
            _told("log", "altered", f"the head of the log cannot be read: {told}", names.CHECKPOINT)
        ]
    try:
        history = msgspec.json.decode(archive.read(names.HISTORY), type=History).consistency
    except (EvidenceError, msgspec.DecodeError, ValueError, RecursionError):
        history, verdicts = (
            {},
            [_told("log", "altered", "the history of the log's head cannot be read", names.HISTORY)],
        )
    else:
        verdicts = []
    return Base(archive, point, history), verdicts


def check_seal(base: Base, manifest: Manifest, manifest_bytes: bytes) -> Iterator[Verdict]:
    """Whether the log says that exactly this pack was handed out, and when."""
    try:
        data = base.archive.read(names.SEAL)
        index = base.entry(data, names.SEAL_PROOF)
        leaf = read_leaf(data, index)
    except (EvidenceError, StoreError) as error:
        yield _told("seal", "altered", f"the seal of the pack does not hold: {error.what}", names.SEAL)
        return
    if not isinstance(leaf, CustodyLeaf) or leaf.sealed != hashlib.sha256(manifest_bytes).hexdigest():
        yield _told(
            "seal",
            "altered",
            "the pack is not the one that was sealed: a file was added, dropped or changed, or "
            "the manifest was",
            names.MANIFEST,
        )
        return
    yield _told(
        "seal",
        "whole",
        f"entry {index} of the log says that this pack was handed out at {time_text(leaf.at)}",
    )
    head = manifest.checkpoint
    try:
        fits = head.origin == base.point.origin and base.continues(head.size, bytes.fromhex(head.root))
    except EvidenceError:
        fits = False
    if fits:
        yield _told(
            "log",
            "whole",
            f"the answer was computed from the log's first {count(head.size, 'entry')}; it has "
            f"{base.point.size:,} now, and nothing of those was changed",
        )
    else:
        yield _told(
            "log",
            "forked",
            f"the answer was computed at a head of {count(head.size, 'entry')}, of which the log in the "
            "pack is no continuation",
            names.CHECKPOINT,
        )


def check_signer(base: Base, trusted: Sequence[str]) -> tuple[Chain, list[Verdict]]:
    """Who signed the head: the keys that signed the log, and whether the verifier trusts one of them."""
    verdicts: list[Verdict] = []
    leaves: list[Leaf | None] = []
    try:
        entries = msgspec.json.decode(base.archive.read(names.KEYS), type=KeyEntries).entries
        if not entries or len(entries) > MOST_KEYS:
            raise EvidenceError("they name no key, or too many")
        leaves = list(_proven(base, entries))
    except (EvidenceError, StoreError, msgspec.DecodeError, ValueError, RecursionError) as error:
        told = error.what if isinstance(error, HaechiError) else "they are not JSON of their form"
        leaves = []
        verdicts.append(_told("key", "altered", f"the keys of the log cannot be checked: {told}", names.KEYS))
    chain = key_chain(leaves, base.point.origin) if leaves else Chain((), ())
    verdicts += [_at(verdict, names.KEYS) for verdict in chain.verdicts]
    foreign = [key for key in trusted if _name(key) != base.point.origin]
    if trusted and len(foreign) == len(trusted):
        verdicts.append(
            _told(
                "origin",
                "strange",
                f"the pack is from another store: its log is {base.point.origin}, and "
                "the key that you trust is not that log's",
                names.CHECKPOINT,
            )
        )
    try:
        signature = check_signature(base.point, chain, trusted)
    except EvidenceError as error:  # a key in the log that is no key
        signature = _told("signature", "altered", error.what)
    return chain, [*verdicts, _at(signature, names.CHECKPOINT)]


def _proven(base: Base, entries: Sequence[LoggedEntry]) -> Iterator[Leaf | None]:
    """The entries, each shown to stand in the log, in its order, the first one at 0."""
    before = -1
    for logged in entries:
        data = logged.entry.encode()
        in_place = logged.index == 0 if before < 0 else logged.index > before
        path = decoded_path(logged.path)
        if not in_place or not verify_inclusion(
            leaf_hash(data), logged.index, base.point.size, path, base.point.root
        ):
            raise EvidenceError("one of them does not stand in the log")
        before = logged.index
        yield read_leaf(data, logged.index)


def check_witnesses(base: Base, chain: Chain, witnesses: Sequence[str]) -> Iterator[Verdict]:
    """The heads that witnesses cosigned: the log must continue each of them."""
    known = [Vkey.parse(text) for text in witnesses]
    seen: set[str] = set()
    for name in base.archive.names:
        if name != names.CHECKPOINT and not name.startswith(names.COSIGNED):
            continue
        try:
            point = Checkpoint.parse(base.archive.read(name).decode())
            fits = point.origin == base.point.origin and base.continues(point.size, point.root)
        except (EvidenceError, StoreError, UnicodeDecodeError):
            yield _told("witness", "altered", "a cosigned head cannot be read", name)
            continue
        signers, wrong = _cosigners(point, known, name)
        yield from wrong
        if chain.now and not _by_own(point, chain):
            yield _told("witness", "altered", "a cosigned head is not signed by the log's own key", name)
        seen |= {str(signed.key) for signed in signers}
        if name not in (names.CHECKPOINT, f"{names.COSIGNED}{point.size}"):
            yield _told("witness", "altered", "a cosigned head stands under another size than its own", name)
            continue
        by = " and ".join(
            f"{signed.key.name} at {time_text((signed.time or 0) * _MICROS)}" for signed in signers
        )
        if not fits:
            who = f"{by} signed" if signers else "somebody is said to have signed"
            yield _told(
                "witness",
                "forked" if signers else "altered",
                f"{who} a head of {count(point.size, 'entry')} of which the log in the pack is no continuation",
                name,
            )
        elif signers:
            yield _told(
                "witness", "whole", f"{by} saw the log's first {count(point.size, 'entry')} as they are", name
            )
        others = strangers(point, [*_own_keys(chain), *known])
        if others:
            keys = f"{count(len(others), 'key')} that you did not name"
            told = f"a head of {count(point.size, 'entry')} is also signed by {keys}"
            yield _told("witness", "unknown", f"{told}: {', '.join(others)}", name)
    for key in known:
        if str(key) not in seen:
            yield _told(
                "witness",
                "missing",
                f"the pack holds no cosignature of {key.name}, the witness that you named",
            )


def _cosigners(
    point: Checkpoint, known: Sequence[Vkey], name: str
) -> tuple[list[note.Signed], list[Verdict]]:
    """The right cosignatures, and a verdict on each wrong one."""
    found: list[note.Signed] = []
    wrong: list[Verdict] = []
    for key in known:
        try:
            signed = note.verify(point.body, point.signatures, key)
        except EvidenceError:
            wrong.append(_told("witness", "altered", f"a cosignature of {key.name} is wrong", name))
            continue
        if signed is not None:
            found.append(signed)
    return found, wrong


def _own_keys(chain: Chain) -> Iterator[Vkey]:
    """The keys that signed the log at some time, as far as they are keys: what is none was told of by the chain."""
    for text in chain.keys:
        try:
            yield Vkey.parse(text)
        except EvidenceError:
            continue


def _by_own(point: Checkpoint, chain: Chain) -> bool:
    """Whether a key that signed the log at some time signed this head of it."""
    for key in _own_keys(chain):
        try:
            if note.verify(point.body, point.signatures, key) is not None:
                return True
        except EvidenceError:
            continue
    return False


def _name(key: str) -> str:
    return Vkey.parse(key).name


def _at(verdict: Verdict, where: str) -> Verdict:
    return msgspec.structs.replace(verdict, where=where)


def _told(thing: str, state: State, sentence: str, where: str = "") -> Verdict:
    return Verdict(thing, state, sentence, where)
