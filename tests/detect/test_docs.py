"""docs/rules.md is what the headers say."""

from __future__ import annotations

from pathlib import Path

from haechi.detect.docs import render
from haechi.detect.rule import read_rule, rule_files

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_page_is_up_to_date() -> None:
    written = render([read_rule(path) for path in rule_files(None)])
    assert PAGE.read_text(encoding="utf-8") == written, "run: python -m haechi.detect.docs > docs/rules.md"
