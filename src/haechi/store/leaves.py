"""The entries of the evidence log other than batches: what each kind says. `docs/evidence.md` is their outside view.

A leaf is written in canonical JSON (RFC 8785). Times are microseconds since 1970 UTC.
"""

from __future__ import annotations

from typing import Final, Literal, TypeVar

import msgspec

from haechi.evidence import jcs
from haechi.model.errors import StoreError
from haechi.store.header import BatchHeader, check_number, check_period, check_times

REPORT: Final = "report inspection"  # verb of a custody entry: the report of `what["month"]` was made
MOST_NUMBERS: Final = 1 << 20  # batches of one entry: few bytes could ask for all the memory there is

Range = tuple[int, int]  # batch numbers, both inclusive
Told = str | int | None


class LogLeaf(msgspec.Struct, frozen=True):
    """Entry 0: what this log is."""

    at: int
    origin: str
    vkey: str  # "" where the log is not signed
    store_key: str  # SHA-256 of the store's own key, hex
    kind: Literal["log"] = "log"


class KeysLeaf(msgspec.Struct, frozen=True):
    """A file of person-period keys as it was made."""

    at: int
    period: str  # "2026-11"
    sha256: str
    kind: Literal["keys"] = "keys"

    def __post_init__(self) -> None:
        check_period(self.period)


class KeyLeaf(msgspec.Struct, frozen=True):
    """The log's signing key was replaced. Signed by the old key: over this leaf with `signature` empty."""

    at: int
    vkey: str
    replaces: str
    signature: str = ""  # base64
    kind: Literal["key"] = "key"


class CompactionLeaf(msgspec.Struct, frozen=True):
    """The records of these batches stand in `compact/<number>.parquet`, sorted for look-ups."""

    at: int
    number: int
    table: str
    source: str
    batches: tuple[Range, ...]
    rows: int
    sha256: str
    kind: Literal["compaction"] = "compaction"

    def __post_init__(self) -> None:
        check_number(self.number)
        _check_ranges(self.batches)


class ExpiryLeaf(msgspec.Struct, frozen=True):
    """The files of these batches were removed since their retention had ended."""

    at: int
    by: str
    source: str
    batches: tuple[Range, ...]
    rows: int
    keep: str  # the retention that applied, as in haechi.toml: "2y"
    reason: str  # the legal reason given for it
    kind: Literal["expiry"] = "expiry"

    def __post_init__(self) -> None:
        _check_ranges(self.batches)


class HoldLeaf(msgspec.Struct, frozen=True):
    """A legal hold: nothing of these sources between `first` and `last` may expire or be erased."""

    at: int
    by: str
    id: str  # "H-1"
    first: int | None  # None: from the beginning
    last: int | None  # None: open end
    sources: tuple[str, ...]  # none: all
    order: str  # who ordered it, and the file number
    lifters: tuple[
        str, ...
    ]  # vkeys of those of whom two may lift it; none: two accounts of the operating system
    kind: Literal["hold"] = "hold"


class LiftLeaf(msgspec.Struct, frozen=True):
    """One person agrees to lift a hold. It ends with the second person's leaf."""

    at: int
    by: str
    hold: str
    reason: str
    seals: str = ""  # SHA-256 of the hold's entry, hex: this agreement fits no other hold of that name
    vkey: str = ""  # whose signature it is, where the hold names lifters
    signature: str = ""  # base64, over this leaf with `signature` empty
    kind: Literal["lift"] = "lift"


class ErasureLeaf(msgspec.Struct, frozen=True):
    """Rows of one person were removed, and the person's key of one period destroyed."""

    at: int
    by: str
    reason: str
    period: str
    keys: str  # SHA-256 of the file of keys as it is now
    rows: dict[str, int]  # batch number -> rows removed from it
    files: dict[str, dict[str, str]]  # batch number -> file kind -> SHA-256 as it is now
    compacted: dict[str, tuple[int, str]]  # compaction number -> rows left, SHA-256 of its file now
    kind: Literal["erasure"] = "erasure"

    def __post_init__(self) -> None:
        check_period(self.period)
        for number in (*self.rows, *self.files, *self.compacted):
            check_number(int(number))
        if any(rows < 1 for rows in self.rows.values()):
            raise ValueError("it removed no row of a batch that it names")


