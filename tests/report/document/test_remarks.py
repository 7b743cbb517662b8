"""Remarks that other parts write in English are told in each language: one of an unknown shape fails here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.report.document.documents import words

import haechi.collect
from haechi.detect.prepare import EMPTY
from haechi.detect.rule import BUILT_IN, read_rule
from haechi.model.words import NO_RECORD
from haechi.report.document.remarks import remark, told
from haechi.report.document.words import LANGUAGES
from haechi.scope import count, exposes

# How reasons for setting a line aside begin. What `opening` says, and of records without a time, is of whole files.
CLAUSE = re.compile(
    r"(its? |not an? |several accounts|an audit|the header|a value cannot|refused or|longer than)"
)
OTHERS = [language for language in LANGUAGES if language != "en"]


def texts(path: Path) -> Iterator[str]:
    """The texts in a module that are no docstrings; a value within one is written as 3."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in ast.walk(node)}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "3" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def set_aside() -> set[str]:
    found = set(NO_RECORD)
    for path in Path(haechi.collect.__path__[0]).rglob("*.py"):
        for text in texts(path):
            if CLAUSE.match(text) and path.name != "opening.py" and "carry no time" not in text:
                found.add(text + "a, b" if text.endswith(" of ") else text)
    return found | {"it has no subject", "its time cannot be read"}


def judged() -> set[str]:
    """What rules say that they could not judge, one part each, as `haechi.detect.runner` writes it."""
    found = set()
    for path in BUILT_IN.glob("*.sql"):
        for text in re.findall(r"'((?:of|by|after|naming|perhaps) [^']+)'", read_rule(path).header.unknown):
            found.add("unknown, not flagged: 1,234 accesses " + text.replace("{}", "3 accounts"))
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_reason_for_setting_a_line_aside_is_translated(language: str) -> None:
    reasons = set_aside()
    assert len(reasons) > 40
    assert sorted(reason for reason in reasons if told(words(language), reason) is None) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_remark_of_a_rule_is_translated(language: str) -> None:
    remarks = judged() | set(EMPTY.values())
    assert len(judged()) >= 9
    assert sorted(text for text in remarks if told(words(language), text) is None) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_note_of_a_scope_is_translated(language: str) -> None:
    notes = [
        "1,200 requests showed personal data without naming whose; they add no person.",
        "7 requests showed personal data without naming whose; they add no person; by their own count they returned "
        "8,000 entries.",
        "1 request showed a file of which no database says who stands there.",
        "2 requests showed files of which no database says who stands there.",
        "3 rows of [[exposes]] 'orders' name no subject or no person: left out.",
        "Third persons of [[exposes]] 'orders' are not counted: no column subject.",
    ]
    for note in notes:
        assert told(words(language), note) not in (None, note)
    # Each is still what the code says.
    said = "".join(text for module in (count, exposes) for text in texts(Path(str(module.__file__))))
    for part in (
        "requests showed personal data without naming whose; they add no person",
        "of which no database says",
    ):
        assert part in said


def test_values_stand_in_the_translation() -> None:
    text = (
        "unknown, not flagged: 1,234 accesses after the last issuance record; "
        "1 access by 3 accounts of teams for whom few reasons are on record"
    )
    assert told(words("ko"), text) == (
        "마지막 발급 기록 이후의 것 접속 1,234건; 사유 기록이 거의 없는 팀의 계정 3개가 한 것 접속 1건"
    )
    assert told(words("ja"), "not a whole row of 6 columns") == "6 列そろった行ではない"
    assert told(words("en"), text) == text.removeprefix("unknown, not flagged: ")


def test_what_is_not_known_stays_as_it_is_and_harmless() -> None:
    page = remark(words("ko"), "own.sql:3: <b>no such column</b> \u202e")
    assert page == '<span lang="en">own.sql:3: &lt;b&gt;no such column&lt;/b&gt; \\u202e</span>'
    assert "&lt;" in remark(words("ko"), "its date in <x> cannot be read")
