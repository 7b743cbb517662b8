"""A round of probes: what haechi.toml and the obituary tokens ask about, asked, and the answers sealed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from haechi.identity import tokens
from haechi.identity.ask import USUAL, Manners, Question, Result, run
from haechi.identity.facts import PROBES as SOURCE
from haechi.identity.facts import keep_facts
from haechi.identity.probes.gateway import GATEWAY
from haechi.identity.probes.jwt_times import times
from haechi.identity.probes.registry import PROBES
from haechi.identity.references import secret_reader
from haechi.identity.schedule import Last, due, last_answers, next_time
from haechi.model.errors import IdentityError, SettingsError
from haechi.model.settings import ProbeSettings
from haechi.store.of_workspace import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace


@dataclass(frozen=True)
class Planned:
    """A probe as it stands: its last answer and when it is to be asked next (None: at the next run)."""

    question: Question
    last: Last | None
    next: datetime | None


def planned(workspace: Workspace) -> list[Planned]:
    """All probes of the workspace, those of obituary tokens last. Raises `StoreError`, `IdentityError`."""
    engine = open_engine(open_store(workspace).snapshot(), workspace.settings.store)
    try:
        last = last_answers(engine)
    finally:
        engine.close()
    found = []
    for question in questions(workspace, last):
        known = last.get((question.probe.name, question.system.name))
        found.append(Planned(question, known, next_time(question, known)))
    return found


def questions(workspace: Workspace, last: dict[tuple[str, str], Last]) -> list[Question]:
    """What is to be asked."""
    settings = workspace.settings
    systems = {system.name: system for system in settings.systems}
    asked = []
    for probe in [*settings.probes, *tokens.probes(workspace)]:
        if probe.system not in systems:
            raise IdentityError(
                f"probe {probe.name} asks {probe.system}, which is no [[system]] of haechi.toml"
            )
        known = last.get((probe.name, probe.system))
        before = _lived(workspace, probe, known.lived if known else None)
        asked.append(Question(probe, systems[probe.system], before))
    return asked


def _lived(workspace: Workspace, probe: ProbeSettings, lived: datetime | None) -> bool | None:
    """Whether a gateway was seen to let this very token in; None where that does not matter.

    A gateway may refuse a token for what it lacks as well as for its key; once it let it in, only the key is left.
    What is refused as if it were no token at all needs no such past: then the answer is `plain`.
    """
    if probe.kind != GATEWAY.kind:
        return None
    try:
        told = times(secret_reader(workspace.root)(probe.credential))
    except SettingsError:
        return None  # asking it will say so
    return lived is not None and (told is None or told.made is None or lived >= told.made)


def ask_round(
    workspace: Workspace,
    names: Collection[str] = (),
    only_due: bool = False,
    manners: Manners = USUAL,
    told: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Ask the probes named, or all; of these only those that are due, if that is wanted. The answers are sealed.

    Raises:
        SettingsError: there is no probe of a name.
        StoreError: the answers could not be sealed; they wait in the outbox.
    """
    plans = planned(workspace)
    known = {plan.question.probe.name for plan in plans}
    if missing := sorted(set(names) - known):
        raise SettingsError(
            f"There is no probe called {missing[0]}.", todo="haechi probe list shows them all."
        )
    chosen = [plan for plan in plans if not names or plan.question.probe.name in names]
    asked = [plan.question for plan in chosen]
    if only_due:
        last = {(p.question.probe.name, p.question.system.name): p.last for p in chosen if p.last}
        asked = due(asked, last, datetime.now(UTC))
    heard: list[Result] = []

    def hear(result: Result) -> None:
        heard.append(result)
        told(result)

    try:
        return run(asked, PROBES, workspace.root, manners, hear)
    finally:
        # Whoever interrupts a round keeps what was answered until then.
        keep_facts(workspace, SOURCE, [result.fact(_about(result)) for result in heard])


def _about(result: Result) -> str:
    return PROBES[result.kind].about if result.kind in PROBES else ""
