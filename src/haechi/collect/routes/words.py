"""Which names in paths, parameters and documents speak of persons and their data: English, Korean, Japanese.

A guess that is wrong costs a person's trust, so the lists hold names that rarely mean anything else. Everything here
is for proposals that a person reads and corrects; no rule ever asks these lists.
"""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BREAK = re.compile(r"[\s_.\-/]+")


def plain(name: str) -> str:
    """`memberNo`, `Member-No` and `member.no` are all `member_no`."""
    return "_".join(part for part in _BREAK.split(_CAMEL.sub("_", name).lower()) if part)


_KINDS = (
    "member", "user", "customer", "patient", "employee", "student", "subscriber", "guest", "passenger", "person",
    "citizen", "resident", "applicant", "recipient", "consumer", "cust", "emp", "mbr",
)  # fmt: skip
_PLURALS = {"person": "people"}

# A path segment that is followed by one person's id.
PERSON_NOUNS = frozenset(
    [*_KINDS, *(_PLURALS.get(kind, kind + "s") for kind in _KINDS), "회원", "고객", "사용자", "이용자", "환자", "직원",
     "학생", "会員", "顧客", "患者", "社員", "利用者", "ユーザー", "お客様"]
)  # fmt: skip

_IDS = ("id", "no", "num", "number", "seq", "key", "code", "uuid", "idx", "pk", "srl")
# A parameter that names one person.
PERSON_PARAMETERS = frozenset(
    [*(f"{kind}_{end}" for kind in _KINDS for end in _IDS), *(kind + end for kind in _KINDS for end in _IDS),
     "userid", "memberid", "uid", "회원번호", "회원아이디", "고객번호", "사용자번호", "환자번호", "사번", "학번",
     "会員番号", "会員id", "顧客番号", "患者番号", "社員番号", "ユーザーid", "お客様番号"]
)  # fmt: skip

# A path segment that means "the one who asks".
SELF = frozenset(
    ["me", "my", "mypage", "my_page", "myaccount", "my_account", "myinfo", "my_info", "myprofile", "my_profile", "self",
     "마이페이지", "내정보", "나의정보", "マイページ", "会員情報"]
)  # fmt: skip

# A page of the one who asks, where nothing but an interface's prefix stands before it.
OWN_PAGES = frozenset(["profile", "account", "user_profile", "member_profile", "회원정보"])
PREFIXES = re.compile(r"api|rest|graphql|v\d+(?:_\d+)?|m|mobile|app|web|[a-z]{2}|[a-z]{2}_[a-z]{2}|account|user|member|auth")
STAFF_AREAS = frozenset(
    ["admin", "backoffice", "back_office", "bo", "crm", "cs", "internal", "console", "staff", "manage", "manager",
     "support", "관리자", "管理"]
)  # fmt: skip
SEARCHES = frozenset(["search", "list", "lookup", "find", "query", "검색", "목록", "検索", "一覧"])
EXPORTS = frozenset(["export", "download", "excel", "csv", "xlsx", "내보내기", "다운로드", "エクスポート", "ダウンロード"])

PROFILE_FIELDS = ("email", "name")
# What a page of one person shows, by a word in its path.
PAGES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ["profile", "profiles", "account", "info", "detail", "details", "personal", "edit", "view", "회원정보", "프로필",
         "상세", "プロフィール", "詳細"],
        PROFILE_FIELDS,
    ),
    **dict.fromkeys(
        ["address", "addresses", "addressbook", "address_book", "shipping_address", "shipping_addresses", "delivery_address",
         "delivery_addresses", "배송지", "주소", "주소록", "住所", "お届け先", "配送先"],
        ("address", "name", "phone"),
    ),
    **dict.fromkeys(
        ["order", "orders", "order_list", "order_history", "purchases", "invoice", "invoices", "주문", "주문내역", "주문목록",
         "注文", "注文履歴", "購入履歴"],
        ("order",),
    ),
    **dict.fromkeys(["contact", "contacts", "연락처", "連絡先"], ("email", "name", "phone")),
    **dict.fromkeys(["phone", "phones", "tel", "mobile", "전화번호", "電話番号"], ("phone",)),
    **dict.fromkeys(["email", "emails", "mail", "이메일", "メール"], ("email",)),
    **dict.fromkeys(["card", "cards", "payment_methods", "카드", "カード"], ("card_number",)),
    **dict.fromkeys(["bank_account", "bank_accounts", "계좌", "口座"], ("account_number",)),
    **dict.fromkeys(
        ["records", "prescriptions", "diagnoses", "medical_records", "진료기록", "처방", "診療記録", "処方"], ("health",)
    ),
    **dict.fromkeys(["photo", "photos", "avatar", "사진", "写真"], ("photo",)),
    **dict.fromkeys(["messages", "inbox", "쪽지", "メッセージ"], ("message",)),
    **dict.fromkeys(["location", "locations", "위치", "位置情報"], ("location",)),
}
# Pages that show one person's data by their own id, wherever they stand.
RECORD_NOUNS = frozenset(["order", "orders", "invoice", "invoices", "주문", "注文"])

