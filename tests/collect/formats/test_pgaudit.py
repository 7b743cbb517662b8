"""pgAudit's records in every log that PostgreSQL writes."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.harness import named, read, recognised, units_in_pieces

from haechi.collect.formats.pgaudit import audit_records

BODY = 'AUDIT: SESSION,3,1,READ,SELECT,TABLE,public.member,"select *\n  from member where ""no"" = 7",<none>'
ONE_LINE = 'AUDIT: SESSION,3,1,READ,SELECT,TABLE,public.member,"select ""no"", 1",<none>'
HEAD = "2025-03-04 05:06:07.089 UTC [31] kim@shop LOG:  "
LOGS = {
    "user@database": HEAD + BODY + "\n",
    "tab before continued lines": HEAD + BODY.replace("\n", "\n\t") + "\n",
    "address and port": "2025-03-04 05:06:07.089 UTC:192.0.2.7(5050):kim@shop:[31]:LOG:  " + BODY + "\n",
    "names": "2025-03-04 05:06:07.089 UTC [31]: user=kim,db=shop,app=psql,client=192.0.2.7 LOG:  "
    + BODY
    + "\n",
    "csvlog": '2025-03-04 05:06:07.089 UTC,"kim","shop",31,"192.0.2.7:5050",67c6,1,"SELECT",,3/1,0,LOG,0,"'
    + BODY.replace('"', '""')
    + '",,,,,,,,,"psql"\n',
    "jsonlog": json.dumps(
        {
            "timestamp": "2025-03-04 05:06:07.089 UTC",
            "user": "kim",
            "dbname": "shop",
            "remote_host": "192.0.2.7",
            "message": BODY,
        },
        separators=(",", ":"),
    )
    + "\n",
}


@pytest.mark.parametrize("log", LOGS)
def test_one_record_in_every_log(log: str) -> None:
    found = read(named("pgaudit"), LOGS[log] * 2)
    assert len(found.records) == 2 and found.aside == []
    for record in found.records:
        assert record["time"] == datetime(2025, 3, 4, 5, 6, 7, 89000)
        assert (record["actor"], record["host"]) == ("kim", "shop")
        assert (record["method"], record["route"], record["action"]) == ("SELECT", "public.member", "view")
    if "192.0.2.7" in LOGS[log]:
        assert {record["client_ip"] for record in found.records} == {"192.0.2.7"}
    assert recognised(LOGS[log] * 2) == ["pgaudit"]


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("READ,SELECT", "view"),
        ("READ,COPY", "export"),
        ("WRITE,COPY", "create"),
        ("WRITE,INSERT", "create"),
        ("WRITE,UPDATE", "update"),
        ("WRITE,DELETE", "delete"),
        ("WRITE,TRUNCATE TABLE", "delete"),
        ("DDL,CREATE TABLE", "create"),
        ("DDL,DROP TABLE", "delete"),
        ("ROLE,GRANT", "update"),
        ("MISC,SET", "other"),
    ],
)
def test_what_a_statement_does(kind: str, action: str) -> None:
    (record,) = read(named("pgaudit"), HEAD + ONE_LINE.replace("READ,SELECT", kind) + "\n").records
    assert record["action"] == action


def test_an_object_s_name_with_commas_is_quoted() -> None:
    line = HEAD + 'AUDIT: SESSION,4,1,FUNCTION,EXECUTE,FUNCTION,"public.f(int, ""Odd"")",select 1,<none>\n'
    assert read(named("pgaudit"), line).records[0]["route"] == 'public.f(int, "Odd")'


def test_without_a_prefix_the_time_is_unknown_and_said_to_be() -> None:
    found = read(named("pgaudit"), f"NOTICE:  {ONE_LINE}\nNOTICE:  {BODY}\n")
    assert [r["time"] for r in found.records] == [None, None]
    assert found.notes == ("its records carry no time",)


def test_every_other_line_is_a_unit_of_its_own() -> None:
    text = f'select "a\nNOTICE:  {BODY}\n(1 row)\n\n{HEAD}connection authorized: "\n'
    found = read(named("pgaudit"), text)
    assert len(found.records) == 1
    assert found.aside == [
        (1, "not an audit record"),
        (4, "not an audit record"),
        (5, "blank line"),
        (6, "not an audit record"),
    ]


def test_a_record_that_is_cut_off_does_not_take_the_next_one_with_it() -> None:
    cut = HEAD + BODY.split("\n")[0]
    found = read(named("pgaudit"), f"{cut}\n{HEAD}{BODY}\n{HEAD}{ONE_LINE}\n")
    assert len(found.records) == 2
    assert found.aside == [(1, "an audit record that is cut off")]


def test_whoever_plants_the_marker_in_an_access_log_does_not_hide_it() -> None:
    planted = f'192.0.2.1 - - [04/Mar/2025:05:06:07 +0900] "GET / HTTP/1.1" 200 5 "-" "{ONE_LINE[:40]}"\n'
    assert recognised(planted * 3) == ["combined"]
    assert recognised("starting up\n" * 200 + HEAD + ONE_LINE + "\n") == ["pgaudit"]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([HEAD + BODY, HEAD + ONE_LINE, "noise", 'odd "', ""]), max_size=8),
    st.integers(1, 90),
)
def test_units_do_not_depend_on_how_the_bytes_arrive(lines: list[str], piece: int) -> None:
    data = "".join(line + "\n" for line in lines).encode()
    whole = audit_records(data, True)
    assert whole.consumed == len(data)
    assert whole.text.to_pylist() == [line + "\n" for line in lines]
    assert units_in_pieces(audit_records, data, piece) == whole.text.to_pylist()
