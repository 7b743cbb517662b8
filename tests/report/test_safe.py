"""Text from logs is shown inert."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from haechi.report.safe import broken, inert, middle, safe


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("line\nforged: 0 findings", "line\\x0aforged: 0 findings"),
        ("over\rwritten", "over\\x0dwritten"),
        ("bell\x07 null\x00 del\x7f", "bell\\x07 null\\x00 del\\x7f"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\u2066isolate\u2069", "\\u2066isolate\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("para\u2029graph", "para\\u2029graph"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("lone\udcff", "lone\\udcff"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + "\\u0301\\u0301"),
    ],
)
def test_what_cannot_be_seen_is_written_as_an_escape(hostile: str, shown: str) -> None:
    assert safe(hostile) == shown


@pytest.mark.parametrize("text", ["plain text", "/회원/홍길동", "会員 一覧", "crème brûlée", "a\\b", "🦄"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert safe(text) == text


def test_own_lines_may_stay() -> None:
    assert safe("one\ntwo\x1b", lines=True) == "one\ntwo\\x1b"


@pytest.mark.parametrize("text", ["[bold red]x[/]", "[link=https://example.org]x[/link]", ":smile:", "[/]"])
def test_markup_is_printed_as_it_stands(text: str) -> None:
    out = io.StringIO()
    Console(file=out, force_terminal=True, width=80, color_system="truecolor").print(inert(text))
    assert out.getvalue() == text + "\n"


@given(st.text(st.characters()))
def test_nothing_hidden_is_left(text: str) -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not hidden & {unicodedata.category(char) for char in safe(text)}


@given(st.text(st.characters()), st.integers(0, 60))
def test_middle_keeps_within_its_width(text: str, width: int) -> None:
    assert cell_len(middle(text, width)) <= width


def test_middle_keeps_both_ends_and_counts_wide_letters_twice() -> None:
    assert middle("/var/log/nginx/2025/access.log", 20) == "/var/l…25/access.log"
    assert middle("/회원/접속기록/게이트웨이.json", 16) == "/회원…웨이.json"
    assert middle("short", 20) == "short"


@given(st.text(st.characters()), st.integers(3, 60))
def test_broken_keeps_within_its_width(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in broken(text, width).split("\n"))


def test_broken_breaks_no_word() -> None:
    assert broken("member-portal-gateway", 16) == "member-portal-\ngateway"
    assert broken("nginx", 16) == "nginx" and broken("", 16) == ""
