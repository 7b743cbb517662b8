"""The registry of formats, the most specific first: the first that knows a unit reads it."""

from __future__ import annotations

from haechi.collect.formats import (
    alb,
    caddy_json,
    cloudtrail,
    combined,
    csv_rows,
    envoy_json,
    error_logs,
    facts,
    haproxy,
    issuance,
    json_lines,
    keycloak,
    nginx_json,
    nginx_proxy_manager,
    openbao_audit,
    people,
    pgaudit,
    reasons,
    registry,
)
from haechi.collect.interface import Format

FORMATS: tuple[Format, ...] = (
    pgaudit.FORMAT,
    cloudtrail.FORMAT,
    cloudtrail.FORMAT_LINES,
    openbao_audit.FORMAT,
    keycloak.FORMAT,
    keycloak.FORMAT_ISSUANCE,
    issuance.FORMAT,
    alb.FORMAT,
    haproxy.FORMAT,
    nginx_proxy_manager.FORMAT,
    caddy_json.FORMAT,
    envoy_json.FORMAT,
    nginx_json.FORMAT,
    combined.FORMAT,
    error_logs.NGINX,
    error_logs.APACHE,
    facts.FORMAT,
    facts.FORMAT_CSV,
    people.FORMAT,
    people.FORMAT_JSON,
    *reasons.FORMATS,
    registry.FORMAT,
    registry.FORMAT_JSON,
    csv_rows.FORMAT,
    json_lines.FORMAT,
)
