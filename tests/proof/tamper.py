"""Tampering with a store at random, as somebody might who may write to its folder: what is done, and to which file."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.proof.evidence import Evidence, SignedShop

# Locks mean nothing. Earlier partial tiles may go: what they hold stands in later ones.
_IDLE = re.compile(r".*lock")
_EARLIER = re.compile(r"tile/.*\.p/\d+")
_VOUCHED = re.compile(r"(cosigned|stamped)/.*")  # a dropped one takes away a witness's word, and nothing else


@dataclass(frozen=True)
class Done:
    """What was done, in words, and the files that a verdict must name: one of them; none: any verdict will do."""

    what: str
    files: tuple[str, ...] = ()


class Unfit(Exception):
    """This tampering would change nothing."""


def tamper(rng: random.Random, evidence: Evidence, store: Path) -> Done:
    """Do one random thing to a copy of the store. Raises `Unfit` where chance made it a thing that changes nothing."""
    done: Done = rng.choices(list(_KINDS), weights=list(_KINDS.values()))[0](rng, evidence, store)
    return done


def _file(rng: random.Random, store: Path, without: str = "") -> Path:
    """A file, each kind of file as likely as another."""
    kinds: dict[str, list[Path]] = {}
    for path in sorted(store.rglob("*")):
        name = path.relative_to(store).as_posix()
        if path.is_file() and not _IDLE.fullmatch(name) and not (without and re.fullmatch(without, name)):
            kinds.setdefault(re.sub(r"\d+", "#", name), []).append(path)
    return rng.choice(kinds[rng.choice(sorted(kinds))])


def _flip(rng: random.Random, _: Evidence, store: Path) -> Done:
    path = _file(rng, store)
    data = bytearray(path.read_bytes())
    at, bit = rng.randrange(len(data)), rng.randrange(8)
    data[at] ^= 1 << bit
    path.write_bytes(data)
    return _done(f"bit {bit} of byte {at} flipped", store, path)


def _drop(rng: random.Random, _: Evidence, store: Path) -> Done:
    tiles = {
        path.parent: path for path in sorted(store.glob("tile/**/*.p/*"), key=lambda path: int(path.name))
    }
    current = "|".join(re.escape(path.relative_to(store).as_posix()) for path in tiles.values())
    path = _file(rng, store, f"{_VOUCHED.pattern}|(?!({current})$){_EARLIER.pattern}")
    path.unlink()
    return _done("dropped", store, path)


def _truncate(rng: random.Random, _: Evidence, store: Path) -> Done:
    path = _file(rng, store)
    data = path.read_bytes()
    keep = rng.choice([0, len(data) - 1, rng.randrange(len(data))])
    path.write_bytes(data[:keep])
    return _done(f"truncated to {keep} bytes", store, path)


def _extend(rng: random.Random, _: Evidence, store: Path) -> Done:
    path = _file(rng, store)
    data = path.read_bytes()
    path.write_bytes(data + rng.choice([b"\n", rng.randbytes(20), data]))
    return _done("extended", store, path)


def _garble(rng: random.Random, _: Evidence, store: Path) -> Done:
    path = _file(rng, store)
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data))
    new = rng.randbytes(min(rng.randrange(1, 64), len(data) - at))
    if data[at : at + len(new)] == new:
        raise Unfit
    data[at : at + len(new)] = new
    path.write_bytes(data)
    return _done(f"{len(new)} bytes at {at} overwritten", store, path)


def _swap(rng: random.Random, _: Evidence, store: Path) -> Done:
    one = _file(rng, store)
    kin = [
        path for path in one.parent.iterdir() if path.is_file() and path.suffix == one.suffix and path != one
    ]
    other = rng.choice(sorted(kin)) if kin and rng.random() < 0.7 else _file(rng, store)
    first, second = one.read_bytes(), other.read_bytes()
    if first == second or _same_vouched(store, one, other):
        raise Unfit
    one.write_bytes(second)
    other.write_bytes(first)
    return Done(
        f"{_name(store, one)} and {_name(store, other)} swapped", (_name(store, one), _name(store, other))
    )


def _overwrite(rng: random.Random, _: Evidence, store: Path) -> Done:
    one, other = _file(rng, store), _file(rng, store)
    if one.read_bytes() == other.read_bytes():
        raise Unfit
    if _same_vouched(store, one, other):
        raise Unfit
    shutil.copy(one, other)
    if other.name == "checkpoint":  # an older head is right in itself: what shows it stands elsewhere
        return Done(f"checkpoint: replaced by {_name(store, one)}")
    return _done(f"replaced by {_name(store, one)}", store, other)


def _same_vouched(store: Path, one: Path, other: Path) -> bool:
    """Whether both are notes of the same head, with more or fewer who vouch for it."""
    vouched = all(_VOUCHED.fullmatch(_name(store, path)) for path in (one, other))
    return vouched and one.read_bytes().split(b"\n\n")[0] == other.read_bytes().split(b"\n\n")[0]


def _duplicate(rng: random.Random, _: Evidence, store: Path) -> Done:
    path = _file(rng, store)
    names = [f"{path.name}.bak", f"copy-{path.name}", re.sub(r"\d", "9", path.name, count=3)]
    copy = path.with_name(rng.choice(names))
    if copy.exists():
        raise Unfit
    shutil.copy(path, copy)
    return _done("added as a copy", store, copy)


def _roll_back(rng: random.Random, evidence: Evidence, store: Path) -> Done:
    (store / "checkpoint").write_text(rng.choice(evidence.heads[:-1]))
    return Done("an earlier checkpoint put back")


def _put_back(rng: random.Random, evidence: Evidence, store: Path) -> Done:
    """The whole store as it was; the key's memory, or a witness, knows better."""
    older = rng.choice(evidence.older[:-1])
    shutil.rmtree(store)
    shutil.copytree(older / "store", store)
    return Done(f"the whole store put back to {older.name}")


def _fork(rng: random.Random, evidence: Evidence, store: Path) -> Done:
    """Another story from an earlier time on, under the same key, as long as the true one or longer."""
    older = rng.choice(evidence.older[:-1])
    work = store.parent / "fork"
    shutil.copytree(older, work)
    shop = SignedShop(work)
    while shop.store.snapshot().head.size <= int(evidence.heads[-1].split("\n")[1]):
        shop.take([rng.randrange(420, 480)])
    kept = [path for folder in ("cosigned", "stamped") for path in sorted((store / folder).glob("*"))]
    for path in kept:
        (work / "store" / path.parent.name).mkdir(exist_ok=True)
        shutil.copy(path, work / "store" / path.parent.name / path.name)
    shutil.rmtree(store)
    shutil.copytree(work / "store", store)
    return Done(f"forked from {older.name}")


_KINDS: dict[Callable[[random.Random, Evidence, Path], Done], float] = {
    _flip: 30, _drop: 12, _truncate: 12, _extend: 6, _garble: 8, _swap: 10, _overwrite: 6, _duplicate: 8,
    _roll_back: 4, _put_back: 3, _fork: 1,
}  # fmt: skip


def _name(store: Path, path: Path) -> str:
    return path.relative_to(store).as_posix()


def _done(what: str, store: Path, path: Path) -> Done:
    return Done(f"{_name(store, path)}: {what}", (_name(store, path),))
