"""What a report says, as frozen values: everything that the template needs, counted before anything is drawn.

A part names the query that it was counted by (`query`: a file in `sql/`, or `inspection` for what rules and scope say),
so that every number can be followed: see `numbers.py`. Times are UTC. `None` is "not known", never zero.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from haechi.model.values import AttributionFact, Explained, Hole, NetworkShare, ScopeCount


class Month(msgspec.Struct, frozen=True):
    """A calendar month of the workspace's time zone: `first` is inside, `last` outside (UTC)."""

    year: int
    month: int
    zone: str
    first: datetime
    last: datetime


class Made(msgspec.Struct, frozen=True):
    """Who made the report, when, with what, and whom to ask."""

    at: datetime
    by: str
    version: str
    workspace: str
    contact: str
    inspector: str
    settings: str  # SHA-256 of haechi.toml and the workspace's own rules, hex: what else the numbers rest on


class Totals(msgspec.Struct, frozen=True):
    """The month in one line. `shown`: requests that showed personal data; `persons`: whose, where records name them."""

    requests: int
    shown: int
    refused: int
    persons: int
    accounts: int
    addresses: int
    exports: int
    bytes_sent: int
    first: datetime | None
    last: datetime | None
    query: str = "totals"


class Items(msgspec.Struct, frozen=True):
    """How many of the requests that showed personal data tell each thing that a record has to tell."""

    shown: int
    who: int
    when: int
    where: int
    whose: int
    what: int
    route_unknown: int  # of all requests: whether they showed personal data is not known
    no_time: int  # requests without a readable time, of any month
    query: str = "items"


class Source(msgspec.Struct, frozen=True):
    """One source. `records` are those of the month, or all of a register, which has no month."""

    name: str
    table: str
    records: int
    set_aside: int
    gone: int
    first: datetime | None
    last: datetime | None


class Aside(msgspec.Struct, frozen=True):
    """Lines of the month's batches that were set aside, by source and reason, with the first of them.

    `record`: one may be missing behind it; False for what never was a record, such as a header line.
    """

    source: str
    reason: str
    lines: int
    path: str
    line: int
    record: bool


class Day(msgspec.Struct, frozen=True):
    """A day of the month. Not `known`: it has no record left, and some that may have been of it are gone."""

    day: date
    requests: int
    shown: int
    persons: int
    flagged: int  # of `shown`: those that belong to a case
    known: bool = True


class Cell(msgspec.Struct, frozen=True):
    """An hour of a weekday (1: Monday). `requests` of all such hours of the month, `days`: how many there were."""

    weekday: int
    hour: int
    requests: int
    shown: int


class Bucket(msgspec.Struct, frozen=True):
    """Credentials that were shown `least` to `most` persons' data in the month."""

    least: int
    most: int
    credentials: int


class Outlier(msgspec.Struct, frozen=True):
    """A credential, key or client that was shown the most people."""

    kind: str
    name: str
    persons: int
    requests: int
    case: str  # the case that it belongs to, or ""


class Actor(msgspec.Struct, frozen=True):
    name: str
    kind: str
    requests: int
    shown: int
    persons: int
    exports: int
    case: str = ""


class Address(msgspec.Struct, frozen=True):
    name: str
    requests: int
    shown: int
    persons: int
    country: str | None
    owner: str | None
    case: str = ""


class Network(msgspec.Struct, frozen=True):
    """Addresses from which personal data was seen, by network: its owner where a file tells, else the first bits.

    `shown`: requests that showed personal data; `flagged`: those of them that a case holds.
    """

    name: str
    country: str | None
    addresses: int
    shown: int
    flagged: int


class Trend(msgspec.Struct, frozen=True):
    """A month. `persons`: None where there are too many records to count them again."""

    year: int
    month: int
    requests: int
    shown: int
    exports: int
    persons: int | None
    flagged: int


class Export(msgspec.Struct, frozen=True):
    """Downloads of one account. `judged`: those that could have a reason on record."""

    actor: str
    exports: int
    with_reason: int
    judged: int
    bytes_sent: int
    persons_told: int
    first: datetime
    last: datetime
    reasons: list[str]


class Found(msgspec.Struct, frozen=True):
    """A finding of the month."""

    rule: str
    tier: str
    severity: str
    entity_kind: str
    entity: str
    first_seen: datetime
    last_seen: datetime
    requests: int
    persons: int
    case: str
    sentence: str


