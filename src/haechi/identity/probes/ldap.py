"""LDAP: is an account's entry there and unlocked, is a password of it accepted?

A refused bind is counted against the account wherever a password policy is at work (draft-behera-ldap-password-policy,
section 5.3.3), and may lock out somebody who is still there: a bind is tried only where nothing counts.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn
from pyasn1.error import PyAsn1Error

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, needed
from haechi.identity.probes.web import PLAIN, Refused
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

SYSTEM_OPTIONS: Final = frozenset({"bind", "starttls", PLAIN})
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_NO_OBJECT: Final = 32
_BAD_PASSWORD: Final = 49
LOCKED_FOR_GOOD: Final = "000001010000Z"
_COUNTS: Final = ("1.3.6.1.4.1.42.2.27.8.5.1", "1.2.840.113556.1.4.800")  # password policy; Active Directory
_DISABLED: Final = 2  # bit of userAccountControl
_NEVER: Final = (0, 0x7FFFFFFFFFFFFFFF)  # of accountExpires, in 100 ns since 1601
MARKERS: Final = (
    "pwdAccountLockedTime", "pwdPolicySubentry", "pwdEndTime", "nsAccountLock", "loginDisabled",
    "userAccountControl", "accountExpires",
)  # fmt: skip
Entry = Mapping[str, Sequence[str]]  # names of attributes in lower case


@dataclass(frozen=True)
class Account:
    """target: the name (DN) of an account's entry. control: of one that is alive.

    option `policy`: the name of the password policy's entry, where the account's own does not name one.
    """

    kind: str = "ldap-account"
    systems: frozenset[str] = frozenset({"ldap"})
    options: frozenset[str] = frozenset({"policy"})
    about: Literal["account", "session", "secret"] = "account"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target, control=probe.control)
        with connected(system, asking) as directory:
            policy = probe.options.get("policy", "")
            return compare(
                lambda: directory.account(probe.control, policy, asking.now),
                lambda: directory.account(probe.target, policy, asking.now, probe.control),
            )


@dataclass(frozen=True)
class Bind:
    """target: the name (DN) of an account's entry. credential: a password of it. The control is our own bind."""

    kind: str = "ldap-bind"
    systems: frozenset[str] = frozenset({"ldap"})
    options: frozenset[str] = frozenset()
    about: Literal["account", "session", "secret"] = "secret"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        needed(probe, target=probe.target, credential=probe.credential, bind=system.options.get("bind", ""))
        with connected(system, asking) as directory:
            if directory.counts_binds():
                raise Refused(
                    f"{system.name} keeps count of binds: trying one would change the account, so it was not tried"
                )

        def theirs() -> Said:
            try:
                with connected(system, asking, probe.target, asking.secret(probe.credential)):
                    return Said("alive", f"the password of {probe.target} is accepted by {system.name}")
            except _NotLetIn:
                return Said("dead", f"the password of {probe.target} is refused by {system.name}")

        return compare(lambda: Said("alive", f"{system.name} lets us in"), theirs)


class _NotLetIn(IdentityError):
    """The directory refused the name or the password."""


