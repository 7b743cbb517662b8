"""What `haechi.toml` may say, as frozen values. `haechi.workspace.load` reads and checks the file."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from haechi.model.words import Table


class RouteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One page or call: which personal data it shows and where the data subject stands.

    `path` is a template such as `/members/{id}/addresses`; `{name}` matches one segment and a last `{name...}`
    matches the rest. `subject` is `path:NAME`, `query:NAME`, `token` (the token's own subject) or `none`.
    """

    path: str
    method: str = "*"
    action: str = "view"
    fields: list[str] = []
    subject: str = "none"


class DescribedRoute(RouteSettings, frozen=True, forbid_unknown_fields=True):
    """A route read from a description that tells no fields: what it shows is unknown, not nothing."""


class SourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Files that together are one stream of records. `paths` are globs relative to `haechi.toml`."""

    name: str
    paths: list[str]
    table: Table = "access"
    format: str = ""  # empty: chosen by looking at the content
    timezone: str = ""  # for times that carry no zone; empty: the workspace's
    columns: dict[str, str] = {}  # table column -> key in the record ("request.client_ip", CSV column name)
    keep: str = ""  # how long its records are kept; empty: as [retention] says
    keep_reason: str = ""  # the legal reason for keeping them for another time than usual


class KeySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A signing key's service life, and the persons who could read it (an exposure never ends before the key)."""

    kid: str
    not_before: datetime | None = None
    not_after: datetime | None = None  # retired: nothing it signed later is good
    readers: list[str] = []  # person ids of the people source
    secret: str = ""  # where a vault keeps it, as facts name it: "transit/keys/backup-login"
    honey: bool = False  # published, and never signs: a token that bears it was made by a thief


class IssuerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Who makes credentials. `issuance` names the source that holds its issuance records, if it is collected."""

    name: str
    issuance: str = ""
    token_life: str = "1h"  # longest life of a credential, for tokens issued before the issuance log begins
    keys: list[KeySettings] = msgspec.field(default_factory=list, name="key")


class ExposesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Third persons inside what a route shows: a query that answers `subject, person, fields` for all subjects.

    `database` is `postgresql://...`, `sqlite:///file.db` or a Parquet file (table `exposes` in the query).
    """

    name: str
    database: str
    sql: str
    routes: list[str]  # templates on which these persons are shown
    by: Literal["subject", "path"] = (
        "subject"  # what `subject` of the answer names: whose page, or which file
    )
    kind: str = "non_member"


EngineName = Literal["duckdb", "spark"]


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    path: str = "store"
    memory: str = "1200MB"  # of the engine; beyond it, work spills to disk
    threads: int = 0  # 0: one for each core


class EngineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What runs rules and scopes over the store."""

    kind: EngineName = "duckdb"
    master: str = "local[2]"  # Spark's: local[N], or spark://host:7077
    memory: str = "2GB"  # of Spark's driver
    work: str = (
        ""  # folder for what is worked out on the way, seen by driver and workers; empty: in the store
    )
    files: str = (
        ""  # where workers find the store's files, such as s3a://bucket/store; empty: where the store is
    )
    options: dict[str, str] = {}  # further options of Spark, by their names


BUILT_IN = EngineSettings()  # DuckDB: for what asks more of an engine than rules and scopes do


class CoverageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """When silence is a hole: longer than `silent_at_least`, and `silent_factor` times the source's usual gap."""

    silent_at_least: str = "1h"
    silent_factor: float = 20.0


class WitnessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody elsewhere who signs each head of the log, and refuses one that forgets an earlier one."""

    url: str  # of its tlog-witness service
    key: str  # its public key, as it tells it: "name+hash+base64"


class EvidenceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Who signs the heads of the log, and who vouches for them from outside."""

    key: str = "haechi.key"  # the file of the signing key
    witnesses: list[WitnessSettings] = msgspec.field(default_factory=list, name="witness")
    timestamp: str = ""  # URL of an RFC 3161 timestamp authority
    timestamp_roots: str = ""  # PEM file of the certificates that its timestamps rest on


class RetentionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """How long access and issuance records are kept. Registers and lists of people are kept until told otherwise."""

    keep: str = "2y"
    keep_reason: str = ""


class CustodianSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person who may agree to lift a legal hold, with a key of their own."""

    name: str
    key: str  # public key: "name+hash+base64"


class ReasonsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """How far a ticket, order, shift or approval reaches beyond its own times."""

    grace_before: str = "1h"  # the page is opened before the ticket is written
    grace_after: str = "1d"  # a call-back, a return
    open_for: str = "90d"  # what has a beginning and no end counts so long


class PurposeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A declared purpose of an account: what it may read of everybody, when, and why."""

    name: str
    actor: str
    reason: str
    routes: list[str] = []  # templates; empty: any
    fields: list[str] = []  # empty: any
    window: str = ""  # "02:00-05:00" in the workspace's time zone; empty: all day
    days: list[str] = []  # "mon" to "sun", days of the month "1" to "31", "last"; empty: every day


class NetworkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files in MaxMind's format that tell of addresses. None comes with Haechi. Empty: not told."""

    country: str = ""
    owner: str = ""  # of the network: autonomous system, its number and name
    anonymous: str = ""  # hosting, VPN, proxy and Tor networks


class SystemSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A system that knows accounts, rights or secrets, and can be asked whether they are dead."""

    name: str
    kind: str  # openbao, postgresql, ldap, scim, ssh, aws, oidc, jwks, gateway, signals
    url: str = ""
    credential: str = (
        ""  # where to find the secret to ask with: "env:NAME" or "file:PATH"; never the secret itself
    )
    ca: str = ""  # PEM file of the certificates to trust; empty: the system's
    every: str = "1d"  # how often to list and to probe
    options: dict[str, str] = {}  # of this kind of system


class ProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question to a real system whether one way in is dead."""

    name: str
    system: str  # the name of a [[system]]
    kind: str
    target: str = ""  # what it asks about: an account, a kid, the name of a secret; see docs/leavers.md
    credential: str = ""  # of the thing asked about, where the question needs it: "env:NAME" or "file:PATH"
    control: str = ""  # what must answer ALIVE at the same time; see docs/probes.md
    every: str = ""  # empty: the system's
    options: dict[str, str] = {}


class MailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The mail server that takes messages from here."""

    server: str = ""  # empty: no mail is sent
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca: str = ""  # PEM file of the certificates to trust; empty: the system's
    user: str = ""
    credential: str = ""  # of the user: "env:NAME" or "file:PATH"; never the secret itself
    sender: str = ""  # the address that messages come from and answers go to


class AskingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """How persons are asked for the reasons of accesses."""

    database: str = "sqlite:///haechi.db"  # what was asked and answered; or postgresql://
    directory: str = ""  # CSV file that tells mail addresses: person (or account), mail, manager
    due: str = "7d"
    remind: list[str] = msgspec.field(default_factory=lambda: ["3d", "6d"])  # after asking
    escalate: str = "2d"  # after it was due: the manager is told
    escalate_to: str = ""  # mail address of who is told where no manager is known
    url: str = ""  # address under which people reach `haechi case serve`; empty: no links
    link_life: str = "30d"
    language: Literal["en", "ko", "ja"] = "en"
    rows: int = 40  # accesses shown at most


class InspectionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The monthly report: when it is late, who inspects, and whom its readers may ask."""

    due: str = "10d"  # after the month's end; empty: no report is expected
    inspector: str = ""  # who inspects: a name, and why they do not answer for the operation
    contact: str = ""  # whom to ask about a report: a name, a mail address, a telephone number
    language: Literal["en", "ko", "ja"] = "en"  # of reports, where no other is asked for


class WorkspaceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str = ""
    timezone: str = "UTC"
    openapi: str = ""  # an OpenAPI document to take routes from


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `haechi.toml`."""

    workspace: WorkspaceSettings = WorkspaceSettings()
    store: StoreSettings = StoreSettings()
    engine: EngineSettings = EngineSettings()
    coverage: CoverageSettings = CoverageSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    retention: RetentionSettings = RetentionSettings()
    custodians: list[CustodianSettings] = msgspec.field(default_factory=list, name="custodian")
    sources: list[SourceSettings] = msgspec.field(default_factory=list, name="source")
    routes: list[RouteSettings] = msgspec.field(default_factory=list, name="route")
    issuers: list[IssuerSettings] = msgspec.field(default_factory=list, name="issuer")
    exposes: list[ExposesSettings] = msgspec.field(default_factory=list)
    reasons: ReasonsSettings = ReasonsSettings()
    purposes: list[PurposeSettings] = msgspec.field(default_factory=list, name="purpose")
    network: NetworkSettings = NetworkSettings()
    systems: list[SystemSettings] = msgspec.field(default_factory=list, name="system")
    probes: list[ProbeSettings] = msgspec.field(default_factory=list, name="probe")
    mail: MailSettings = MailSettings()
    asking: AskingSettings = AskingSettings()
    inspection: InspectionSettings = InspectionSettings()
    rules: dict[str, dict[str, object]] = {}  # [rules.ID] enabled = false, or a parameter's value
