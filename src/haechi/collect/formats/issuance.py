"""Issuance records: what an OpenID Connect provider notes when it makes a credential, as JSON lines.

Event names as in node oidc-provider (`access_token.issued`, `refresh_token.saved`, `grant.success`); keys
under their usual names, those of RFC 7519 (JWT) first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from haechi.collect import framing
from haechi.collect.expressions import hex_digest, truth
from haechi.collect.header import Aliases, json_objects, json_share
from haechi.collect.interface import Framing, Projection, Sample
from haechi.collect.tabular import json_cells
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

ISSUANCE: Aliases = {
    "time": ("time", "ts", "timestamp", "@timestamp", "issued_at", "iat"),
    "event": ("event", "event_type", "type", "name"),
    "issuer": ("iss", "issuer"),
    "node": ("node", "instance", "hostname"),
    "node_seq": ("seq", "node_seq", "sequence"),
    "token_id": ("jti", "token_id"),
    "credential": ("token_sha256", "credential_sha256"),
    "key": ("kid", "key", "key_id"),
    "actor": ("sub", "account_id", "account", "subject", "user_id"),
    "expires": ("exp", "expires", "expires_at"),
    "bound": ("bound", "cnf", "sender_constrained"),
}
_MADE = re.compile(
    r"(access|refresh|id|client_credentials|registration_access)?_?token[._](issued|saved|created|exchanged)"
    r"|grant[._]success|session[._]created|authorization_code[._](saved|issued)|token[._]issue",
    re.IGNORECASE,
)


class IssuanceFormat:
    """One credential made a line."""

    name = "issuance"
    title = "issuance records (OIDC provider events)"
    table: Table = "issuance"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        objects = json_objects(sample)
        made = sum(1 for found in objects if _tells_of_making(found))
        return json_share(sample, made)

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        cells = json_cells(sample, ISSUANCE, source)
        columns = dict(cells.value)
        notes = cells.notes
        readable, reason, reasons = cells.readable, cells.reason, cells.reasons
        stages: tuple[Mapping[str, str], ...] = cells.stages
        if "time" in columns:
            columns["time"], note = cells.time("time", source.timezone)
            notes += (note,) if "no zone" in note else ()
        else:
            readable, reason = "false", "no key holds the time"
        if "expires" in columns:
            dates = cells.dates(("expires",), source.timezone)
            stages += (dates.stage,)
            columns |= dates.columns
            reasons += dates.reasons
        if "credential" in columns:
            columns["credential"] = hex_digest(columns["credential"])
        if "bound" in columns:
            # `cnf` is an object that names the sender's key (RFC 7800); being there is the answer.
            there = columns["bound"]
            columns["bound"] = f"CASE WHEN starts_with({there}, '{{') THEN true ELSE {truth(there)} END"
        named = [columns[name] for name in ("token_id", "credential", "actor") if name in columns]
        if named:
            readable = f"{readable} AND ({' OR '.join(f'{name} IS NOT NULL' for name in named)})"
            reason = f"{reason}, or it names neither a token nor an account"
        return Projection(
            stages=stages,
            columns=columns,
            readable=readable,
            reason=reason,
            reasons=reasons,
            notes=notes,
        )


def _tells_of_making(found: dict[str, object]) -> bool:
    """An event of the right name that names a token, a key or an account: a request for `/token` does not."""
    event = next((str(found[key]) for key in ISSUANCE["event"] if key in found), "")
    tokens = {*ISSUANCE["token_id"], *ISSUANCE["credential"], *ISSUANCE["key"]}
    return bool(_MADE.fullmatch(event)) and bool(
        tokens & found.keys() or {"sub", "accountId", "account"} & found.keys()
    )


FORMAT = IssuanceFormat()
