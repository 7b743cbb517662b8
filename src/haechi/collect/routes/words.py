"""Which names in paths, parameters and documents speak of persons and their data: English, Korean, Japanese.

A guess that is wrong costs a person's trust, so the lists hold names that rarely mean anything else.
Everything here is for proposals that a person reads and corrects; no rule ever asks these lists.
"""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BREAK = re.compile(r"[\s_.\-/]+")


def plain(name: str) -> str:
    """`memberNo`, `Member-No` and `member.no` are all `member_no`."""
    return "_".join(part for part in _BREAK.split(_CAMEL.sub("_", name).lower()) if part)


_KINDS = (
    *("member", "user", "customer", "patient", "employee", "student", "subscriber", "guest", "passenger"),
    *("person", "citizen", "resident", "applicant", "recipient", "consumer", "cust", "emp", "mbr"),
)
_PLURALS = {"person": "people"}

# A path segment that is followed by one person's id.
PERSON_NOUNS = frozenset(
    [
        *_KINDS,
        *(_PLURALS.get(kind, kind + "s") for kind in _KINDS),
        *("회원", "고객", "사용자", "이용자", "환자", "직원", "학생"),
        *("会員", "顧客", "患者", "社員", "利用者", "ユーザー", "お客様"),
    ]
)

_IDS = ("id", "no", "num", "number", "seq", "key", "code", "uuid", "idx", "pk", "srl")
# A parameter that names one person.
PERSON_PARAMETERS = frozenset(
    [
        *(f"{kind}_{end}" for kind in _KINDS for end in _IDS),
        *(kind + end for kind in _KINDS for end in _IDS),
        "uid",
        *("회원번호", "회원아이디", "고객번호", "사용자번호", "환자번호", "사번", "학번"),
        *("会員番号", "会員id", "顧客番号", "患者番号", "社員番号", "ユーザーid", "お客様番号"),
    ]
)

# A path segment that means "the one who asks".
SELF = frozenset(
    [
        *("me", "my", "mypage", "my_page", "myaccount", "my_account", "myinfo", "my_info"),
        *("myprofile", "my_profile", "self"),
        *("마이페이지", "내정보", "나의정보"),
        *("マイページ", "会員情報"),
    ]
)

# A page of the one who asks, where nothing but an interface's prefix stands before it.
OWN_PAGES = frozenset(["profile", "account", "user_profile", "member_profile", "회원정보"])
PREFIXES = re.compile(
    r"api|rest|graphql|v\d+(?:_\d+)?|m|mobile|app|web|[a-z]{2}|[a-z]{2}_[a-z]{2}|account|user|member|auth"
)
STAFF_AREAS = frozenset(
    [
        *("admin", "backoffice", "back_office", "bo", "crm", "cs", "internal", "console", "staff"),
        *("manage", "manager", "support", "관리자", "관리"),
    ]
)
SEARCHES = frozenset(["search", "list", "lookup", "find", "query", "검색", "목록", "検索", "一覧"])
EXPORTS = frozenset(
    [
        *("export", "download", "excel", "csv", "xlsx"),
        *("내보내기", "다운로드", "エクスポート", "ダウンロード"),
    ]
)

PROFILE_FIELDS = ("email", "name")
_SHOWS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        PROFILE_FIELDS,
        (
            *("profile", "profiles", "account", "info", "detail", "details", "personal", "edit", "view"),
            *("회원정보", "프로필", "상세", "プロフィール", "詳細"),
        ),
    ),
    (
        ("address", "name", "phone"),
        (
            *("address", "addresses", "addressbook", "address_book", "shipping_address"),
            *("shipping_addresses", "delivery_address", "delivery_addresses"),
            *("배송지", "주소", "주소록", "住所", "お届け先", "配送先"),
        ),
    ),
    (
        ("order",),
        (
            *("order", "orders", "order_list", "order_history", "purchases", "invoice", "invoices"),
            *("주문", "주문내역", "주문목록", "注文", "注文履歴", "購入履歴"),
        ),
    ),
    (("email", "name", "phone"), ("contact", "contacts", "연락처", "連絡先")),
    (("phone",), ("phone", "phones", "tel", "mobile", "전화번호", "電話番号")),
    (("email",), ("email", "emails", "mail", "이메일", "メール")),
    (("card_number",), ("card", "cards", "payment_methods", "카드", "カード")),
    (("account_number",), ("bank_account", "bank_accounts", "계좌", "口座")),
    (
        ("health",),
        (
            *("records", "prescriptions", "diagnoses", "medical_records"),
            *("진료기록", "처방", "診療記録", "処方"),
        ),
    ),
    (("photo",), ("photo", "photos", "avatar", "사진", "写真")),
    (("message",), ("messages", "inbox", "쪽지", "メッセージ")),
    (("location",), ("location", "locations", "위치", "位置情報")),
)
# What a page of one person shows, by a word in its path.
PAGES: dict[str, tuple[str, ...]] = {word: fields for fields, words in _SHOWS for word in words}
# Pages that show one person's data by their own id, wherever they stand.
RECORD_NOUNS = frozenset(["order", "orders", "invoice", "invoices", "주문", "注文"])


def is_person_parameter(name: str) -> bool:
    """Whether a parameter of this name stands for one person."""
    return plain(name) in PERSON_PARAMETERS


def is_person_noun(segment: str) -> bool:
    """Whether a path segment names a kind of persons."""
    return plain(segment) in PERSON_NOUNS
