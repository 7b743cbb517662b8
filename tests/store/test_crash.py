"""Killed at any moment: the store opens, verifies, and has lost and doubled nothing.

HAECHI_CRASH_POINTS=200 kills at so many points altogether; a few stand for all without it.
"""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.store.crashing import VERBS, Signed, Wanted, check_again, copy, prepare, start

POINTS = int(os.environ.get("HAECHI_CRASH_POINTS", "40"))
EACH = max(POINTS // len(VERBS), 2)
TIMED = EACH // 4  # of these, killed from outside at any time
CASES = [(verb, point) for verb in VERBS for point in range(EACH)]


@dataclass(frozen=True)
class Undisturbed:
    """A verb that ran to its end: what it made of the store, how many steps it took, and how long."""

    wanted: Wanted
    steps: int
    seconds: float


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crash") / "before"
    prepare(folder)
    return folder


@pytest.fixture(scope="module")
def undisturbed(template: Path) -> dict[str, Undisturbed]:
    found = {}
    start("hold", copy(template, template.parent / "warm")).join(120)  # the first one loads what all need
    for verb in VERBS:
        root, told = copy(template, template.parent / verb), template.parent / f"{verb}.steps"
        begun = time.monotonic()
        child = start(verb, root, told=told)
        child.join(120)
        seconds = time.monotonic() - begun
        assert child.exitcode == 0
        found[verb] = Undisturbed(Wanted.of(Signed(root)), int(told.read_text()), seconds)
    return found


@pytest.mark.parametrize(("verb", "point"), CASES, ids=[f"{verb}-{point}" for verb, point in CASES])
def test_killed(
    template: Path, undisturbed: dict[str, Undisturbed], tmp_path: Path, verb: str, point: int
) -> None:
    whole = undisturbed[verb]
    root = copy(template, tmp_path / "shop")
    if point < TIMED:
        child = start(verb, root)
        time.sleep(whole.seconds * random.Random(point).random())
        child.kill()
    else:
        # Spread over all steps, both ends with them.
        place = (point - TIMED) / max(EACH - TIMED - 1, 1)
        child = start(verb, root, 1 + round(place * (whole.steps - 1)))
    child.join(120)
    assert child.exitcode in ((0, -signal.SIGKILL) if point < TIMED else (-signal.SIGKILL,))
    check_again(root, verb, whole.wanted)


def test_killed_twice(template: Path, undisturbed: dict[str, Undisturbed], tmp_path: Path) -> None:
    """Killed, and killed again while the next process makes it good."""
    for verb in ("erase", "compact"):
        root = copy(template, tmp_path / verb)
        steps = undisturbed[verb].steps
        for die_at in (steps - 2, 3, steps // 2, 5):
            child = start(verb, root, die_at)
            child.join(120)
            assert child.exitcode in (0, -signal.SIGKILL)
        check_again(root, verb, undisturbed[verb].wanted)
