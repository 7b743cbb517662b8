"""What Haechi says, as frozen values; `--json` is these, written by msgspec.

Times are UTC. Counters carry their unit in their name: requests, accounts, persons and fields are never one number.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec


class SourceRead(msgspec.Struct, frozen=True):
    """What became of one file: `lines = stored + set_aside` (units read now, not in earlier runs)."""

    path: str
    source: str
    table: str
    format: str  # names joined by "+" where a file mixes formats; "" where none fitted
    lines: int
    stored: int
    set_aside: int
    first: datetime | None
    last: datetime | None
    bytes_sent: int
    notes: list[str] = []  # guesses made and oddities seen, each a sentence
    problem: str = ""  # why it was not read, or not read to its end


class SetAside(msgspec.Struct, frozen=True):
    path: str
    line: int
    offset: int
    length: int
    reason: str


class ReadReport(msgspec.Struct, frozen=True):
    lines: int
    stored: int
    set_aside: int
    sources: list[SourceRead]
    aside: list[SetAside] = []  # the first few, so that a reader can go and look
    not_looked_at: list[str] = []


class Finding(msgspec.Struct, frozen=True):
    """What one rule says about one entity over a time span."""

    rule: str
    tier: str
    severity: str
    entity_kind: str
    entity: str
    first_seen: datetime
    last_seen: datetime
    accesses: int
    subjects: int
    sentence: str
    evidence: dict[str, Any]


class Hole(msgspec.Struct, frozen=True):
    """A time, or a stretch of a count, for which the evidence is missing."""

    source: str
    kind: str  # silent, sequence_gap, missing, expired, erased, unreadable, set_aside, clock
    first: datetime | None
    last: datetime | None
    missing: int | None  # records known to be missing; None: unknown
    sentence: str
    table: str = "access"  # of the records; "": not known
    at_most: int | None = None  # records that the hole can hide; None: no bound
    bytes_sent: int | None = None  # by the missing records, where their batches tell


class Coverage(msgspec.Struct, frozen=True):
    holes: list[Hole] = []


class PossiblePart(msgspec.Struct, frozen=True):
    """What one hole may hide of a case. Its kind may also be `ended` or `unnumbered`: limits that are no holes."""

    hole: Hole
    at_most: int | None  # None: no bound
    estimate: int | None  # never a bound; None: nothing to go by
    basis: str


class PossibleCount(msgspec.Struct, frozen=True):
    """How many more than the confirmed ones there may be."""

    at_most: int | None = None  # None: no bound
    estimate: int | None = None  # never a bound; None: nothing to go by
    basis: str = ""
    parts: list[PossiblePart] = []  # one a hole; `at_most` may be less than their sum


class Excluded(msgspec.Struct, frozen=True):
    """Holes that cannot hide any of a case."""

    holes: int
    reason: str


class Possible(msgspec.Struct, frozen=True):
    """What the holes may hide of a case, beside what is confirmed: never added to it.

    It speaks of the time from a day before the case's first access to a day after its last, and of the machines of
    which a record is there.
    """

    requests: PossibleCount = PossibleCount()
    persons: PossibleCount = PossibleCount()
    excluded: list[Excluded] = []


class ScopeCount(msgspec.Struct, frozen=True):
    """The four counters of a case, and what they leave apart: what is confirmed. `possible` stands beside it."""

    requests: int  # every access of the case, refused ones and those for subjects who do not exist included
    requests_shown: int  # those that succeeded for a subject who exists
    accounts: int  # accounts whose data was shown
    persons: int  # natural persons: members, withdrawn members and non-members
    members: int
    withdrawn: int
    non_members: int
    ghosts: int  # subjects named that never existed
    fields: dict[str, int]  # field -> persons for whom it was shown
    possible: Possible = Possible()


class AttributionFact(msgspec.Struct, frozen=True):
    """One thing that tells of who is behind a case. It never tells it alone."""

    kind: str  # staff_account, key_readers, retired_key, usual_address, known_address, shift, member_ids, ...
    speaks_for: Literal["insider", "outsider"]
    sentence: str
    numbers: dict[str, int] = {}
    weight: int = 1  # 1: a sign; 2: a habit that does or does not fit; 3: the means; 5: means that few have


class Attribution(msgspec.Struct, frozen=True):
    """Insider or outsider, with the evidence both ways. An insider's account in an outsider's hands is an outsider.

    `for_` speaks for the leaning and `against` for the other; where it is unknown, `for_` speaks for an insider.
    """

    leaning: Literal["insider", "outsider", "unknown"] = "unknown"
    for_: list[AttributionFact] = msgspec.field(default_factory=list, name="for")
    against: list[AttributionFact] = []


class NetworkShare(msgspec.Struct, frozen=True):
    """Addresses of a case in one network, as far as the files named in haechi.toml tell."""

    country: str | None  # ISO 3166-1
    owner: str | None
    asn: int | None
    kind: str | None  # hosting, vpn, proxy, tor
    addresses: int
    requests: int


class Case(msgspec.Struct, frozen=True):
    """Findings with one cause."""

    id: str
    title: str
    tier: str
    first_seen: datetime
    last_seen: datetime
    entities: dict[
        str, list[str]
    ]  # kind -> the entities, the most active first, capped; `entity_counts` is exact
    entity_counts: dict[str, int]
    scope: ScopeCount
    coverage: Coverage
    findings: list[Finding]
    sentence: str = ""
    notes: list[str] = []  # what the counters leave out, each a sentence
    attribution: Attribution = Attribution()
    networks: list[NetworkShare] = []  # those with the most requests; empty where no file tells


class Explained(msgspec.Struct, frozen=True):
    """Answered accesses at work to other people's personal data, and how many have a reason on record.

    Services are counted apart, so that one that reads everybody every night does not make the staff look good.
    """

    staff_accesses: int
    explained: int  # of these
    by_kind: dict[str, int]  # kind of reason -> accesses that it explains
    unknown: int  # not explained, by teams for whom few or no reasons are on record
    service_accesses: int = 0
    services_explained: int = 0


class RuleRun(msgspec.Struct, frozen=True):
    """That a rule ran, or why it did not."""

    rule: str
    ran: bool
    findings: int
    seconds: float
    reason: str = ""  # why it did not run: what is not known, or the error


class Held(msgspec.Struct, frozen=True):
    """A legal hold that stands: nothing in its span may expire or be erased."""

    id: str
    first: datetime | None  # None: from the beginning
    last: datetime | None  # None: no end
    sources: list[str]  # none: all
    order: str


class MonthReport(msgspec.Struct, frozen=True):
    """The report of one month that should have been made by now: `made` is when it was, None while it is missing."""

    month: str  # "2026-11", in the workspace's time zone
    due: datetime
    made: datetime | None

    @property
    def late(self) -> bool:
        """Whether it was made after it was due, or is missing."""
        return self.made is None or self.made > self.due


class Inspection(msgspec.Struct, frozen=True):
    """The whole answer of `haechi inspect`."""

    checkpoint: str
    read: ReadReport
    findings: list[Finding]
    cases: list[Case]
    rules: list[RuleRun] = []
    coverage: Coverage = Coverage()
    records: dict[str, int] = {}  # records in the store by table
    explained: Explained | None = None  # None: not asked for
    holds: list[Held] = []  # the legal holds that stand
    missing_reports: list[MonthReport] = []  # of months whose report is overdue
