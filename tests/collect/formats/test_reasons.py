"""Tickets, orders, shifts, approvals: who may look at whose data, from when to when."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.harness import named, read, recognised, source

from haechi.collect.formats.reason_names import SORTS

# As such systems export them: the sort, a table, and the first record that comes out.
TABLES: list[tuple[str, str, dict[str, Any]]] = [
    (
        "tickets",
        "ticket,opened,closed,agent,member_id,subject line\n"
        "T-1,2025-03-04T09:00:00+09:00,2025-03-04 00:20:00Z,kim,7,Where is it?\n",
        {"kind": "ticket", "actor": "kim", "subject": "7", "first": datetime(2025, 3, 4), "reference": "T-1",
         "last": datetime(2025, 3, 4, 0, 20), "text": "Where is it?"},
    ),
    (
        "tickets",
        "문의번호,접수일시,완료일시,상담원,회원번호,문의유형\n101,2025-03-04 09:00:00,,김,7,환불\n",
        {"kind": "ticket", "actor": "김", "subject": "7", "reference": "101", "last": None, "text": "환불"},
    ),
    (
        # Member numbers that no two rows share, a creation and an end: all that a registry has, but a ticket each.
        "tickets",
        "ticket_id,member_id,created_at,closed_at,agent\n1,7,2025-03-04,2025-03-05,kim\n2,8,2025-03-04,,lee\n",
        {"subject": "7", "first": datetime(2025, 3, 4), "last": datetime(2025, 3, 5, 23, 59, 59, 999999)},
    ),
    (
        "orders",
        "order,member_id,assigned to,from,to\n81,7,courier-1,2025-03-04T08:00:00Z,2025-03-04T18:00:00Z\n",
        {"kind": "order", "actor": "courier-1", "subject": "7", "reference": "81"},
    ),
    (
        "orders",
        "注文番号,会員番号,担当者,開始日時,終了日時\n81,7,sato,2025/03/04 08:00:00,2025/03/04 18:00:00\n",
        {"kind": "order", "actor": "sato", "subject": "7", "first": datetime(2025, 3, 4, 8)},
    ),
    (
        "shifts",
        "employee,start,end\nE1,2025-03-04T09:00:00Z,2025-03-04T18:00:00Z\n",
        {"kind": "shift", "actor": "E1", "subject": None, "last": datetime(2025, 3, 4, 18)},
    ),
    ("shifts", "社員番号,出勤,退勤\nE1,2025-03-04 09:00,2025-03-04 18:00\n", {"kind": "shift", "actor": "E1"}),
    (
        "approvals",
        "approval,who,what,approved by,from,to,purpose\nA1,kim,GET /exports/members,lee,2025-03-01,2025-03-07,Survey\n",
        {"kind": "approval", "actor": "kim", "route": "/exports/members", "fields": None, "text": "Survey",
         "reference": "A1", "last": datetime(2025, 3, 7, 23, 59, 59, 999999)},
    ),
    (
        "approvals",
        "who,what,approver,from,to\nkim,\"name, phone\",lee,2025-03-01,2025-03-07\n",
        {"kind": "approval", "route": None, "fields": "name,phone", "text": None},
    ),
    (
        "approvals",
        "신청자,대상,승인자,시작일,만료일,사유\nkim,회원 목록,lee,2025-03-01,2025-03-07,통계\n",
        {"kind": "approval", "actor": "kim", "route": None, "fields": None, "text": "회원 목록: 통계"},
    ),
    (
        "relations",
        "employee,member_id,relation\nE1,7,self\n",
        {"kind": "relation", "actor": "E1", "subject": "7", "text": "self", "first": None, "last": None},
    ),
    (
        "reasons",
        "kind,actor,role,subject,first,last,reference\nShift,kim,,,2025-03-04T09:00:00Z,2025-03-04T18:00:00Z,\n",
        {"kind": "shift", "actor": "kim"},
    ),
]  # fmt: skip
IDS = [f"{sort}-{n}" for n, (sort, _, _) in enumerate(TABLES)]


@pytest.mark.parametrize(("sort", "text", "expected"), TABLES, ids=IDS)
def test_a_table_is_recognised_and_read(sort: str, text: str, expected: dict[str, Any]) -> None:
    assert recognised(text)[0] == sort
    found = read(named(sort), text)
    assert expected.items() <= found.records[0].items()
    assert found.aside == [(1, "the header line")]


@pytest.mark.parametrize(("sort", "text", "expected"), TABLES, ids=IDS)
def test_the_same_as_json_lines(sort: str, text: str, expected: dict[str, Any]) -> None:
    rows = [{k: v or None for k, v in row.items()} for row in csv.DictReader(io.StringIO(text))]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    assert recognised(lines)[0] == f"{sort}-json"
    found = read(named(f"{sort}-json"), lines)
    assert expected.items() <= found.records[0].items() and found.aside == []


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("time,user,action,customer_id,ticket_no\n2025-03-04T09:00:00Z,kim,view,7,T1\n", "csv"),
        ("employee_id,login,hire_date,termination_date\nE1,kim,2020-01-02,\n", "people"),
        ("employee,account,start_date,end_date,role\nE1,kim,2020-01-02,2020-02-02,desk\n", "people"),
        ("member_id,created_at,withdrawn_at,status\n1,2020-01-02,,active\n", "registry"),
        ("order_id,member_id,created_at,total\n1,7,2025-03-04,900\n2,7,2025-03-04,90\n", None),
    ],
)
def test_what_looks_alike_is_something_else(text: str, form: str | None) -> None:
    assert recognised(text)[:1] == ([form] if form else [])


@pytest.mark.parametrize(
    ("sort", "header", "row", "reason"),
    [
        ("tickets", "ticket,opened,closed,agent,member_id", "T1,,2025-03-04,kim,7", "it has no beginning"),
        ("tickets", "ticket,opened,closed,agent,member_id", "T1,2025-03-04,soon,kim,7",
         "its date in last cannot be read"),
        ("tickets", "ticket,opened,closed,agent,member_id", "T1,2025-03-04,2025-03-03,kim,7",
         "it ends before it begins"),
        ("tickets", "ticket,opened,closed,agent,member_id", "T1,2025-03-04,,-,",
         "it names neither who may look nor whose data"),
        ("tickets", "ticket,opened,closed,agent,member_id", "T1,2025-03-04,,kim;lee,7",
         "several accounts in one row: give each account a row of its own"),
        ("tickets", "ticket,opened,closed,agent,member_id", "T1,2025-03-04", "not a whole row of 5 columns"),
        ("approvals", "who,what,approved_by,from,to,member_id", ",/a,lee,2025-03-04,,7",
         "it names nobody who may look"),
        ("relations", "employee,member_id,relation", "E1,,self", "it does not say whose relation it is"),
        ("reasons", "kind,actor,first,last,reference", "whim,kim,2025-03-04,,1",
         "its kind is none of order, ticket, shift, approval, purpose, relation, answer"),
    ],
)  # fmt: skip
def test_what_would_explain_everything_or_nothing_is_set_aside(
    sort: str, header: str, row: str, reason: str
) -> None:
    found = read(named(sort), f"{header}\n{row}\n")
    assert found.records == []
    assert found.aside[1:] == [(2, reason)]


def test_columns_of_an_unknown_name_are_mapped() -> None:
    text = "Vorgang,wer,wessen,ab,bis\n1,kim,7,2025-03-04T09:00:00Z,2025-03-04T10:00:00Z\n"
    columns = {"reference": "Vorgang", "actor": "wer", "subject": "wessen", "first": "ab", "last": "bis"}
    found = read(named("tickets"), text, source("reason", columns=columns, timezone="Asia/Seoul"))
    assert found.records[0]["subject"] == "7" and found.records[0]["last"] == datetime(2025, 3, 4, 10)


def test_times_without_zone_are_the_source_s_and_a_last_day_lasts_until_it_is_over() -> None:
    text = "employee,start,end\nE1,2025-03-04 09:00,2025-03-04\n"
    found = read(named("shifts"), text, source("reason", timezone="Asia/Seoul"))
    assert found.records[0]["first"] == datetime(2025, 3, 4)
    assert found.records[0]["last"] == datetime(2025, 3, 4, 15) - timedelta(microseconds=1)


def test_a_list_without_ends_says_what_that_means() -> None:
    found = read(named("tickets"), "ticket,opened,agent,member_id\n1,2025-03-04,kim,7\n")
    assert found.records[0]["last"] is None
    assert "no column says when a reason ends: each counts as still open" in found.notes


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(SORTS)),
    st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=9), max_size=6),
)
def test_no_cell_is_lost_whatever_it_holds(sort: str, rows: list[list[str]]) -> None:
    header = {sort: text.split("\n", 1)[0] for sort, text, _ in reversed(TABLES)}[sort]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    body = written.getvalue()
    found = read(named(sort), f"{header}\n{body}".encode("utf-8", "replace"))
    assert all(reason for _, reason in found.aside)
    assert all(record["actor"] or record["role"] or record["subject"] for record in found.records)
    for record in found.records:
        assert record["first"] is None or record["last"] is None or record["first"] <= record["last"]
