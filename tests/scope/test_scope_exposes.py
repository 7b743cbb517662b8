"""Third persons from PostgreSQL, SQLite and Parquet; and every way in which a database does not answer."""

from __future__ import annotations

import sqlite3
import sys
from datetime import datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.scope.scope_world import Access, Entry, Member, book_file, book_table, engine_of

from haechi.model.settings import ExposesSettings, Settings
from haechi.scope import read_postgres
from haechi.scope.case import CaseScope, scope_case
from haechi.scope.exposes import Exposed, reader

ROWS = [
    ("1", "P-1", "address,name", "2025-04-01 00:00:00", None),
    ("1", "P-2", "name", None, "2025-04-14 00:00:00"),  # taken out before the access
    ("1", "P-3", "name,phone", "2025-04-14 05:00:00", None),  # written in after it
    ("1", 'P-"4",\n', "", None, None),
    ("2", "P-5", "name", None, None),  # the page of somebody who was not shown
    (None, "P-6", "name", None, None),
]
ACCESSES = [
    Access(1, 2, route="/book"),
    Access(2, 9, route="/profile"),
    Access(3, 9, route="/book", outcome="failure"),
    Access(4, 9, subject="2", route="/book", outcome="failure"),
]
ASK = "SELECT subject, person, fields, since, until FROM book"


def case_of(database: str, sql: str, root: Path, kind: str = "non_member") -> CaseScope:
    exposes = ExposesSettings(name="address book", database=database, sql=sql, routes=["/book"], kind=kind)
    return scope_case(engine_of(ACCESSES), [0], Settings(exposes=[exposes]), root)


def check(case: CaseScope) -> None:
    assert case.rows()["person"].to_pylist() == ["1", 'P-"4",\n', "P-1"]
    assert (case.count.members, case.count.non_members) == (1, 2)
    assert case.count.fields == {"address": 1, "name": 2}
    assert case.notes == ["1 row of [[exposes]] 'address book' names no subject or no person: left out."]


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    file = tmp_path / "customers.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE book (subject, person TEXT, fields TEXT, since TEXT, until TEXT)")
        database.executemany("INSERT INTO book VALUES (?, ?, ?, ?, ?)", ROWS)
        database.execute("UPDATE book SET subject = 1 WHERE person = 'P-1'")  # a number among texts
    return file


@pytest.fixture
def book(postgres: str) -> str:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS book")
        connection.execute(
            "CREATE TABLE book (subject text, person text, fields text, since timestamptz, until timestamp)"
        )
        connection.execute("SET TimeZone = 'UTC'")
        connection.cursor().executemany("INSERT INTO book VALUES (%s, %s, %s, %s, %s)", ROWS)
    return postgres


def test_sqlite(sqlite: Path) -> None:
    check(case_of("sqlite:///customers.db", ASK, sqlite.parent))
    check(case_of(f"sqlite:///{sqlite}", f"{ASK};\n-- every entry\n", Path()))


def test_sqlite_is_opened_read_only(sqlite: Path) -> None:
    before = sqlite.read_bytes()
    for sql in (
        "DELETE FROM book",
        "SELECT 1) AS x; DELETE FROM book; SELECT * FROM (SELECT 1",
        "ATTACH 'other.db' AS other",
    ):
        assert "SQLite refused" in case_of("sqlite:///customers.db", sql, sqlite.parent).notes[0]
    assert sqlite.read_bytes() == before
    assert [file.name for file in sqlite.parent.iterdir()] == ["customers.db"]


def test_parquet(tmp_path: Path) -> None:
    times = [
        [row and datetime.fromisoformat(row) for row in column]
        for column in zip(*[r[3:] for r in ROWS], strict=True)
    ]
    texts = list(zip(*[r[:3] for r in ROWS], strict=True))
    names = ["subject", "person", "fields", "since", "until"]
    kinds = [pa.string()] * 3 + [pa.timestamp("ns"), pa.timestamp("us", "Asia/Seoul")]
    columns = [pa.array(list(c), kind) for c, kind in zip([*texts, *times], kinds, strict=True)]
    pq.write_table(pa.table(columns, names=names), tmp_path / "it's a book.parquet")
    check(case_of("it's a book.parquet", "SELECT * FROM exposes", tmp_path))


