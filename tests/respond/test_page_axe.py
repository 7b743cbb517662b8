"""The answer page by WCAG 2.2 AA, as far as axe can tell, in a real browser, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.report.document.browsers import violations
from tests.respond.test_parts import question

from haechi.respond.page import question_page
from haechi.respond.phrases import say


@pytest.mark.parametrize(("language", "width"), [("ko", 500), ("ja", 1100)])
def test_axe_finds_nothing(language: str, width: int, tmp_path: Path) -> None:
    problem = say(language, "empty", most="4,000")
    page = question_page(question(language), "self", "a@b.example", ZoneInfo("Asia/Seoul"), "x", problem)
    assert violations(page, tmp_path, width) == []
