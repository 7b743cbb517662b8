"""The vocabulary: what may stand in `action`, `fields`, `actor_kind`, `outcome`, `tier`, `severity`."""

from __future__ import annotations

from typing import Literal, get_args

Action = Literal[
    "view", "list", "export", "create", "update", "delete", "login", "logout", "refresh", "other"
]
Tier = Literal["provenance", "purpose", "behaviour"]
Severity = Literal["low", "medium", "high", "critical"]
EntityKind = Literal["credential", "key", "client_ip", "client", "actor", "person", "subject", "issuer"]
SubjectKind = Literal["member", "withdrawn", "non_member"]
Table = Literal["access", "issuance", "subject", "person", "reason", "fact"]
FactKind = Literal["account", "grant", "session", "secret", "exposure", "listing", "probe"]
FactState = Literal["alive", "dead", "unknown"]
ReasonKind = Literal["order", "ticket", "shift", "approval", "purpose", "relation", "answer"]

ACTIONS: tuple[str, ...] = get_args(Action)
TIERS: tuple[str, ...] = get_args(Tier)
SEVERITIES: tuple[str, ...] = get_args(Severity)
ENTITY_KINDS: tuple[str, ...] = get_args(EntityKind)
TABLES: tuple[str, ...] = get_args(Table)
REASON_KINDS: tuple[str, ...] = get_args(ReasonKind)
FACT_KINDS: tuple[str, ...] = get_args(FactKind)
FACT_STATES: tuple[str, ...] = get_args(FactState)

# Categories of personal data that routes may name. A user may add others: the list is for guessing and for help.
FIELDS: tuple[str, ...] = (
    "name", "email", "phone", "address", "entrance_code", "order", "birth_date", "gender", "national_id",
    "account_number", "card_number", "password_hash", "health", "location", "photo", "message",
)  # fmt: skip

# Reasons to set a unit aside behind which no record is missing: it never was one of the table.
NO_RECORD: tuple[str, ...] = (
    "blank line",
    "the header line",
    "not an audit record",
    "not a Keycloak event that makes a token",
    "not a line of an nginx error log that tells of a client",
    "not a line of an Apache error log that tells of a client",
    "an audit entry of a request: the entry of its answer tells",
    "not a use of a secret",
    "refused or failed: nothing was read",
)

# What the `columns` of a source may name besides its table's own: these are read, and columns made of them.
REQUEST_LINE = "request_line"  # "GET /path HTTP/1.1" in one value: gives method and path
TOKEN_ID = "token_id"  # jti: stands for the credential where its hash is not logged
DIGEST = "credential_sha256"  # in hex
SECRET = "credential_secret"  # the credential itself: hashed at once, never kept
READ_ONLY_COLUMNS: tuple[str, ...] = (REQUEST_LINE, TOKEN_ID, DIGEST, SECRET)
