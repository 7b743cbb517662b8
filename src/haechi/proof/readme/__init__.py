"""The page that explains a pack to whoever opens it: Korean, Japanese, English. The texts are the files beside this."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from string import Template
from typing import Final

from haechi.proof.manifest import Kind, Told

LANGUAGES: Final = ("ko", "ja", "en")

_WHAT: Final[Mapping[str, Mapping[Kind, str]]] = {
    "ko": {
        "record": "한 건의 기록(원천 $source, 번호 $seq)",
        "person": "한 사람($person)에 관한 기록 전부",
        "case": "사건 ${case}에 속하는 접속기록 전부와 그 사건에 대한 진술",
        "scope": "사건 ${case}에 속하는 접속기록 전부, 그 사건에 대한 진술, 개인정보가 노출된 사람의 명단",
    },
    "ja": {
        "record": "1件の記録（ソース $source、番号 $seq）",
        "person": "1人（$person）に関するすべての記録",
        "case": "事案 $case に属するすべてのアクセス記録と、その事案についての陳述",
        "scope": "事案 $case に属するすべてのアクセス記録、その事案についての陳述、個人データが見られた人の一覧",
    },
    "en": {
        "record": "one record (source $source, number $seq)",
        "person": "all records of one person ($person)",
        "case": "all access records of case $case, and what is stated of that case",
        "scope": "all access records of case $case, what is stated of that case, and the persons whose data was shown",
    },
}


def read_me(kind: Kind, asked: Mapping[str, Told], told: Mapping[str, Told]) -> dict[str, bytes]:
    """The pages by their names in the pack. `told`: rows, batches, entries and origin."""
    pages = {}
    for language in LANGUAGES:
        name = f"README.{language}.txt"
        text = files("haechi.proof.readme").joinpath(name).read_text(encoding="utf-8")
        shown = {key: _one_line(value) for key, value in (asked | told).items()}  # type: ignore[operator]
        what = Template(_WHAT[language][kind]).substitute(shown)
        pages[name] = Template(text).substitute(shown, what=what).encode()
    return pages


def _one_line(value: Told) -> str:
    """An id may hold anything: nothing in it may look like a part of the page."""
    return "".join(char if char.isprintable() else "\ufffd" for char in str(value))[:200]
