"""nginx with `log_format ... escape=json`: the variables' own names as keys, tokens by `auth_jwt` or njs.

https://nginx.org/en/docs/http/ngx_http_log_module.html, and `ngx_http_core_module.html#variables` and
`ngx_http_auth_jwt_module.html` beside it.
"""

from __future__ import annotations

from haechi.collect.formats.json_family import JsonLinesFormat

FORMAT = JsonLinesFormat(
    name="nginx-json",
    title="nginx JSON",
    needed=(
        ("remote_addr", "http_x_forwarded_for", "realip_remote_addr"),
        ("time_iso8601", "time_local", "msec", "time", "timestamp", "@timestamp", "ts"),
        ("request", "request_uri", "uri", "status"),
    ),
    aliases={
        "time": ("time_iso8601", "msec", "time", "@timestamp", "timestamp", "ts", "time_local"),
        "client_ip": ("realip_remote_addr", "remote_addr", "http_x_forwarded_for"),
        "method": ("request_method", "method"),
        "path": ("request_uri", "uri", "path"),
        "request_line": ("request",),
        "status": ("status",),
        "bytes": ("body_bytes_sent", "bytes_sent"),
        "client": ("http_user_agent", "user_agent"),
        "host": ("host", "http_host", "server_name"),
        "actor": ("jwt_claim_sub", "remote_user", "user_id", "sub"),
        "key": ("jwt_header_kid", "kid"),
        "issuer": ("jwt_claim_iss", "iss"),
        "credential_sha256": ("token_sha256", "credential_sha256"),
        "token_id": ("jwt_claim_jti", "jti"),
        "credential_secret": ("http_authorization", "authorization", "token"),
        "node": ("node", "hostname"),
        "node_seq": ("seq", "sequence"),
    },
)
