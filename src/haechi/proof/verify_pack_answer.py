"""Whether the rows of a pack are an answer to what was asked, and whether they bear out what is stated of them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from haechi.model.errors import EvidenceError
from haechi.model.times import micros
from haechi.proof import manifest as names
from haechi.proof.manifest import Manifest
from haechi.proof.rows import Row, time_text
from haechi.proof.span import in_words
from haechi.proof.statement import Stated, StatedScope
from haechi.proof.verdict import State, Verdict
from haechi.proof.verify_pack_archive import Archive
from haechi.proof.verify_pack_leaver import LeaverRows
from haechi.proof.whose import person_of
from haechi.report.figures import count
from haechi.store.header import BatchHeader


class _Told(msgspec.Struct):
    """Of a record, what is counted."""

    time: Any = None
    subject: Any = None
    actor: Any = None
    person: Any = None


class Answer:
    """Watches the rows go by, and says afterwards what they bear out."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.requests = self.strangers = 0
        self.first: int | None = None
        self.last: int | None = None
        self.named: set[str] = set()
        self._leavers = LeaverRows()
        self._decoder = msgspec.json.Decoder(_Told)

    def watch(self, header: BatchHeader, rows: Sequence[Row]) -> None:
        """Take in rows of one batch."""
        for row in rows:
            try:
                told = self._decoder.decode(row.record)
            except (msgspec.DecodeError, ValueError, RecursionError):
                self.strangers += 1
                continue
            person = person_of(header.table, msgspec.structs.asdict(told))
            time = told.time if isinstance(told.time, int) else None
            self.strangers += not self._asked_for(row, person, time)
            if self.manifest.kind == "leaver":
                self._leavers.take(header.table, row)
            if self.manifest.kind in ("case", "scope"):
                self.requests += header.table == "access"
                self.named.add(person)
            if time is not None:
                self.first = time if self.first is None else min(self.first, time)
                self.last = time if self.last is None else max(self.last, time)

    def _asked_for(self, row: Row, person: str, time: int | None) -> bool:
        asked = self.manifest.asked
        if self.manifest.kind == "record":
            return (row.source, row.seq) == (asked.get("source"), asked.get("seq"))
        if self.manifest.kind == "person":
            begin, end = asked.get("from"), asked.get("to")
            inside = time is None or (
                (not isinstance(begin, int) or time >= begin) and (not isinstance(end, int) or time < end)
            )
            return person == asked.get("person") and inside
        return True

    def verdicts(self, archive: Archive) -> Iterator[Verdict]:
        """What the rows say of the question, and of the statement where there is one."""
        if self.strangers:
            yield _told(
                "answer",
                "strange",
                f"{count(self.strangers, 'row')} of the pack {'is' if self.strangers == 1 else 'are'} not what was "
                "asked for",
                names.ROWS,
            )
        if self.manifest.kind == "person":
            yield from self._part()
        for gone in self.manifest.gone:
            why = "expired" if gone.why == "expired" else "is missing from the store"
            span = ""
            if gone.first is not None and gone.last is not None:
                span = f", {time_text(gone.first)} to {time_text(gone.last)}"
            yield _told(
                "answer",
                "note",
                f"what {gone.source} held in batches {_spans(gone.batches)} {why}{span}: "
                f"{count(gone.rows, 'row')}, of which none can be in this pack",
                names.MANIFEST,
            )
        if self.manifest.kind in ("case", "scope"):
            yield from self._statement(archive)
        if self.manifest.kind == "leaver":
            yield from self._leavers.verdicts(archive, self.manifest)

    def _part(self) -> Iterator[Verdict]:
        """What a reader could take for all records of the person, or for a proof that there are none."""
        span = in_words(self.manifest.asked)
        if span:
            yield _told(
                "answer",
                "note",
                f"a part of the person's records was asked for: those dated {span}, and those without a time",
                names.MANIFEST,
            )
        if not self.manifest.rows:
            dated = " with such a date, or without one," if span else ""
            yield _told(
                "answer",
                "note",
                f"no record of the person{dated} was in the store as of the log's first "
                f"{count(self.manifest.checkpoint.size, 'entry')}: so the holder of the log's key states, and a pack "
                "cannot prove it",
                names.MANIFEST,
            )

    def _statement(self, archive: Archive) -> Iterator[Verdict]:
        try:
            stated = msgspec.json.decode(archive.read(names.STATEMENT), type=Stated)
        except (EvidenceError, msgspec.DecodeError, ValueError, RecursionError):
            yield _told("statement", "altered", "the statement cannot be read", names.STATEMENT)
            return
        case, scope = stated.case, stated.case.scope
        if case.id != self.manifest.asked.get("case"):
            yield _told(
                "statement", "altered", "the statement is on another case than was asked for", names.STATEMENT
            )
        wrong = list(self._compare(stated))
        yield from (_told("statement", "altered", sentence, names.STATEMENT) for sentence in wrong)
        if not wrong:
            yield _told(
                "statement",
                "whole",
                f"{count(scope.requests, 'request')} between {_when(case.first_seen)} and "
                f"{_when(case.last_seen)}, recounted from the rows",
                names.STATEMENT,
            )
        yield _told("statement", "note", _on_trust(scope, len(self.named - {""})), names.STATEMENT)
        if self.manifest.kind == "scope":
            yield from _people(archive, scope)

    def _compare(self, stated: Stated) -> Iterator[str]:
        case, scope, named = stated.case, stated.case.scope, len(self.named - {""})
        if scope.requests != self.requests:
            yield f"it states {count(scope.requests, 'request')}, the rows are {self.requests:,}"
        if (micros(case.first_seen), micros(case.last_seen)) != (self.first, self.last):
            yield "it states another first or last access than the rows have"
        if scope.accounts + scope.ghosts > named:
            told = f"{scope.accounts + scope.ghosts:,} accounts and ghosts"
            yield f"it states {told}, the rows name {count(named, 'person')}"
        if scope.requests_shown > self.requests:
            yield "it states more requests that showed something than there are"
        if scope.persons != scope.members + scope.withdrawn + scope.non_members:
            yield "its persons are not the sum of members, withdrawn members and non-members"


