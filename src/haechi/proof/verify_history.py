"""The story that the log tells: who signed it, who vouched for it, and whether its entries agree with each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from haechi.evidence import bounded, note
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.signer import verify_bytes
from haechi.evidence.vkey import Vkey
from haechi.model.errors import EvidenceError, StoreError
from haechi.proof.verdict import State, Verdict
from haechi.proof.verify_log import LogRead, roots_at
from haechi.report.figures import count
from haechi.store.leaves import ClockLeaf, KeyLeaf, Leaf, LogLeaf, signed_part, written_at
from haechi.store.store import CLOCK_TOLERANCE, now

_AHEAD = 86_400_000_000  # microseconds by which an entry may be ahead of the verifier's own clock


@dataclass(frozen=True)
class Chain:
    """The keys that signed the log, the first one first; the last one signs it now. Empty: unknown."""

    keys: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def now(self) -> str:
        return self.keys[-1] if self.keys else ""


def key_chain(leaves: Sequence[Leaf | None], origin: str) -> Chain:
    """Follow the key from entry 0 through each replacement, which the key before must have signed.

    Where it has not, the chain begins anew: trust in the keys before says nothing of those after.
    """
    if not leaves or not isinstance(leaves[0], LogLeaf):
        told = Verdict("key", "unknown", "entry 0, which names the log's key, cannot be read", "entry 0")
        return Chain((), (told,) if leaves else ())
    verdicts: list[Verdict] = []
    first = leaves[0]
    if first.origin != origin:
        verdicts.append(
            Verdict(
                "key",
                "altered",
                "entry 0 was made for a log of another name than the checkpoint's",
                "entry 0",
            )
        )
    keys = [first.vkey] if _is_key(first.vkey) else []
    if not keys:
        verdicts.append(Verdict("key", "altered", "the key that entry 0 names is no key", "entry 0"))
    for index, leaf in enumerate(leaves):
        if isinstance(leaf, KeyLeaf):
            told = _replaced(leaf, keys[-1] if keys else "", f"entry {index}")
            verdicts.append(told)
            if told.bad:
                keys = []  # whoever put in the new key, those before have not handed over to it
            keys += [leaf.vkey] if _is_key(leaf.vkey) else []
    return Chain(tuple(keys), tuple(verdicts))


def _is_key(vkey: str) -> bool:
    """Whether it is a public key, or nothing: the log is not signed."""
    try:
        return not vkey or bool(Vkey.parse(vkey))
    except EvidenceError:
        return False


def _replaced(leaf: KeyLeaf, old: str, where: str) -> Verdict:
    if not leaf.vkey or not _is_key(leaf.vkey):
        return Verdict("key", "altered", "a key was replaced by something that is no key", where)
    if leaf.replaces != old:
        return Verdict("key", "altered", "a key was replaced that did not sign the log at that time", where)
    if old and not verify_bytes(old, signed_part(leaf), leaf.signature):
        return Verdict(
            "key", "unsigned", "a replacement of the log's key is not signed by the key before it", where
        )
    return Verdict(
        "key", "whole", f"the key was replaced, and the one before signed that: {leaf.vkey}", where
    )


def check_signature(checkpoint: Checkpoint, chain: Chain, trusted: Sequence[str]) -> Verdict:
    """Who signed the checkpoint, and whether that is somebody whom the verifier trusts."""
    if not chain.keys:
        signed = any(_signed_by(checkpoint, key) for key in trusted)
        if signed:
            return _signature("whole", "the checkpoint is signed by a key that you trust")
        return _signature(
            "unsigned", "the log does not tell its key, and no key that you trust signed the checkpoint"
        )
    if not chain.now:
        return _signature(
            "unsigned", "the log is not signed: whoever may write to the store can write it anew"
        )
    try:
        if not _verified(checkpoint, chain.now):
            return _signature("unsigned", f"the checkpoint is not signed by the log's own key, {chain.now}")
    except EvidenceError:
        return _signature(
            "altered", "the signature of the checkpoint is wrong: it was altered after it was signed"
        )
    if not trusted:
        told = f"signed by {chain.now}: compare this key with the one that was published"
        return _signature("unknown", told)
    if not set(trusted) & set(chain.keys):
        told = f"signed by {chain.now}, which is not the key that you trust"
        return _signature("unsigned", told + _other_key(trusted, checkpoint.origin))
    through = "" if chain.now in trusted else ", which the key that you trust handed over to"
    return _signature("whole", f"signed by {chain.now}{through}")


def _other_key(trusted: Sequence[str], origin: str) -> str:
    """A hint where a trusted key is one of this log's name: what stands here may be older than that key."""
    if not any(Vkey.parse(key).name == origin for key in trusted):
        return ""
    return ". It bears the same log's name: if the company published it too, as an earlier key, name it with --key"


