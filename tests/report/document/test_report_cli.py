"""`haechi report` and `haechi verify REPORT` on a store: what was handed out can be counted again later."""

from __future__ import annotations

import re
import shlex
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cli.conftest import haechi as haechi
from tests.report.document.worlds import SEOUL, entry, month, workspace

from haechi.cli.main import run
from haechi.model.settings import RetentionSettings
from haechi.model.times import micros
from haechi.report.stores import open_store
from haechi.report.workspaces import open_workspace
from haechi.store import expire as keeping

Haechi = Callable[..., Any]
PERSONS = 30


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with May and June 2025, collected once. Tests take copies."""
    folder = workspace(
        tmp_path_factory.mktemp("w"), month(2025, 5, 10) + month(2025, 6, PERSONS) + ["no record"]
    )
    assert run(["collect", "--workspace", str(folder)]) == 0
    return folder


@pytest.fixture
def here(collected: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(collected, tmp_path / "w"))


def number(page: str, name: str) -> int:
    found = re.search(rf'{{"name":"{re.escape(name)}","value":(-?\d+)', page)
    assert found, name
    return int(found[1])


def test_a_month_is_counted_as_by_hand(haechi: Haechi, here: Path) -> None:
    said = haechi(
        "report", "inspection", "--month", "2025-06", "--workspace", here, "--out", "r.html", "--json"
    )
    assert said.code == 1, said.err
    assert said.document["requests"] == 30 * (PERSONS + 4)
    page = Path("r.html").read_text(encoding="utf-8")
    assert 'lang="ko"' in page
    assert "privacy@shop.example" in page
    assert number(page, "totals.persons") == PERSONS  # 0 to 29; the one refused was not shown
    assert number(page, "totals.shown") == 30 * (PERSONS + 3)
    assert number(page, "totals.refused") == 30
    assert number(page, "totals.exports") == 30
    assert number(page, "days[2025-06-17].shown") == PERSONS + 3
    assert number(page, "days[2025-06-17].persons") == PERSONS
    assert number(page, "grid[2 10].shown") == 4 * (PERSONS + 3)  # four Tuesdays
    assert number(page, "trend[2025-05].requests") == 31 * 14
    assert number(page, "trend[2025-05].persons") == 10
    assert number(page, "actors[cs-1].persons") == PERSONS
    assert number(page, "addresses[192.0.2.7].persons") == PERSONS
    assert number(page, "aside[not a JSON object that says who asked for what].lines") == 1
    assert number(page, "items.whose") == 30 * (PERSONS + 2)
    assert stat.S_IMODE(Path("r.html").stat().st_mode) == 0o600


def test_what_was_handed_out_verifies_and_what_was_changed_does_not(haechi: Haechi, here: Path) -> None:
    haechi("report", "inspection", "--month", "2025-06", "--workspace", here, "--out", "r.html")
    whole = haechi("verify", "r.html", "--workspace", here, "--json")
    assert (whole.code, whole.document["whole"]) == (0, True), whole.out
    page = Path("r.html").read_text(encoding="utf-8")
    Path("text.html").write_text(page.replace("privacy@shop.example", "thief@evil.example"), encoding="utf-8")
    told = haechi("verify", "text.html", "--workspace", here, "--json")
    assert told.code == 3
    assert [one["thing"] for one in told.document["verdicts"] if one["state"] == "altered"] == ["file"]
    Path("data.html").write_text(page.replace('"totals.persons","value":30', '"totals.persons","value":3'))
    told = haechi("verify", "data.html", "--workspace", here)
    assert told.code == 3
    assert "totals.persons: the report says 3, counted again 30" in " ".join(told.out.split())


FORGED = {
    "a drill with its month": (('"kind":"inspection"', '"kind":"drill"'),),
    "a drill without": (('"kind":"inspection"', '"kind":"drill"'), ('"month":"2025-06"', '"month":null')),
    "a case": (('"kind":"inspection"', '"kind":"case"'),),
    "no kind that there is": (('"kind":"inspection"', '"kind":"poem"'),),
}


@pytest.mark.parametrize("changed", FORGED.values(), ids=FORGED)
def test_a_report_that_says_it_is_of_another_kind_is_a_forgery(
    haechi: Haechi, here: Path, changed: tuple[tuple[str, str], ...]
) -> None:
    haechi("report", "inspection", "--month", "2025-06", "--workspace", here, "--out", "r.html")
    page = Path("r.html").read_text(encoding="utf-8")
    for old, new in (*changed, ('"totals.persons","value":30', '"totals.persons","value":3')):
        assert old in page
        page = page.replace(old, new)
    Path("forged.html").write_text(page, encoding="utf-8")
    told = haechi("verify", "forged.html", "--workspace", here, "--json")
    assert (told.code, told.document["whole"]) == (3, False), told.out
    states = {one["thing"]: one["state"] for one in told.document["verdicts"]}
    assert states == {"file": "altered", "report": "altered"}


def test_a_number_changed_for_the_eye_alone_is_named(haechi: Haechi, here: Path) -> None:
    haechi(
        "report", "inspection", "--month", "2025-06", "--workspace", here, "--lang", "en", "--out", "r.html"
    )
    page = Path("r.html").read_text(encoding="utf-8")
    shown = '<dt>Persons whose data was shown</dt><dd><data value="30">30</data>'
    assert shown in page
    Path("eye.html").write_text(page.replace(shown, shown.replace(">30<", ">3<")), encoding="utf-8")
    told = haechi("verify", "eye.html", "--workspace", here, "--json")
    assert told.code == 3
    named = [one["sentence"] for one in told.document["verdicts"] if one["thing"] == "shown"]
    assert len(named) == 1
    assert "Persons whose data was shown' the page shows 3, and its data says 30" in named[0]


def test_a_file_of_which_nothing_can_be_checked_is_not_verified(haechi: Haechi, here: Path) -> None:
    assert haechi("report", "drill", "quiet", "--scale", "0.0001", "--out", "d.html").code == 0
    told = haechi("verify", "d.html", "--workspace", here)
    assert told.code == 3
    assert "Not verified: nothing of this file could be checked." in told.out
    assert "0 things whole" in told.out


def test_later_records_and_compaction_change_no_report(haechi: Haechi, here: Path) -> None:
    haechi("report", "inspection", "--month", "2025-06", "--workspace", here, "--out", "r.html")
    (here / "logs" / "b.json").write_text("\n".join(month(2025, 6, 50)) + "\n", encoding="utf-8")
    assert haechi("collect", "--workspace", here).code == 0
    assert haechi("compact", "--workspace", here).code == 0
    told = haechi("verify", "r.html", "--workspace", here, "--json")
    assert (told.code, told.document["whole"]) == (0, True), told.out
    again = haechi(
        "report", "inspection", "--month", "2025-06", "--workspace", here, "--out", "n.html", "--json"
    )
    assert again.document["persons"] == 50


def test_a_report_of_another_store_is_no_report_of_this(haechi: Haechi, here: Path, tmp_path: Path) -> None:
    other = workspace(tmp_path / "other", month(2025, 6, 5))
    assert haechi("collect", "--workspace", other).code == 0
    haechi("report", "inspection", "--month", "2025-06", "--workspace", other, "--out", "r.html")
    told = haechi("verify", "r.html", "--workspace", here, "--json")
    assert told.code == 3
    assert {one["thing"]: one["state"] for one in told.document["verdicts"]} == {
        "file": "altered",
        "checkpoint": "forked",
    }


def test_other_settings_are_an_explanation_and_no_forgery(haechi: Haechi, here: Path) -> None:
    haechi("report", "inspection", "--month", "2025-06", "--workspace", here, "--out", "r.html")
    toml = here / "haechi.toml"
    toml.write_text(toml.read_text() + "\n[rules.persons-over-budget]\nenabled = false\n", encoding="utf-8")
    told = haechi("verify", "r.html", "--workspace", here, "--json")
    assert told.code == 0, told.out
    assert "note" in {one["state"] for one in told.document["verdicts"]}


def test_a_case_tells_why_its_numbers_moved(haechi: Haechi, here: Path) -> None:
    listed = haechi("case", "list", "--workspace", here, "--json").document["cases"]
    case = listed[0]["id"]
    assert haechi("report", "case", case, "--workspace", here, "--lang", "en", "--out", "1.html").code == 1
    (here / "logs" / "b.json").write_text("\n".join(month(2025, 7, 20)) + "\n", encoding="utf-8")
    haechi("collect", "--workspace", here)
    cases = haechi("case", "list", "--workspace", here, "--json").document["cases"]
    assert case in [one["id"] for one in cases]
    haechi("report", "case", case.lower(), "--workspace", here, "--lang", "en", "--out", "2.html")
    page = Path("2.html").read_text(encoding="utf-8")
    assert "the first report" in page
    assert f"{31 * 24} records were collected" in page
    for name in ("1.html", "2.html"):
        assert haechi("verify", name, "--workspace", here).code == 0


def test_bad_input_is_a_sentence(haechi: Haechi, here: Path) -> None:
    def told(*arguments: str) -> tuple[int, str]:
        said = haechi("report", *arguments, "--workspace", here)
        return said.code, " ".join(said.err.split())

    code, text = told("inspection", "--month", "2024-02")
    assert code == 3
    assert "no access record of 2024-02" in text
    assert "from 2025-05-01 to 2025-06-30" in text
    assert told("inspection", "--month", "2025-13")[1].startswith("'2025-13' is no month")
    for wrong in (("inspection", "--month", "June"), ("case", "C-000000"), ("inspection", "--lang", "fr")):
        assert told(*wrong)[0] == 2
    assert "not written in the language 'de'" in told("inspection", "--month", "2025-06", "--lang", "de")[1]
    assert told("inspection", "--month", "2025-06", "--out", "r.docx")[0] == 2
    assert told("inspection", "--month", "2025-06", "--out", "no/such/r.html")[0] == 2
    assert "There is no case 'C-none'" in told("case", "C-none")[1]
    Path("x.html").write_text("<!DOCTYPE html><p>hello", encoding="utf-8")
    said = haechi("verify", "x.html", "--workspace", here)
    assert (said.code, "no numbers of a report" in said.err) == (3, True)
    assert list(Path().glob("r.*")) == []


def test_a_month_that_has_not_ended_is_not_asked_for(haechi: Haechi, here: Path) -> None:
    year = datetime.now(UTC).year + 2
    said = haechi("report", "inspection", "--month", f"{year}-01", "--workspace", here)
    text = " ".join(said.err.split())
    assert f"{year}-01 has not begun." in text
    assert "was ever collected" not in text
    now = datetime.now(SEOUL)
    said = haechi("report", "inspection", "--month", f"{now.year}-{now.month:02d}", "--workspace", here)
    assert "has not ended, and no access record of it is there yet" in " ".join(said.err.split())


def test_the_hint_after_a_report_works_as_printed(haechi: Haechi, here: Path) -> None:
    toml = here / "haechi.toml"
    kept = [line for line in toml.read_text().splitlines() if not line.startswith("contact")]
    toml.write_text("\n".join(kept) + "\n", encoding="utf-8")
    said = haechi(
        "report", "inspection", "--month", "2025-06", "--workspace", here, "--lang", "en", "--out", "a b.html"
    )
    hint = said.out.split("To check it: ")[1].strip().replace("\n", " ")
    words = shlex.split(hint)
    assert words[:3] == ["haechi", "verify", "a b.html"]
    assert haechi(*words[1:]).code == 0
    # What the owner still has to write is said to the owner, and not to whoever reads the report.
    assert "names nobody as contact" in " ".join(said.err.split())
    page = Path("a b.html").read_text(encoding="utf-8")
    assert "Nobody is named." in page
    assert "haechi.toml" not in page[: page.index('id="rests"')]


def days(lines: list[str], first: int, last: int) -> list[str]:
    """The entries of some days of June."""
    wanted = {f'"2025-06-{day:02d}T' for day in range(first, last + 1)}
    return [line for line in lines if any(day in line for day in wanted)]


def test_a_month_half_expired_says_what_is_gone(
    haechi: Haechi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = month(2025, 6, PERSONS)
    here = workspace(tmp_path / "w", days(lines, 1, 15))
    assert haechi("collect", "--workspace", here).code == 0
    (here / "logs" / "b.json").write_text("\n".join(days(lines, 16, 30)) + "\n", encoding="utf-8")
    assert haechi("collect", "--workspace", here).code == 0
    found = open_workspace(here)
    assert found is not None
    settings = msgspec.structs.replace(found.settings, retention=RetentionSettings(keep="1y"))
    plan, at = keeping.plan_expiry, micros(datetime(2026, 6, 20, tzinfo=UTC))
    monkeypatch.setattr(keeping, "plan_expiry", lambda catalog, given, now: plan(catalog, given, at))
    assert len(keeping.expire(open_store(found), settings, clock_is_right=True).plan.going) == 1
    half = 15 * (PERSONS + 4)
    said = haechi(
        "report",
        "inspection",
        "--month",
        "2025-06",
        "--workspace",
        here,
        "--lang",
        "en",
        "--out",
        "r.html",
        "--json",
    )
    assert said.document["requests"] == half, said.err
    page = Path("r.html").read_text(encoding="utf-8")
    assert number(page, "totals.requests") == half
    assert number(page, "sources[gateway].gone") == half
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert f"{half} further records of this month are no longer in the store." in text
    assert "15 of 30 days have records" in text
    assert "Days whose records have expired or were erased" in text
    # A day whose records are gone has no numbers, which is not a zero.
    row = re.search(r"<tr[^>]*><th scope=\"row\">Jun 3, 2025</th>(.*?)</tr>", page)
    assert row, "the day stands in the table"
    assert "<data" not in row[1]
    assert row[1].count("–") == 4
    assert haechi("verify", "r.html", "--workspace", here).code == 0


def test_a_source_that_was_silent_for_days_is_named_with_its_days(haechi: Haechi, tmp_path: Path) -> None:
    begin = datetime(2025, 6, 1, tzinfo=SEOUL)
    lines = [entry(begin + timedelta(minutes=10 * n), "cs-1", f"/members/{n % 40}") for n in range(30 * 144)]
    here = workspace(tmp_path / "w", days(lines, 1, 12) + days(lines, 20, 30))
    assert haechi("collect", "--workspace", here).code == 0
    told = haechi(
        "report", "inspection", "--month", "2025-06", "--workspace", here, "--lang", "en", "--out", "r.html"
    )
    assert told.code in (0, 1), told.err
    page = " ".join(re.sub(r"<[^>]+>", " ", Path("r.html").read_text(encoding="utf-8")).split())
    assert "23 of 30 days have records" in page
    assert re.search(r"gateway 2025-06-12 23:50 2025-06-20 00:00 no records were written", page)
    listed = ", ".join(f"Jun {day}, 2025" for day in range(13, 20))
    assert f"Days without a record: {listed}." in page


def test_a_source_without_a_record_of_the_month_is_not_counted_as_inspected(
    haechi: Haechi, here: Path
) -> None:
    (here / "logs" / "other").mkdir()
    with (here / "haechi.toml").open("a") as file:
        toml = (here / "haechi.toml").read_text()
        source = toml[toml.index("[[source]]") : toml.index("[[route]]")]
        file.write("\n" + source.replace('"gateway"', '"branch"').replace("logs/*.json", "logs/other/*.json"))
    (here / "logs" / "other" / "c.json").write_text("\n".join(month(2025, 4, 3)) + "\n", encoding="utf-8")
    assert haechi("collect", "--workspace", here).code == 0
    haechi(
        "report", "inspection", "--month", "2025-06", "--workspace", here, "--lang", "en", "--out", "r.html"
    )
    page = Path("r.html").read_text(encoding="utf-8")
    assert '<dt>Sources</dt><dd><data value="1">1</data></dd>' in page
    assert "Source branch has no record in this month." in " ".join(re.sub(r"<[^>]+>", "", page).split())
