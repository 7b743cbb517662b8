"""Why staff may look: tickets, orders, shifts, approvals, employees' own accounts. Written as their systems export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from haechi.drill.world.calendar import Ints
from haechi.drill.world.sql import connect
from haechi.drill.world.text import words

TOPICS = (
    "Where is my order?", "Change of address", "Refund", "Wrong item delivered", "Password reset", "Billing question",
    "Product recall",
)  # fmt: skip
PURPOSES = ("Delivery statistics", "Churn model", "Yearly audit sample", "Survey of satisfaction")
RELATIONS = ("self", "family")

# File -> columns as its system names them; those in TIMES are microseconds UTC.
FILES: dict[str, tuple[str, ...]] = {
    "tickets": ("ticket", "opened", "closed", "agent", "member_id", "topic"),
    "orders": ("order", "member_id", "assigned_to", "from", "to"),
    "shifts": ("employee", "start", "end"),
    "approvals": ("approval", "who", "what", "approved_by", "from", "to", "purpose"),
    "relations": ("employee", "member_id", "relation"),
}
TIMES = ("opened", "closed", "from", "to", "start", "end")
ACCOUNTS = ("agent", "assigned_to", "employee", "who", "approved_by")  # positions of employees
_WORDS = {"topic": TOPICS, "purpose": PURPOSES, "relation": RELATIONS}


class Reasons:
    """Rows of the five files, gathered while the world is made."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {name: [] for name in FILES}
        self._next = {"ticket": 500_000, "order": 8_000_000, "approval": 700}

    def numbers(self, kind: str, n: int) -> Ints:
        """The next `n` numbers of tickets, orders or approvals."""
        first = self._next[kind]
        self._next[kind] += n
        return np.arange(first, first + n, dtype=np.int64)

    def add(self, file: str, **columns: Any) -> None:
        """Rows for one file: arrays of one length, or lists of text. Raises TypeError for other columns."""
        if set(columns) != {column.replace("from", "from_") for column in FILES[file]}:
            raise TypeError(f"{file} has the columns {', '.join(FILES[file])}")
        self._rows[file].append({name.rstrip("_"): value for name, value in columns.items()})

    def write(self, folder: Path, accounts: Sequence[str]) -> dict[str, int]:
        """Write `tickets.csv` and the others that have rows. Returns their rows, by name without the ending."""
        connection = connect("Asia/Seoul")
        written: dict[str, int] = {}
        for file, columns in FILES.items():
            parts = [part for part in self._rows[file] if len(part[columns[0]])]
            if not parts:
                continue
            rows = {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in columns}
            connection.register(
                "rows", pa.table({name: _column(name, rows[name], accounts) for name in columns})
            )
            iso = "'%Y-%m-%dT%H:%M:%S+09:00'"
            told = ", ".join(f'strftime("{c}", {iso}) AS "{c}"' if c in TIMES else f'"{c}"' for c in columns)
            by = ", ".join(f'"{c}"' for c in sorted(columns, key=lambda c: c not in TIMES))
            target = str(folder / f"{file}.csv").replace("'", "''")
            connection.execute(f"COPY (SELECT {told} FROM rows ORDER BY {by}) TO '{target}' (HEADER)")
            written[file] = len(rows[columns[0]])
        connection.close()
        return written


def _column(name: str, values: Any, accounts: Sequence[str]) -> pa.Array:
    if name in TIMES:
        return pa.array(values).cast(pa.timestamp("us", "UTC"))
    if name in ACCOUNTS:
        return words(values, accounts).cast(pa.string())
    if name in _WORDS:
        return words(values, _WORDS[name]).cast(pa.string())
    return pa.array(values)
