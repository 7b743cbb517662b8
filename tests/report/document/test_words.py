"""The three languages are complete: a message, rule or reason without a translation fails here."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from tests.report.document.documents import ZONE, words

from haechi.detect.prepare import EMPTY
from haechi.detect.rule import BUILT_IN, read_rule
from haechi.drill.scenarios import SCENARIOS
from haechi.model.errors import InputError
from haechi.report.document import sayings
from haechi.report.document.words import LANGUAGES, Words

HERE = Path(str(files("haechi.report.document")))
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "say": None,
    "ngettext": (1, 2),
    "count": (1, 2),
    "gettext": None,
}
METHODS = [("charts/**.py", "python"), ("**.py", "python"), ("templates/**.j2", "jinja2")]
OPTIONS = {"templates/**.j2": {"newstyle_gettext": "true"}}
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def messages() -> set[str]:
    """What templates and code say, the titles of the rules, and why one may not run."""
    found = extract_from_dir(HERE, METHODS, OPTIONS, keywords=KEYWORDS)
    said = {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}
    titles = {read_rule(path).header.title for path in BUILT_IN.glob("*.sql")}
    return {text for text in said if text} | titles | set(EMPTY.values())


def catalogue(language: str) -> dict[str, str]:
    read = read_po(BytesIO((HERE / "locale" / f"{language}.po").read_bytes()), locale=language)
    return {
        message.id[0] if isinstance(message.id, tuple) else str(message.id): message.string[0]
        if isinstance(message.string, tuple)
        else str(message.string)
        for message in read
        if message.id
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    there, needed = catalogue(language), messages()
    assert len(needed) > 300
    assert sorted(needed - {message for message, text in there.items() if text}) == []
    assert sorted(set(there) - needed) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_hold_the_same_values(language: str) -> None:
    for message, text in catalogue(language).items():
        wanted = set(re.findall(r"%\((\w+)\)s", message))
        assert set(re.findall(r"%\((\w+)\)s", text)) == wanted, message
        assert not re.search(r"%(?!\(\w+\)s)", text), message


def test_vocabularies_speak_of_what_there_is() -> None:
    from typing import get_args

    from haechi.model import words as vocabulary
    from haechi.respond.values import State

    assert set(sayings.TIERS) == set(vocabulary.TIERS)
    assert set(sayings.SEVERITIES) == set(vocabulary.SEVERITIES)
    assert set(sayings.TABLES) == set(vocabulary.TABLES)
    assert set(sayings.FIELDS) == set(vocabulary.FIELDS)
    assert set(vocabulary.ENTITY_KINDS) <= set(sayings.KINDS)
    assert set(sayings.DRILLS) == {scenario.title for scenario in SCENARIOS.values()}
    assert set(get_args(State)) == set(sayings.STATES)


@pytest.mark.parametrize("language", ["", "de", "../en", "KO", "en_US"])
def test_a_language_that_there_is_not_is_named(language: str) -> None:
    with pytest.raises(InputError, match="not written in the language") as raised:
        Words.of(language, ZONE)
    assert "ko (한국어)" in raised.value.todo


def test_numbers_dates_and_plurals_follow_the_language() -> None:
    at = datetime(2025, 6, 30, 15, 30, tzinfo=UTC)  # 1 July in Seoul
    assert [words(language).month(2025, 6) for language in LANGUAGES] == [
        "June 2025",
        "2025년 6월",
        "2025年6月",
    ]
    assert [words(language).day(at) for language in LANGUAGES] == ["Jul 1, 2025", "2025. 7. 1.", "2025/07/01"]
    assert words("en").day(date(2025, 6, 3)) == "Jun 3, 2025"
    one, many = ("%(n)s person", "%(n)s persons")
    assert [words("en").count(one, many, n) for n in (0, 1, 1234)] == [
        "0 persons",
        "1 person",
        "1,234 persons",
    ]
    assert [words("ko").count(one, many, n) for n in (1, 1234)] == ["1명", "1,234명"]
    assert words("en").time(at) == "2025-07-01 00:30"


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_a_share_is_all_only_where_all_are(whole: int, part: int) -> None:
    share = words().share(min(part, whole), whole)
    assert (share == "100%") == (min(part, whole) == whole)
    assert words().share(0, 0) == "–"
