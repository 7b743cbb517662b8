"""Ask probes: each system in a pace of its own, systems side by side, and no probe in another's way."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from haechi.identity.interface import Answer, Asking, Fact, Probe
from haechi.identity.probes.common import ACCOUNT, unknown
from haechi.identity.references import secret_reader
from haechi.model.errors import HaechiError
from haechi.model.settings import ProbeSettings, SystemSettings
from haechi.model.words import FactState

QUESTIONS: Final = 8  # at most so many requests make up one probe
_SECRETS: Final = ("SecretAccessKey", "SessionToken")  # of the JSON of AWS's command line
LEAST_SECRET: Final = 4  # bytes: a shorter text turns up in any sentence by chance


@dataclass(frozen=True)
class Manners:
    """How systems are asked. pause: seconds between two questions to one system; wait: for any one answer;
    together: systems asked at the same time."""

    pause: float = 1.0
    wait: float = 10.0
    together: int = 4


USUAL: Final = Manners()


@dataclass(frozen=True)
class Question:
    """A probe with what it asks. before: it is known to have been ALIVE once; None: that does not matter."""

    probe: ProbeSettings
    system: SystemSettings
    before: bool | None = None


@dataclass(frozen=True)
class Result:
    """What became of one probe. `bug` names an error in Haechi itself, which made it UNKNOWN."""

    name: str
    system: str
    kind: str
    target: str
    state: FactState
    control: FactState
    evidence: str
    asked: datetime  # UTC
    account: str = ""  # whose it is, where the target does not say it
    bug: str = ""

    def fact(self, about: str) -> Fact:
        """The fact to keep. `about`: what the target is, as `Probe.about`."""
        return Fact(
            time=self.asked,
            kind="probe",
            system=self.system,
            state=self.state,
            evidence=self.evidence,
            account=self.account or (self.target if about in ("account", "session") else ""),
            object=self.name,
            version=self.target if about == "secret" else "",
            how=self.kind,
        )


class Pace:
    """Lets one question through at a time, with a pause between two."""

    def __init__(self, pause: float) -> None:
        self._pause, self._next, self._lock = pause, 0.0, threading.Lock()

    def turn(self) -> None:
        with self._lock:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + self._pause


def run(
    questions: Sequence[Question],
    kinds: Mapping[str, Probe],
    folder: Path,
    manners: Manners = USUAL,
    told: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Ask all, and answer for all, in the order given. `folder`: of haechi.toml. `told` hears each as it comes."""
    systems: dict[str, list[int]] = defaultdict(list)
    for place, question in enumerate(questions):
        systems[question.system.name].append(place)
    results: dict[int, Result] = {}
    stop = threading.Event()

    def ask_system(places: Iterable[int]) -> None:
        pace = Pace(manners.pause)
        for place in places:
            if stop.is_set():
                return
            results[place] = ask(questions[place], kinds, folder, manners, pace.turn)
            told(results[place])

    with ThreadPoolExecutor(manners.together) as pool:
        asked = [pool.submit(ask_system, places) for places in systems.values()]
        try:
            for done in asked:
                done.result()
        except BaseException:
            stop.set()  # interrupted: what is being asked may end, and nothing else begins
            raise
    return [results[place] for place in range(len(questions))]


def ask(
    question: Question, kinds: Mapping[str, Probe], folder: Path, manners: Manners, turn: Callable[[], None]
) -> Result:
    """Ask one probe. Whatever happens, there is a result."""
    now, read = datetime.now(UTC), secret_reader(folder)
    handed: list[bytes] = []

    def secret(reference: str) -> bytes:
        handed.append(read(reference))
        return handed[-1]

    asking = Asking(secret, folder, manners.wait, now, turn)
    kind = kinds.get(question.probe.kind)
    bug = ""
    if kind is None:
        answer = unknown(f"there is no kind of probe called {question.probe.kind}")
    elif question.system.kind not in kind.systems:
        answer = unknown(f"probes of kind {kind.kind} cannot ask systems of kind {question.system.kind}")
    else:
        answer, bug = _in_time(lambda: kind.ask(question.probe, question.system, asking), manners)
    answer = _settled(_silent(answer, handed), question)
    probe = question.probe
    return Result(
        probe.name, question.system.name, probe.kind, probe.target,
        answer.state, answer.control, answer.evidence, now, probe.options.get(ACCOUNT, ""), bug,
    )  # fmt: skip


def _in_time(call: Callable[[], Answer], manners: Manners) -> tuple[Answer, str]:
    """What it answers, and the name of a bug. What never ends is left behind in a thread that dies with us."""
    limit = QUESTIONS * (manners.wait + manners.pause)
    box: list[tuple[Answer, str]] = []
    thread = threading.Thread(target=lambda: box.append(_heard(call)), daemon=True)
    thread.start()
    thread.join(limit)
    return box[0] if box else (unknown(f"no answer came within {limit:g} seconds"), "")


def _heard(call: Callable[[], Answer]) -> tuple[Answer, str]:
    try:
        return call(), ""
    except HaechiError as error:
        return unknown(f"{error.what.rstrip('.')}{f' ({error.where})' if error.where else ''}"), ""
    except Exception as error:
        # Its message may quote a secret, so only its kind and its place are told.
        if os.environ.get("HAECHI_DEBUG") == "1":
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        bug = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
        return unknown(f"Haechi failed in a way that it should not: {bug}"), bug


def _silent(answer: Answer, secrets: Iterable[bytes]) -> Answer:
    """The answer, without evidence that repeats a secret: a server may send back what it was sent."""
    said = answer.evidence.encode()
    if any(len(part) >= LEAST_SECRET and part in said for secret in secrets for part in _parts(secret)):
        return replace(answer, evidence="The evidence repeated a secret, so it is not told.")
    return answer


def _parts(secret: bytes) -> list[bytes]:
    """A secret and what of it is one by itself: of an access key of AWS (ID:SECRET, or JSON) all but its id."""
    whole = secret.strip()
    if whole.startswith(b"{"):
        with suppress(msgspec.DecodeError):
            told = msgspec.json.decode(whole, type=dict[str, Any])
            return [whole, *(v.encode() for k, v in told.items() if isinstance(v, str) and k in _SECRETS)]
    return [whole, *whole.split(b":", 2)[1:]]


def _settled(answer: Answer, question: Question) -> Answer:
    """No kind of probe can come out DEAD without a live control, or without ever having lived where that matters."""
    if answer.state != "dead":
        return answer
    if answer.control != "alive":
        return replace(answer, state="unknown")
    if question.before is False and not answer.plain:
        words = "It was never seen accepted there, so this refusal does not tell why"
        return replace(answer, state="unknown", evidence=f"{answer.evidence} {words}.")
    return answer
