"""WCAG 2.2 AA, as far as axe can tell, in a real browser, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.report.document.browsers import violations
from tests.report.document.documents import drill, inspection, of_case, words

from haechi.report.document.render import html


@pytest.mark.parametrize(
    ("kind", "language", "width"),
    [("inspection", "ko", 1100), ("inspection", "en", 500), ("case", "ja", 1100), ("drill", "ko", 1100)],
)
def test_axe_finds_nothing(kind: str, language: str, width: int, tmp_path: Path) -> None:
    documents = {"inspection": inspection, "case": of_case, "drill": drill}
    page = html(kind, documents[kind](), words(language))
    assert violations(page, tmp_path, width) == []
