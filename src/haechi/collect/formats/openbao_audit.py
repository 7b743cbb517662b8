"""The audit log of OpenBao and HashiCorp Vault: who read, exported, wrote or used which secret.

One JSON object a line, twice for each request: as it came (`"type": "request"`) and as it was answered (`"response"`).
Only the answer says whether anything was read. Strings in it are HMACs; names, versions and times are not.
https://openbao.org/docs/audit/, https://developer.hashicorp.com/vault/docs/audit
"""

from __future__ import annotations

from haechi.collect import framing
from haechi.collect.expressions import absent, json_path, json_strings, literal, time_expression
from haechi.collect.header import json_objects, json_share
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_KEYS = {
    "time": ("time",),
    "type": ("type",),
    "error": ("error",),
    "operation": ("request.operation",),
    "id": ("request.id",),
    "path": ("request.path",),
    "mount": ("request.mount_point",),
    "mount_type": ("request.mount_type",),
    "namespace": ("request.namespace.path",),
    # Whose token it was: the user name of the way it was got, else what OpenBao calls it.
    "account": ("auth.metadata.username", "auth.metadata.role_name", "auth.metadata.email", "auth.display_name"),
    "data": ("response.data",),
    "wrapped": ("response.wrap_info.accessor",),
    "version": ("response.data.metadata.version", "response.data.version", "response.data.key_version"),
    "versions": ("request.data.versions",),
    "lease": ("response.secret.lease_id",),
}  # fmt: skip
_PUBLIC = r"^export/(public-key|certificate-chain)/"  # exports that give away nothing
_KV_2 = "^((data|metadata|delete|undelete|destroy|subkeys)/|config$)"
_NAME = "[^/]+"

# What a request was, told by the kind of mount, what is asked behind the mount, and the operation:
# (kind of mount, pattern of the path, operations, what it is to the secret, the secret's name behind the mount)
_DONE: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    ("transit", rf"^(?:byok-)?export/[^/]+/({_NAME})", ("read",), "exported", "keys/"),
    ("transit", rf"^backup/({_NAME})", ("read",), "exported", "keys/"),
    ("transit", rf"^(?:sign|hmac)/({_NAME})", ("update", "create"), "signed", "keys/"),
    ("transit", rf"^keys/({_NAME})/import", ("update", "create"), "written", "keys/"),
    ("transit", rf"^restore/({_NAME})", ("update", "create"), "written", "keys/"),
    ("transit", rf"^keys/({_NAME})$", ("delete",), "deleted", "keys/"),
    ("kv", r"^data/(.+)$", ("read",), "read", "data/"),
    ("kv", r"^data/(.+)$", ("update", "create", "patch"), "written", "data/"),
    ("kv", r"^destroy/(.+)$", ("update", "create"), "deleted", "data/"),
    ("kv", r"^metadata/(.+)$", ("delete",), "deleted", "data/"),
    ("kv", r"^(.+)$", ("read",), "read", ""),  # version 1: behind what version 2 keeps for itself
    ("database", r"^((?:static-)?creds/.+)$", ("read",), "read", ""),
    ("aws", r"^((?:creds|sts)/.+)$", ("read", "update"), "read", ""),
    ("pki", r"^(issue/.+)$", ("update",), "read", ""),
)
_GUESSED_MOUNTS = (
    ("transit", "^transit/"),
    ("kv", "^(secret|kv)/"),
    ("database", "^database/"),
    ("aws", "^aws/"),
)

_ASKED = "an audit entry of a request: the entry of its answer tells"
_REFUSED = "refused or failed: nothing was read"
_OTHER = "not a use of a secret"


