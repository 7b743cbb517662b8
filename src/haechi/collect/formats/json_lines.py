"""Any log of one JSON object a line: common names of keys, or the names given in `haechi.toml`.

The names are those of ECS, GCP, Azure, Okta, GitHub, Kubernetes and of usual application loggers. What a program
calls otherwise is mapped under `[source.columns]`.
"""

from __future__ import annotations

from haechi.collect.formats.json_family import JsonLinesFormat

FORMAT = JsonLinesFormat(
    name="json",
    title="JSON lines",
    # As exported from Elasticsearch, Splunk, Google Cloud Logging, and as other shippers wrap them.
    envelopes=("", "_source.", "result.", "jsonPayload.", "log.", "event.", "message.", "data."),
    fallback=0.05,
    needed=(
        (
            "time", "@timestamp", "timestamp", "ts", "date", "datetime", "start_time", "event_time", "eventTime",
            "published", "created_at", "createdAt", "requestReceivedTimestamp", "receiveTimestamp", "EventTime",
            "id.time", "creationTime", "createdDateTime", "dateTime", "log_time", "Timestamp", "time_dt", "created",
            "effective_at", "date_create", "generatedDateTime",
        ),
    ),
    aliases={
        "time": (
            "time", "@timestamp", "timestamp", "ts", "datetime", "start_time", "event_time", "eventTime", "published",
            "created_at", "createdAt", "requestReceivedTimestamp", "receiveTimestamp", "EventTime", "id.time",
            "creationTime", "createdDateTime", "dateTime", "log_time", "Timestamp", "date", "time_dt", "created",
            "effective_at", "date_create", "generatedDateTime",
        ),
        "client_ip": (
            "client_ip", "remote_addr", "remote_ip", "clientip", "source_ip", "src_ip", "sourceIPAddress", "ip",
            "client.ip", "source.ip", "ipAddress", "ip_address", "actor_ip", "client.ipAddress", "callerIpAddress",
            "sourceIPs[0]",
            "protoPayload.requestMetadata.callerIp", "actor.ip_address", "src_endpoint.ip", "properties.ipAddress",
        ),
        "method": ("method", "request_method", "http_method", "verb", "http.request.method", "protoPayload.methodName"),
        "path": (
            "path", "uri", "url", "request_uri", "request_path", "requestURI", "url.original", "url.path", "url.full",
            "protoPayload.resourceName",
        ),
        "request_line": ("request",),
        "status": (
            "status", "status_code", "response_code", "http_status", "http.response.status_code", "responseStatus.code",
        ),
        "bytes": ("bytes", "bytes_sent", "body_bytes_sent", "response_size", "http.response.body.bytes"),
        "client": (
            "user_agent", "userAgent", "agent", "http_user_agent", "user_agent.original",
            "client.userAgent.rawUserAgent", "protoPayload.requestMetadata.callerSuppliedUserAgent", "actor.user_agent",
        ),
        "host": ("host", "http_host", "server_name", "authority", "url.domain", "service", "protoPayload.serviceName"),
        "actor": (
            "actor", "user_id", "userId", "user", "username", "account", "sub", "user.name", "user.id", "user.username",
            "actor.alternateId", "actor.email_address", "actor.email", "actor.id", "principal", "email",
            "protoPayload.authenticationInfo.principalEmail", "identity", "initiatedBy.user.userPrincipalName",
        ),
        "subject": ("subject", "data_subject", "subject_id"),
        "action": (),
        "key": ("kid", "key_id"),
        "issuer": ("iss", "issuer"),
        "credential_sha256": ("token_sha256", "credential_sha256"),
        "token_id": ("jti", "token_id"),
        "credential_secret": ("authorization", "token", "access_token", "session_id", "sessionId", "api_key"),
        "node": ("node", "hostname"),
        "node_seq": ("seq", "sequence"),
    },
)  # fmt: skip
