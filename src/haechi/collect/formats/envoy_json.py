"""Envoy's JSON access log, by the names that its documentation and Istio use.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
"""

from __future__ import annotations

from haechi.collect.formats.json_family import JsonLinesFormat

FORMAT = JsonLinesFormat(
    name="envoy-json",
    title="Envoy JSON",
    needed=(
        ("start_time",),
        ("response_code", "response_flags"),
        ("path", "x_envoy_original_path", ":path", "authority", "upstream_cluster"),
    ),
    aliases={
        "time": ("start_time",),
        "client_ip": ("x_forwarded_for", "downstream_remote_address", "downstream_direct_remote_address"),
        "method": ("method", ":method", "request_method"),
        "path": ("x_envoy_original_path", "path", ":path"),
        "status": ("response_code",),
        "bytes": ("bytes_sent",),
        "client": ("user_agent",),
        "host": ("authority", ":authority"),
        "actor": ("jwt_claim_sub", "jwt_sub", "user_id"),
        "key": ("jwt_header_kid", "jwt_kid"),
        "issuer": ("jwt_claim_iss", "jwt_iss"),
        "credential_sha256": ("token_sha256", "credential_sha256"),
        "token_id": ("jwt_claim_jti", "jwt_jti"),
        "credential_secret": ("authorization",),
        "node": ("node", "node_id"),
        "node_seq": ("seq",),
    },
)
