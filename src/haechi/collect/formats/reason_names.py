"""What the columns of ticket, order, shift and approval systems are called, and which of these a table comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haechi.collect.header import ACCESS, Aliases, choose
from haechi.model.words import ReasonKind

_STAFF = (
    "agent", "agent_id", "assignee", "assigned_to", "handler", "handled_by", "operator", "employee", "employee_id",
    "staff", "staff_id", "courier", "driver", "account", "user", "username", "login", "user_id", "owner",
    "담당자", "상담원", "상담사", "처리자", "배정자", "배송기사", "사번", "계정", "직원",
    "担当者", "担当", "オペレーター", "対応者", "配達員", "社員番号", "アカウント", "職員",
)  # fmt: skip
_ASKED = (
    "who",
    "requester",
    "requested_by",
    "applicant",
    "granted_to",
    "신청자",
    "요청자",
    "申請者",
    "依頼者",
)
_WHOSE = (
    "member_id", "member", "customer_id", "customer", "subject_id", "data_subject", "patient_id", "client_id",
    "회원번호", "회원", "고객번호", "고객", "정보주체", "환자번호",
    "会員番号", "会員", "顧客番号", "顧客", "対象者", "患者番号",
)  # fmt: skip
_FIRST = (
    "opened", "opened_at", "assigned_at", "start", "started_at", "start_time", "starts_at", "shift_start", "from",
    "valid_from", "since", "begin", "created_at", "created", "received_at",
    "접수일시", "접수일", "배정일시", "시작", "시작일시", "시작일", "출근", "출근시간",
    "受付日時", "受付日", "割当日時", "開始", "開始日時", "開始日", "出勤", "出勤時刻",
)  # fmt: skip
_LAST = (
    "closed", "closed_at", "resolved_at", "resolved", "completed_at", "delivered_at", "end", "ended_at", "end_time",
    "ends_at", "shift_end", "to", "until", "valid_to", "valid_until", "expires", "expires_at",
    "종료", "종료일시", "종료일", "처리일시", "완료일시", "완료일", "만료일", "퇴근", "퇴근시간",
    "終了", "終了日時", "終了日", "完了日時", "完了日", "期限", "退勤", "退勤時刻",
)  # fmt: skip
_TEXT = (
    "topic", "subject_line", "title", "summary", "description", "purpose", "reason", "category",
    "제목", "문의내용", "문의유형", "사유", "목적", "件名", "問合せ内容", "理由", "目的",
)  # fmt: skip
_REFERENCE: dict[ReasonKind, tuple[str, ...]] = {
    "ticket": (
        "ticket", "ticket_id", "ticket_no", "ticket_number", "case_id", "case_number", "call_id", "inquiry_id",
        "issue_key", "티켓", "티켓번호", "문의번호", "상담번호", "접수번호",
        "チケット", "チケット番号", "問合せ番号", "問い合わせ番号", "受付番号",
    ),
    "order": (
        "order", "order_id", "order_no", "order_number", "delivery_id", "shipment_id", "tracking_number",
        "주문번호", "배송번호", "운송장번호", "注文番号", "配送番号", "伝票番号",
    ),
    "approval": (
        "approval", "approval_id", "approval_no", "request_id", "승인번호", "결재번호", "承認番号", "申請番号",
    ),
}  # fmt: skip
_APPROVER = ("approved_by", "approver", "승인자", "결재자", "承認者", "決裁者")
_RELATION = ("relation", "relationship", "관계", "関係", "続柄")
_COMMON: dict[str, tuple[str, ...]] = {
    "subject": _WHOSE,
    "first": _FIRST,
    "last": _LAST,
    "role": ("role", "team", "queue", "group", "역할", "팀", "役割", "チーム"),
    "route": ("route", "path", "screen", "화면", "画面"),
    "fields": ("fields", "columns", "항목", "項目"),
}
# Marks of an access log: one that names the ticket of each access is no list of tickets.
_ACCESS_MARKS = {"client_ip", "method", "client", "action"}


@dataclass(frozen=True)
class Sort:
    """One sort of table: its columns' names, and which must be there for it to be recognised."""

    kind: ReasonKind | None  # None: the table's own column `kind` tells
    aliases: Aliases
    needed: tuple[str, ...]

    def fits(self, names: Sequence[str]) -> bool:
        """Whether a table with these columns is of this sort."""
        chosen = choose(names, self.aliases)
        if not all(any(name in chosen for name in choice.split("|")) for choice in self.needed):
            return False
        return not _ACCESS_MARKS & choose(names, ACCESS).keys()


# The most telling first: a list of approvals may name the orders that it is about.
SORTS: dict[str, Sort] = {
    "approvals": Sort(
        "approval",
        {"reference": _REFERENCE["approval"], "approver": _APPROVER, "actor": (*_ASKED, *_STAFF), **_COMMON,
         "what": ("what", "scope", "target", "대상", "対象"), "text": _TEXT},
        ("actor|role", "approver", "first|last"),
    ),
    "tickets": Sort(
        "ticket",
        {"reference": _REFERENCE["ticket"], "actor": _STAFF, **_COMMON, "text": (*_TEXT, "subject")},
        ("reference", "actor|subject", "first|last"),
    ),
    "orders": Sort(
        "order",
        {"reference": _REFERENCE["order"], "actor": _STAFF, **_COMMON, "text": _TEXT},
        ("reference", "actor", "first|last"),
    ),
    "relations": Sort(
        "relation",
        {"text": _RELATION, "actor": _STAFF, **_COMMON, "subject": (*_WHOSE, "subject")},
        ("text", "actor", "subject"),
    ),
    "reasons": Sort(
        None,
        {"kind": ("reason_kind", "kind"), "reference": ("reference",), "actor": ("actor", *_STAFF), **_COMMON,
         "subject": ("subject", *_WHOSE), "first": ("first", *_FIRST), "last": ("last", *_LAST),
         "text": ("text", *_TEXT)},
        ("kind", "reference|text", "actor|role|subject", "first|last"),
    ),
    "shifts": Sort(
        "shift",
        {"actor": _STAFF, "first": _FIRST, "last": _LAST, "role": _COMMON["role"], "text": _TEXT},
        ("actor", "first", "last"),
    ),
}  # fmt: skip


def sort_of(names: Sequence[str]) -> str:
    """The name of the sort that these columns are of; empty where they are of none."""
    return next((name for name, sort in SORTS.items() if sort.fits(names)), "")