@dataclass(frozen=True)
class Directory:
    """An open connection, which can only read."""

    name: str
    us: str  # the DN that we are bound as
    connection: ldap3.Connection
    asking: Asking

    def entry(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """One entry; None if there is none, or we may not see it. Raises `IdentityError`."""
        self.asking.turn()
        with _answering(self.name):
            self.connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=list(attributes))
            code = int(self.connection.result["result"])
        if code == _NO_OBJECT:
            return None
        found = [item for item in self.connection.response or [] if item.get("type") == "searchResEntry"]
        if code != 0 or len(found) != 1:
            raise IdentityError(f"{self.name} does not show {dn or 'itself'} (result {code})")
        return {
            name.lower(): [value.decode("utf-8", "replace") for value in values]
            for name, values in found[0]["raw_attributes"].items()
        }

    def account(self, dn: str, policy: str, now: datetime, beside: str = "") -> Said:
        """Whether an account can be used, as its entry tells. beside: an entry that we can see, the control."""
        try:
            parse_dn(dn)
        except LDAPException:
            raise IdentityError("a target is the name (DN) of an entry") from None
        entry = self.entry(dn, MARKERS)
        if entry is None:
            return self._absent(dn, beside)
        if why := ended(entry, now):
            return Said("dead", f"{dn} is at {self.name}, but {why}")
        locked = entry.get("pwdaccountlockedtime", [])
        if not locked:
            return Said("alive", f"{dn} is at {self.name} and carries no mark of being locked")
        if not self.enforced((entry.get("pwdpolicysubentry") or [policy])[0]):
            return Said(
                "unknown", f"{dn} is marked as locked at {self.name}, but no policy says that locks hold"
            )
        if locked[0] == LOCKED_FOR_GOOD:
            return Said("dead", f"{dn} is locked for good at {self.name}")
        return Said("unknown", f"{dn} is locked at {self.name} since {locked[0]}, which may end by itself")

    def _absent(self, dn: str, beside: str) -> Said:
        """An entry that we are not shown: gone, moved elsewhere, or hidden from us."""
        rdn, container = _split(dn)
        words = f"{self.name} shows no entry {dn}"
        if not beside or _split(beside)[1] != container:
            return Said("unknown", f"{words}, and the control stands elsewhere: it may be hidden from us")
        contexts = (self.entry("", ["namingContexts"]) or {}).get("namingcontexts", [])
        base = next((name for name in contexts if name and _below(dn, name)), "")
        if not base:
            return Said("unknown", f"{words}, and does not tell below what else it could stand")
        self.asking.turn()
        with _answering(self.name):
            self.connection.search(base, rdn, ldap3.SUBTREE, attributes=[ldap3.NO_ATTRIBUTES], size_limit=1)
            code = int(self.connection.result["result"])
        found = [item for item in self.connection.response or [] if item.get("type") == "searchResEntry"]
        if found:
            return Said(
                "unknown", f"{words}, but one of its name: {found[0]['dn']}, to which it may have moved"
            )
        if code != 0:
            return Said("unknown", f"{words}, and cannot be searched for its name (result {code})")
        return Said("dead", f"{words} and none of its name below {base}, but its neighbour, the control")

    def enforced(self, policy: str) -> bool:
        """Whether a policy heeds locks: without `pwdLockout` the mark of being locked does nothing."""
        entry = self.entry(policy, ["pwdLockout"]) if policy else None
        return entry is not None and entry.get("pwdlockout") == ["TRUE"]

    def counts_binds(self) -> bool:
        """Whether a bind, good or bad, may be noted in the account's entry, as far as the directory tells."""
        root = self.entry("", ["supportedControl", "supportedCapabilities"]) or {}
        told = {*root.get("supportedcontrol", []), *root.get("supportedcapabilities", [])}
        own = self.entry(self.us, ["authTimestamp", "pwdLastSuccess", "lastLogonTimestamp"]) or {}
        return bool(told & set(_COUNTS)) or any(own.values())


@contextmanager
def _answering(name: str) -> Iterator[None]:
    """Around what waits for an answer: the library raises anything where it is not LDAP at all."""
    try:
        yield
    except (LDAPException, PyAsn1Error, LookupError, ValueError, TypeError, AttributeError, OSError) as error:
        # Its message may quote what was sent, so only its kind is told.
        raise IdentityError(f"{name} gave no answer that can be read ({type(error).__name__})") from None