def test_parquet_query_sees_no_other_file(tmp_path: Path) -> None:
    pq.write_table(book_table([Entry("1", "P-1")]), tmp_path / "book.parquet")
    (tmp_path / "other.csv").write_text("subject,person,fields\n1,P-9,name\n")
    case = case_of("book.parquet", f"SELECT * FROM read_csv('{tmp_path}/other.csv')", tmp_path)
    assert case.count.non_members == 0
    assert "failed" in case.notes[0]


def test_postgres(book: str, tmp_path: Path) -> None:
    check(case_of(book, ASK, tmp_path))
    check(case_of(book.replace("postgresql:", "postgresql+psycopg:"), f"{ASK}; -- every entry", tmp_path))


def test_postgres_streams_in_blocks(book: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_postgres, "BLOCK", 1000)
    sql = "SELECT '1' AS subject, 'P' || n AS person, E'name,\"\\n' AS fields FROM generate_series(1, 5000) n"
    blocks = list(read_postgres.read(book, sql, tmp_path))
    assert len(blocks) > 50
    assert sum(len(block) for block in blocks) == 5000
    assert case_of(book, sql, tmp_path).count.non_members == 5000


def test_postgres_cannot_be_written(book: str, tmp_path: Path) -> None:
    with psycopg.connect(book, autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION wipe() RETURNS text LANGUAGE plpgsql AS "
            "$$ BEGIN DELETE FROM book; RETURN 'gone'; END $$"
        )
    case = case_of(book, "SELECT wipe() AS subject, 'P' AS person, 'name' AS fields", tmp_path)
    assert "read-only transaction" in case.notes[0]
    case = case_of(book, "SELECT 1) AS x) TO STDOUT; DELETE FROM book; --", tmp_path)
    assert "refused the query" in case.notes[0]
    case = case_of(book, "SELECT 1) AS x; DELETE FROM book; SELECT * FROM (SELECT 1", tmp_path)
    assert "read-only transaction" in case.notes[0]
    with psycopg.connect(book) as connection:
        assert connection.execute("SELECT count(*) FROM book").fetchone() == (len(ROWS),)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT subject, person FROM book", "no column fields (it answers subject, person)"),
        ("SELECT nobody FROM book", 'column "nobody" does not exist'),
        ("SELECT subject, person, fields, 'soon' AS since FROM book", "a since or until that is not a time"),
        ("SELECT subject, person, (person || 'x')::int::text AS fields FROM book", "SQLSTATE 22P02"),
        ("SELECT subject, subject, person, fields FROM book", "column subject twice"),
    ],
)
def test_postgres_answers_nothing_useful(book: str, tmp_path: Path, sql: str, says: str) -> None:
    case = case_of(book, sql, tmp_path)
    assert case.notes[0].startswith("Third persons of [[exposes]] 'address book' are not counted: ")
    assert says in case.notes[0]
    assert "P-1" not in case.notes[0]
    assert (case.count.members, case.count.non_members) == (1, 0)


def test_no_sentence_holds_the_password(book: str, tmp_path: Path) -> None:
    host = book.rpartition("@")[2]
    for database, says in (
        (f"postgresql://owner:hunter2@{host}", "the user or the password is wrong"),
        ("postgresql://owner:hunter2@127.0.0.1:1/customers", "nothing listens there"),
        (f"postgresql://owner:not-a-secret@{host.replace('/postgres', '/nowhere')}", "does not exist"),
        ("postgresql://owner:hunter2@[127.0.0.1/x", "its address is none"),
        ("postgresql://owner:hunter2@127.0.0.1/x?no_such_option=1", "its address is none"),
        ("mysql://owner:hunter2@host/x", "of no kind that can be asked"),
    ):
        note = case_of(database, ASK, tmp_path).notes[0]
        assert says in note
        assert "hunter2" not in note
        assert "not-a-secret" not in note


