"""Which column a Sigma field stands for, by the kind of log that the rule was written for.

Names are compared without case. A rule for a log that Haechi does not collect is refused, and so is a field that
no column holds: a condition left out in silence would find too much or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "time"]


@dataclass(frozen=True)
class Column:
    """An SQL expression over the table `access`."""

    sql: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Log:
    """A kind of log: its fields, and the column of the one whom a finding is about, first choice first."""

    title: str
    fields: dict[str, str]
    entities: tuple[str, ...] = ("actor", "client_ip", "client")


_COLUMNS = {
    **{
        name: Column(name)
        for name in (
            "source", "actor", "actor_kind", "key", "issuer", "client_ip", "client", "host", "method", "path",
            "route", "action", "subject", "fields", "outcome", "node",
        )
    },
    **{name: Column(name, "number") for name in ("subjects", "status", "bytes", "seq", "node_seq")},
    "time": Column("time", "time"),
    "credential": Column("lower(hex(credential))"),
    # Parts of a path; absent parts are NULL.
    "stem": Column("split_part(path, '?', 1)"),
    "query": Column(r"nullif(regexp_extract(path, '[?](.*)$', 1), '')"),
    "extension": Column(r"nullif(regexp_extract(split_part(path, '?', 1), '[.]([^./]+)$', 1), '')"),
    # CloudTrail's and similar services' short name: "s3" of "s3.amazonaws.com".
    "service": Column("split_part(host, '.', 1)"),
}  # fmt: skip

# Names that mean the same in every log: Haechi's own, and those of ECS and OCSF.
_COMMON = {
    **{name: name for name in _COLUMNS if name not in ("stem", "query", "extension", "service", "fields")},
    "source.ip": "client_ip", "client.ip": "client_ip", "src_ip": "client_ip", "src_endpoint.ip": "client_ip",
    "user.name": "actor", "user.id": "actor", "actor.user.name": "actor", "actor.user.uid": "actor",
    "user_agent.original": "client", "http_request.user_agent": "client",
    "url.original": "path", "url.path": "stem", "url.query": "query", "url.extension": "extension",
    "url.domain": "host", "http_request.url.path": "stem", "http_request.url.hostname": "host",
    "http.request.method": "method", "http_request.http_method": "method",
    "http.response.status_code": "status", "http_response.code": "status",
    "http.response.bytes": "bytes", "http.response.body.bytes": "bytes", "http_response.length": "bytes",
    "event.outcome": "outcome", "@timestamp": "time",
}  # fmt: skip

_WEB = {
    "c-ip": "client_ip", "clientip": "client_ip", "src": "client_ip", "cs-username": "actor", "c-username": "actor",
    "cs-method": "method", "cs-uri": "path", "c-uri": "path", "cs-uri-stem": "stem", "c-uri-stem": "stem",
    "cs-uri-query": "query", "c-uri-query": "query", "c-uri-extension": "extension", "cs-host": "host",
    "r-dns": "host", "cs-user-agent": "client", "c-useragent": "client", "cs-useragent": "client",
    "sc-status": "status", "sc-bytes": "bytes", "date": "time", "time": "time",
}  # fmt: skip

_CLOUDTRAIL = {
    "eventname": "method", "eventsource": "host", "eventtime": "time", "sourceipaddress": "client_ip",
    "useragent": "client", "useridentity.arn": "actor", "useridentity.username": "actor",
    "useridentity.principalid": "actor", "useridentity.invokedby": "actor",
    "responseelements.consolelogin": "outcome",
}  # fmt: skip

_OKTA = {
    "eventtype": "method", "actor.alternateid": "actor", "actor.id": "actor", "actor.displayname": "actor",
    "client.ipaddress": "client_ip", "client.useragent.rawuseragent": "client", "outcome.result": "outcome",
    "published": "time",
}  # fmt: skip

_KEYCLOAK = {
    "type": "method", "operationtype": "method", "realmid": "host", "realmname": "host", "clientid": "client",
    "userid": "actor", "username": "actor", "ipaddress": "client_ip",
}  # fmt: skip

_GCP = {
    "gcp.audit.method_name": "method", "gcp.audit.service_name": "host",
    "gcp.audit.authentication_info.principal_email": "actor", "protopayload.methodname": "method",
    "protopayload.servicename": "host", "protopayload.authenticationinfo.principalemail": "actor",
    "protopayload.requestmetadata.callerip": "client_ip",
}  # fmt: skip

_AZURE = {
    "operationname": "method", "userprincipalname": "actor", "ipaddress": "client_ip", "useragent": "client",
    "appdisplayname": "host", "resultdescription": "outcome",
}  # fmt: skip

_DATABASE = {"user": "actor", "db": "host", "database": "host", "command": "method", "object": "route"}

_BY_ADDRESS = ("client_ip", "actor", "client")
WEB = Log("web server and proxy", _WEB, _BY_ADDRESS)
# category, product or service -> kind of log; the first of them that is known decides.
LOGS: dict[str, Log] = {
    **dict.fromkeys(("webserver", "proxy", "apache", "nginx", "iis", "haproxy", "caddy", "envoy"), WEB),
    **dict.fromkeys(("cloudtrail", "aws"), Log("AWS CloudTrail", _CLOUDTRAIL)),
    "okta": Log("Okta", _OKTA),
    "keycloak": Log("Keycloak", _KEYCLOAK),
    "gcp": Log("Google Cloud audit", _GCP),
    "azure": Log("Azure sign-in and audit", _AZURE),
    **dict.fromkeys(("database", "postgresql", "pgaudit"), Log("database audit", _DATABASE)),
}
ANY = Log("access records", {})
# Logs of what runs on a machine: no access records.
ELSEWHERE = {"windows", "linux", "macos", "zeek", "cisco", "process_creation", "file_event", "registry_event",
             "image_load", "dns", "dns_query", "firewall", "antivirus"}  # fmt: skip


def log_of(product: str | None, category: str | None, service: str | None) -> Log | None:
    """The kind of log that a rule's logsource names; None where Haechi collects nothing of the sort."""
    names = [name.lower() for name in (category, service, product) if name]
    for name in names:
        if name in LOGS:
            return LOGS[name]
    return None if ELSEWHERE & set(names) else ANY


def column_of(log: Log, field: str) -> Column | None:
    """The column that a field of this log stands for, or None."""
    name = field.lower()
    return _COLUMNS.get(log.fields.get(name) or _COMMON.get(name, ""))
