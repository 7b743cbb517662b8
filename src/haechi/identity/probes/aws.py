"""AWS: is an access key active? Asked of IAM, or of STS with the key itself.

Requests are signed (Signature Version 4), so no secret travels. Only actions that read are sent. Using a key, even
to ask who it is, is noted by AWS as its last use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Literal
from urllib.parse import urlencode
from xml.etree import ElementTree

import msgspec

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, needed
from haechi.identity.probes.web import PLAIN, Web
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

SYSTEM_OPTIONS: Final = frozenset({"region", PLAIN})
_PAGES: Final = 20
_ADDRESSES: Final = {"iam": "https://iam.amazonaws.com/", "sts": "https://sts.amazonaws.com/"}
_VERSIONS: Final = {"iam": "2010-05-08", "sts": "2011-06-15"}
_DEAD_CODES: Final = ("InvalidClientTokenId", "UnrecognizedClientException", "ExpiredToken")


@dataclass(frozen=True)
class Key:
    """target: an access key's id. control: another one's that is active; empty: the one we ask with.

    options `user` and `control-user`: whose keys they are. Without them IAM is asked, which it does not always tell.
    """

    kind: str = "aws-key"
    systems: frozenset[str] = frozenset({"aws"})
    options: frozenset[str] = frozenset({"user", "control-user"})
    about: Literal["account", "session", "secret"] = "secret"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target, credential=system.credential)
        own = credential(asking.secret(system.credential))
        iam = _Service("iam", system, asking, own)
        return compare(
            lambda: iam.status(probe.control or own.id, probe.options.get("control-user", "")),
            lambda: iam.status(probe.target, probe.options.get("user", "")),
        )


@dataclass(frozen=True)
class Caller:
    """target: an access key's id. credential: the key itself. The control is the key that we ask with."""

    kind: str = "aws-caller"
    systems: frozenset[str] = frozenset({"aws"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "secret"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, credential=probe.credential, **{"credential of the system": system.credential})

        def who(reference: str) -> Said:
            key = credential(asking.secret(reference))
            return _Service("sts", system, asking, key).caller()

        return compare(lambda: who(system.credential), lambda: who(probe.credential))


class Credential(msgspec.Struct, frozen=True, rename="pascal"):
    """An access key as the AWS command line writes it in JSON, or ID:SECRET."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""

    @property
    def id(self) -> str:
        return self.access_key_id

    def __repr__(self) -> str:
        return f"Credential({self.access_key_id})"


def credential(data: bytes) -> Credential:
    """Raises `IdentityError`, which tells nothing of what it read."""
    try:
        if data.lstrip().startswith(b"{"):
            return msgspec.json.decode(data, type=Credential)
        identifier, secret, *token = data.decode().strip().split(":", 2)
        return Credential(identifier, secret, *token)
    except (ValueError, msgspec.DecodeError):
        raise IdentityError(
            "a key of AWS is written ID:SECRET, or in JSON as its command line does"
        ) from None


@dataclass(frozen=True)
class _Service:
    name: str  # iam or sts
    system: SystemSettings
    asking: Asking
    key: Credential

    def status(self, key: str, user: str) -> Said:
        """What IAM says of an access key."""
        user = user or self._holder(key)
        marker, words = "", f"access key {key} of {user}"
        for _ in range(_PAGES):
            more = {"Marker": marker} if marker else {}
            status, page = self._ask("ListAccessKeys", {"UserName": user, **more})
            if status != 200:
                if _text(page, "Code") == "NoSuchEntity":
                    # A user that was deleted looks like one that was misspelt, and IAM tells no more.
                    return Said("unknown", f"there is no user {user} at {self.system.name}, or never was")
                raise self._failed(status, page)
            for item in page.iter("member"):
                if _text(item, "AccessKeyId") == key:
                    return _active(_text(item, "Status"), words, self.system.name)
            marker = _text(page, "Marker") if _text(page, "IsTruncated") == "true" else ""
            if not marker:
                return Said("dead", f"{words} is not listed at {self.system.name}")
        raise IdentityError(f"{self.system.name} lists keys without end")

    def caller(self) -> Said:
        """Whether STS lets the key in."""
        status, page = self._ask("GetCallerIdentity", {})
        if status == 200:
            return Said("alive", f"access key {self.key.id} is accepted by {self.system.name}")
        if _text(page, "Code") in _DEAD_CODES:
            return Said("dead", f"access key {self.key.id} is refused by {self.system.name}")
        raise self._failed(status, page)

    def _holder(self, key: str) -> str:
        status, page = self._ask("GetAccessKeyLastUsed", {"AccessKeyId": key})
        name = _text(page, "UserName")
        if status != 200 or not name:
            raise IdentityError(f"{self.system.name} does not tell whose key {key} is: set its user")
        return name

    def _failed(self, status: int, page: ElementTree.Element) -> IdentityError:
        code = _text(page, "Code")
        return IdentityError(
            f"{self.system.name} answered {status} {code if code.isalnum() else ''}".rstrip()
        )

    def _ask(self, action: str, values: Mapping[str, str]) -> tuple[int, ElementTree.Element]:
        system = self.system
        if not system.url:
            system = msgspec.structs.replace(system, url=_ADDRESSES[self.name])
        web = Web(system, self.asking, questions={"/"})
        url = str(web.address("").copy_with(path="/"))
        body = urlencode({"Action": action, "Version": _VERSIONS[self.name], **values})
        region = self.system.options.get("region", "us-east-1")
        headers = signed(self.key, self.name, region, url, body)
        reply = web.ask(
            "POST", url, headers=headers, content=body.encode(), secret=bool(self.key.session_token)
        )
        # A document type could blow up or lead elsewhere; AWS never sends one.
        if b"<!DOCTYPE" in reply.body or b"<!ENTITY" in reply.body:
            raise IdentityError(f"{system.name} answered in a form that is not AWS's")
        try:
            page = ElementTree.fromstring(reply.body)
        except ElementTree.ParseError:
            raise IdentityError(
                f"{system.name} answered {reply.status} with something that is not XML"
            ) from None
        for part in page.iter():
            part.tag = part.tag.rpartition("}")[2]
        return reply.status, page


def signed(key: Credential, service: str, region: str, url: str, body: str) -> dict[str, str]:
    """The headers of a signed POST. Raises `IdentityError` where botocore is not installed."""
    try:
        auth = import_module("botocore.auth")
        requests = import_module("botocore.awsrequest")
        keys = import_module("botocore.credentials")
    except ImportError:
        raise IdentityError("asking AWS needs the package boto3", todo="pip install 'haechi[aws]'") from None
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = requests.AWSRequest("POST", url, headers, body.encode())
    held = keys.Credentials(key.access_key_id, key.secret_access_key, key.session_token or None)
    auth.SigV4Auth(held, service, region).add_auth(request)
    return dict(request.headers.items())


def _text(page: ElementTree.Element, name: str) -> str:
    found = next(page.iter(name), None)
    return (found.text or "").strip() if found is not None else ""


def _active(status: str, words: str, name: str) -> Said:
    if status == "Active":
        return Said("alive", f"{words} is active at {name}")
    if status == "Inactive":
        return Said("dead", f"{words} is inactive at {name} (who may update it can bring it back)")
    return Said("unknown", f"{words}: {name} does not tell its status")


KEY: Final = Key()
CALLER: Final = Caller()