def _on_trust(scope: StatedScope, named: int) -> str:
    return (
        f"on the company's word rest: that {scope.accounts:,} of the {count(named, 'person')} whom the rows name had "
        f"their data shown and {scope.ghosts:,} never existed (its register of members), that "
        f"{count(scope.non_members, 'non-member')} stood on those pages (its customer databases), and that the "
        "accesses were illegitimate (the rules, as run over the whole store)"
    )


def _people(archive: Archive, scope: StatedScope) -> Iterator[Verdict]:
    """The list of persons must be as long as the statement says, in each kind."""
    kinds: Counter[str] = Counter()
    try:
        with archive.open(names.PEOPLE) as file:
            for line in csv.DictReader(io.TextIOWrapper(file, "utf-8", newline="")):
                kinds[str(line.get("kind"))] += 1
    except (EvidenceError, csv.Error, UnicodeDecodeError):
        yield _told("people", "altered", "the list of persons cannot be read", names.PEOPLE)
        return
    stated = {"member": scope.members, "withdrawn": scope.withdrawn, "non_member": scope.non_members}
    if dict(kinds) != {kind: number for kind, number in stated.items() if number}:
        yield _told(
            "people",
            "altered",
            f"the list of persons has {count(sum(kinds.values()), 'line')}, and not as many of each "
            f"kind as the statement says ({scope.persons:,} in all)",
            names.PEOPLE,
        )
        return
    yield _told(
        "people",
        "whole",
        f"{count(scope.persons, 'person')} listed, as many of each kind as stated",
        names.PEOPLE,
    )


def _when(time: datetime) -> str:
    return time_text(micros(time))


def _spans(batches: Sequence[tuple[int, int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in batches)


def _told(thing: str, state: State, sentence: str, where: str) -> Verdict:
    return Verdict(thing, state, sentence, where)
