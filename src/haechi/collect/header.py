"""Which column of a table is meant by a header's name: the usual names in English, Korean and Japanese.

A name counts whatever its case, spaces, hyphens and underscores. The first of a list that a header has wins.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from haechi.collect.interface import Sample

SAMPLE_OBJECTS = 300  # lines looked at to recognise a format of JSON lines

Aliases = Mapping[str, tuple[str, ...]]

PERSON: Aliases = {
    "person": ("employee_id", "employee", "person", "person_id", "staff_id", "emp_no", "사번", "社員番号"),
    "account": ("account", "login", "user", "username", "user_id", "account_id", "email",
                "계정", "アカウント"),
    "joined": ("joined", "hire_date", "hired", "start_date", "joined_at", "입사일", "入社日"),
    "departed": ("departed", "left", "leave_date", "termination_date", "terminated", "last_day", "end_date",
                 "departed_at", "퇴사일", "퇴직일", "退職日"),
    "role": ("role", "title", "job_title", "position", "department", "dept", "직무", "부서", "役職", "部署"),
}  # fmt: skip

SUBJECT: Aliases = {
    "subject": ("member_id", "subject", "subject_id", "member", "customer_id", "user_id", "id",
                "회원번호", "会員番号"),
    "since": ("since", "joined", "created_at", "registered_at", "joined_at", "signup_date",
              "가입일", "入会日"),
    "withdrawn": ("withdrawn", "withdrawn_at", "deleted_at", "closed_at", "탈퇴일", "退会日"),
    "kind": ("kind", "type", "status", "구분", "区分"),
    "canary": ("canary", "is_canary", "decoy"),
}  # fmt: skip

FACT: Aliases = {
    "time": ("time", "seen", "seen_at", "as_of", "observed", "observed_at", "listed_at",
             "기준일", "기준일시", "基準日"),
    "kind": ("kind", "fact", "fact_kind", "type", "종류", "種類"),
    "system": ("system", "application", "app", "service", "시스템", "システム"),
    "person": PERSON["person"],
    "account": ("account", "login", "user", "username", "user_id", "account_id", "계정", "アカウント"),
    "object": ("object", "secret", "secret_name", "key", "kid", "grant", "right", "permission", "role", "group",
               "session", "resource", "권한", "역할", "비밀", "権限", "役割"),
    "version": ("version", "secret_version", "key_version", "버전", "バージョン"),
    "state": ("state", "status", "active", "enabled", "상태", "状態"),
    "first": ("first", "from", "since", "granted", "granted_at", "created", "created_at", "부여일", "付与日"),
    "last": ("last", "to", "until", "revoked", "revoked_at", "ended", "expires", "회수일", "말소일", "剥奪日"),
    "how": ("how", "by", "방법", "方法"),
    "evidence": ("evidence", "proof", "reference", "ticket", "note", "근거", "根拠"),
}  # fmt: skip

ACCESS: Aliases = {
    "time": ("time", "timestamp", "@timestamp", "ts", "datetime", "date_time", "event_time", "accessed_at",
             "created_at", "date", "접속일시", "접속시간", "일시", "アクセス日時", "日時"),
    "actor": ("actor", "user", "username", "user_id", "account", "login", "employee_id", "operator",
              "접속자", "계정", "식별자", "취급자", "アカウント", "利用者", "ユーザー"),
    "actor_kind": ("actor_kind",),
    "credential_secret": ("token", "access_token", "session", "session_id", "api_key"),
    "credential": ("credential", "token_sha256", "credential_sha256"),
    "key": ("key", "kid"),
    "issuer": ("issuer", "iss"),
    "client_ip": ("client_ip", "ip", "ip_address", "remote_addr", "source_ip", "src_ip", "client_address",
                  "접속지정보", "접속지정보(IP)", "접속지", "접속IP", "IP주소", "IPアドレス", "接続元"),
    "client": ("client", "user_agent", "useragent", "http_user_agent"),
    "host": ("host", "server", "site", "database", "system", "시스템", "システム"),
    "method": ("method", "verb", "request_method", "http_method"),
    "path": ("path", "uri", "url", "request_uri", "request_path"),
    "route": ("route", "menu", "page", "screen", "table", "메뉴", "화면", "画面"),
    "action": ("action", "operation", "activity", "수행업무", "업무내역", "操作", "処理内容"),
    "subject": ("subject", "member_id", "customer_id", "target", "target_user", "patient_id", "정보주체",
                "처리한정보주체", "정보주체정보", "회원번호", "対象者", "会員番号"),
    "subjects": ("subjects", "count", "rows", "row_count", "건수", "件数"),
    "fields": ("fields", "columns", "항목", "項目"),
    "status": ("status", "status_code", "http_status", "response_code"),
    "outcome": ("outcome", "result"),
    "bytes": ("bytes", "bytes_sent", "size", "body_bytes_sent", "response_size"),
    "node": ("node",),
    "node_seq": ("node_seq", "sequence"),
}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """The header of a CSV file: its names as written, and what stands between values."""

    names: tuple[str, ...]
    separator: str


def read_header(sample: Sample) -> Header | None:
    """The first line as a header; None where it cannot be one (one column, an empty or a repeated name)."""
    lines = sample.lines
    if not lines:
        return None
    first = lines[0].lstrip("\ufeff").rstrip("\r\n")
    separator = max(",;\t|", key=first.count)
    try:
        names = tuple(name.strip() for name in next(csv.reader([first], delimiter=separator), []))
    except csv.Error:
        return None  # a binary file
    if len(names) < 2 or not all(names) or len(set(names)) < len(names):
        return None
    return Header(names, separator)


def choose(names: Sequence[str], aliases: Aliases, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Table column -> name in the header. What the user gave wins; no name serves two columns by guess."""
    chosen = {column: name for column, name in (given or {}).items() if name in names}
    plain = {_plain(name): name for name in reversed(names)}
    taken = set(chosen.values())
    for column, known in aliases.items():
        if column in chosen:
            continue
        for alias in known:
            name = plain.get(_plain(alias))
            if name is not None and name not in taken:
                chosen[column] = name
                taken.add(name)
                break
    return chosen


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter not in " _-.()[]/")


def json_share(sample: Sample, found: int) -> float:
    """Which share of the lines that `json_objects` looks at this many are."""
    return found / len(sample.lines[:SAMPLE_OBJECTS]) if found else 0.0


def json_objects(sample: Sample, most: int = SAMPLE_OBJECTS) -> list[dict[str, object]]:
    """The sample's lines that are JSON objects."""
    found: list[dict[str, object]] = []
    for line in sample.lines[:most]:
        if not line.lstrip().startswith("{"):
            continue
        try:
            value = msgspec.json.decode(line.encode("utf-8", "replace"))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def json_names(objects: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """All keys of these objects, in the order first seen. A key with a dot stands in double quotes."""
    names = dict.fromkeys(key for found in objects for key in found)
    return tuple(f'"{name}"' if "." in name else name for name in names)
