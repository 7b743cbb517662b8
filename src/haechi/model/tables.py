"""The tables as Arrow schemas: what every record looks like once it is collected.

Times are UTC in microseconds without a zone mark (`timestamp[us]`), so that any engine reads them alike.
`source, seq` is a record's identity: `seq` counts the records and set-aside lines of a source from 1, in the
order in which they were read, over all its files. `credential` is the first 16 bytes of a SHA-256, never a secret.
`fields` is a set written as sorted names with commas between ("address,name,phone"), NULL where unknown.
"""

from __future__ import annotations

import pyarrow as pa

from haechi.model.words import Table

CREDENTIAL_BYTES = 16

ACCESS = pa.schema(
    [
        ("time", pa.timestamp("us")),
        ("source", pa.string()),
        ("seq", pa.int64()),
        ("actor", pa.string()),  # the account that acted
        ("actor_kind", pa.string()),  # member, staff, service, anonymous
        ("credential", pa.binary()),  # SHA-256 prefix of what was presented
        ("key", pa.string()),  # kid of the signing key
        ("issuer", pa.string()),
        ("client_ip", pa.string()),
        ("client", pa.string()),  # user agent or fingerprint
        ("host", pa.string()),  # the site or database asked
        ("method", pa.string()),
        ("path", pa.string()),  # as asked, with its query
        ("route", pa.string()),  # the template, "/members/{id}/addresses"
        ("action", pa.string()),
        ("subject", pa.string()),  # the data subject, where the record tells
        ("subjects", pa.int64()),  # how many, where it tells only that
        ("fields", pa.string()),
        ("status", pa.int32()),
        ("outcome", pa.string()),  # success or failure, NULL where the record does not tell
        ("bytes", pa.int64()),  # sent to the client
        ("node", pa.string()),  # the machine that wrote the record, where it tells
        ("node_seq", pa.int64()),  # that machine's own gap-free count, where it keeps one
    ]
)

ISSUANCE = pa.schema(
    [
        ("time", pa.timestamp("us")),
        ("source", pa.string()),
        ("seq", pa.int64()),
        ("issuer", pa.string()),
        ("node", pa.string()),
        ("node_seq", pa.int64()),
        ("credential", pa.binary()),
        ("token_id", pa.string()),  # jti
        ("key", pa.string()),
        ("actor", pa.string()),
        ("expires", pa.timestamp("us")),
        ("bound", pa.bool_()),  # sender-constrained
        ("event", pa.string()),  # as the issuer named it
    ]
)

SUBJECT = pa.schema(
    [
        ("source", pa.string()),
        ("seq", pa.int64()),
        ("subject", pa.string()),
        ("since", pa.timestamp("us")),
        ("withdrawn", pa.timestamp("us")),
        ("kind", pa.string()),
        ("canary", pa.bool_()),
    ]
)

PERSON = pa.schema(
    [
        ("source", pa.string()),
        ("seq", pa.int64()),
        ("person", pa.string()),
        ("account", pa.string()),  # the account this person acts with, one row an account
        ("joined", pa.timestamp("us")),
        ("departed", pa.timestamp("us")),  # NULL while the person is there
        ("role", pa.string()),
    ]
)

# A reason for which an actor may see a person's data, or (a `relation` of private life) one for which better not.
# At least one of actor, role and subject is there: NULL means anybody.
REASON = pa.schema(
    [
        ("source", pa.string()),
        ("seq", pa.int64()),
        ("kind", pa.string()),  # order, ticket, shift, approval, purpose, relation, answer
        ("actor", pa.string()),  # an account, or a person of the people source; NULL: everybody of the role
        ("role", pa.string()),
        ("subject", pa.string()),
        ("first", pa.timestamp("us")),  # NULL: always was
        ("last", pa.timestamp("us")),  # NULL: still is
        ("route", pa.string()),  # the template of a route; NULL: any
        ("fields", pa.string()),  # as in `access`; NULL: any
        ("reference", pa.string()),  # the number of the ticket, order, request
        ("text", pa.string()),  # what it is about, in the words of whoever wrote it
    ]
)

# What a system, or its audit log, said at one time of who may do what. Intervals are made of these (identity/).
FACT = pa.schema(
    [
        ("source", pa.string()),
        ("seq", pa.int64()),
        ("time", pa.timestamp("us")),  # when it was seen to be so
        (
            "kind",
            pa.string(),
        ),  # account, grant, session, secret, exposure, listing (all of a kind was listed then), probe
        ("system", pa.string()),  # the name of a [[system]], or of what a list speaks of
        ("person", pa.string()),  # a person of the people source; NULL where the system knows accounts only
        ("account", pa.string()),
        ("object", pa.string()),  # the right of a grant, the id of a session, the name of a secret or probe
        ("version", pa.string()),  # of the secret
        ("state", pa.string()),  # alive, dead, of a probe also unknown; of an exposure alive: could read it
        ("first", pa.timestamp("us")),  # since when, where the system tells
        ("last", pa.timestamp("us")),  # until when, where the system tells
        (
            "how",
            pa.string(),
        ),  # of an exposure: read, exported, may-read; of a secret: exportable, at-rest, ...
        ("evidence", pa.string()),  # where that stands: the entry of the audit log, the query asked
    ]
)

# A line that could not be read: kept in the batch's raw lines, found again by its place.
ASIDE = pa.schema(
    [
        ("source", pa.string()),
        ("seq", pa.int64()),
        ("path", pa.string()),  # the file as it was named
        ("line", pa.int64()),  # from 1, within the file
        ("offset", pa.int64()),  # bytes from the start of the (unpacked) file
        ("length", pa.int64()),
        ("reason", pa.string()),
    ]
)

SCHEMAS: dict[Table, pa.Schema] = {
    "access": ACCESS,
    "issuance": ISSUANCE,
    "subject": SUBJECT,
    "person": PERSON,
    "reason": REASON,
    "fact": FACT,
}