def _signature(state: State, sentence: str) -> Verdict:
    return Verdict("signature", state, sentence, "checkpoint")


def _verified(checkpoint: Checkpoint, vkey: str) -> bool:
    """Whether the key signed it. Raises `EvidenceError` where its signature is wrong."""
    return note.verify(checkpoint.body, checkpoint.signatures, Vkey.parse(vkey)) is not None


def _signed_by(checkpoint: Checkpoint, vkey: str) -> bool:
    try:
        return _verified(checkpoint, vkey)
    except EvidenceError:
        return False


@dataclass(frozen=True)
class Head:
    """A head of the log that somebody kept. `thing`: "head" beside the key, or "witness"."""

    thing: str
    where: str
    point: Checkpoint


def read_head(thing: str, where: str, data: bytes) -> Head | Verdict:
    """A head from a file's bytes."""
    try:
        return Head(thing, where, Checkpoint.parse(data.decode()))
    except (UnicodeDecodeError, StoreError):
        return Verdict(thing, "altered", "a head of the log that was kept cannot be read", where)


def check_heads(
    log: LogRead, heads: Sequence[Head], chain: Chain, witnesses: Sequence[Vkey]
) -> Iterator[Verdict]:
    """Compare the log with heads kept elsewhere: it must be a continuation of each of them."""
    roots = {} if log.hashes is None else roots_at(log.hashes, [head.point.size for head in heads])
    for head in heads:
        yield from _compare(log, head, roots, chain, witnesses)
    for key in witnesses:
        if not any(_signed_by(head.point, str(key)) for head in heads):
            told = f"no head in the store is cosigned by {key.name}: this witness vouches for nothing here"
            yield Verdict("witness", "unknown", told)


def _compare(
    log: LogRead, head: Head, roots: Mapping[int, bytes], chain: Chain, witnesses: Sequence[Vkey]
) -> Iterator[Verdict]:
    point = head.point
    signers, wrong = _signers(point, chain, witnesses)
    if wrong:
        told = f"a signature by {wrong[0]} under the head kept in {head.where} is wrong: it was altered"
        yield Verdict(head.thing, "altered", told, head.where)
    if point.origin != log.checkpoint.origin:
        yield Verdict(head.thing, "strange", f"the head kept in {head.where} is another log's", head.where)
        return
    fits = roots.get(point.size) == point.root
    if fits:
        if not wrong:
            yield from _vouched(head, signers, chain, witnesses)
        return
    if log.hashes is None:
        yield Verdict(
            head.thing,
            "unknown",
            "the log is damaged, so a head that was kept cannot be compared",
            head.where,
        )
    elif not signers and (chain.now or witnesses):
        if not wrong:
            yield Verdict(
                head.thing,
                "altered",
                f"the head kept in {head.where} fits neither the log nor any key known",
                head.where,
            )
    elif point.size > log.checkpoint.size:
        yield Verdict(
            head.thing,
            "missing",
            f"the checkpoint was put back, or the log was forked: it tells of "
            f"{count(log.checkpoint.size, 'entry')}, but {_by(signers)} a head of {point.size:,}. What was "
            f"signed as entries {log.checkpoint.size:,} to {point.size - 1:,} is missing here",
            head.where,
            count=point.size - log.checkpoint.size,
        )
    else:
        yield Verdict(
            head.thing,
            "forked",
            f"the log was forked: {_by(signers)} another head of {count(point.size, 'entry')} than this log had. "
            f"Kept: {point}. Here: {log.checkpoint}",
            head.where,
        )


def _by(signers: Sequence[str]) -> str:
    return f"{' and '.join(signers)} signed" if signers else "somebody kept"


def _signers(point: Checkpoint, chain: Chain, witnesses: Sequence[Vkey]) -> tuple[list[str], list[str]]:
    """The names of known keys whose signatures are right, and of those whose signatures are wrong."""
    right, wrong = [], []
    for key in [*(Vkey.parse(key) for key in chain.keys if key), *witnesses]:
        try:
            found = note.verify(point.body, point.signatures, key)
        except EvidenceError:
            wrong.append(key.name)
            continue
        if found is not None:
            right.append(key.name if found.time is None else f"{key.name} at {_seconds(found.time)}")
    return right, wrong


