"""Who signs, who vouches, who may lift a hold: keys that are keys, and nobody twice."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence

from haechi.model.settings import CustodianSettings, EvidenceSettings
from haechi.workspace.positions import Path
from haechi.workspace.read import Complain

LIFTERS = 2  # persons needed to lift a hold
_URL = re.compile(r"https?://[^\s/]+\S*")
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


def check_evidence(evidence: EvidenceSettings, complain: Complain) -> None:
    """Complain about a signing key without a name, and about witnesses and authorities that cannot be asked."""
    path = ("evidence",)
    if not evidence.key.strip():
        complain((*path, "key"), "names no file.")
    seen: dict[str, int] = {}
    for number, witness in enumerate(evidence.witnesses):
        at = (*path, "witness", number)
        _url(witness.url, (*at, "url"), complain)
        _key(witness.key, (*at, "key"), seen, number, "witness", complain)
    if evidence.timestamp:
        _url(evidence.timestamp, (*path, "timestamp"), complain)
        if not evidence.timestamp_roots.strip():
            complain(
                (*path, "timestamp"), 'needs "timestamp-roots": without it nobody can check a timestamp.'
            )


def check_custodians(custodians: Sequence[CustodianSettings | None], complain: Complain) -> None:
    """Complain about custodians who are one person under two names, or too few to lift a hold together."""
    names: dict[str, int] = {}
    keys: dict[str, int] = {}
    for number, custodian in enumerate(custodians):
        if custodian is None:
            continue
        path = ("custodian", number)
        if not custodian.name.strip():
            complain((*path, "name"), "is empty.")
        elif custodian.name in names:
            complain((*path, "name"), f"is also the name of custodian[{names[custodian.name] + 1}].")
        names.setdefault(custodian.name, number)
        _key(custodian.key, (*path, "key"), keys, number, "custodian", complain)
    if 0 < len(custodians) < LIFTERS:
        complain(("custodian", 0), "stands alone: a hold needs two custodians to lift it.")


def is_verifier_key(text: str) -> bool:
    """Whether it is a public key as signed notes write it (https://c2sp.org/signed-note): name, hash, base64."""
    parts = _VKEY.fullmatch(text)
    if parts is None:
        return False
    try:
        key = base64.b64decode(parts[3], validate=True)
    except binascii.Error:
        return False
    return hashlib.sha256(f"{parts[1]}\n".encode() + key).hexdigest()[:8] == parts[2]


def _key(text: str, path: Path, seen: dict[str, int], number: int, whose: str, complain: Complain) -> None:
    if not is_verifier_key(text):
        complain(path, 'is not a public key as Haechi prints it: "name+hash+base64" on one line.')
        return
    # The key itself and not its name: the same key under two names is one person.
    key = text.split("+", 2)[2]
    if key in seen:
        complain(path, f"is also the key of {whose}[{seen[key] + 1}].")
    seen.setdefault(key, number)


def _url(text: str, path: Path, complain: Complain) -> None:
    if not _URL.fullmatch(text):
        complain(path, "must be an address that begins with https:// or http://.")
