"""Security event tokens: what is taken, and everything that must not be."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, KeySet

from haechi.identity.signals.event import (
    CHANGES,
    CREDENTIAL_CHANGE,
    SESSION_REVOKED,
    Signal,
    fact,
    read,
)
from haechi.identity.signals.token import TYPE, Wrong, sign, verify

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
KEY = ECKey.generate_key("P-256", {"kid": "k", "alg": "ES256", "use": "sig"})
KEYS = KeySet([KEY])
CLAIMS = {
    "iss": "urn:a", "aud": "urn:b", "jti": "1", "iat": int(NOW.timestamp()),
    "sub_id": {"format": "opaque", "id": "kim"}, "events": {SESSION_REVOKED: {}},
}  # fmt: skip


def made(key: Any = KEY, header: dict[str, Any] | None = None, **claims: Any) -> bytes:
    told = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    head = {"alg": "ES256", "kid": "k", "typ": TYPE, **(header or {})}
    return jws.serialize_compact(head, msgspec.json.encode(told), key).encode()


def base64url(header: dict[str, str]) -> bytes:
    return base64.urlsafe_b64encode(msgspec.json.encode(header)).rstrip(b"=")


def refused(token: bytes) -> str:
    with pytest.raises(Wrong) as caught:
        verify(token, KEYS, "urn:a", "urn:b", NOW)
    return caught.value.code


def test_a_good_token_is_taken() -> None:
    assert verify(made(), KEYS, "urn:a", "urn:b", NOW).jti == "1"
    assert verify(made(aud=["urn:x", "urn:b"]), KEYS, "urn:a", "urn:b", NOW).jti == "1"
    typed = made(header={"typ": f"application/{TYPE}"})
    assert verify(typed, KEYS, "urn:a", "urn:b", NOW).jti == "1"


def test_other_tokens_are_refused() -> None:
    assert refused(made(header={"typ": "JWT"})) == "invalid_request"  # an access token is no signal
    assert refused(made(header={"typ": "at+jwt"})) == "invalid_request"
    assert refused(made(iss="urn:c")) == "invalid_issuer"
    assert refused(made(aud="urn:c")) == "invalid_audience"
    assert refused(made(aud=None)) == "invalid_audience"
    assert refused(made(jti=None)) == "invalid_request"
    assert refused(made(iat=None)) == "invalid_request"
    assert refused(made(iat=int((NOW + timedelta(hours=1)).timestamp()))) == "invalid_request"
    assert refused(b"no token at all") == "invalid_request"
    assert refused(b"x" * 100_000) == "invalid_request"


def test_other_keys_and_algorithms_are_refused() -> None:
    other = ECKey.generate_key("P-256", {"kid": "k", "alg": "ES256"})
    assert refused(made(other)) == "invalid_key"
    assert refused(made(header={"kid": "unknown"})) == "invalid_key"
    # A public key is no shared secret (RFC 8725, section 2.1).
    bare = made().split(b".")
    said = base64url({"alg": "HS256", "kid": "k", "typ": TYPE}) + b"." + bare[1]
    shared = hmac.digest(KEY.as_pem(private=False), said, "sha256")
    assert refused(said + b"." + base64.urlsafe_b64encode(shared).rstrip(b"=")) == "invalid_request"
    unsigned = b".".join([base64url({"alg": "none", "typ": TYPE}), bare[1], b""])
    assert refused(unsigned) == "invalid_request"


SIGNALS = st.builds(
    Signal,
    account=st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20),
    time=st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1)).map(
        lambda t: t.replace(microsecond=0, tzinfo=UTC)
    ),
    session=st.sampled_from(["", "s-1"]),
    credential=st.sampled_from(["", "password", "x509"]),
    change=st.sampled_from(CHANGES),
    name=st.sampled_from(["", "phone"]),
)


@given(SIGNALS, st.sampled_from(["", "https://login.example"]))
def test_what_is_told_is_heard(signal: Signal, subject_issuer: str) -> None:
    _, token = sign(signal, KEY, "urn:a", "urn:b", subject_issuer, NOW)
    keys = KeySet([ECKey.import_key(KEY.as_dict(private=False), {"kid": KEY.thumbprint()})])
    (heard,) = read(verify(token.encode(), keys, "urn:a", "urn:b", NOW).claims, NOW)
    assert (heard.account, heard.time, heard.event) == (signal.account, signal.time, signal.event)
    if signal.credential:
        assert (heard.credential, heard.change, heard.name) == (signal.credential, signal.change, signal.name)
    else:
        assert heard.session == signal.session


def test_subjects_of_every_form() -> None:
    def who(subject: Any) -> str:
        return read({**CLAIMS, "sub_id": subject}, NOW)[0].account

    assert who({"format": "email", "email": "kim@shop.example"}) == "kim@shop.example"
    assert who({"format": "iss_sub", "iss": "urn:a", "sub": "7"}) == "7"
    assert who({"format": "complex", "user": {"format": "opaque", "id": "kim"}, "tenant": {}}) == "kim"
    draft = {SESSION_REVOKED: {"subject": {"format": "opaque", "id": "lee"}}}
    assert read({**CLAIMS, "sub_id": None, "events": draft}, NOW)[0].account == "lee"
    for nobody in ({"format": "opaque"}, {"id": 7}, "kim", [], {"id": ""}, {"id": "x" * 501}):
        with pytest.raises(ValueError):
            who(nobody)


def test_times_to_come_and_odd_events() -> None:
    def first(**told: Any) -> Signal:
        return read({**CLAIMS, "events": {SESSION_REVOKED: told}}, NOW)[0]

    assert first(event_timestamp=4_000_000_000).time == NOW
    assert first(event_timestamp=1_700_000_000_000).time == datetime.fromtimestamp(1_700_000_000, UTC)
    assert first(event_timestamp="soon").time == NOW
    assert first(event_timestamp=1e300).time == NOW
    assert read({**CLAIMS, "events": {"urn:other": {}}}, NOW) == []
    for events in ({}, None, []):
        with pytest.raises(ValueError):
            read({**CLAIMS, "events": events}, NOW)
    with pytest.raises(ValueError):
        read(
            {**CLAIMS, "events": {CREDENTIAL_CHANGE: {"credential_type": "password", "change_type": "?"}}},
            NOW,
        )


def test_facts_say_what_died() -> None:
    every = fact(Signal("kim", NOW), "idp", "signal 1")
    assert (every.kind, every.state, every.object, every.account) == (
        "session",
        "dead",
        "all sessions",
        "kim",
    )
    changed = fact(Signal("kim", NOW, credential="x509", change="update", name="badge"), "idp", "signal 2")
    assert (changed.kind, changed.state, changed.object) == ("secret", "alive", "x509 badge of kim")
