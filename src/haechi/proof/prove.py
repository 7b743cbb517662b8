"""Make an evidence pack: draft its files, write its seal into the log, and only then show anything to anybody."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final

import numpy as np

import haechi
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.hashing import DIGEST
from haechi.model.errors import InputError
from haechi.model.settings import StoreSettings
from haechi.proof import manifest as names
from haechi.proof.manifest import Gone, Head, Kind, Manifest, Told
from haechi.proof.pack import Draft, draft, write_pack
from haechi.proof.prove_log import Outside, entries_at, key_indices, log_files, outside
from haechi.proof.prove_rows import RowWriter
from haechi.proof.prove_select import (
    Spooled,
    Window,
    batch_of,
    gone,
    select_person,
    select_record,
)
from haechi.proof.readme import Page, read_me
from haechi.proof.span import in_words
from haechi.proof.whose import COLUMNS
from haechi.store import layout
from haechi.store.account import account
from haechi.store.catalog import Catalog
from haechi.store.keys import StoreKeys, period_of
from haechi.store.leaves import CustodyLeaf
from haechi.store.open import open_engine
from haechi.store.store import Snapshot, Store, now

ALL: Final = frozenset(COLUMNS)
EVER: Final = Window()

Vouch = Callable[[], object]


@dataclass(frozen=True)
class Proved:
    """A pack that was written."""

    out: Path
    kind: Kind
    rows: int
    batches: int
    gone: list[Gone]
    checkpoint: str  # "ORIGIN SIZE ROOT" at which the answer was computed
    entry: int  # index of its seal in the log
    sealed: str  # SHA-256 of its manifest: what that entry holds
    span: str  # of a person's records: which times were asked for, in words; "" for all
    outside: Outside  # who vouches for the log that the pack carries


@dataclass(frozen=True)
class Question:
    """What is asked for, and how it stands in the log: a person only blinded."""

    kind: Kind
    asked: dict[str, Told]
    person: str = ""


def prove_person(
    store: Store,
    settings: StoreSettings,
    person: str,
    out: Path,
    window: Window = EVER,
    vouch: Vouch | None = None,
    zone: tzinfo = UTC,
) -> Proved:
    """The rows of one person, for that person: nothing in the pack shows that anyone else exists.

    Where there are none the pack says so. `zone`: the one in which whoever asked reads the window's times.
    `vouch` is called when the seal is in the log: it may have the log's head witnessed, and the pack takes that along.
    It is called before as well where nobody vouched for the pack's batches yet, so that the page can tell of it.

    Raises:
        InputError: no id was given.
        StoreError: a row is not the one that was sealed, or the store or the pack cannot be written.
    """
    if not person:
        raise InputError("a person is named by an id that is not empty")
    asked: dict[str, Told] = {"person": person}
    asked |= {name: time for name, time in (("from", window.first), ("to", window.end)) if time is not None}
    if len(asked) > 1:
        asked["zone"] = str(zone)
    with store.reading():
        snapshot = store.snapshot()
        with draft(layout.spill_folder(store.root)) as drafted:
            engine = open_engine(snapshot, settings)
            try:
                spools = select_person(engine, person, window, drafted.folder)
                lost = gone(engine, snapshot.catalog, ALL, window)
            finally:
                engine.close()
            question = Question("person", asked, person)
            return seal(store, snapshot, snapshot.head, question, drafted, spools, lost, out, vouch)


def prove_record(
    store: Store,
    settings: StoreSettings,
    source: str,
    seq: int,
    out: Path,
    vouch: Vouch | None = None,
) -> Proved:
    """One record, or one line that was set aside. `vouch`: as for a person.

    Raises:
        InputError: there is none, or it expired or was erased.
        StoreError: it is not the one that was sealed, or the store or the pack cannot be written.
    """
    with store.reading():
        snapshot = store.snapshot()
        header = batch_of(snapshot.catalog, source, seq)
        with draft(layout.spill_folder(store.root)) as drafted:
            engine = open_engine(snapshot, settings)
            try:
                spools = select_record(engine, header, seq, drafted.folder)
            finally:
                engine.close()
            question = Question("record", {"source": source, "seq": seq})
            return seal(store, snapshot, snapshot.head, question, drafted, spools, [], out, vouch)


def seal(
    store: Store,
    snapshot: Snapshot,
    computed: Checkpoint | Head,
    question: Question,
    drafted: Draft,
    spools: list[Spooled],
    lost: list[Gone],
    out: Path,
    vouch: Vouch | None = None,
) -> Proved:
    """Complete the draft, write its seal into the log, and write the pack to `out`."""
    writer = RowWriter(store.root, snapshot.catalog, store.keys, drafted)
    writer.write(spools)
    log = store.log().open()
    places = {number: snapshot.catalog.entry_of(number) for number in writer.batches}
    numbers = {index: number for number, index in places.items()}
    for index, entry in entries_at(log, sorted(numbers)):
        drafted.add(names.header_file(numbers[index]), entry)
    head = computed if isinstance(computed, Head) else Head.of(computed)
    needed = 1 + max(numbers) if numbers else head.size
    if vouch is not None and outside(log).size < needed:
        vouch()
    before = outside(store.log().open())
    sealed = [snapshot.catalog.batch(number).collected for number in writer.batches]
    page = Page(
        kind=question.kind,
        asked=question.asked,
        rows=writer.rows,
        batches=len(writer.batches),
        head=head,
        sealed=(min(sealed), max(sealed)) if sealed else None,
        outside=before,
        covered=before.size >= needed,
    )
    for name, data in read_me(page).items():
        drafted.add(name, data)
    manifest = Manifest(
        kind=question.kind,
        asked=question.asked,
        made=now(),
        by=account(),
        software=f"haechi {haechi.__version__}",
        checkpoint=head,
        rows=writer.rows,
        batches=len(writer.batches),
        gone=lost,
        nonce=secrets.token_hex(DIGEST),
        files=drafted.entries(),
    )
    point = store.note([_custody(store.keys, snapshot.catalog, question, manifest)])
    if vouch is not None:
        vouch()
    log = store.log().open()
    # Replaced keys are rare: where the snapshot has none, only what came after it need be looked through.
    keys = key_indices(log, 1 if snapshot.catalog.rotations else snapshot.catalog.size)
    files = log_files(log, point.size - 1, places, head.size, keys)
    write_pack(out, drafted, manifest.data(), files)
    return Proved(
        out=out,
        kind=question.kind,
        rows=manifest.rows,
        batches=manifest.batches,
        gone=lost,
        checkpoint=str(head),
        entry=point.size - 1,
        sealed=manifest.sha256,
        span=in_words(question.asked),
        outside=outside(log),
    )


def _custody(keys: StoreKeys, catalog: Catalog, question: Question, manifest: Manifest) -> CustodyLeaf:
    """The entry of the log that says what was handed out. A person stands in it only blinded."""
    what: dict[str, Told] = {name: value for name, value in question.asked.items() if name != "person"}
    if question.person:
        what["person"] = blinded(keys, catalog, question.person, manifest.nonce)
    what["rows"] = manifest.rows
    return CustodyLeaf(manifest.made, manifest.by, f"prove {question.kind}", what, manifest.sha256)


def blinded(keys: StoreKeys, catalog: Catalog, person: str, nonce: str) -> str:
    """A person as an entry of the log names them: SHA-256, hex, of the person-period key and "custody".

    Whoever has the store's keys can find all entries on somebody, and nobody else can; once the key is destroyed
    nobody can at all. In a month without keys it is of the nonce of the pack and the id: a pack's holder can check it.
    """
    period = period_of(now())
    if period not in catalog.period_keys:
        return hashlib.sha256(bytes.fromhex(nonce) + person.encode()).hexdigest()
    hashed = np.frombuffer(hashlib.sha256(person.encode()).digest(), np.uint8).reshape(1, DIGEST)
    key = keys.period(period).person_keys(hashed)
    return hashlib.sha256(key.tobytes() + b"custody").hexdigest()
