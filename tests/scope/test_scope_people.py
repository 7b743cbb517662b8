"""The people of a case as files: whole, private, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.scope.scope_world import BEGIN, Access, Entry, Member, book_file, engine_of

from haechi.model.errors import ScopeError, StoreError
from haechi.model.settings import Settings
from haechi.scope.case import CaseScope, scope_case
from haechi.scope.spool import Spool

ODD = ["-12", "-1+2", "=1+1", "+821", "@cmd", "\tx", "＝1", "a,b", 'q"q', "김하나", "plain"]


def case_of(ids: list[str]) -> CaseScope:
    return scope_case(
        engine_of([Access(n, subject=subject, fields="=x,name") for n, subject in enumerate(ids, 1)]),
        [0],
        Settings(),
    )


def test_csv_never_holds_a_formula(tmp_path: Path) -> None:
    out = tmp_path / "people.csv"
    assert case_of(ODD).write_people(out) == len(ODD)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row["person"] for row in rows}
    safe = {"-12", "a,b", 'q"q', "김하나", "plain"}
    assert found == safe | {"'" + text for text in ODD if text not in safe}
    assert {row["fields"] for row in rows} == {"'=x,name"}


def test_times_in_csv_say_that_they_are_utc(tmp_path: Path) -> None:
    out = tmp_path / "people.csv"
    case_of(["1"]).write_people(out)
    with out.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["first"] == row["last"] == "2025-04-14T00:00:00.000000Z"
    assert datetime.fromisoformat(row["first"]) == BEGIN.replace(tzinfo=UTC)


def test_parquet_holds_every_value_as_it_is(tmp_path: Path) -> None:
    out = tmp_path / "people.parquet"
    case = case_of(ODD)
    case.write_people(out)
    table = pq.read_table(out)
    assert table["person"].to_pylist() == sorted(ODD)
    assert table.column_names == case.rows().column_names
    assert table.to_pylist() == case.rows().to_pylist()


@pytest.mark.parametrize("name", ["people.csv", "people.parquet", "it's.csv"])
def test_file_is_for_its_owner_alone_and_replaces_the_old_one(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    out.write_text("old")
    out.chmod(0o644)
    case_of(["1", "2"]).write_people(out)
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes() != b"old"
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_what_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    case = case_of(["1"])
    with pytest.raises(ScopeError, match="parquet"):
        case.write_people(tmp_path / "people.xlsx")
    with pytest.raises(StoreError, match="could not be written"):
        case.write_people(tmp_path / "nowhere" / "people.csv")
    (tmp_path / "people.csv").mkdir()
    (tmp_path / "people.csv" / "other").touch()
    with pytest.raises(StoreError, match="could not be written"):
        case.write_people(tmp_path / "people.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["people.csv"]


def test_a_case_of_nobody_is_a_file_with_columns(tmp_path: Path) -> None:
    case = scope_case(engine_of([]), [0], Settings())
    assert case.write_people(tmp_path / "people.csv") == 0
    assert (tmp_path / "people.csv").read_text().startswith("person,kind,through,first,last,times,fields")


def test_through_counts_the_pages_of_others(tmp_path: Path) -> None:
    exposes = book_file(tmp_path, "book", [Entry("1", "P-1"), Entry("2", "P-1"), Entry("1", "1")], ["/book"])
    accesses = [Access(1, route="/book"), Access(2, subject="2", route="/book"), Access(3, route="/book")]
    case = scope_case(engine_of(accesses), [0], Settings(exposes=[exposes]), tmp_path)
    found = {row["person"]: (row["kind"], row["through"], row["times"]) for row in case.rows().to_pylist()}
    assert found == {"1": ("member", None, 2), "2": ("member", None, 1), "P-1": ("non_member", 2, 3)}


def test_the_example_of_the_manual(tmp_path: Path) -> None:
    shown = [Access(n, 5, subject=str(1 + n % 3), fields="name,phone", route="/book") for n in range(1, 7)]
    asked = ((7, "4"), (8, "999"), (9, "999"))
    refused = [Access(n, 5, subject=who, route="/book", outcome="failure") for n, who in asked]
    members = [Member("1"), Member("2"), Member("3", withdrawn=2), Member("4")]
    entries = [Entry("1", "P-7", "name"), Entry("2", "P-7", "name"), Entry("2", "4")]
    book = book_file(tmp_path, "book", entries, ["/book"])
    count = scope_case(engine_of([*shown, *refused], members), [0], Settings(exposes=[book]), tmp_path).count
    assert (count.requests, count.requests_shown, count.accounts, count.persons) == (9, 6, 3, 5)
    assert (count.members, count.withdrawn, count.non_members, count.ghosts) == (3, 1, 1, 1)
    assert count.fields == {"name": 5, "phone": 4}


def test_what_a_scope_wrote_aside_is_private_and_goes_with_it() -> None:
    engine = engine_of([Access(1)])
    spool = Spool(engine)
    spool.write("page", "SELECT '1' AS person")
    folder = Path(spool.read("page").split("'")[1]).parent.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    del spool
    assert not folder.exists()
