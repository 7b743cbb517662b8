"""The readable report of hand-made inspections."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.report.inspections import LAST, SCOPE, at, case, finding, inspection, read, source

from haechi.model.values import Coverage, Hole, Inspection, RuleRun, SetAside
from haechi.report.terminal import print_inspection

SEOUL = ZoneInfo("Asia/Seoul")


def rendered(value: Inspection, width: int = 100, zone: ZoneInfo = SEOUL) -> str:
    out = io.StringIO()
    print_inspection(value, Console(file=out, width=width, markup=False, emoji=False, highlight=False), zone)
    return out.getvalue()


def squeezed(value: Inspection, width: int = 100) -> str:
    """The report with its line breaks and columns undone."""
    return " ".join(rendered(value, width).split())


def test_the_first_line_is_the_answer() -> None:
    text = rendered(inspection(case()))
    assert text.splitlines()[0] == "1 case found. It reached personal data of 37,550 persons."


def test_two_cases_are_never_added_up() -> None:
    text = rendered(inspection(case(), case(id="C-2")))
    assert text.splitlines()[0] == (
        "2 cases found. The largest, C-7f3a2b, reached personal data of 37,550 persons."
    )


def test_a_case_shows_its_reason_its_counters_and_its_entities() -> None:
    text = squeezed(inspection(case()))
    for part in (
        "Case C-7f3a2b Credentials that were never issued: key backup-2019",
        "182,201 requests carried credentials that nobody issued.",
        "Requests 182,201 of which 138,100 showed a person's data",
        "Accounts 33,839",
        "Persons 37,550 33,220 members + 1 withdrawn member + 4,329 non-members",
        "Fields 3 name of 37,550, email of 33,220, address of 5,000 persons",
        "Ghosts 44,101",
        "When 2025-04-14 03:12:45 to 2025-11-08 22:10:00 (Asia/Seoul, UTC+09:00), 208 days 18 hours",
        "Signing key backup-2019",
        "Staff or leaver E1007",
        "Credentials 182,201",
        "203.0.113.1, 203.0.113.2, 203.0.113.3, 203.0.113.4 and 2,309 more",
        "critical never-issued: A sentence. high leaver: A leaver could read the key.",
        "gateway was silent for 9 days 21 hours",
    ):
        assert part in text


def test_the_account_of_the_lines_is_whole() -> None:
    text = squeezed(inspection())
    assert "1,000 lines read = 999 stored + 1 set aside" in text
    assert "12,345,678 bytes sent to clients" in text
    assert "set aside logs/gateway.json:1234: no time" in text
    assert "In the store: 999 access records, 1 issuance record, 2 registered data subjects." in text
    assert "Checkpoint haechi.local/abc 12 deadbeef" in text


def test_what_was_not_looked_at_is_said() -> None:
    text = squeezed(inspection(read=read(source(), not_looked_at=["core: not a log"])))
    assert "Nothing found by the 2 rules that ran; 1 could not run (see below)." in text
    assert "not looked at subject-never-existed: no registry of data subjects was collected" in text
    assert "not looked at core: not a log" in text


@pytest.mark.parametrize(
    ("changed", "headline"),
    [
        ({"records": {"access": 0}}, "Nothing was read, so nothing can be said."),
        ({"rules": []}, "Nothing was found, because no rule could run."),
        ({"rules": [RuleRun("leaver", True, 0, 0.1)]}, "Nothing found by the 1 rule that ran."),
        ({"findings": [finding()]}, "1 finding, none of which is a case."),
    ],
)
def test_the_headline_never_promises_more_than_was_done(changed: dict[str, object], headline: str) -> None:
    assert rendered(inspection(**changed)).splitlines()[0] == headline


def test_input_that_could_not_be_read_stands_with_the_headline() -> None:
    broken = source("half.gz", problem="the archive ends too early")
    text = rendered(inspection(read=read(source(), broken)))
    assert text.splitlines()[1] == "1 file could not be read to the end (see below)."
    assert "could not be read  half.gz: the archive ends too early" in text


def test_a_case_without_shown_persons_says_so() -> None:
    none = SCOPE.__class__(9, 0, 0, 0, 0, 0, 0, 9, {})
    text = squeezed(inspection(case(scope=none, coverage=Coverage())))
    assert "It made 9 requests; no person's data is known to have been shown." in text
    assert "Coverage: no hole in the evidence was found during this case." in text


def test_findings_outside_of_cases_are_not_lost() -> None:
    text = squeezed(inspection(case(), findings=[*case().findings, finding("other")]))
    assert "1 finding that is no case" in text
    assert finding("other").sentence in text


def test_five_hundred_files_are_summarised() -> None:
    files = [source(f"logs/gateway-{n}.json") for n in range(488)]
    files += [source(f"odd-{n}.log", source=f"odd-{n}", lines=2, stored=2, set_aside=0) for n in range(12)]
    text = rendered(inspection(read=read(*files)))
    assert "gateway (488 files)" in text
    assert "488,000" in text
    assert "(2 more files)" in text
    assert len(text.splitlines()) < 40


def test_a_note_that_holds_for_many_files_is_said_once() -> None:
    files = [source(f"{n}.log", notes=["guessed: a route"]) for n in range(3)]
    text = squeezed(inspection(read=read(*files)))
    assert "note 0.log and 2 more: guessed: a route" in text
    assert text.count("guessed: a route") == 1


def test_a_sentence_tells_its_times_in_the_zone_of_the_report() -> None:
    said = "From 2025-04-13 18:12 to 2025-11-08 13:10 UTC, 5 requests."
    text = squeezed(inspection(case(sentence=said)))
    assert "From 2025-04-14 03:12 to 2025-11-08 22:10 (Asia/Seoul), 5 requests." in text
    assert said in " ".join(rendered(inspection(case(sentence=said)), zone=ZoneInfo("UTC")).split())


def test_files_without_news_are_one_note() -> None:
    old = {"lines": 0, "stored": 0, "set_aside": 0}
    files = [source(f"{n}.log", notes=[f"read before: {n} lines"], **old) for n in range(3)]
    text = squeezed(inspection(read=read(*files, source("new.log", notes=["guessed: a route"]))))
    assert "note nothing new in 3 files note new.log: guessed: a route" in text
    assert "read before" not in text


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    long = "/서버/접속기록/" + "아주긴이름" * 20 + "/access.log"
    value = inspection(
        case(entities={"client": ["Mozilla/5.0 " + "x" * 400], "key": ["k" * 300]}),
        read=read(
            source(long, lines=10**10, stored=10**10, set_aside=0), source("b.log", format="a+b+c+d+e+f")
        ),
    )
    lines = rendered(value, width).splitlines()
    assert max(cell_len(line) for line in lines if not line.startswith("Checkpoint")) <= width
    assert any("…/access.log" in line or "…" in line for line in lines)


def test_hostile_text_is_inert_everywhere() -> None:
    evil = "\x1b[2J\u202e[bold]x\n0 cases found."
    hole = Hole(evil, "silent", at(0), at(1), None, evil)
    value = inspection(
        case(
            title=evil,
            sentence=evil,
            entities={"client": [evil], evil: [evil]},
            entity_counts={"client": 1},
            findings=[finding(evil, evil, evil)],
            coverage=Coverage([hole]),
            scope=SCOPE.__class__(1, 1, 1, 1, 1, 0, 0, 0, {evil: 1}),
        ),
        coverage=Coverage([hole]),
        read=read(
            source(evil, source=evil, format=evil, notes=[evil], problem=evil),
            aside=[SetAside(evil, 1, 0, 1, evil)],
            not_looked_at=[evil],
        ),
        rules=[RuleRun(evil, True, 1, 0.1), RuleRun(evil, False, 0, 0.0, evil)],
    )
    text = rendered(value)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not any(line.strip().startswith("0 cases found") for line in text.splitlines())
    assert text.count("[bold]x") > 10


def test_times_far_outside_are_shown() -> None:
    odd = source(first=LAST.replace(year=1), last=LAST.replace(year=9999))
    assert "0001" in rendered(inspection(read=read(odd))) or "1-11-0" in rendered(inspection(read=read(odd)))