@contextmanager
def connected(
    system: SystemSettings, asking: Asking, dn: str = "", password: bytes = b""
) -> Iterator[Directory]:
    """Bind, as ourselves unless a name is given, to the configured directory and to no other.

    Raises:
        _NotLetIn: it refused the name or the password.
        Refused: a password would go unencrypted over a network.
        IdentityError: it cannot be reached.
    """
    us = dn or system.options.get("bind", "")
    secret = password or (asking.secret(system.credential) if system.credential else b"")
    server, starttls = _server(system, asking, bool(secret))
    asking.turn()
    try:
        connection = ldap3.Connection(
            server, us or None, secret.decode("utf-8", "surrogateescape") or None, client_strategy=ldap3.SYNC,
            auto_referrals=False, read_only=True, check_names=False, raise_exceptions=False,
            receive_timeout=max(1, round(asking.wait)), return_empty_attributes=False,
        )  # fmt: skip
        with _answering(system.name):
            connection.open()
            begun = not starttls or connection.start_tls()
            bound = begun and connection.bind()
            code = int(connection.result["result"])
        if not begun:
            raise IdentityError(f"{system.name} does not begin TLS")
        if not bound:
            kind = _NotLetIn if code == _BAD_PASSWORD else IdentityError
            raise kind(f"{system.name} refuses the bind (result {code})")
        try:
            yield Directory(system.name, us, connection, asking)
        finally:
            with suppress(
                LDAPException, OSError
            ):  # it may be broken already, and that error is the one to tell
                connection.unbind()
    except LDAPException as error:
        # Its message may quote what was sent, so only its kind is told.
        raise IdentityError(f"{system.name} gave no answer ({type(error).__name__})") from None


def _server(system: SystemSettings, asking: Asking, secret: bool) -> tuple[ldap3.Server, bool]:
    """The directory, and whether TLS begins within the connection."""
    parts = urlsplit(system.url)
    if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or parts.password:
        raise IdentityError(f"the address of {system.name} is not ldap://HOST or ldaps://HOST")
    starttls = system.options.get("starttls") == "yes"
    safe = parts.scheme == "ldaps" or starttls or parts.hostname in _LOOPBACK
    if secret and not safe and system.options.get(PLAIN) != "yes":
        raise Refused(f"a password would go to {system.name} unencrypted: it was not sent")
    roots = str(asking.folder / system.ca) if system.ca else None
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=roots)
    secure = parts.scheme == "ldaps"
    port = parts.port or (636 if secure else 389)
    server = ldap3.Server(
        unquote(parts.hostname),
        port,
        use_ssl=secure,
        tls=tls,
        get_info=ldap3.NONE,
        connect_timeout=asking.wait,
    )
    return server, starttls


def ended(entry: Entry, now: datetime) -> str:
    """In words what keeps the account out whatever else holds, or ""."""

    def first(name: str) -> str:
        return (entry.get(name.lower()) or [""])[0]

    for name in ("nsAccountLock", "loginDisabled"):
        if first(name).upper() == "TRUE":
            return f"{name} is TRUE"
    control, expires = first("userAccountControl"), first("accountExpires")
    if control.lstrip("-").isdecimal() and int(control) & _DISABLED:
        return "userAccountControl says disabled"
    if expires.isdecimal() and int(expires) not in _NEVER:
        over = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(expires) // 10)
        return f"it expired {over:%Y-%m-%d}" if over <= now else ""
    end = _time(first("pwdEndTime"))
    return f"its password ended {end:%Y-%m-%d}" if end and end <= now else ""


def _split(dn: str) -> tuple[str, list[tuple[str, str]]]:
    """A filter for the first part of a name (RFC 4515), and the container in a form that compares (RFC 4514)."""
    parts = parse_dn(dn)
    end = next((place for place, part in enumerate(parts) if part[2] != "+"), 0) + 1
    own = "".join(f"({name}={escape_filter_chars(_plain(value))})" for name, value, _ in parts[:end])
    return f"(&{own})", [(name.lower(), _plain(value).casefold()) for name, value, _ in parts[end:]]


def _below(dn: str, context: str) -> bool:
    above = _split(f"cn=x,{context}")[1]
    return _split(dn)[1][-len(above) :] == above


def _plain(value: str) -> str:
    """The value of a part of a name without what escapes it (RFC 4514, section 2.4)."""
    said = re.sub(
        rb"\\(?:([0-9A-Fa-f]{2})|(.))",
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else found[2],
        value.encode(),
    )
    return said.decode("utf-8", "replace")


def _time(text: str) -> datetime | None:
    """A generalized time of LDAP (RFC 4517, section 3.3.13), the form that servers write."""
    try:
        return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


ACCOUNT: Final = Account()
BIND: Final = Bind()