class CaseDay(msgspec.Struct, frozen=True):
    day: date
    requests: int
    persons: int


class CaseReport(msgspec.Struct, frozen=True):
    """A case whose span touches the month: what is known of it by now, and what of it lies in the month."""

    id: str
    rule: str  # the leading finding's
    tier: str
    severity: str
    entity_kind: str
    entity: str
    title: str
    sentence: str
    first_seen: datetime
    last_seen: datetime
    scope: ScopeCount
    month_requests: int
    days: list[CaseDay]  # of its whole span, days without a request left out
    entities: dict[str, list[str]]
    entity_counts: dict[str, int]
    findings: list[Found]
    leaning: str
    facts: list[AttributionFact]
    networks: list[NetworkShare]
    holes: list[Hole]
    notes: list[str]


class Right(msgspec.Struct, frozen=True):
    """A right or an account that began or ended."""

    at: datetime
    change: str  # begun, ended
    kind: str  # grant, account
    system: str
    account: str
    object: str
    evidence: str


class RuleReport(msgspec.Struct, frozen=True):
    """A rule with its parameters as they were, and whether it ran."""

    id: str
    title: str
    tier: str
    ran: bool
    findings: int
    reason: str
    params: dict[str, str]


class Item(msgspec.Struct, frozen=True):
    """A question for reasons that is not settled: of whom, by when, about how much."""

    ask: str
    case: str
    whom: str
    state: str
    asked: datetime
    due: datetime
    overdue: bool
    requests: int
    persons: int
    delivery: str = "sent"  # of the newest message: waiting, sent, refused


class Settled(msgspec.Struct, frozen=True):
    """A question whose answer was accepted or rejected: who decided, when, and on what."""

    ask: str
    case: str
    whom: str
    state: str
    by: str
    at: datetime
    why: str
    answer: str
    requests: int


class InspectionDocument(msgspec.Struct, frozen=True):
    """A month's report. `cases` are those whose span touches the month."""

    month: Month
    made: Made
    checkpoint: str
    totals: Totals
    items: Items
    sources: list[Source]
    aside: list[Aside]
    days: list[Day]
    grid: list[Cell]
    buckets: list[Bucket]
    outliers: list[Outlier]
    actors: list[Actor]
    addresses: list[Address]
    networks: list[Network]
    trend: list[Trend]
    exports: list[Export]
    findings: list[Found]
    cases: list[CaseReport]
    rights: list[Right]
    rights_known: bool  # False: no facts about rights were collected at all
    rules: list[RuleReport]
    holes: list[Hole]
    explained: Explained | None
    open_items: list[Item]
    settled: list[Settled] = []


class ScopeVersion(msgspec.Struct, frozen=True):
    """What an earlier report said of the case, as the evidence log keeps it."""

    at: datetime
    by: str
    size: int  # entries of the log that it rested on
    requests: int
    persons: int
    accounts: int
    settings_changed: bool  # since the version before
    records: int  # collected since the version before
    gone: int  # expired or erased since the version before


class CaseDocument(msgspec.Struct, frozen=True):
    """The report of one case."""

    made: Made
    zone: str
    checkpoint: str
    case: CaseReport
    versions: list[ScopeVersion]
    open_items: list[Item]
    rules: list[RuleReport]
    settled: list[Settled] = []


class DrillPhase(msgspec.Struct, frozen=True):
    scenario: str
    phase: str
    requests: int
    missed: int


class DrillCase(msgspec.Struct, frozen=True):
    case: str
    title: str
    requests: int
    bad: int
    persons: int
    true_persons: int
    rules: list[str] = []  # that found it


class DrillDocument(msgspec.Struct, frozen=True):
    """The scorecard of a drill. Shares are 0 to 1. Nothing of it stands in an evidence log of one's own."""

    made: Made
    checkpoint: str
    scenario: str
    title: str
    scale: float
    seed: int
    records: int
    exact: bool
    persons_recall: float
    persons_precision: float
    requests_recall: float
    requests_precision: float
    hours_to_detect: float | None
    persons_exposed: int
    true_persons: int
    false_cases: int
    phases: list[DrillPhase]
    cases: list[DrillCase]
    not_run: dict[str, str]
    rules: list[RuleReport] = []
