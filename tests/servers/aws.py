"""A small IAM and STS of our own, over HTTP, faithful in what matters here: signatures are checked (SigV4), and an
inactive or deleted access key is refused, which the usual fakes do not do.

https://docs.aws.amazon.com/IAM/latest/APIReference/ and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit
from xml.sax.saxutils import escape

ACCOUNT = "111122223333"
PAGE = 2  # users and keys on one page, so that a client that does not turn pages misses some


@dataclass
class Key:
    """An access key."""

    id: str
    secret: str = field(repr=False)
    status: str = "Active"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    used: datetime | None = None


@dataclass
class User:
    """An IAM user with its keys, policies of its own, and groups."""

    name: str
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    keys: list[Key] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)  # ARNs of attached policies
    inline: list[str] = field(default_factory=list)  # names of policies written into the user
    groups: list[str] = field(default_factory=list)
    password: bool = False  # may log in to the console


@dataclass(frozen=True)
class Aws:
    """A running fake. Give `url` to boto3 as `endpoint_url` for iam and sts; change `users` and `groups` at will."""

    url: str
    users: dict[str, User]
    groups: dict[str, list[str]]  # ARNs of attached policies by group
    asked: list[str]  # the actions asked for, in order

    def user(self, name: str) -> User:
        """Add a user without keys."""
        self.users[name] = User(name)
        return self.users[name]

    def key(self, user: str) -> Key:
        """Add an access key to a user."""
        made = Key("AKIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30))
        self.users[user].keys.append(made)
        return made


class Refused(Exception):
    """An error answer: status, code, message."""


def _xml(value: object) -> str:
    """Dicts as elements, lists as <member>s, times as ISO 8601."""
    match value:
        case dict():
            return "".join(f"<{k}>{_xml(v)}</{k}>" for k, v in value.items() if v is not None)
        case list():
            return "".join(f"<member>{_xml(v)}</member>" for v in value)
        case bool():
            return str(value).lower()
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case _:
            return escape(str(value))


def _page(rows: list[object], name: str, form: dict[str, str]) -> dict[str, object]:
    start = int(form.get("Marker", "0"))
    end = start + min(PAGE, int(form.get("MaxItems", "100")))
    more = end < len(rows)
    return {name: rows[start:end], "IsTruncated": more, "Marker": str(end) if more else None}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.users: dict[str, User] = {}
        self.groups: dict[str, list[str]] = {}
        self.asked: list[str] = []

    def holder(self, key_id: str) -> tuple[User, Key]:
        """Whose active key this is."""
        for user in self.users.values():
            for key in user.keys:
                if key.id == key_id and key.status == "Active":
                    return user, key
        raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid.")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        action = form.get("Action", "")
        try:
            user = self._authenticated(body)
            self.server.asked.append(action)
            answer = _ACTIONS[action](self.server, user, form) if action in _ACTIONS else None
            if answer is None:
                raise Refused(400, "InvalidAction", f"Could not find operation {action}")
            result = f"<{action}Result>{_xml(answer)}</{action}Result>"
            text, status = f"<{action}Response>{result}</{action}Response>", 200
        except Refused as error:
            status, code, message = error.args
            told = _xml({"Type": "Sender", "Code": code, "Message": message})
            text = f"<ErrorResponse><Error>{told}</Error></ErrorResponse>"
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _authenticated(self, body: bytes) -> User:
        """Whose request this is, by its signature."""
        told = self.headers.get("Authorization", "")
        if not told.startswith("AWS4-HMAC-SHA256 "):
            raise Refused(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        parts = dict(part.strip().split("=", 1) for part in told.split(" ", 1)[1].split(","))
        key_id, day, region, service, last = parts["Credential"].split("/")
        user, key = self.server.holder(key_id)
        asked = urlsplit(self.path)
        query = "&".join(f"{quote(k, '~')}={quote(v, '~')}" for k, v in sorted(parse_qsl(asked.query, True)))
        names = parts["SignedHeaders"].split(";")
        headers = "".join(f"{name}:{' '.join(self.headers[name].split())}\n" for name in names)
        canonical = "\n".join(
            [
                "POST",
                quote(asked.path or "/"),
                query,
                headers,
                ";".join(names),
                hashlib.sha256(body).hexdigest(),
            ]
        )
        scope = f"{day}/{region}/{service}/{last}"
        text = "\n".join(
            [
                "AWS4-HMAC-SHA256",
                self.headers["X-Amz-Date"],
                scope,
                hashlib.sha256(canonical.encode()).hexdigest(),
            ]
        )
        secret = ("AWS4" + key.secret).encode()
        for part in (day, region, service, last):
            secret = hmac.digest(secret, part.encode(), "sha256")
        if not hmac.compare_digest(hmac.new(secret, text.encode(), "sha256").hexdigest(), parts["Signature"]):
            raise Refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
        key.used = datetime.now(UTC)
        return user

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def _arn(user: User) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{user.name}"


def _user(user: User) -> dict[str, object]:
    return {"Path": "/", "UserName": user.name, "UserId": f"AIDA{user.name.upper()}", "Arn": _arn(user),
            "CreateDate": user.created}  # fmt: skip


def _named(server: _Server, caller: User, form: dict[str, str]) -> User:
    name = form.get("UserName", caller.name)
    if name not in server.users:
        raise Refused(404, "NoSuchEntity", f"The user with name {name} cannot be found.")
    return server.users[name]


def _list_users(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    return _page([_user(user) for user in server.users.values()], "Users", form)


def _get_user(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    return {"User": _user(_named(server, caller, form))}


def _list_keys(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    user = _named(server, caller, form)
    rows: list[object] = [
        {"UserName": user.name, "AccessKeyId": k.id, "Status": k.status, "CreateDate": k.created}
        for k in user.keys
    ]
    return _page(rows, "AccessKeyMetadata", form)


def _last_used(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    for user in server.users.values():
        for key in user.keys:
            if key.id == form.get("AccessKeyId"):
                used = {
                    "LastUsedDate": key.used,
                    "ServiceName": "iam" if key.used else "N/A",
                    "Region": "N/A",
                }
                return {"UserName": user.name, "AccessKeyLastUsed": used}
    raise Refused(404, "NoSuchEntity", "The Access Key cannot be found.")


def _policies(arns: list[str]) -> list[object]:
    return [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in arns]


def _attached(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    return _page(_policies(_named(server, caller, form).policies), "AttachedPolicies", form)


def _inline(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    return _page(list(_named(server, caller, form).inline), "PolicyNames", form)


def _user_groups(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    rows: list[object] = [
        {"Path": "/", "GroupName": group, "GroupId": f"AGPA{group.upper()}",
         "Arn": f"arn:aws:iam::{ACCOUNT}:group/{group}", "CreateDate": datetime(2024, 1, 1, tzinfo=UTC)}
        for group in _named(server, caller, form).groups
    ]  # fmt: skip
    return _page(rows, "Groups", form)


def _group_policies(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    return _page(_policies(server.groups.get(form.get("GroupName", ""), [])), "AttachedPolicies", form)


def _group_inline(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    return _page([], "PolicyNames", form)


def _login_profile(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    user = _named(server, caller, form)
    if not user.password:
        raise Refused(404, "NoSuchEntity", f"Login Profile for User {user.name} cannot be found.")
    return {
        "LoginProfile": {"UserName": user.name, "CreateDate": user.created, "PasswordResetRequired": False}
    }


def _identity(server: _Server, caller: User, form: dict[str, str]) -> dict[str, object]:
    return {"Arn": _arn(caller), "UserId": f"AIDA{caller.name.upper()}", "Account": ACCOUNT}


_ACTIONS = {
    "ListUsers": _list_users,
    "GetUser": _get_user,
    "ListAccessKeys": _list_keys,
    "GetAccessKeyLastUsed": _last_used,
    "ListAttachedUserPolicies": _attached,
    "ListUserPolicies": _inline,
    "ListGroupsForUser": _user_groups,
    "ListAttachedGroupPolicies": _group_policies,
    "ListGroupPolicies": _group_inline,
    "GetLoginProfile": _login_profile,
    "GetCallerIdentity": _identity,
}


@contextmanager
def running(folder: Path) -> Iterator[Aws]:
    """An account with one user, `admin`, who has one key; a thread of this process."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        made = Aws(f"http://127.0.0.1:{server.server_port}", server.users, server.groups, server.asked)
        made.user("admin")
        made.key("admin")
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
