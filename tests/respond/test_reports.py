"""A report that was not made in time is found; one that nobody could have made is not asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from tests.respond.conftest import Office
from tests.store.headers import header

from haechi.model.settings import InspectionSettings, Settings, WorkspaceSettings
from haechi.model.times import micros
from haechi.model.values import MonthReport
from haechi.report import inspection
from haechi.respond.reports import missing_reports, month_reports
from haechi.store.catalog import Catalog
from haechi.store.leaves import REPORT, CustodyLeaf, ExpiryLeaf, Leaf, LogLeaf, write_leaf
from haechi.store.store import Store

SEOUL = Settings(workspace=WorkspaceSettings(timezone="Asia/Seoul"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def records(number: int, first: str, last: str) -> Leaf:
    times = {"first": micros(at(first)), "last": micros(at(last)), "collected": micros(at(last))}
    return msgspec.structs.replace(header(number), table="access", **times)


def made(month: str, when: str, verb: str = REPORT, sealed: str = "00") -> Leaf:
    return CustodyLeaf(micros(at(when)), "ahn (uid 1)", verb, {"month": month}, sealed)


def catalog(*leaves: Leaf, begun: str = "2026-08-20") -> Catalog:
    return Catalog.of([write_leaf(LogLeaf(micros(at(begun)), "o", "", "")), *map(write_leaf, leaves)])


def months(found: Catalog, now: str, settings: Settings = SEOUL) -> list[str]:
    return [report.month for report in missing_reports(settings, found, at(now))]


BUSY = (records(0, "2026-07-01", "2026-08-31T12:00"), records(1, "2026-08-31T16:00", "2026-11-20"))


def test_months_are_missing_from_the_day_they_are_due() -> None:
    found = catalog(*BUSY)
    assert months(found, "2026-09-10T14:59") == []
    assert months(found, "2026-09-10T15:00") == ["2026-08"]  # midnight in Seoul, ten days after August
    assert months(found, "2026-11-20") == ["2026-08", "2026-09", "2026-10"]


def test_a_report_ends_it_and_a_late_one_is_known_as_late() -> None:
    found = catalog(*BUSY, made("2026-08", "2026-09-03"), made("2026-09", "2026-11-15"))
    assert months(found, "2026-11-20") == ["2026-10"]
    told = month_reports(SEOUL, found, at("2026-11-20"))
    late = {report.month: report.late for report in told}
    assert late == {"2026-08": False, "2026-09": True, "2026-10": True}


@pytest.mark.parametrize(
    "leaf",
    [
        made("2026-08", "2026-07-30"),  # a draft before the month
        made("2026-08", "2026-09-03", sealed=""),  # looked at, and never written
        made("2026-08", "2026-09-03", verb="report case"),
        made("2026-07", "2026-09-03"),
    ],
)
def test_what_is_no_report_of_the_month_does_not_count(leaf: Leaf) -> None:
    assert months(catalog(*BUSY, leaf), "2026-09-20") == ["2026-08"]


def test_nobody_is_asked_for_what_could_not_be_made() -> None:
    assert months(catalog(records(0, "2026-08-25", "2026-09-20")), "2026-12-20") == ["2026-08", "2026-09"]
    assert months(catalog(*BUSY, begun="2026-10-02"), "2026-11-20") == ["2026-10"]
    gone = ExpiryLeaf(micros(at("2026-11-01")), "ahn (uid 1)", "x", ((0, 0),), 1, "1y", "")
    assert months(catalog(*BUSY, gone), "2026-09-20") == []  # what is left is of September, in Seoul
    assert months(catalog(), "2026-12-20") == []
    never = msgspec.structs.replace(SEOUL, inspection=InspectionSettings(due=""))
    assert months(catalog(*BUSY), "2026-12-20", never) == []


def test_inspect_says_so(
    haechi: Callable[..., tuple[int, str, str]], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    (office.folder / "rules" / "unexplained.sql").unlink()
    inspect = ("inspect", "-w", office.folder, "--rule", "leaver")
    code, out, _ = haechi(*inspect, "--json")
    assert (code, json.loads(out)["missing_reports"]) == (0, [])
    missing = MonthReport("2026-10", at("2026-11-10"), None)
    monkeypatch.setattr(inspection, "missing_reports", lambda *_: [missing])
    code, out, _ = haechi(*inspect)
    assert code == 1 and "The report of 2026-10 was not made in time" in out


def test_an_entry_of_a_report_is_read_back(office: Office) -> None:
    with office.desk() as desk:
        Store.note(desk.store, [made("2026-10", "2036-11-03")])
        assert [leaf.what["month"] for leaf in desk.store.snapshot().catalog.reports] == ["2026-10"]
