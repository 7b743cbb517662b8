"""Which names of properties in a response speak of personal data: English, Korean, Japanese."""

from __future__ import annotations

import re
from collections.abc import Iterable

from haechi.collect.routes.words import plain

# Tried from the first; each alternative must match the whole plain name.
_NUMBER = "(?:_?(?:no|num|number))?"
_PROPERTIES: dict[str, tuple[str, ...]] = {
    "email": (r"(?:\w+_)?e_?mails?(?:_addr(?:ess)?)?", "이메일|메일주소", "メール|メールアドレス"),
    "phone": (
        rf"(?:\w+_)?(?:phones?|tel|telephone|mobile|cell|cellphone|hp|fax){_NUMBER}",
        "전화|전화번호|휴대폰|휴대폰번호|휴대전화|연락처",
        "電話|電話番号|携帯|携帯番号|携帯電話",
    ),
    "entrance_code": (
        r"(?:\w+_)?(?:entrance|door|gate|lobby)_?(?:code|password|pw|pin)",
        "공동현관|공동현관비밀번호|현관비밀번호",
        "暗証番号|オートロック",
    ),
    "address": (
        r"(?!(?:\w+_)?(?:ip|mac|web|url|host|wallet|remote|server|peer)_addr)"
        r"(?:\w+_)?(?:addr|address|addresses)(?:_?(?:\d|line\d?|line_\d|detail|full|road|jibun))?",
        "street|street_address|zip|zipcode|zip_code|postcode|postal_?code",
        "주소|상세주소|도로명주소|우편번호|배송지",
        "住所|郵便番号|お届け先",
    ),
    "birth_date": (
        r"(?:\w+_)?(?:birth|birthday|birth_?date|date_of_birth|dob|birth_?day|birth_year)",
        "생일|생년월일",
        "誕生日|生年月日",
    ),
    "gender": ("gender|sex", "성별", "性別"),
    "national_id": (
        r"(?:\w+_)?(?:ssn|rrn|jumin|national_id|social_security_(?:no|number)|tax_id|my_number)",
        r"(?:\w+_)?resident_?(?:reg\w*)_?(?:no|number)",
        rf"(?:\w+_)?(?:passport|driver_?licen[sc]e){_NUMBER}",
        "주민등록번호|주민번호|여권번호",
        "マイナンバー|個人番号|旅券番号",
    ),
    "account_number": (
        rf"(?:\w+_)?(?:iban|bank_?account{_NUMBER}|account_?(?:no|number))",
        "계좌번호",
        "口座番号",
    ),
    "card_number": (r"(?:\w+_)?(?:card_?(?:no|number)|pan|credit_card)", "카드번호", "カード番号"),
    "password_hash": (r"(?:\w+_)?(?:password|passwd)(?:_?(?:hash|digest))?", "비밀번호", "パスワード"),
    "health": (
        r"diagnos[ei]s|medications?|allerg(?:y|ies)|blood_?type|symptoms?|prescriptions?|medical_\w+",
        "진단|진단명|혈액형",
        "病名|診断|血液型",
    ),
    "location": (
        "lat|lng|lon|latitude|longitude|geo_?location|gps",
        "위도|경도",
        "緯度|経度|位置情報",
    ),
    "photo": (
        r"(?:\w+_)?(?:avatar|photo|portrait|profile_?image|profile_?picture)(?:_url)?",
        "사진|프로필사진",
        "写真|顔写真",
    ),
    "order": ("orders|order_items|order_history|purchases", "주문|주문내역", "注文|注文履歴"),
    "name": (
        r"(?:full|first|last|middle|given|family|real|user|member|customer|patient|employee)_?name",
        r"(?:recipient|receiver|sender|contact|holder|guest|cust|mbr)_?name|surname",
        "이름|성명|회원명|고객명|수령인|수취인|받는사람",
        "氏名|名前|お名前|姓|名|フリガナ|ふりがな|会員名|顧客名",
    ),
}
_COMPILED = {field: re.compile("|".join(patterns)) for field, patterns in _PROPERTIES.items()}
# These alone tell nothing: shops have places and products have pictures.
_WEAK = {"location", "order", "photo"}
# A product has a name too: it counts only beside something that speaks of a person.
_BARE_NAMES = {"name", "nickname", "display_name", "nick_name", "닉네임", "ニックネーム"}


def field_of(name: str) -> str:
    """The category of personal data that a property's name speaks of, or ""."""
    simple = plain(name)
    return next((field for field, pattern in _COMPILED.items() if pattern.fullmatch(simple)), "")


def fields_of(names: Iterable[str], person: bool) -> list[str]:
    """The categories in a response with these properties, sorted.

    `person` says that the rest of the page speaks of a person: only then do `name` and other weak words count
    alone.
    """
    given = list(names)
    found = {field_of(name) for name in given} - {""}
    if not person and not found - _WEAK:
        return []
    if any(plain(name) in _BARE_NAMES for name in given):
        found.add("name")
    return sorted(found)
