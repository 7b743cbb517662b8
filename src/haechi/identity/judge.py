"""Whether one way in is dead: what lists and probes say of it, weighed so that only a fresh and plain DEAD counts.

A probe asks the way in itself, so it outweighs a list that is older. A vault that forgets a key does not kill the
copy that somebody took: of such a secret only what accepts it (a probe, published keys, a system that checks it) can
say that it is dead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from haechi.identity.leaver_values import Evidence, Item
from haechi.model.settings import Settings
from haechi.model.words import FactState
from haechi.store.interface import Engine
from haechi.workspace.units import duration

STALE: Final = 2  # times its `every`: an answer that old is none any more
KEEPERS: Final = frozenset({"openbao"})  # kinds of systems that keep secrets, and do not check them
# Ways of exposure by which nothing is out yet. By any other, also one in the words of somebody's own list, a copy or
# tokens may be.
NOT_TAKEN: Final = frozenset({"may-read"})
# Systems whose audit log tells who read, used or deleted secrets, in the words of the format openbao-audit.
_AUDITED: Final = "SELECT DISTINCT system FROM fact WHERE starts_with(evidence, 'audit entry ')"


@dataclass(frozen=True)
class Known:
    """What lists say of a thing. Times are UTC. No state: no list names it."""

    state: FactState | None = None
    since: datetime | None = None
    seen: datetime | None = None
    gone: datetime | None = None
    asked: datetime | None = None
    why: str = ""
    had: list[Evidence] = field(default_factory=list)
    told: list[Evidence] = field(default_factory=list)


@dataclass(frozen=True)
class Voice:
    """The last answer of a probe. about: account, session or secret."""

    name: str
    kind: str
    system: str
    account: str
    target: str
    about: str
    state: FactState
    seen: datetime | None
    gone: datetime | None
    asked: datetime
    told: Evidence


@dataclass(frozen=True)
class Verdict:
    """The state of a way in, when it was last seen alive, by when it was dead, when it was last asked, and why."""

    state: FactState
    seen: datetime | None
    gone: datetime | None
    asked: datetime | None
    why: str
    told: list[Evidence]


@dataclass(frozen=True)
class Holder:
    """The account on which a right hangs. The same account under several names is one: as dead as the last of them."""

    state: FactState
    seen: datetime | None
    gone: datetime | None

    @classmethod
    def of(cls, items: Sequence[Item]) -> Holder:
        state = next(state for state in ("alive", "unknown", "dead") if any(i.state == state for i in items))
        return cls(
            cast(FactState, state),
            max((item.seen for item in items if item.seen), default=None),
            max((item.gone for item in items if item.gone), default=None) if state == "dead" else None,
        )


class Judge:
    """Weighs what an engine with the tables of `intervals` holds. `at`: as seen at that time, UTC."""

    def __init__(self, engine: Engine, settings: Settings, at: datetime) -> None:
        self._at = at
        self._kinds = {system.name: system.kind for system in settings.systems}
        self._every = {system.name: duration(system.every) for system in settings.systems}
        self._probe_every = {p.name: duration(p.every) for p in settings.probes if p.every}
        self._gateways = [system.name for system in settings.systems if system.kind == "gateway"]
        self._keys = [(key.secret, key.kid) for issuer in settings.issuers for key in issuer.keys]
        self._voices = [_voice(row) for row in engine.arrow("SELECT * FROM probed ORDER BY ALL").to_pylist()]
        self._audited = {row[0] for row in engine.rows(_AUDITED)}
        self._secrets: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in engine.arrow(
            "SELECT * FROM lived WHERE kind = 'secret' AND last ORDER BY ALL"
        ).to_pylist():
            self._secrets[row["object"]].append(row)

    def probes_of(self, about: str, system: str, *names: str) -> list[Voice]:
        """Probes that ask this system whether the account, or session, of any of these names is dead."""
        wanted = {_alike(name) for name in names if name}
        return [
            v for v in self._voices if (v.about, v.system) == (about, system) and _alike(v.account) in wanted
        ]

    def probes_of_accounts(self, accounts: Collection[tuple[str, str]]) -> list[Voice]:
        """Probes about any of these accounts (account, system; "" for any), or their sessions."""
        return [
            v for v in self._voices if v.account and {(v.account, ""), (v.account, v.system)} & set(accounts)
        ]

    def kids(self, name: str, version: str) -> list[str]:
        """The ids under which this version of a secret signs, as haechi.toml says."""
        exact = [kid for secret, kid in self._keys if secret == f"{name}:{version}" and version]
        return exact or [kid for secret, kid in self._keys if secret == name or kid == name]

    def secret(
        self, system: str, name: str, version: str, kids: Sequence[str], ways: Collection[str]
    ) -> tuple[Known, list[Voice]]:
        """What is known of a version of a secret to which somebody was exposed in these ways, and its probes."""
        names = {name, f"{name}:{version}", *kids} if version else {name, *kids}
        voices = [v for v in self._voices if v.target in names]
        kept: list[Known] = []
        checked: list[Known] = []
        for row in [row for found in names for row in self._secrets.get(found, [])]:
            if row["object"] == name and row["system"] != system and self._keeps(row["system"]):
                continue  # another vault has a secret of this name
            if row["object"] == name and version and row["version"] not in ("", version):
                continue
            (kept if self._keeps(row["system"]) else checked).append(self._fresh(row))
        if checked:
            return _gathered(checked), voices
        seen = bool(set(ways) - NOT_TAKEN)
        taken = seen or system not in self._audited
        doubt = (
            "nobody asked whether a copy is still accepted"
            if seen
            else "no audit log tells whether it was read meanwhile"
        )
        if taken and voices and all(self._keeps(v.system) and v.state == "dead" for v in voices):
            # A probe of a vault tells of the vault, as its list does.
            last = max(voices, key=lambda voice: voice.asked)
            why = f"{self._said(last, last.state)} {doubt[0].upper()}{doubt[1:]}"
            return Known("unknown", asked=last.asked, why=why, told=[v.told for v in voices]), []
        if voices or not kept:
            return Known(), voices
        known = _gathered(kept)
        if known.state == "dead" and taken:
            why = f"gone from where it was kept ({known.why}), but {doubt}"
            return replace(known, state="unknown", why=why, gone=None), voices
        return known, voices

    def unasked(self, kids: Sequence[str], voices: Sequence[Voice]) -> str:
        """Why a signing key cannot be called dead yet: a gateway that may still believe it. "" if there is none."""
        if not kids and not any(voice.kind == "jwks" for voice in voices):
            return ""  # as far as is known it signs no tokens
        if not self._gateways:
            return (
                "no gateway was asked whether it still believes the key: haechi.toml names none "
                '([[system]] of kind "gateway")'
            )
        asked = {voice.system for voice in voices}
        missing = [name for name in self._gateways if name not in asked]
        if not missing:
            return ""
        return f"{', '.join(missing)} was not asked whether it still believes the key"

    def verdict(
        self,
        system: str,
        known: Known,
        voices: Sequence[Voice],
        through: Holder | None = None,
        unasked: str = "",
    ) -> Verdict:
        """Weigh lists and probes.

        through: the account on which it hangs.  unasked: what must be asked before it can be dead.
        """
        fresh = [(voice, self._state(voice)) for voice in voices]
        newest = max((voice.asked for voice in voices), default=None)
        listed = known.state
        if listed == "dead" and self._stale(system, known.asked):
            listed = "unknown"
        seen = max((t for t in (known.seen, *(v.seen for v in voices)) if t), default=None)
        asked = max((t for t in (known.asked, newest) if t), default=None)
        told = [*(voice.told for voice in voices), *known.told]
        for state in ("alive", "unknown"):
            for voice, answer in fresh:
                if answer == state:
                    return Verdict(state, seen, None, asked, self._said(voice, answer), told)
            if listed == state and (newest is None or (known.asked is not None and known.asked > newest)):
                return self._hanging(
                    Verdict(state, seen, None, asked, self._why(known, listed), told), through
                )
        if unasked:
            return Verdict("unknown", seen, None, asked, unasked, told)
        if fresh or listed == "dead":
            ends = [v.gone for v in voices if v.gone] + (
                [known.gone] if listed == "dead" and known.gone else []
            )
            why = known.why if listed == "dead" and not fresh else self._said(*fresh[0])
            dead = Verdict("dead", seen, max(ends, default=asked), asked, why, told)
            sooner = through and through.gone and dead.gone and through.gone < dead.gone
            return replace(dead, seen=through.seen, gone=through.gone) if through and sooner else dead
        return Verdict("unknown", seen, None, asked, "nothing that was asked tells of it", told)

    def _hanging(self, verdict: Verdict, through: Holder | None) -> Verdict:
        """A right is worth nothing without the account that holds it, and since that is dead."""
        if through is None or through.state == "alive":
            return verdict
        words = (
            "dead with its account, although still listed"
            if through.state == "dead"
            else "its account may be alive"
        )
        why = f"{words}: {verdict.why}"
        if through.state == "dead":
            return replace(verdict, state="dead", why=why, seen=through.seen, gone=through.gone)
        return replace(verdict, state=through.state, why=why, gone=None)

    def _keeps(self, system: str) -> bool:
        """Whether a system only keeps secrets, or is none that was asked at all: a list, an audit log."""
        return self._kinds.get(system, "openbao") in KEEPERS

    def _stale(self, system: str, asked: datetime | None) -> bool:
        """Whether an answer is too old. What no [[system]] stands behind was told once, and stays told."""
        every = self._every.get(system)
        return (
            every is not None
            and asked is not None
            and self._at - asked > max(STALE * every, timedelta(hours=1))
        )

    def _fresh(self, row: dict[str, Any]) -> Known:
        asked = _utc(row["asked"])
        state: FactState = row["state"]
        why = row["end_evidence"] or ""
        if state == "dead" and self._stale(row["system"], asked):
            state, why = "unknown", f"dead when last asked, which is too long ago: {why}"
        told = [Evidence(row["end_evidence"] or "", asked, "fact", row["end_source"], row["end_seq"])]
        return Known(state, row["since"], _utc(row["seen"]), _utc(row["gone"]), asked, why, [], told)

    def _state(self, voice: Voice) -> FactState:
        every = self._probe_every.get(voice.name) or self._every.get(voice.system)
        old = every is not None and self._at - voice.asked > max(STALE * every, timedelta(hours=1))
        return "unknown" if old and voice.state == "dead" else voice.state

    def _said(self, voice: Voice, answer: FactState) -> str:
        if answer != voice.state:
            return f'probe "{voice.name}" said {voice.state.upper()}, but too long ago'
        return f'probe "{voice.name}": {voice.told.text}'

    def _why(self, known: Known, listed: FactState) -> str:
        if listed == "unknown" and known.state == "dead":
            return f"dead when last asked, which is too long ago: {known.why}"
        return known.why


def _gathered(found: Sequence[Known]) -> Known:
    """What several systems say of one secret: the worst of it."""
    order = {"alive": 0, "unknown": 1, "dead": 2, None: 3}
    worst = min(found, key=lambda known: order[known.state])
    return replace(
        worst,
        # The newest that is not dead: a probe must be newer than all of them to outweigh it.
        asked=max(
            (k.asked for k in found if (k.state == "dead") == (worst.state == "dead") and k.asked),
            default=None,
        ),
        seen=max((known.seen for known in found if known.seen), default=None),
        gone=max((known.gone for known in found if known.gone), default=None),
        told=[evidence for known in found for evidence in known.told],
    )


def _voice(row: dict[str, Any]) -> Voice:
    from haechi.identity.probes.registry import PROBES

    kind = PROBES.get(row["kind"] or "")
    about = kind.about if kind else "account" if row["account"] else "secret"
    asked = _utc(row["asked"])
    return Voice(
        row["name"], row["kind"] or "", row["system"], row["account"], row["target"], about, row["state"],
        _utc(row["seen"]), _utc(row["gone"]), asked,
        Evidence(row["evidence"] or "", asked, "fact", row["source"], row["seq"]),
    )  # fmt: skip


def _alike(name: str) -> str:
    """A name as directories compare it: the same DN may be written in several ways (RFC 4514)."""
    return name.casefold().replace(", ", ",")


def _utc(time: datetime | None) -> Any:
    return time.replace(tzinfo=UTC) if time is not None else None
