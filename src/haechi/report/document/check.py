"""Check a report: is the file as it was handed out, does it rest on this log, and does each number come out again?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from haechi.model.errors import EvidenceError, HaechiError
from haechi.model.times import EPOCH, moment
from haechi.report.document import model
from haechi.report.document.asof import Past, opened
from haechi.report.document.build import inspection_document, settings_hash
from haechi.report.document.build_case import case_document
from haechi.report.document.months import month_of
from haechi.report.document.numbers import Number, numbers
from haechi.report.document.read import ReportData, read_report
from haechi.report.inspection import NOTHING_READ, over
from haechi.report.stores import open_store
from haechi.store.leaves import CustodyLeaf, read_leaf
from haechi.store.store import Store
from haechi.workspace.load import Workspace
from haechi.workspace.times import zone

State = Literal["whole", "altered", "missing", "forked", "unknown", "note"]
_DATA: Final = re.compile(rb'<data value="(-?\d+)">([^<]*)</data>')
SHOWN: Final = 50  # numbers that differ, told one by one


class Checked(msgspec.Struct, frozen=True):
    """One thing that was looked at. States are those of `haechi verify`."""

    thing: str
    state: State
    sentence: str
    count: int = 1


def check_report(path: Path, workspace: Workspace) -> list[Checked]:
    """Everything that can be said of a report by the store it was made from.

    Raises:
        InputError: the file is no report.
        StoreError: the store cannot be opened.
    """
    data, content = read_report(path)
    store = open_store(workspace)
    found = [_sealed(store, content)]
    if found[0].state != "whole":
        found += _shown(content)
    if data.kind == "drill" and not _of_a_log(data, store):
        return [
            Checked(
                "report", "unknown", "a drill's scorecard rests on no log of one's own: play the drill again"
            )
        ]
    if wrong := _kind(data):
        return [*found, Checked("report", "altered", wrong)]
    try:
        with opened(store, data.checkpoint, workspace.settings.store) as past:
            found.append(
                Checked("checkpoint", "whole", f"the report rests on a head of this log: {data.checkpoint}")
            )
            found += _numbers(data, workspace, past)
    except EvidenceError as error:
        found.append(Checked("checkpoint", "forked", f"{error.what} {error.where}".strip()))
    return found


def _sealed(store: Store, content: bytes) -> Checked:
    """Whether the log has the hash of exactly this file."""
    digest = hashlib.sha256(content).hexdigest()
    for index, data in enumerate(store.log().open().entries()):
        leaf = read_leaf(data, index)
        if isinstance(leaf, CustodyLeaf) and leaf.sealed == digest:
            at = moment(leaf.at) or EPOCH
            return Checked(
                "file",
                "whole",
                f"as it was handed out by {leaf.by} on {at:%Y-%m-%d %H:%M} UTC: entry {index} of the log",
            )
    return Checked("file", "altered", "the log has no entry of this file: it was changed, or made elsewhere")


def _shown(content: bytes) -> Iterator[Checked]:
    """Numbers of a page that say another than what stands in the page beside them."""
    told = 0
    for match in _DATA.finditer(content):
        if re.sub(rb"\D", b"", match[2]) == match[1].lstrip(b"-"):
            continue
        told += 1
        if told <= SHOWN:
            before = content[max(0, match.start() - 300) : match.start()].decode("utf-8", "replace")
            near = " ".join(re.sub(r"<[^>]*>", " ", before.partition(">")[2]).split())[-60:]
            value, text = match[1].decode()[:40], match[2].decode("utf-8", "replace")[:40]
            yield Checked(
                "shown", "altered", f"behind {near!r} the page shows {text}, and its data says {value}"
            )
    if told > SHOWN:
        yield Checked("shown", "altered", f"and {told - SHOWN:,} more", told - SHOWN)


def _of_a_log(data: ReportData, store: Store) -> bool:
    """Whether a file names what only a month's or a case's report rests on, whatever kind it says it is."""
    origin = data.checkpoint.rsplit(" ", 2)[0]
    return bool(data.month or data.case or origin == store.origin)


def _kind(data: ReportData) -> str:
    """What is wrong with the kind that a file says it is; empty where nothing is."""
    has = {"inspection": bool(data.month) and not data.case, "case": bool(data.case) and not data.month}
    if has.get(data.kind):
        return ""
    about = f"month {data.month or 'none'}, case {data.case or 'none'}, checkpoint {data.checkpoint}"
    return (
        f"it says that it is a report of the kind {data.kind!r}, and that does not fit what it holds: {about}"
    )


def _numbers(data: ReportData, workspace: Workspace, past: Past) -> Iterator[Checked]:
    """Count everything again and compare."""
    same_settings = settings_hash(workspace) == data.made.settings
    if not same_settings:
        yield Checked("settings", "note", "haechi.toml or the workspace's rules have been changed since")
    try:
        again = {number.name: number for number in numbers(_document(data, workspace, past))}
    except HaechiError as error:
        yield Checked("numbers", "unknown", f"they cannot be counted again: {error.what}")
        return
    given = {number.name: number for number in data.numbers}
    wrong = [name for name in given if name not in again or not _same(again[name], given[name])]
    left_out = [name for name in again if name not in given]
    excuse = _excuse(past, same_settings)
    for query in dict.fromkeys(number.query for number in again.values()):
        held = [name for name, number in given.items() if number.query == query and name not in wrong]
        if held:
            yield Checked("numbers", "whole", f"counted again by {query}: {len(held):,} the same", len(held))
    yield from _told(wrong, given, again, excuse)
    if left_out:
        state: State = "unknown" if excuse else "altered"
        some = ", ".join(left_out[:3])
        yield Checked(
            "numbers", state, f"{len(left_out):,} are missing from the report, such as {some}{excuse}"
        )


def _told(
    wrong: Sequence[str], given: dict[str, Number], again: dict[str, Number], excuse: str
) -> Iterator[Checked]:
    state: State = "unknown" if excuse else "altered"
    for name in wrong[:SHOWN]:
        now = again[name].value if name in again else "nothing of that name"
        yield Checked(
            "number", state, f"{name}: the report says {given[name].value}, counted again {now}{excuse}"
        )
    if len(wrong) > SHOWN:
        yield Checked("numbers", state, f"and {len(wrong) - SHOWN:,} more differ{excuse}", len(wrong) - SHOWN)


def _excuse(past: Past, same_settings: bool) -> str:
    """Why a number may differ without anybody having altered it."""
    why = []
    if past.gone:
        why.append(f"{past.gone:,} records of then have expired or were erased")
    if not same_settings:
        why.append("the settings or rules are others now")
    return f" ({'; '.join(why)})" if why else ""


def _document(data: ReportData, workspace: Workspace, past: Past) -> Any:
    inspected = over(past.engine, past.snapshot, workspace, NOTHING_READ)
    who = model.Made(**msgspec.structs.asdict(data.made))
    if data.kind == "case":
        return case_document(inspected, workspace, data.case or "", who)
    here = zone(workspace.settings.workspace.timezone) or UTC
    return inspection_document(inspected, workspace, month_of(data.month or "", here), who)


def _same(one: Number, other: Number) -> bool:
    if one.query != other.query:
        return False
    if isinstance(one.value, float) or isinstance(other.value, float):
        return one.value is not None and other.value is not None and abs(one.value - other.value) < 1e-9
    return one.value == other.value
