"""A stream of signals to or from one other system: a [[system]] of kind "signals"."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from haechi.evidence import bounded
from haechi.identity.interface import Asking
from haechi.identity.probes.web import PLAIN, Web
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings
from haechi.workspace.load import Workspace

KIND: Final = "signals"
OPTIONS: Final = frozenset({"way", "us", "them", "jwks", "subject-issuer", PLAIN})
Way = Literal["push", "polled", "pushed", "poll"]
_MOST: Final = 262_144  # bytes of a key set


@dataclass(frozen=True)
class Stream:
    """way: `push`, we send to `url`; `polled`, they fetch from us; `pushed`, they send to us; `poll`, we fetch from
    `url`. us, them: who is who in the tokens (`iss` and `aud`)."""

    system: SystemSettings
    way: Way
    us: str
    them: str

    @property
    def name(self) -> str:
        return self.system.name

    @property
    def outgoing(self) -> bool:
        return self.way in ("push", "polled")

    @property
    def subject_issuer(self) -> str:
        """Whose names the accounts are; empty: told without that."""
        return self.system.options.get("subject-issuer", "")

    def lets_in(self, authorization: str, asking: Asking) -> bool:
        """Whether somebody who comes to us shows this stream's credential as a bearer token (RFC 6750)."""
        scheme, _, shown = authorization.partition(" ")
        if scheme.lower() != "bearer" or not self.system.credential:
            return False
        return hmac.compare_digest(shown.strip().encode(), asking.secret(self.system.credential))

    def keys(self, asking: Asking) -> KeySet:
        """The other side's public keys: from the address or file that `jwks` names. Raises `IdentityError`."""
        where = self.system.options.get("jwks", "")
        if "://" in where:
            # Public, and perhaps elsewhere: the stream's credential stays out of it. Whoever could change them on
            # their way could sign for the other side, so they go as a secret does: in TLS, or within this machine.
            keys = msgspec.structs.replace(self.system, url=where, credential="")
            reply = Web(keys, asking).ask("GET", "", headers={"accept": "application/json"}, secret=True)
            if reply.status != 200:
                raise IdentityError(f"{self.name} answered {reply.status} when asked for its keys")
            data = reply.body
        else:
            try:
                data = bounded.read(asking.folder / where, _MOST)
            except OSError as error:
                raise IdentityError(f"the keys of {self.name}: {error.strerror}", where=where) from None
        try:
            return KeySet.import_key_set(msgspec.json.decode(data))
        except (JoseError, msgspec.MsgspecError, ValueError, TypeError, KeyError, AttributeError):
            raise IdentityError(f"what should be the keys of {self.name} is no key set") from None


def streams(workspace: Workspace) -> dict[str, Stream]:
    """The workspace's streams by name.

    Raises:
        IdentityError: an option that a stream needs is missing or wrong.
    """
    return {system.name: _stream(system) for system in workspace.settings.systems if system.kind == KIND}


def _stream(system: SystemSettings) -> Stream:
    way = system.options.get("way", "")
    if way not in get_args(Way):
        raise IdentityError(f"{system.name}: `way` must be one of {', '.join(get_args(Way))}")
    needed = ["us", "them", *(["jwks"] if way in ("pushed", "poll") else [])]
    missing = [name for name in needed if not system.options.get(name)]
    if missing:
        raise IdentityError(f"{system.name} needs the option {' and '.join(missing)}")
    if way in ("push", "poll") and not system.url:
        raise IdentityError(f"{system.name} needs a url: where signals go to, or are fetched")
    if way in ("pushed", "polled") and not system.credential:
        raise IdentityError(f"{system.name} needs a credential, which the other side must show")
    return Stream(system, cast(Way, way), system.options["us"], system.options["them"])
