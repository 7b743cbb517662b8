"""What is known of a question for reasons, as frozen values. Times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

State = Literal["asked", "reminded", "escalated", "reopened", "answered", "accepted", "rejected"]
Delivery = Literal["waiting", "sent", "refused"]  # refused: the mail server will never take it


class OpenItem(msgspec.Struct, frozen=True):
    """A question that is not settled: nobody answered yet, or nobody has decided on the answer.

    requests, persons, first, last: of the accesses in question, those outside the month included
    escalated: when the manager, or who stands in for one, was told; None: not so far
    delivery: of the newest message
    """

    ask: str  # "A-7f3a2b"
    case: str  # "C-7f3a2b"
    whom: str  # the person or account asked about
    state: State
    asked: datetime
    due: datetime
    overdue: bool
    reminders: int
    escalated: datetime | None
    delivery: Delivery
    requests: int
    persons: int
    first: datetime
    last: datetime
    mail: str  # who was asked
    role: str  # of who was asked: self, manager


class SettledItem(msgspec.Struct, frozen=True):
    """A question whose answer was accepted or rejected: by whom, when, and why; and what was answered."""

    ask: str
    case: str
    whom: str
    state: State
    by: str  # the account that decided
    at: datetime
    why: str  # "" where nothing was said
    answer: str
    requests: int
    persons: int
    first: datetime
    last: datetime
