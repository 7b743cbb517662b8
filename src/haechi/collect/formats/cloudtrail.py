"""AWS CloudTrail: the files that it delivers (`{"Records": [...]}`), arrays, and JSON lines.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

from haechi.collect import documents, framing
from haechi.collect.expressions import absent, json_path, json_strings, time_expression
from haechi.collect.header import json_objects, json_share
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

_KEYS = {
    "time": "eventTime",
    "host": "eventSource",
    "name": "eventName",
    "read_only": "readOnly",
    "ip": "sourceIPAddress",
    "agent": "userAgent",
    "error": "errorCode",
    "kind": "userIdentity.type",
    "arn": "userIdentity.arn",
    "user_name": "userIdentity.userName",
    "access_key": "userIdentity.accessKeyId",
    "invoked_by": "userIdentity.invokedBy",
    "principal": "userIdentity.principalId",
    "console": "responseElements.ConsoleLogin",
    "account": "recipientAccountId",
}
# What a call was about: names of things, and to whom they are opened. No value of any thing stands among these.
_ABOUT = (
    ("secretId", "requestParameters.secretId"),
    ("secretIdList", "requestParameters.secretIdList"),
    ("name", "requestParameters.name"),
    ("names", "requestParameters.names"),
    ("path", "requestParameters.path"),
    ("instanceId", "requestParameters.instanceId"),
    ("attribute", "requestParameters.attribute"),
    ("bucketName", "requestParameters.bucketName"),
    ("key", "requestParameters.key"),
    ("imageId", "requestParameters.imageId"),
    ("snapshotId", "requestParameters.snapshotId"),
    ("dBSnapshotIdentifier", "requestParameters.dBSnapshotIdentifier"),
    ("dBClusterSnapshotIdentifier", "requestParameters.dBClusterSnapshotIdentifier"),
    ("add", "requestParameters.launchPermission.add"),
    ("add", "requestParameters.createVolumePermission.add"),
    ("add", "requestParameters.valuesToAdd"),
)
_MARKERS = {"eventName", "eventSource", "eventTime"}

# What an API call does, told by its name; the first that fits. A shared snapshot is how data leaves at once.
_ACTIONS = (
    ("login", r"^(ConsoleLogin|SwitchRole|AssumeRole.*|GetFederationToken|GetSessionToken|UserAuthentication"
              r"|StartSession|SendSSHPublicKey|SendSerialConsoleSSHPublicKey)$"),
    ("logout", r"^(TerminateSession|Logout|SignOut)$"),
    ("export", r"^(Modify(DB|DBCluster)?Snapshot.*Attribute|ModifyImageAttribute|Export.*|Start.*Export.*"
               r"|Create.*Export.*|Copy.*Snapshot|Download.*|CopyObject|CreateStoreImageTask)$"),
    ("view", r"^(GetSecretValue|BatchGetSecretValue|GetParameter.*|GetPasswordData|GetObject|GetItem"
             r"|BatchGetItem|Decrypt|Select.*|Query|Scan|ExecuteStatement|BatchExecuteStatement)$"),
    ("list", r"^(List|Describe|Search|Lookup|Scan).*"),
    ("view", r"^(Get|BatchGet|Head|View|Read).*"),
    ("delete", r"^(Delete|Remove|Terminate|Deregister|Revoke|Detach|Disassociate"
               r"|Schedule.*Deletion|Leave).*"),
    ("create", r"^(Create|Run|Add|Allocate|Register|Import|Issue|Generate|Upload"
               r"|Put(Item|Object)$|BatchWrite).*"),
    ("update", r"^(Update|Modify|Put|Set|Attach|Associate|Change|Enable|Disable|Start|Stop|Reset|Restore"
               r"|Tag|Untag|Authorize|Reboot|Accept|Send).*"),
)  # fmt: skip


def _action() -> str:
    cases = " ".join(
        f"WHEN regexp_matches(v.name, '{pattern}') THEN '{action}'" for action, pattern in _ACTIONS
    )
    return f"CASE {cases} ELSE 'other' END"


class CloudTrailFormat:
    """Whole documents; JSON lines too, when nothing else stands in the file."""

    name = "cloudtrail"
    title = "AWS CloudTrail"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return documents.events

    def share(self, sample: Sample) -> float:
        if documents.is_json_lines(sample.head) or not any(m.encode() in sample.head for m in _MARKERS):
            return 0.0
        # A sample cut within an event leaves a rest that is no event.
        units = documents.events(sample.head, sample.whole).text.to_pylist()
        ours = sum(1 for unit in units if all(f'"{marker}"' in str(unit) for marker in _MARKERS))
        return ours / len(units) if units else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        return cloudtrail_projection()


class CloudTrailLinesFormat:
    """CloudTrail events among other JSON lines."""

    name = "cloudtrail-lines"
    title = "AWS CloudTrail (JSON lines)"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        objects = json_objects(sample)
        ours = sum(1 for found in objects if found.keys() >= _MARKERS)
        return json_share(sample, ours)

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        return cloudtrail_projection()


def cloudtrail_projection() -> Projection:
    """The columns of an event. The data subject is never known: CloudTrail sees resources, not people."""
    paths = [json_path(path) for path in (*_KEYS.values(), *(path for _, path in _ABOUT))]
    packed = ", ".join(f"{name} := j[{at}]" for at, name in enumerate(_KEYS, 1))
    # Written so that it is no path: the routes of a web site never match it.
    told = ", ".join(f"'{name}=' || j[{at}]" for at, (name, _) in enumerate(_ABOUT, len(_KEYS) + 1))
    time, _ = time_expression("v.time", ["2025-01-01T00:00:00Z"], "UTC")  # always UTC, by its specification
    service = "regexp_replace(v.host, '[.].*$', '')"
    return Projection(
        stages=({"j": json_strings(paths)}, {"v": f"struct_pack({packed})"}),
        columns={
            "time": time,
            "actor": "coalesce(v.arn, v.user_name, v.invoked_by, v.principal)",
            "actor_kind": _KIND,
            "credential_secret": absent("v.access_key"),
            # An AWS service that calls by itself is named here instead of an address.
            "client_ip": "CASE WHEN regexp_matches(v.ip, '^[0-9a-fA-F.:]+$') THEN v.ip END",
            "client": "v.agent",
            "host": "v.host",
            "method": "v.name",
            "path": f"nullif(concat_ws('&', {told}), '')",
            "route": f"{service} || ':' || v.name",
            "action": _action(),
            "outcome": (
                "CASE WHEN v.error IS NOT NULL OR v.console = 'Failure' THEN 'failure' ELSE 'success' END"
            ),
        },
        readable="v.time IS NOT NULL AND v.host IS NOT NULL AND v.name IS NOT NULL",
        reason="not a whole CloudTrail event",
    )


# A role that a person signs in to carries the name of the sign-in system or the person's e-mail address.
_KIND = (
    "CASE WHEN v.kind IN "
    "('IAMUser', 'Root', 'IdentityCenterUser', 'SAMLUser', 'WebIdentityUser', 'FederatedUser') "
    "OR v.arn LIKE '%AWSReservedSSO%' OR v.arn LIKE '%@%' THEN 'staff' "
    "WHEN v.kind IN ('AssumedRole', 'Role', 'AWSService', 'AWSAccount') THEN 'service' END"
)

FORMAT = CloudTrailFormat()
FORMAT_LINES = CloudTrailLinesFormat()