def _vouched(
    head: Head, signers: Sequence[str], chain: Chain, witnesses: Sequence[Vkey]
) -> Iterator[Verdict]:
    """A kept head that the log continues: who vouches for it. A signer whose key is unknown vouches for nothing."""
    own = {Vkey.parse(key).name for key in chain.keys if key}
    outside = [name for name in signers if name not in own]
    if chain.now and not own & set(signers):
        told = f"the head kept in {head.where} is not signed by the log's own key"
        yield Verdict(head.thing, "altered", told, head.where)
    elif head.thing != "witness":
        yield Verdict(
            head.thing,
            "whole",
            f"the log continues its head of {count(head.point.size, 'entry')}",
            head.where,
        )
    elif outside:
        told = f"the log continues its head of {count(head.point.size, 'entry')}, cosigned by {' and '.join(outside)}"
        yield Verdict(head.thing, "whole", told, head.where)
    yield from _unknown_signers(head, [*(Vkey.parse(key) for key in chain.keys if key), *witnesses])


def _unknown_signers(head: Head, known: Sequence[Vkey]) -> Iterator[Verdict]:
    names = strangers(head.point, known)
    if names:
        signed = "1 key that was not given" if len(names) == 1 else f"{len(names)} keys that were not given"
        told = f"the head kept in {head.where} is signed by {signed} too: {', '.join(names)}. --witness brings a key"
        yield Verdict(head.thing, "unknown", told, head.where, count=len(names))


def strangers(point: Checkpoint, known: Sequence[Vkey]) -> list[str]:
    """Who else is said to have signed a head, `NAME (key id)` each once: whose key to ask for. Nothing is verified.

    A witness signs a head again each time that it is asked: many lines may be of one key.
    """
    names: dict[str, None] = {}
    for line in point.signatures:
        try:
            signature = note.Signature.parse(line)
        except EvidenceError:
            names["an unreadable line"] = None
            continue
        if not any(signature.by(key) for key in known):
            names[f"{signature.name} (key id {signature.key_id.hex()})"] = None
    return list(names)


def _seconds(time: int) -> str:
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"second {time}"


def check_times(leaves: Sequence[Leaf | None], today: int | None = None) -> Iterator[Verdict]:
    """Times in entries run forwards, unless an entry says that the clock was put right, and none is yet to come.

    `today`: the verifier's clock, microseconds since 1970 UTC; None: that of this machine.
    """
    newest = 0
    for index, leaf in enumerate(leaves):
        if leaf is None:
            continue
        at = written_at(leaf)
        if isinstance(leaf, ClockLeaf):
            yield _put_right(leaf, newest, f"entry {index}")
        elif at < newest - CLOCK_TOLERANCE:
            hours = (newest - at) / 3_600_000_000
            yield Verdict(
                "clock",
                "strange",
                f"a clock was set back: entry {index} says that it was written {hours:,.1f} hours before an earlier "
                "one, and no entry explains that",
                f"entry {index}",
            )
            newest = at  # one verdict a jump, not one an entry
        newest = at if isinstance(leaf, ClockLeaf) else max(newest, at)
    if newest > (now() if today is None else today) + _AHEAD:
        told = f"the newest entry says that it was written at {_moment(newest)}, which has not come yet"
        yield Verdict("clock", "strange", told)


def _put_right(leaf: ClockLeaf, newest: int, where: str) -> Verdict:
    told = f"{leaf.by} said that the clock, which told {_moment(newest)}, was put right to {_moment(leaf.at)}"
    return Verdict("clock", "note", told, where)


def _moment(micros: int) -> str:
    return _seconds(micros // 1_000_000)


def files_of_heads(folder: Path, thing: str, root: Path, beside: str = "") -> list[Head | Verdict]:
    """The heads that stand in a folder of the store as `<size>`. `beside`: the suffix of files that are none."""
    found: list[Head | Verdict] = []
    for path in sorted(path for path in folder.glob("*") if not beside or path.suffix != beside):
        where = path.relative_to(root).as_posix()
        try:
            head = read_head(thing, where, bounded.read(path, note.MAX_NOTE))
        except OSError as error:
            head = Verdict(thing, "missing", f"a head that was kept cannot be read: {error.strerror}", where)
        if isinstance(head, Head) and path.name != str(head.point.size):
            head = Verdict(
                thing, "altered", "a head that was kept stands under another size than its own", where
            )
        found.append(head)
    return found


def only_verdicts(found: Iterable[Head | Verdict]) -> list[Verdict]:
    return [item for item in found if isinstance(item, Verdict)]


def only_heads(found: Iterable[Head | Verdict]) -> list[Head]:
    return [item for item in found if isinstance(item, Head)]
