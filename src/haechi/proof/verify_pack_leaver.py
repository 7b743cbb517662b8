"""Whether the rows of a leavers' pack bear out what its statement says of each way in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from haechi.identity.leaver_values import Evidence, Item, Leaver, LeaverCheck, overall
from haechi.model.errors import EvidenceError
from haechi.model.times import micros
from haechi.proof import manifest as names
from haechi.proof.manifest import Manifest
from haechi.proof.rows import Row
from haechi.proof.statement import LeaverStated
from haechi.proof.verdict import Verdict
from haechi.proof.verify_pack_archive import Archive
from haechi.report.figures import count

_SHOWN: Final = 5  # faults told one by one
_TRUST: Final = (
    "on the company's word rest: that it asked every system there is, that these are all accounts of the person, which "
    "probe asks about which secret (its settings), how many rows of the list of people could not be read, and that no "
    "record which the pack does not hold says otherwise"
)


class _Told(msgspec.Struct):
    """Of a record, what is compared. Times: microseconds since 1970 UTC."""

    time: Any = None
    kind: Any = None
    state: Any = None
    evidence: Any = None
    person: Any = None
    departed: Any = None
    object: Any = None


class LeaverRows:
    """Takes the rows in, and compares the statement with them afterwards."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, int], _Told] = {}
        self._decoder = msgspec.json.Decoder(_Told)

    def take(self, table: str, row: Row) -> None:
        """One row whose proof holds. One that cannot be read is nowhere, so that what rests on it does not hold."""
        try:
            self._rows[table, row.source, row.seq] = self._decoder.decode(row.record)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return

    def verdicts(self, archive: Archive, manifest: Manifest) -> Iterator[Verdict]:
        """What the rows say of the statement."""
        try:
            stated = msgspec.json.decode(archive.read(names.STATEMENT), type=LeaverStated).check
        except (EvidenceError, msgspec.DecodeError, ValueError, RecursionError):
            yield _told("altered", "the statement cannot be read")
            return
        faults = [
            *_whole(stated, manifest),
            *(fault for person in stated.people for fault in self._person(person)),
        ]
        cited = {(e.table, e.source, e.seq) for e in _cited(stated)}
        if strange := len(self._rows.keys() - cited):
            bear = "bears" if strange == 1 else "bear"
            faults.append(f"{count(strange, 'row')} of the pack {bear} out nothing that is stated")
        for fault in faults[:_SHOWN]:
            yield _told("altered", fault)
        if len(faults) > _SHOWN:
            yield _told("altered", f"{count(len(faults) - _SHOWN, 'more fault')} of this kind")
        if not faults:
            states = Counter(item.state for person in stated.people for item in person.items)
            said = ", ".join(f"{states[state]:,} {state.upper()}" for state in ("alive", "unknown", "dead"))
            who = count(len(stated.people), "person")
            yield _told(
                "whole", f"{count(states.total(), 'way')} in of {who}: {said}; each borne out by its rows"
            )
        yield _told("note", _TRUST)

    def _person(self, person: Leaver) -> Iterator[str]:
        rows = [self._rows.get((e.table, e.source, e.seq)) for e in person.told]
        departures = [row.departed for row in rows if row is not None]
        gone = max(departures) if departures and all(isinstance(d, int) for d in departures) else None
        if None in rows or any(row is not None and row.person != person.person for row in rows):
            yield "a row of the list of people that it cites is not in the pack, or is somebody else's"
        elif gone != (None if person.departed is None else micros(person.departed)):
            yield "it states another departure than the list of people"
        accounts: dict[tuple[str, str], set[str]] = {}
        for item in person.items:
            if item.sort == "account":
                accounts.setdefault((item.system, item.account), set()).add(item.state)
        for item in person.items:
            # A right that is still listed is as dead as the account that holds it.
            through = item.sort == "grant" and accounts.get((item.system, item.account)) == {"dead"}
            yield from self._item(item, through)

    def _item(self, item: Item, through: bool) -> Iterator[str]:
        name = f"{item.sort} {item.name} of {item.system or 'no system'}"
        rows = []
        for evidence in (*item.had, *item.told):
            if not evidence.source:
                continue
            row = self._rows.get((evidence.table, evidence.source, evidence.seq))
            if row is None:
                yield f"{name}: a record that it cites is not in the pack"
            elif isinstance(row.evidence, str) and row.evidence not in evidence.text:
                yield f"{name}: it quotes a record otherwise than it is"
            elif evidence in item.told:
                rows.append(row)
        yield from (f"{name}: {fault}" for fault in _state(item, rows, through))


def _state(item: Item, rows: list[_Told], through: bool) -> Iterator[str]:
    """Whether the last words on it bear out the state. A whole list that does not name a thing says that it is dead."""
    said = ["dead" if row.kind == "listing" else row.state for row in rows]
    probes = [row.state for row in rows if row.kind == "probe"]
    if item.state == "alive" and "alive" not in said:
        yield "stated ALIVE, and no record says so"
    if item.state == "dead" and "dead" not in said and not through:
        yield "stated DEAD, and no record says so"
    if item.state == "dead" and any(state != "dead" for state in probes):
        yield "stated DEAD, and a probe says otherwise"
    if item.state == "dead" and not through and _outlived(rows):
        yield "stated DEAD, and what a list says otherwise is newer than all probes"
    if item.state == "unknown" and "alive" in probes:
        yield "stated UNKNOWN, and a probe says ALIVE"


def _outlived(rows: list[_Told]) -> bool:
    """Whether a list names the thing as not dead, and no probe was asked since."""
    asked = max((row.time for row in rows if row.kind == "probe" and isinstance(row.time, int)), default=-1)
    listed = [row for row in rows if row.kind not in ("probe", "listing") and row.state != "dead"]
    return any(not isinstance(row.time, int) or row.time > asked for row in listed)


def _whole(stated: LeaverCheck, manifest: Manifest) -> Iterator[str]:
    """That the statement is the one asked for, and its own sums are right."""
    asked = manifest.asked.get("person")
    if asked is not None and [person.person for person in stated.people] != [asked]:
        yield "the statement is on another person than was asked for"
    if micros(stated.at) != manifest.asked.get("at"):
        yield "the statement is of another time than was asked for"
    states = Counter(item.state for person in stated.people for item in person.items)
    if {state: number for state, number in stated.counts.items() if number} != dict(states):
        yield "its counts are not the sums of what it lists"
    # Of nobody at all, nothing is known where there is no list of people, which no row can tell.
    worst = overall(stated.people, stated.unread, stated.ungathered)
    if stated.state != worst and (stated.people or stated.state != "unknown"):
        yield "its verdict is not the worst of what it lists"


def _cited(stated: LeaverCheck) -> Iterator[Evidence]:
    for person in stated.people:
        yield from person.told
        for item in person.items:
            yield from (*item.had, *item.told)


def _told(state: Any, sentence: str) -> Verdict:
    return Verdict("statement", state, sentence, names.STATEMENT)
