"""AWS IAM: users, passwords of the console, access keys, policies and groups.

boto3 asks; what it sends goes through our own bounds, to one address and without redirects. Sessions that were made
with a key (STS) are not listed by AWS and live on for their hours.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import msgspec

from haechi.identity.interface import Asking, Fact
from haechi.identity.probes.aws import credential
from haechi.identity.probes.web import Web
from haechi.identity.sources.making import MOST_ITEMS, MOST_PAGES, Maker
from haechi.model.settings import SystemSettings

_CLOUD: Final = "https://iam.amazonaws.com/"
_NO_SUCH: Final = "NoSuchEntity"


class Aws:
    """Asks IAM with an access key that may list. `url` is for other partitions, or for a server like IAM."""

    kind = "aws"
    options = frozenset({"person", "plain", "region"})

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        """Users as accounts, their keys and passwords as secrets they hold, policies and groups as grants.

        Raises:
            IdentityError: it refuses, gives no answer, or boto3 is not installed.
        """
        make = Maker(system, asking)
        person = system.options.get("person", "")
        if person not in ("", "account"):
            raise make.trouble("`person` must be account", where="options")
        iam = _Iam(system, asking, make)
        users = list(iam.all("list_users", "Users"))
        groups: dict[str, list[str]] = {}
        for user in users:
            name = _text(user, "UserName", make)
            yield make(
                "account", f"ListUsers: {user.get('Arn', name)}", person=name if person else "", account=name,
                first=user.get("CreateDate"),
            )  # fmt: skip
            yield from _secrets(iam, make, name)
            yield from _grants(iam, make, name, groups)
        yield from make.listings(f"IAM: {len(users):,} users, all pages", "account", "grant", "secret")


def _secrets(iam: _Iam, make: Maker, user: str) -> Iterator[Fact]:
    """Access keys, and the password of the console, each a secret that its user holds."""
    for key in iam.all("list_access_keys", "AccessKeyMetadata", UserName=user):
        id = _text(key, "AccessKeyId", make)
        used = (iam.one("get_access_key_last_used", AccessKeyId=id) or {}).get("AccessKeyLastUsed") or {}
        last = used.get("LastUsedDate")
        words = f"ListAccessKeys: {key.get('Status')}, " + (
            f"last used {last:%Y-%m-%d %H:%M} UTC" if last else "never used"
        )
        active = key.get("Status") != "Inactive"
        yield make(
            "secret", words, state="alive" if active else "dead", object=f"access-key/{id}",
            first=key.get("CreateDate"), how="access-key",
        )  # fmt: skip
        yield make(
            "exposure",
            words,
            account=user,
            object=f"access-key/{id}",
            first=key.get("CreateDate"),
            how="holds",
        )
    profile = iam.one("get_login_profile", UserName=user)
    if profile is not None:
        first = (profile.get("LoginProfile") or {}).get("CreateDate")
        words = "GetLoginProfile: it has a password for the console"
        yield make("secret", words, object=f"password/{user}", first=first, how="password")
        yield make("exposure", words, account=user, object=f"password/{user}", first=first, how="holds")


def _grants(iam: _Iam, make: Maker, user: str, known: dict[str, list[str]]) -> Iterator[Fact]:
    """Policies of a user and of its groups. `known`: the policies of groups that were asked for already."""
    rights = [(right, "of the user") for right in _policies(iam, make, "user", UserName=user)]
    for group in iam.all("list_groups_for_user", "Groups", UserName=user):
        name = _text(group, "GroupName", make)
        if name not in known:
            known[name] = list(_policies(iam, make, "group", GroupName=name))
        rights += [(f"group/{name}", "of the user"), *((right, f"of group {name}") for right in known[name])]
    for right, by in dict(reversed(rights)).items():
        yield make("grant", f"IAM: {by}", account=user, object=right)


def _policies(iam: _Iam, make: Maker, whose: str, **who: str) -> Iterator[str]:
    for policy in iam.all(f"list_attached_{whose}_policies", "AttachedPolicies", **who):
        yield f"policy/{_text(policy, 'PolicyArn', make)}"
    for name in iam.all(f"list_{whose}_policies", "PolicyNames", **who):
        yield f"inline/{whose}/{next(iter(who.values()))}/{name}"


class _Iam:
    """boto3's client, whose requests go through `Web`."""

    def __init__(self, system: SystemSettings, asking: Asking, make: Maker) -> None:
        try:
            boto3, config = import_module("boto3"), import_module("botocore.config")
            self._errors: Any = import_module("botocore.exceptions")
            self._unread: Any = import_module("botocore.parsers").ResponseParserError
            self._answer: Callable[..., Any] = import_module("botocore.awsrequest").AWSResponse
        except ImportError:
            raise make.trouble(
                "asking AWS needs the package boto3", todo="pip install 'haechi[aws]'"
            ) from None
        # Its details tell session tokens.
        logging.getLogger("botocore").setLevel(max(logging.getLogger("botocore").level, logging.INFO))
        own = credential(asking.secret(system.credential))
        self._make, self._token = make, bool(own.session_token)
        target = msgspec.structs.replace(system, url=system.url or _CLOUD)
        self._web = Web(target, asking, questions={"/"})
        self._url = str(self._web.address("").copy_with(path="/"))
        self._client = boto3.session.Session().client(
            "iam", endpoint_url=self._url, region_name=system.options.get("region", "us-east-1"),
            aws_access_key_id=own.access_key_id, aws_secret_access_key=own.secret_access_key,
            aws_session_token=own.session_token or None,
            config=config.Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )  # fmt: skip
        self._client.meta.events.register("before-send.iam", self._send)

    def all(self, operation: str, name: str, **asked: str) -> Iterator[Any]:
        """The entries of all pages. Raises `IdentityError`."""
        seen = 0
        with self._explained(operation):
            for number, page in enumerate(self._client.get_paginator(operation).paginate(**asked)):
                entries = page.get(name, [])
                seen += len(entries)
                if seen > MOST_ITEMS or number > MOST_PAGES:
                    raise self._make.trouble(f"{operation} does not come to an end")
                yield from entries

    def one(self, operation: str, **asked: str) -> dict[str, Any] | None:
        """One answer; None: there is no such thing. Raises `IdentityError`."""
        with self._explained(operation):
            try:
                return dict(getattr(self._client, operation)(**asked))
            except self._errors.ClientError as error:
                if _code(error) == _NO_SUCH:
                    return None
                raise

    @contextmanager
    def _explained(self, operation: str) -> Iterator[None]:
        try:
            yield
        except self._errors.ClientError as error:
            code = _code(error)
            words = code if code.isascii() and code.isalnum() and len(code) < 60 else "an error"
            raise self._make.trouble(
                f"it answered {operation} with {words}",
                todo="docs/systems.md says which rights the asking key needs.",
            ) from None
        except (self._errors.BotoCoreError, self._unread, LookupError, TypeError, ValueError) as error:
            raise self._make.trouble(
                f"it gave no answer to {operation} that can be read ({type(error).__name__})"
            ) from None

    def _send(self, request: Any, **_: Any) -> Any:
        """In place of botocore's own sending."""
        if request.method != "POST" or request.url != self._url:
            raise self._make.trouble("a request would go elsewhere: not sent")
        headers = {
            name: _words(value) for name, value in request.headers.items() if name.lower() != "content-length"
        }
        reply = self._web.ask("POST", self._url, headers=headers, content=request.body, secret=self._token)
        if b"<!DOCTYPE" in reply.body or b"<!ENTITY" in reply.body or 300 <= reply.status < 400:
            raise self._make.trouble("its answer is not of the form of AWS")
        return self._answer(self._url, reply.status, dict(reply.headers), _Raw(reply.body))


class _Raw(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: Any) -> Iterable[bytes]:
        yield self.read()


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _words(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _text(told: Any, name: str, make: Maker) -> str:
    value = told.get(name) if isinstance(told, dict) else None
    if not isinstance(value, str) or not value:
        raise make.trouble(f"its answer is not as it should be (no {name})")
    return value
