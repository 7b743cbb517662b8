"""The page: complete in each language, in need of nothing else, and what a log holds is text and nothing more."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from tests.report.document.documents import HOSTILE, drill, inspection, of_case, words

from haechi.report.document.numbers import numbers
from haechi.report.document.read import read_report
from haechi.report.document.render import html
from haechi.report.document.words import LANGUAGES

KINDS: dict[str, Any] = {"inspection": inspection, "case": of_case, "drill": drill}
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Elements, attributes and text of a page; unbalanced elements are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_whole_in_every_language(kind: str, language: str) -> None:
    text = html(kind, KINDS[kind](), words(language))
    page = Page(text)
    assert ("html", {"lang": language}) in page.tags
    ids = [values["id"] for _, values in page.tags if values.get("id")]
    assert len(ids) == len(set(ids))
    for _, values in page.tags:
        for part in (values.get("aria-labelledby") or "").split():
            assert part in ids
        if (values.get("href") or "").startswith("#"):
            assert str(values["href"])[1:] in ids
    assert "%(" not in re.sub(r"<(script|pre).*?</\1>", "", text, flags=re.S).replace("%(rule)s", "")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_needs_no_network_and_runs_nothing(kind: str) -> None:
    page = Page(html(kind, KINDS[kind](), words()))
    for tag, values in page.tags:
        assert tag not in ("link", "iframe", "object", "embed", "form", "base"), tag
        assert not any(name.startswith("on") for name in values)
        assert tag != "script" or values["type"] == "application/json"
        assert "src" not in values
        assert (values.get("href") or "#").startswith("#")
    assert "url(" not in html(kind, KINDS[kind](), words())


@pytest.mark.parametrize("evil", HOSTILE)
@pytest.mark.parametrize("kind", ["inspection", "case"])
def test_hostile_text_stays_text(kind: str, evil: str) -> None:
    plain, text = html(kind, KINDS[kind]("harmless"), words("ko")), html(kind, KINDS[kind](evil), words("ko"))
    tags = [tag for tag, _ in Page(text).tags]
    assert tags == [tag for tag, _ in Page(plain).tags]  # nothing that was a log's became an element
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    assert len(text) < len(plain) + 60_000
    shown = "".join(Page(text).text)
    assert evil[:12].split("\x1b")[0].split("\u202e")[0] in shown


def test_numbers_are_in_the_page_as_they_are(tmp_path: Any) -> None:
    document = inspection(HOSTILE[1])
    file = tmp_path / "r.html"
    file.write_text(html("inspection", document, words()), encoding="utf-8")
    data, _ = read_report(file)
    told = {number.name: number.value for number in data.numbers}
    assert told["totals.persons"] == 16625
    assert told["days[2025-06-03].shown"] == 22
    assert told["cases[C-7f3a2b].scope.non_members"] == 45
    assert [number.value for number in numbers(document)] == [number.value for number in data.numbers]
    assert len(told) == len(data.numbers)
    assert (data.kind, data.month, data.checkpoint) == ("inspection", "2025-06", document.checkpoint)


def test_every_number_shown_is_one_that_can_be_followed() -> None:
    """Numbers marked in the page are in the data, or add up from it: none stands there alone."""
    document = inspection()
    values = {number.value for number in numbers(document)}
    listed = {
        len(getattr(document, name))
        for name in document.__struct_fields__
        if isinstance(getattr(document, name), list)
    }
    shown = {
        int(value) for value in re.findall(r'<data value="(\d+)">', html("inspection", document, words()))
    }
    derived = {30, 2, 3, 1, 0}  # counts of days, rules and open questions
    items = {item.requests for item in document.open_items}
    assert shown - values - listed - derived - items == set()


def test_a_large_month_stays_below_five_megabytes() -> None:
    document = inspection()
    many = msgspec.structs.replace(
        document,
        findings=document.findings * 5000,
        cases=[msgspec.structs.replace(document.cases[0], id=f"C-{number:06x}") for number in range(40)],
        holes=document.holes * 100,
    )
    assert len(html("inspection", many, words("ja")).encode()) < 5_000_000