class OpenBaoAuditFormat:
    """Reads, exports, writes and uses of secrets as exposures; deletions as the death of a secret."""

    name = "openbao-audit"
    title = "OpenBao/Vault audit log"
    table: Table = "fact"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        found = [
            item
            for item in json_objects(sample)
            if item.get("type") in ("request", "response")
            and isinstance(request := item.get("request"), dict)
            and "path" in request
            and "operation" in request
        ]
        return json_share(sample, len(found))

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        times = [str(item["time"]) for item in json_objects(sample, 50) if "time" in item]
        time, _ = time_expression("v.time", times, "UTC")
        kind = "CASE WHEN done.how = 'deleted' THEN 'secret' ELSE 'exposure' END"
        return Projection(
            stages=_stages(),
            columns={
                "time": time,
                "kind": kind,
                # The log does not name the server: the source is named as the [[system]] it comes from.
                "system": literal(source.name),
                "account": "CASE WHEN done.how <> 'deleted' THEN v.account END",
                "object": "concat(v.namespace, mount, done.before, done.name)",
                "version": "versions",
                "state": "CASE WHEN done.how = 'deleted' THEN 'dead' ELSE 'alive' END",
                "how": "done.how",
                "evidence": (
                    "concat('audit entry ', v.id, ': ', v.operation, ' ', v.path, "
                    "CASE WHEN done.how = 'deleted' THEN concat(' by ', v.account) END)"
                ),
            },
            readable="v.type = 'response' AND v.path IS NOT NULL",
            reason="not an audit entry of OpenBao",
            reasons=(
                ("v.type = 'request' AND v.path IS NOT NULL", _ASKED),
                ("v.type = 'response' AND v.path IS NOT NULL AND done IS NULL", _OTHER),
                (f"v.type = 'response' AND ({_nothing_came()})", _REFUSED),
                (
                    "v.type = 'response' AND done.how <> 'deleted' AND v.account IS NULL",
                    "it does not say who it was",
                ),
            ),
        )


def _nothing_came() -> str:
    """That a request was refused, or what it asked for is not there."""
    gives = "done.how IN ('exported', 'read', 'signed')"
    return f"v.error IS NOT NULL OR ({gives} AND v.data IS NULL AND v.wrapped IS NULL)"


def _stages() -> tuple[dict[str, str], ...]:
    paths = [json_path(key) for keys in _KEYS.values() for key in keys]
    at = 0
    packed: list[str] = []
    for name, keys in _KEYS.items():
        values = [absent(f"j[{at + i}]", "null") for i in range(1, len(keys) + 1)]
        at += len(keys)
        packed.append(f"{name} := coalesce({', '.join(values)})")
    types = " ".join(
        f"WHEN regexp_matches(v.path, {literal(p)}) THEN {literal(t)}" for t, p in _GUESSED_MOUNTS
    )
    mount = "coalesce(v.mount, regexp_extract(v.path, '^[^/]+/'))"
    return (
        {"j": json_strings(paths)},
        {"v": f"struct_pack({', '.join(packed)})"},
        {"mount": mount, "mount_type": f"coalesce(v.mount_type, CASE {types} END)"},
        {"rest": "substr(v.path, length(mount) + 1)"},
        {"done": _done()},
        {"versions": _versions()},
    )


def _done() -> str:
    """What was done to which secret, or NULL."""
    cases = [f"WHEN mount_type = 'transit' AND {_matches(_PUBLIC)} THEN NULL"]
    for kind, pattern, operations, how, before in _DONE:
        listed = ", ".join(map(literal, operations))
        if not before and kind == "kv":
            cases.append(f"WHEN mount_type = 'kv' AND {_matches(_KV_2)} THEN NULL")
        name = f"regexp_extract(rest, {literal(pattern)}, 1)"
        cases.append(
            f"WHEN mount_type = {literal(kind)} AND v.operation IN ({listed}) "
            f"AND {_matches(pattern)} "
            f"THEN struct_pack(how := {literal(how)}, before := {literal(before)}, name := {name})"
        )
    return f"CASE {' '.join(cases)} END"


def _matches(pattern: str) -> str:
    return f"regexp_matches(rest, {literal(pattern)})"


def _versions() -> str:
    """The versions it was about, with commas between; NULL where it was about all that there were."""
    exported = "array_to_string(TRY(json_keys(v.data, '$.keys')), ',')"
    listed = "array_to_string(TRY(v.versions::BIGINT[]), ',')"
    return (
        "CASE WHEN mount_type = 'transit' AND done.how = 'exported' THEN "
        f"nullif({exported}, '') WHEN done.how = 'deleted' THEN nullif({listed}, '') "
        "WHEN v.lease IS NOT NULL THEN v.lease "
        "ELSE CASE WHEN regexp_full_match(v.version, '[0-9]+') THEN v.version END END"
    )


FORMAT = OpenBaoAuditFormat()