# Names of properties in a response, tried from the first; each pattern must match the whole plain name.
_PROPERTIES: tuple[tuple[str, str], ...] = (
    ("email", r"(?:\w+_)?e_?mails?(?:_addr(?:ess)?)?|이메일|메일주소|メール|メールアドレス"),
    ("phone", r"(?:\w+_)?(?:phones?|tel|telephone|mobile|cell|cellphone|hp|fax)(?:_?(?:no|num|number))?|전화|전화번호"
              r"|휴대폰|휴대폰번호|휴대전화|연락처|電話|電話番号|携帯|携帯番号|携帯電話"),
    ("entrance_code", r"(?:\w+_)?(?:entrance|door|gate|lobby)_?(?:code|password|pw|pin)|공동현관|공동현관비밀번호|현관비밀번호"
                      r"|暗証番号|オートロック"),
    ("address", r"(?!(?:\w+_)?(?:ip|mac|web|url|host|wallet|remote|server|peer)_addr)(?:\w+_)?(?:addr|address|addresses)"
                r"(?:_?(?:\d|line\d?|line_\d|detail|full|road|jibun))?|street|street_address|zip|zipcode|zip_code|postcode"
                r"|postal_?code|주소|상세주소|도로명주소|우편번호|배송지|住所|郵便番号|お届け先"),
    ("birth_date", r"(?:\w+_)?(?:birth|birthday|birth_?date|date_of_birth|dob|birth_?day|birth_year)|생일|생년월일|誕生日|生年月日"),
    ("gender", r"gender|sex|성별|性別"),
    ("national_id", r"(?:\w+_)?(?:ssn|rrn|jumin|national_id|social_security_(?:no|number)|resident_?(?:reg\w*)_?(?:no|number)"
                    r"|passport(?:_?(?:no|number))?|tax_id|my_number|driver_?licen[sc]e(?:_?(?:no|number))?)|주민등록번호|주민번호"
                    r"|여권번호|マイナンバー|個人番号|旅券番号"),
    ("account_number", r"(?:\w+_)?(?:iban|bank_?account(?:_?(?:no|number))?|account_?(?:no|number))|계좌번호|口座番号"),
    ("card_number", r"(?:\w+_)?(?:card_?(?:no|number)|pan|credit_card)|카드번호|カード番号"),
    ("password_hash", r"(?:\w+_)?(?:password|passwd)(?:_?(?:hash|digest))?|비밀번호|パスワード"),
    ("health", r"diagnos[ei]s|medications?|allerg(?:y|ies)|blood_?type|symptoms?|prescriptions?|medical_\w+|진단|진단명|혈액형"
               r"|病名|診断|血液型"),
    ("location", r"lat|lng|lon|latitude|longitude|geo_?location|gps|위도|경도|緯度|経度|位置情報"),
    ("photo", r"(?:\w+_)?(?:avatar|photo|portrait|profile_?image|profile_?picture)(?:_url)?|사진|프로필사진|写真|顔写真"),
    ("order", r"orders|order_items|order_history|purchases|주문|주문내역|注文|注文履歴"),
    ("name", r"(?:full|first|last|middle|given|family|real|user|member|customer|patient|employee|recipient|receiver|sender"
             r"|contact|holder|guest|cust|mbr)_?name|surname|이름|성명|회원명|고객명|수령인|수취인|받는사람|氏名|名前|お名前|姓|名"
             r"|フリガナ|ふりがな|会員名|顧客名"),
)  # fmt: skip
_COMPILED = tuple((field, re.compile(pattern)) for field, pattern in _PROPERTIES)
# These alone tell nothing: products have names and shops have places.
_WEAK = {"location", "order", "photo"}
_BARE_NAME = {"name", "nickname", "display_name", "nick_name", "닉네임", "ニックネーム"}


def field_of(name: str) -> str:
    """The category of personal data that a property's name speaks of, or ""."""
    simple = plain(name)
    return next((field for field, pattern in _COMPILED if pattern.fullmatch(simple)), "")


def fields_of(names: list[str], person: bool) -> list[str]:
    """The categories in a response with these properties, sorted.

    `person` says that the rest of the page speaks of a person: only then do `name` and other weak words count alone.
    """
    found = {field_of(name) for name in names} - {""}
    if person or found - _WEAK:
        found |= {"name"} if any(plain(name) in _BARE_NAME for name in names) else set()
        return sorted(found)
    return []


def is_person_parameter(name: str) -> bool:
    """Whether a parameter of this name stands for one person."""
    return plain(name) in PERSON_PARAMETERS


def is_person_noun(segment: str) -> bool:
    """Whether a path segment names a kind of persons."""
    return plain(segment) in PERSON_NOUNS
