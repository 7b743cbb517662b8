"""What all probes share: how a question and its control make an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from haechi.identity.interface import Answer
from haechi.model.errors import HaechiError, IdentityError
from haechi.model.settings import ProbeSettings
from haechi.model.words import FactState

# Option of every probe: the account that the target belongs to, as the system's lists name it.
ACCOUNT: Final = "account"

# First words of what we say ourselves.
_OWN: Final = frozenset(
    {"a", "access", "another", "answers", "its", "key", "no", "nobody", "our", "probe", "role", "the", "there",
     "this", "user", "version", "what"}
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What one question came to, as the half of a sentence: "role kim may log in"."""

    state: FactState
    words: str


def unknown(words: str, control: FactState = "unknown") -> Answer:
    return Answer("unknown", control, sentence(words))


def compare(control: Callable[[], Said], question: Callable[[], Said]) -> Answer:
    """Ask the control, then the question.

    DEAD without a live control becomes UNKNOWN: what looks dead may only be out of sight. ALIVE stays ALIVE, since
    nothing that failed elsewhere can make it up. Whatever the system does instead of answering is UNKNOWN.
    """
    known = _heard(control)
    asked = _heard(question)
    state: FactState = asked.state
    if state == "dead" and known.state != "alive":
        state = "unknown"
    return Answer(state, known.state, f"{sentence(asked.words)} Control: {known.words}.")


def _heard(ask: Callable[[], Said]) -> Said:
    try:
        return ask()
    except HaechiError as error:
        return Said("unknown", f"{error.what.rstrip('.')}{f' ({error.where})' if error.where else ''}")


def sentence(words: str) -> str:
    """The words as a sentence. Names of systems and people stay as they are written."""
    first = words.split(" ", 1)[0]
    return f"{words.capitalize()[:1] if first in _OWN else words[:1]}{words[1:]}."


def needed(probe: ProbeSettings, **values: str) -> None:
    """Raises `IdentityError` naming the settings of the probe that are missing."""
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise IdentityError(f"probe {probe.name} needs {' and '.join(missing)}")


def count(number: int, thing: str) -> str:
    """A number with its thing: `1 session`, `2 sessions`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
