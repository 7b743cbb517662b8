"""The runner: every probe has an answer, none is in another's way, and nobody is asked too fast."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from haechi.identity.ask import Manners, Question, Result, _silent, run
from haechi.identity.interface import Answer, Asking
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

QUICK = Manners(pause=0, wait=0.05)


@dataclass
class Scripted:
    """A kind of probe that does what its target says."""

    kind: str = "scripted"
    systems: frozenset[str] = frozenset({"any"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "account"
    turns: dict[str, list[float]] = field(default_factory=dict)

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        for _ in range(2):
            asking.turn()
            self.turns.setdefault(system.name, []).append(time.monotonic())
        match probe.target:
            case "raise":
                raise KeyError(asking.secret("env:HAECHI_TEST_SECRET").decode())
            case "refuse":
                raise IdentityError("it is down", where="there")
            case "tell":
                return Answer("dead", "alive", f"It said {asking.secret('env:HAECHI_TEST_SECRET').decode()}.")
            case "hang":
                threading.Event().wait(60)
            case "no-control":
                return Answer("dead", "unknown", "Gone.")
            case "no-secret":
                asking.secret("env:HAECHI_NOT_SET")
        return Answer("dead", "alive", "Gone.")


def question(target: str, system: str = "s", before: bool | None = None, kind: str = "scripted") -> Question:
    probe = ProbeSettings(f"{target}-{system}", system, kind, target)
    return Question(probe, SystemSettings(system, "any"), before)


def asked(questions: list[Question], manners: Manners = QUICK, probe: Scripted | None = None) -> list[Result]:
    return run(questions, {"scripted": probe or Scripted()}, Path("/"), manners)


def test_one_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAECHI_TEST_SECRET", "never-said-4711")
    targets = ["raise", "refuse", "hang", "no-secret", "no-control", "fine"]
    results = asked([question(target) for target in targets])
    assert [result.name for result in results] == [f"{target}-s" for target in targets]
    assert [result.state for result in results] == ["unknown"] * 5 + ["dead"]
    assert results[1].evidence == "It is down (there)." or results[1].evidence == "it is down (there)."
    assert "no answer came within" in results[2].evidence.lower()
    assert "never-said" not in repr(results)


def test_a_bug_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAECHI_TEST_SECRET", "never-said-4711")
    (result,) = asked([question("raise")])
    assert result.bug.startswith("KeyError in test_ask.py, line ")
    assert result.bug in result.evidence


def test_evidence_that_repeats_a_secret_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAECHI_TEST_SECRET", "never-said-4711")
    (result,) = asked([question("tell")])
    assert "never-said" not in repr(result)
    assert result.state == "dead"


@pytest.mark.parametrize(("before", "state"), [(None, "dead"), (True, "dead"), (False, "unknown")])
def test_what_never_lived_did_not_die(before: bool | None, state: str) -> None:
    (result,) = asked([question("fine", before=before)])
    assert result.state == state


def test_unknown_kinds_are_unknown() -> None:
    (result,) = asked([question("fine", kind="other")])
    assert result.state == "unknown"
    odd = Question(ProbeSettings("p", "s", "scripted"), SystemSettings("s", "of-another-kind"))
    assert asked([odd])[0].state == "unknown"


def test_each_system_has_a_pace_of_its_own() -> None:
    probe = Scripted()
    pause = 0.08
    begin = time.monotonic()
    asked([question("fine", system) for system in ("a", "a", "b", "b")], Manners(pause, 5, 2), probe)
    for turns in probe.turns.values():
        assert len(turns) == 4
        assert all(later - sooner >= pause * 0.95 for sooner, later in itertools.pairwise(turns))
    # Side by side: both take as long as one.
    assert time.monotonic() - begin < 6 * pause


def test_a_fact_says_what_it_is_about() -> None:
    (result,) = asked([question("fine")])
    fact = result.fact("account")
    assert (fact.kind, fact.object, fact.system, fact.account, fact.version, fact.state, fact.how) == (
        "probe", "fine-s", "s", "fine", "", "dead", "scripted",
    )  # fmt: skip
    assert result.fact("secret").version == "fine"


def test_whose_it_is_can_be_told() -> None:
    probe = ProbeSettings("p", "s", "scripted", "uid=kim,ou=people", options={"account": "kim"})
    (result,) = asked([Question(probe, SystemSettings("s", "any"))])
    assert result.fact("account").account == result.fact("secret").account == "kim"
    assert result.fact("secret").version == "uid=kim,ou=people"


@pytest.mark.parametrize(
    "secret",
    [
        b"AKIAX:a-bare/secret",
        b"AKIAX:a-bare/secret:its-session",
        b'{"AccessKeyId": "AKIAX", "SecretAccessKey": "a-bare/secret"}',
        b"a-bare/secret\n",
    ],
)
def test_a_part_of_a_secret_is_a_secret(secret: bytes) -> None:
    said = Answer("dead", "alive", "AKIAX sent a-bare/secret.")
    assert "bare" not in _silent(said, [secret]).evidence
    harmless = Answer("dead", "alive", "Access key AKIAX is refused.")
    assert _silent(harmless, [secret]) == harmless
