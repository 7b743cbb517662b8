"""Requests and issuances as columns: what the parts of the world hand to each other instead of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

# Who a request is by, in `actor`: a member's id (positive), or one of these.
NOBODY = -1
NIGHTLY = -2
STATEMENTS = -3
API, FRAUD, BACKUP, WEB, ETL = -4, -5, -6, -7, -8
SERVICES = {
    NIGHTLY: "svc-nightly", STATEMENTS: "svc-statements", API: "svc-shop", FRAUD: "svc-fds",
    BACKUP: "svc-backup", WEB: "role-web", ETL: "role-etl",
}  # fmt: skip
STAFF = -10  # STAFF - k is employee k's account

# name -> (type, value where a part does not say)
REQUEST: dict[str, tuple[type[np.generic], int]] = {
    "time": (np.int64, 0),  # microseconds UTC
    "address": (np.int64, 0),  # IPv4 as a number
    "page": (np.int16, 0),  # index into PAGES
    "argument": (np.int64, -1),  # number in the URI, -1 for none
    "status": (np.int16, 200),
    "bytes": (np.int64, -1),  # -1: drawn from the page's typical size
    "agent": (np.int16, 0),  # index into AGENTS
    "token": (np.int64, -1),  # serial of the token presented, -1 for none
    "actor": (np.int64, NOBODY),
    "key": (np.int16, 0),  # index into the shop's keys, where there is a token
    "rows": (np.int64, -1),  # rows returned, where the log tells; -1: it does not
    "bad": (np.int8, 0),  # 0 honest, else the incident's phase; goes into the truth and nowhere else
}
ISSUANCE: dict[str, tuple[type[np.generic], int]] = {
    "time": (np.int64, 0),
    "token": (np.int64, 0),
    "actor": (np.int64, 0),
    "key": (np.int16, 0),
}

C = TypeVar("C", bound="Columns")


@dataclass(frozen=True)
class Columns:
    """Named arrays of one length."""

    of: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.of["time"])

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.of[name]

    def take(self: C, which: npt.NDArray[Any]) -> C:
        """The rows at these positions, or where this mask is true."""
        return type(self)({name: column[which] for name, column in self.of.items()})


class Requests(Columns):
    """Requests to the gateway; columns as in `REQUEST`."""


class Issuances(Columns):
    """Tokens made by the issuer; columns as in `ISSUANCE`."""


def requests(time: npt.NDArray[Any], **columns: Any) -> Requests:
    """Requests at these times; other columns may be arrays or single values, and default as in `REQUEST`."""
    return Requests(_fill(REQUEST, time, columns))


def issuances(time: npt.NDArray[Any], **columns: Any) -> Issuances:
    """Issuances at these times; other columns as in `ISSUANCE`."""
    return Issuances(_fill(ISSUANCE, time, columns))


def join(parts: Sequence[C]) -> C:
    """One below the other. At least one part."""
    names = parts[0].of
    return type(parts[0])({name: np.concatenate([part.of[name] for part in parts]) for name in names})


def _fill(
    schema: Mapping[str, tuple[type[np.generic], int]], time: npt.NDArray[Any], columns: Mapping[str, Any]
) -> dict[str, npt.NDArray[Any]]:
    given = {"time": time, **columns}
    if unknown := set(given) - set(schema):
        raise TypeError(f"no such column: {', '.join(sorted(unknown))}")
    n, filled = len(time), {}
    for name, (kind, default) in schema.items():
        value = given.get(name, default)
        filled[name] = (
            value.astype(kind, copy=False)
            if isinstance(value, np.ndarray) and value.ndim
            else np.full(n, value, kind)
        )
        if len(filled[name]) != n:
            raise ValueError(f"{name} has {len(filled[name])} values for {n} rows")
    return filled
