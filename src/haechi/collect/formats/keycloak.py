"""Keycloak's events, as its server log writes them or as JSON; as access records or as issuance records.

Text: `2025-01-02 03:04:05,678 WARN  [org.keycloak.events] (...) type="LOGIN_ERROR", realmId="...", ...`
(older versions write no quotes); JSON: `{"time": 1735787045678, "type": "LOGIN", "realmId": ...}`, or the
text as the `message` of a JSON log. Admin events have `operationType` and `resourcePath` instead of `type`.
https://www.keycloak.org/docs/latest/server_admin/#event-types
"""

from __future__ import annotations

import re

from haechi.collect import framing
from haechi.collect.expressions import absent, json_path, json_strings, literal, time_expression
from haechi.collect.header import json_objects
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_TEXT = re.compile(
    r".*?\b(?:type|operationType)=\"?[A-Z_]+\"?, (?:id=\S+, )?realm(?:Id|Name)="
    r".*\b(?:clientId|userId|ipAddress)="
)
_CLOCK = r"^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]?\d*(?:Z|[+-]\d\d:?\d\d)?)"
_KEYS = {
    "time": ("time", "timestamp"),
    "type": ("type",),
    "operation": ("operationType",),
    "realm": ("realmName", "realmId"),
    "client": ("clientId",),
    "user": ("userId",),
    "name": ("username", "details.username", "authDetails.username"),
    "ip": ("ipAddress", "authDetails.ipAddress"),
    "admin": ("authDetails.userId",),
    "error": ("error",),
    "resource": ("resourcePath",),
    "token": ("token_id", "details.token_id", "refresh_token_id", "details.refresh_token_id"),
    "message": ("message",),
}
_ACTIONS = (
    ("login", r"^(LOGIN|IDENTITY_PROVIDER_LOGIN|IDENTITY_PROVIDER_POST_LOGIN|CLIENT_LOGIN|CODE_TO_TOKEN"
              r"|IMPERSONATE|TOKEN_EXCHANGE|AUTHREQID_TO_TOKEN|OAUTH2_DEVICE_CODE_TO_TOKEN)"),
    ("logout", r"^(LOGOUT|REVOKE_GRANT)"),
    ("refresh", r"^REFRESH_TOKEN"),
    ("view", r"^(USER_INFO_REQUEST|INTROSPECT_TOKEN|VALIDATE_ACCESS_TOKEN|PUSHED)"),
    ("create", r"^(REGISTER|CREATE)"),
    ("delete", r"^(DELETE|REMOVE)"),
    ("update", r"^(UPDATE|RESET|ACTION|SEND_RESET|VERIFY|EXECUTE_ACTION)"),
)  # fmt: skip
_MADE = (
    "('LOGIN', 'CODE_TO_TOKEN', 'REFRESH_TOKEN', 'CLIENT_LOGIN', 'TOKEN_EXCHANGE', "
    "'OAUTH2_DEVICE_CODE_TO_TOKEN')"
)


def keycloak_share(sample: Sample) -> float:
    """The share of lines that are Keycloak events, in either shape."""
    lines = sample.lines[:300]
    text = sum(1 for line in lines if _TEXT.match(line))
    objects = sum(
        1
        for found in json_objects(sample)
        if ("type" in found or "operationType" in found) and ("realmId" in found or "realmName" in found)
    )
    return min(1.0, (text + objects) / len(lines)) if lines else 0.0


def _stages() -> tuple[dict[str, str], ...]:
    """`v`: every value, taken from the JSON keys where the line is JSON and from the text where it is not."""
    paths = [json_path(key) for keys in _KEYS.values() for key in keys]
    at = 0
    packed: list[str] = []
    for name, keys in _KEYS.items():
        sources = [absent(f"j[{at + i}]", "null") for i in range(1, len(keys) + 1)]
        at += len(keys)
        # Only the last part of a key stands in the text; it begins behind a space, a comma or at the start.
        sources += [_from_text(key) for key in dict.fromkeys(key.split(".")[-1] for key in keys)]
        packed.append(
            f"{name} := coalesce({', '.join(sources)})" if name != "message" else f"message := {sources[0]}"
        )
    return (
        {"j": f"CASE WHEN starts_with(ltrim(line), '{{') THEN {json_strings(paths)} END"},
        {"body": f"CASE WHEN j IS NULL THEN line ELSE coalesce(j[{at}], '') END"},
        {"v": f"struct_pack({', '.join(packed)})"},
        {
            "clock": f"coalesce(v.time, nullif(regexp_extract(body, {literal(_CLOCK)}, 1), ''))",
            "event": "coalesce(v.type, v.operation)",
        },
    )


def _from_text(key: str) -> str:
    found = f"""regexp_extract(body, '(?:^|[ ,(]){key}=("[^"]*"|[^,\\r\\n]*)', 1)"""
    return absent(f"""trim({found}, '" ')""", "null")


def _clock_samples(sample: Sample) -> list[str]:
    found = [match[1] for match in (re.match(_CLOCK, line) for line in sample.lines[:50]) if match]
    for item in json_objects(sample, 50):
        value = next((item[key] for key in _KEYS["time"] if key in item), None)
        found += [str(value)] if value is not None else []
    return found


class KeycloakFormat:
    """Logins, logouts, token refreshes and administrators' changes as access records."""

    name = "keycloak"
    title = "Keycloak events"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        return keycloak_share(sample)

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        time, note = time_expression("clock", _clock_samples(sample), source.timezone)
        actions = " ".join(
            f"WHEN regexp_matches(event, '{pattern}') THEN '{name}'" for name, pattern in _ACTIONS
        )
        return Projection(
            stages=_stages(),
            columns={
                "time": time,
                # The name as typed is all that a failed login has; people know each other by it.
                "actor": "coalesce(v.name, v.admin, v.user)",
                "client_ip": "v.ip",
                "client": "v.client",
                "host": "v.realm",
                "method": "event",
                "action": f"CASE {actions} ELSE 'other' END",
                # An administrator who opens or changes a user's account.
                "subject": "nullif(regexp_extract(v.resource, '^users/([^/]+)', 1), '')",
                "outcome": (
                    "CASE WHEN v.error IS NOT NULL OR event LIKE '%_ERROR' THEN 'failure' ELSE 'success' END"
                ),
            },
            readable="event IS NOT NULL AND (v.realm IS NOT NULL OR v.client IS NOT NULL)",
            reason="not a Keycloak event",
            notes=(note,) if "no zone" in note else (),
        )


class KeycloakIssuanceFormat:
    """The same events as issuance records: those that made a token. Chosen by `table = "issuance"` alone."""

    name = "keycloak-issuance"
    title = "Keycloak events as issuance records"
    table: Table = "issuance"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        return keycloak_share(sample) * 0.5  # where the table is not known, access wins

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        time, note = time_expression("clock", _clock_samples(sample), source.timezone)
        return Projection(
            stages=_stages(),
            columns={
                "time": time,
                "issuer": "v.realm",
                "token_id": "v.token",
                "actor": "v.user",  # what the token carries as `sub`
                "event": "event",
            },
            readable=f"event IN {_MADE} AND v.error IS NULL",
            reason="not a Keycloak event that makes a token",
            notes=(note,) if "no zone" in note else (),
        )


FORMAT = KeycloakFormat()
FORMAT_ISSUANCE = KeycloakIssuanceFormat()
