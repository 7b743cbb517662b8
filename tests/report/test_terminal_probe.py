"""Probes on a terminal: within its width, and harmless whatever a system said."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.cells import cell_len

from haechi.cli.output import console
from haechi.identity.ask import Question, Result
from haechi.identity.rounds import Planned
from haechi.identity.schedule import Last
from haechi.model.settings import ProbeSettings, SystemSettings
from haechi.model.words import FactState
from haechi.report.terminal_probe import print_planned, print_results

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def result(name: str, state: FactState, evidence: str, bug: str = "") -> Result:
    return Result(name, "db", "scim", "kim", state, "alive", evidence, NOW, bug=bug)


def lines(*results: Result) -> list[str]:
    stream = io.StringIO()
    shown = console(stream)
    shown.width = 80
    print_results(results, shown)
    return stream.getvalue().splitlines()


def test_what_is_not_dead_comes_first_and_all_fits() -> None:
    shown = lines(
        result("a", "dead", "gone " * 40),
        result("b", "alive", "there"),
        result("김철수-로그인", "unknown", "한" * 90),
    )
    assert shown[0] == "3 probes: 1 ALIVE, 1 UNKNOWN, 1 DEAD."
    assert [line.split()[0] for line in shown if line[:1].isupper()][:3] == ["ALIVE", "UNKNOWN", "DEAD"]
    assert max(cell_len(line) for line in shown) <= 80


def test_a_system_cannot_write_on_the_terminal() -> None:
    shown = "\n".join(lines(result("a", "unknown", "x\x1b[2J[red]y[/red]\u202ez")))
    assert "\x1b" not in shown and "\u202e" not in shown
    assert "[red]y[/red]" in shown


def test_a_bug_is_named_as_one() -> None:
    assert any("an error in Haechi itself" in line for line in lines(result("a", "unknown", "x", "KeyError")))


def test_a_long_list_of_plans_fits() -> None:
    stream = io.StringIO()
    shown = console(stream)
    shown.width = 80
    asked = Question(ProbeSettings("n" * 60, "s", "postgresql-password"), SystemSettings("s", "postgresql"))
    print_planned([Planned(asked, Last(NOW, "dead", "", None), NOW), Planned(asked, None, None)], shown, UTC)
    text = stream.getvalue()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "DEAD" in text and "never" in text and "next run" in text