class CustodyLeaf(msgspec.Struct, frozen=True):
    """Somebody looked at, exported, proved or verified something. Written before it was shown."""

    at: int
    by: str
    verb: str  # "case show", "prove person"
    what: dict[str, Told]  # what was asked for; a person only as `person`, blinded
    sealed: str = ""  # SHA-256 of the manifest of what was handed out
    kind: Literal["custody"] = "custody"


class AskLeaf(msgspec.Struct, frozen=True):
    """A step in asking somebody for the reason of accesses. What was said stands outside of the log, sealed here."""

    at: int
    by: str  # an account of this machine, or in which role somebody answered: "asked, by link"
    ask: str  # "A-7f3a2b90"
    n: int  # from 1, without a gap in one ask
    when: int  # the step was taken
    step: str  # asked, sent, refused, reminded, escalated, answered, accepted, rejected, reopened
    case: str
    due: int | None  # from this step on; None: none is waited for
    sealed: str  # SHA-256 of what was said, hex: see docs/evidence.md
    kind: Literal["ask"] = "ask"

    def __post_init__(self) -> None:
        check_number(self.n)


class ClockLeaf(msgspec.Struct, frozen=True):
    """The machine's clock stood before the newest entry, and somebody said that it is right now."""

    at: int
    by: str
    newest: int
    kind: Literal["clock"] = "clock"


Leaf = (
    BatchHeader
    | LogLeaf
    | KeysLeaf
    | KeyLeaf
    | CompactionLeaf
    | ExpiryLeaf
    | HoldLeaf
    | LiftLeaf
    | ErasureLeaf
    | CustodyLeaf
    | AskLeaf
    | ClockLeaf
)  # fmt: skip

_KINDS: dict[str, type[Leaf]] = {
    "batch": BatchHeader,
    "log": LogLeaf,
    "keys": KeysLeaf,
    "key": KeyLeaf,
    "compaction": CompactionLeaf,
    "expiry": ExpiryLeaf,
    "hold": HoldLeaf,
    "lift": LiftLeaf,
    "erasure": ErasureLeaf,
    "custody": CustodyLeaf,
    "ask": AskLeaf,
    "clock": ClockLeaf,
}

Signed = TypeVar("Signed", KeyLeaf, LiftLeaf)


class _Kind(msgspec.Struct):
    kind: str


def write_leaf(leaf: Leaf) -> bytes:
    """The leaf as the log holds it."""
    return jcs.canonical(msgspec.to_builtins(leaf))


def signed_part(leaf: KeyLeaf | LiftLeaf) -> bytes:
    """What the signature in a leaf is over: the leaf with an empty signature."""
    return write_leaf(msgspec.structs.replace(leaf, signature=""))


def read_leaf(data: bytes, index: int) -> Leaf | None:
    """The leaf in an entry; None for a kind that this version does not know.

    Raises `StoreError` for one that is no JSON object, or not of the shape of its kind.
    """
    try:
        kind = msgspec.json.decode(data, type=_Kind).kind
        wanted = _KINDS.get(kind)
        if wanted is None:
            return None
        leaf = msgspec.json.decode(data, type=wanted)
        check_times(written_at(leaf))
        return leaf
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise StoreError(
            f"entry {index} of the evidence log cannot be read: {error}",
            kept="nothing was changed",
            todo="compare the store with a backup; the entry was not written by this version of Haechi",
        ) from None


def written_at(leaf: Leaf) -> int:
    """When the leaf was written."""
    return leaf.collected if isinstance(leaf, BatchHeader) else leaf.at


def ranges(numbers: list[int]) -> tuple[Range, ...]:
    """Sorted, distinct numbers as inclusive ranges."""
    found: list[Range] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def _check_ranges(spans: tuple[Range, ...]) -> None:
    """Raise `ValueError` for ranges of what cannot be batches, or of more than one entry may name."""
    for first, last in spans:
        check_number(first)
        check_number(last)
        if last < first:
            raise ValueError("a range in it ends before it begins")
    if sum(last - first + 1 for first, last in spans) > MOST_NUMBERS:
        raise ValueError(f"it names more than {MOST_NUMBERS} batches")


def numbers_of(spans: tuple[Range, ...]) -> list[int]:
    """The numbers in inclusive ranges."""
    return [number for first, last in spans for number in range(first, last + 1)]
