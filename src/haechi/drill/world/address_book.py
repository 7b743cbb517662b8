"""Whom members' address books name: family and friends without an account, other members, themselves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from haechi.drill.world.calendar import DAY, NEVER, Calendar, Ints
from haechi.drill.world.members import Members

_BOOK: dict[str, pa.DataType] = {
    "subject": pa.string(),  # the member whose book it is
    "person": pa.string(),  # whom the entry is about: P-number for non-members, else a member id
    "fields": pa.string(),
    "since": pa.timestamp("us"),  # UTC
    "until": pa.timestamp("us"),  # NULL: still there
}
BOOK = pa.schema(_BOOK)


def make_address_book(
    rng: np.random.Generator, calendar: Calendar, members: Members, non_members: int
) -> pa.Table:
    """Entries of all books, by member. A quarter of the non-members stand in several books."""
    size = len(members)
    others = np.arange(non_members)
    again = rng.choice(others, size=non_members // 4)
    person = np.concatenate([others, again])
    subject = rng.integers(0, size, len(person))
    linked = round(non_members * 0.2)  # entries that are members themselves
    own = round(size * 0.2)  # members who wrote themselves in
    friends = rng.integers(0, size, linked)
    selves = rng.choice(size, size=own, replace=False)
    subject = np.concatenate([subject, rng.integers(0, size, linked), selves])
    person = np.concatenate([person, -1 - friends, -1 - selves])
    order = np.lexsort((person, subject))
    subject, person = subject[order], person[order]
    n = len(subject)
    since = np.maximum(members.since[subject], calendar.begin - rng.integers(1, 2500, n) * DAY)
    late = np.maximum(since, calendar.begin + rng.integers(0, calendar.days * DAY, n))
    since = np.where(rng.random(n) < 0.03, late, since)  # a few are written in while the records run
    until = np.where(rng.random(n) < 0.02, since + rng.integers(30, 900, n) * DAY, NEVER)
    fields = np.where(rng.random(n) < 0.9, "address,name,phone", "name,phone")
    return pa.table(
        [
            pa.array(members.ids[subject]).cast(pa.string()),
            _names(person, members),
            pa.array(fields, pa.string()),
            pa.array(since).cast(pa.timestamp("us")),
            pa.array(until, mask=until == NEVER).cast(pa.timestamp("us")),
        ],
        schema=BOOK,
    )


def _names(person: Ints, members: Members) -> pa.StringArray:
    """Person ids: `P-1000000017` for non-members (0 and up), a member's id for those given as -1 - place."""
    outside = person >= 0
    outsider = np.char.add("P-", (person + 1_000_000_000).astype(str))
    member = members.ids[np.where(outside, 0, -1 - person)].astype(str)
    return pa.array(np.where(outside, outsider, member), pa.string())
