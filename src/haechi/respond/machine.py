"""The states of a question, and which step leads from where to where. Nothing here touches a disk.

asked ─► reminded ─► escalated      (each may also be answered, and reopened with another address)
  └────────┴────────────┴─► answered ─► accepted | rejected ─► reopened ─► ...
"""

from __future__ import annotations

from typing import Final, Literal

from haechi.model.errors import AskError
from haechi.respond.values import State

Step = Literal["asked", "reminded", "escalated", "answered", "accepted", "rejected", "reopened"]
Note = Literal["sent", "refused"]  # what became of a message: the state stays

WAITING: Final[tuple[State, ...]] = ("asked", "reminded", "escalated", "reopened")
OPEN: Final[tuple[State, ...]] = (*WAITING, "answered")
STATES: Final[tuple[State, ...]] = (*OPEN, "accepted", "rejected")

_FROM: Final[dict[Step, tuple[State, ...]]] = {
    "asked": (),
    "reminded": ("asked", "reminded", "reopened"),
    "escalated": ("asked", "reminded", "reopened"),
    "answered": WAITING,
    "accepted": ("answered",),
    "rejected": ("answered",),
    "reopened": STATES,
}
_SAID: Final[dict[State, str]] = {
    "asked": "is not answered yet",
    "reminded": "is not answered yet",
    "escalated": "is not answered yet",
    "reopened": "is not answered yet",
    "answered": "is answered already",
    "accepted": "is settled: its answer was accepted",
    "rejected": "is settled: its answer was rejected",
}


def after(ask: str, state: State, step: Step) -> State:
    """The state that a step leads to. Raises `AskError` where it cannot be taken from here."""
    if state not in _FROM[step]:
        todo = "haechi case reopen asks again" if state not in WAITING else ""
        raise AskError(f"{ask} {_SAID[state]}, so it cannot be {step}", kept="nothing was changed", todo=todo)
    return step
