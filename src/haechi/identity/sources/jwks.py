"""Published signing keys: a JSON Web Key Set (RFC 7517), or that of an OpenID provider (OpenID Connect Discovery 1.0).

A key that is no longer published may still be believed by whoever keeps a copy: only a gateway can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from haechi.identity.interface import Asking, Fact
from haechi.identity.probes.web import Reply
from haechi.identity.sources.making import Maker
from haechi.identity.sources.reading import Reader, bearer
from haechi.model.settings import SystemSettings

_DISCOVERY: Final = "/.well-known/openid-configuration"
_PRIVATE: Final = ("d", "p", "q", "k")  # members that no published key has (RFC 7518)
_SECONDS: Final = re.compile(r"\d{1,9}")


class _Key(msgspec.Struct, frozen=True):
    """What all kinds of keys have. `kty` is needed; the rest may be missing."""

    kty: str
    kid: str | None = None
    alg: str | None = None
    use: str | None = None


class _Keys(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class _Provider(msgspec.Struct, frozen=True):
    jwks_uri: str


class Jwks:
    """Of a system of kind jwks, `url` is the key set's; of one of kind oidc, the issuer's."""

    options = frozenset({"plain"})

    def __init__(self, kind: str = "jwks") -> None:
        self.kind = kind

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        """Each key as a secret that is alive: its `kid`, or where it has none its thumbprint (RFC 7638).

        Raises:
            IdentityError: no usable answer, or no key set.
        """
        make = Maker(system, asking)
        headers = {"Accept": "application/json", "Cache-Control": "no-cache"}
        if self.kind == "jwks":  # an OpenID provider's credential is for its other questions
            headers |= bearer(asking, system.credential)
        reader = Reader(system, asking, headers)
        where = "" if self.kind == "jwks" else reader.get(_DISCOVERY, _Provider).jwks_uri
        reply = reader.ask("GET", where)
        keys = reader.decoded(reply, where, _Keys).keys
        make.some(keys, "key")
        for told in keys:
            try:
                key = msgspec.convert(told, _Key)
            except msgspec.ValidationError as error:
                raise reader.trouble(where, f"its answer is not as it should be ({error})") from None
            thumbprint = _thumbprint(told)
            open_ = any(name in told for name in _PRIVATE)
            words = [f"key of type {key.kty} is published"]
            words += [f"for {key.alg}"] if key.alg else []
            words += [f"use {key.use}"] if key.use else []
            words += [f"thumbprint {thumbprint}"] if thumbprint else []
            words += ["WITH ITS PRIVATE PART"] if open_ else []
            yield make(
                "secret", ", ".join(words) + _cached(reply), object=key.kid or f"thumbprint/{thumbprint}",
                how="at-rest" if open_ else "",
            )  # fmt: skip
        yield from make.listings(f"key set of {len(keys)} keys{_cached(reply)}", "secret")


def _thumbprint(key: Mapping[str, Any]) -> str:
    try:
        return JWKRegistry.import_key(dict(key)).thumbprint()
    except (JoseError, ValueError, TypeError, KeyError):
        return ""  # of a kind that is not known here


def _cached(reply: Reply) -> str:
    """How old the answer is, and how long caches may keep it, where it says so."""
    age = reply.headers.get("age", "")
    life = re.search(r"max-age=(\d{1,9})", reply.headers.get("cache-control", ""))
    words = [f"{age} s old"] if _SECONDS.fullmatch(age) else []
    words += [f"caches may keep it {life[1]} s"] if life else []
    return f" ({', '.join(words)})" if words else ""