def test_missing_driver_and_missing_files_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "does not exist" in case_of("sqlite:///none.db", ASK, tmp_path).notes[0]
    assert "does not exist" in case_of("none.parquet", ASK, tmp_path).notes[0]
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 not really")
    assert "failed" in case_of("broken.parquet", ASK, tmp_path).notes[0]
    (tmp_path / "broken.db").write_bytes(b"SQLite format 2" * 100)
    assert "refused" in case_of("sqlite:///broken.db", ASK, tmp_path).notes[0]
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "driver" in case_of("postgresql://owner@127.0.0.1/x", ASK, tmp_path).notes[0]


def test_a_kind_that_is_none_and_a_since_that_is_a_number_are_said(tmp_path: Path) -> None:
    table = book_table([Entry("1", "P-1")])
    pq.write_table(table.set_column(3, "since", pa.array([5])), tmp_path / "book.parquet")
    assert "neither a time nor a text" in case_of("book.parquet", "SELECT * FROM exposes", tmp_path).notes[0]
    assert "kind 'friend'" in case_of("book.parquet", "SELECT * FROM exposes", tmp_path, "friend").notes[0]


def test_a_database_is_asked_once_and_only_if_a_case_touches_its_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def watched(database: str) -> object:
        asked.append(database)
        return reader(database)

    monkeypatch.setattr("haechi.scope.exposes.reader", watched)
    exposes = [
        book_file(tmp_path, "book", [Entry("1", "P-1")], ["/book"]),
        book_file(tmp_path, "friends", [Entry("1", "P-2")], ["/friends"]),
    ]
    settings = Settings(exposes=exposes)
    shared = Exposed(exposes, tmp_path)
    engine = engine_of(ACCESSES, flags=[(0, "gateway", 1), (1, "gateway", 2), (2, "gateway", 1)])
    cases = [scope_case(engine, [number], settings, exposed=shared) for number in (0, 1, 2)]
    assert [case.count.non_members for case in cases] == [1, 0, 1]
    assert asked == ["book.parquet"]


def test_a_file_shows_everybody_in_it_and_is_nobodys_own_page(tmp_path: Path) -> None:
    """By path: without its query; what no database lists is said, and adds no person."""
    rows = [Entry("/exports/7.csv", "1"), Entry("/exports/7.csv", "P-1"), Entry("/exports/8.csv", "P-2")]
    pq.write_table(book_table(rows), tmp_path / "exports.parquet")
    exposes = ExposesSettings(
        name="exports",
        database="exports.parquet",
        sql="SELECT * FROM exposes",
        routes=["/exports/{file}"],
        by="path",
    )
    accesses = [
        Access(1, subject=None, route="/exports/{file}", action="export", subjects=2),
        Access(2, subject=None, route="/exports/{file}", action="export"),
        Access(3, subject=None, route="/exports/{file}", outcome="failure"),
        Access(4, subject="2"),
    ]
    paths = ["/exports/7.csv?as=csv", "/exports/9.csv", "/exports/8.csv", "/profile"]
    engine = engine_of(accesses, [Member("1"), Member("2")], paths=paths)
    case = scope_case(engine, [0], Settings(exposes=[exposes]), tmp_path)
    assert case.rows()["person"].to_pylist() == ["1", "2", "P-1"]
    assert (case.count.persons, case.count.accounts, case.count.ghosts) == (3, 1, 0)
    assert (case.count.requests, case.count.requests_shown) == (4, 3)
    assert case.notes == ["1 request showed a file of which no database says who stands there."]
