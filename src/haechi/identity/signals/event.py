"""What signals say: the events of CAEP 1.0 (Continuous Access Evaluation Profile) that matter when somebody leaves.

https://openid.net/specs/openid-caep-1_0-final.html, subjects by RFC 9493.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

from haechi.identity.interface import Fact
from haechi.model.words import FactState

_CAEP: Final = "https://schemas.openid.net/secevent/caep/event-type/"
SESSION_REVOKED: Final = f"{_CAEP}session-revoked"
CREDENTIAL_CHANGE: Final = f"{_CAEP}credential-change"
ALL_SESSIONS: Final = "all sessions"  # the object of a fact where a signal names no session

Change = Literal["create", "revoke", "update", "delete"]
CHANGES: Final[tuple[Change, ...]] = get_args(Change)
_STATES: Final[Mapping[str, FactState]] = {
    "create": "alive", "update": "alive", "revoke": "dead", "delete": "dead",
}  # fmt: skip
_LONGEST: Final = 500  # characters of a name


@dataclass(frozen=True)
class Signal:
    """A session that was revoked, or a credential that changed.

    account: whose, as the receiver knows it.  session: its id; empty: all of the account's.
    credential: its type (`password`, `x509`, `fido2-roaming`, ...); empty: this is about sessions.
    name: what the credential is called.  time: when it happened, UTC.  reason: for administrators.
    """

    account: str
    time: datetime
    session: str = ""
    credential: str = ""
    change: Change = "revoke"
    name: str = ""
    reason: str = ""

    @property
    def event(self) -> str:
        """The event's type, a URI."""
        return CREDENTIAL_CHANGE if self.credential else SESSION_REVOKED

    def claims(self, subject_issuer: str) -> dict[str, Any]:
        """The claims `sub_id` and `events` of the token."""
        user: dict[str, Any] = {"format": "opaque", "id": self.account}
        if subject_issuer:
            user = {"format": "iss_sub", "iss": subject_issuer, "sub": self.account}
        subject = user
        if self.session and not self.credential:
            session = {"format": "opaque", "id": self.session}
            subject = {"format": "complex", "user": user, "session": session}
        told: dict[str, Any] = {
            "event_timestamp": int(self.time.timestamp()),
            "initiating_entity": "admin",
        }
        if self.reason:
            told["reason_admin"] = {"en": self.reason}
        if self.credential:
            told |= {"credential_type": self.credential, "change_type": self.change}
            if self.name:
                told["friendly_name"] = self.name
        return {"sub_id": subject, "events": {self.event: told}}


def read(claims: Mapping[str, Any], now: datetime) -> list[Signal]:
    """The signals in a token's claims that are about sessions and credentials; events of other types are none.

    An event that says no time, or one to come, is taken to have happened when the token was made.

    Raises:
        ValueError: it names nobody, or a change that is none; without what it said.
    """
    events = claims.get("events")
    if not isinstance(events, dict) or not events:
        raise ValueError("it holds no events")
    found = []
    for kind, told in events.items():
        if kind not in (SESSION_REVOKED, CREDENTIAL_CHANGE) or not isinstance(told, dict):
            continue
        # Drafts before SSF 1.0 put the subject into the event.
        account, session = _subject(claims.get("sub_id") or told.get("subject") or claims)
        time = min(_time(told.get("event_timestamp")) or _time(claims.get("iat")) or now, now)
        if kind == SESSION_REVOKED:
            found.append(Signal(account, time, session))
            continue
        change = told.get("change_type")
        if change not in CHANGES:
            raise ValueError("it does not say what became of the credential")
        credential, name = _text(told.get("credential_type")), told.get("friendly_name")
        found.append(Signal(account, time, "", credential, change, _text(name) if name else ""))
    return found


def fact(signal: Signal, system: str, evidence: str) -> Fact:
    """What a signal that was received says of this system."""
    if signal.credential:
        about = f"{signal.credential} {signal.name}".strip()
        return Fact(
            signal.time, "secret", system, _STATES[signal.change], evidence, account=signal.account,
            object=f"{about} of {signal.account}", how=f"credential-{signal.change}",
        )  # fmt: skip
    return Fact(
        signal.time, "session", system, "dead", evidence, account=signal.account,
        object=signal.session or ALL_SESSIONS, last=signal.time, how="session-revoked",
    )  # fmt: skip


def _subject(told: Any) -> tuple[str, str]:
    """Account and session of a subject identifier (RFC 9493), or of a token that has `sub`."""
    if not isinstance(told, dict):
        raise ValueError("it names nobody")
    session = ""
    if isinstance(told.get("session"), dict):
        session = _text(told["session"].get("id"))
    user = told["user"] if isinstance(told.get("user"), dict) else told
    for key in ("sub", "id", "email", "phone_number", "uri", "url"):
        if isinstance(user.get(key), str):
            return _text(user[key]), session
    raise ValueError("it names nobody")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise ValueError("it holds a name that is none")
    return value if value.isprintable() else value.encode("unicode_escape").decode("ascii")


def _time(value: Any) -> datetime | None:
    """Seconds since 1970; earlier drafts wrote milliseconds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
