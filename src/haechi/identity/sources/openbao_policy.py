"""ACL policies of OpenBao and HashiCorp Vault: reading their text, and what a set of them allows on a path.

https://openbao.org/docs/concepts/policies/ says what matches and what wins. A policy that cannot be read here is
taken to allow everything: who might read a secret is never left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from haechi.identity.sources.making import utc

ROOT: Final = "root"  # the policy that allows everything and has no text
_UNREAD: Final = "unread"  # stands among the capabilities of what could not be read
_OLD: Final = {
    "read": {"read", "list"},
    "write": {"create", "read", "update", "delete", "list"},
    "sudo": {"create", "read", "update", "delete", "list", "sudo"},
    "deny": {"deny"},
}
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<mark>[{}\[\],=:])
    |(?P<word>[A-Za-z_][\w.\-]*)
    |(?P<number>-?\d[\w.]*)""",
    re.VERBOSE | re.DOTALL,
)
_TEMPLATE: Final = re.compile(r"\{\{\s*(.*?)\s*\}\}")


@dataclass(frozen=True)
class Rule:
    """One path of a policy: `foo/bar`, `foo/*` (all that begin so), `foo/+/bar` (any one segment)."""

    policy: str
    path: str
    capabilities: frozenset[str]

    @property
    def segments(self) -> bool:
        return "/+" in self.path or self.path.startswith("+/") or self.path == "+"

    @property
    def prefix(self) -> bool:
        return self.path.endswith("*")


class _Unread(Exception):
    """The text is not as it is known here."""


def rules(policy: str, text: str, now: datetime) -> list[Rule]:
    """The rules in a policy's text (HCL or JSON). What cannot be read allows everything."""
    if policy == ROOT:
        return [_everything(policy)]
    try:
        body = _json(text) if text.lstrip().startswith("{") else _Reader(text).body()
        return [_rule(policy, path, block) for path, block in _paths(body) if not _expired(block, now)]
    except (_Unread, RecursionError):
        return [_everything(policy)]


def allowing(held: Sequence[Rule], path: str, capability: str) -> list[Rule]:
    """The rules by which a path is allowed; none where it is not. A policy that could not be read always allows."""
    guessed = [rule for rule in held if _UNREAD in rule.capabilities]
    capabilities, deciders = deciding(held, path)
    return [*deciders] if capability in capabilities else guessed


def filled(rule: Rule, value: Callable[[str], str | None]) -> Rule:
    """The rule with its templates ("{{identity.entity.name}}") filled in; one of unknown value stands for anything."""
    path = _TEMPLATE.sub(lambda found: value(found[1]) or "+", rule.path)
    return Rule(rule.policy, path, rule.capabilities)


def deciding(held: Iterable[Rule], path: str) -> tuple[frozenset[str], Sequence[Rule]]:
    """What rules allow together on a path, and which of them decide it.

    The most specific pattern alone decides; rules of one pattern add up, and a `deny` among them wins.
    """
    found = [(_rank(rule, path), rule) for rule in held]
    matching = [(rank, rule) for rank, rule in found if rank is not None]
    if not matching:
        return frozenset(), []
    best = max(rank for rank, _ in matching)
    deciders = [rule for rank, rule in matching if rank == best]
    capabilities = frozenset().union(*(rule.capabilities for rule in deciders))
    return (frozenset(), deciders) if "deny" in capabilities else (capabilities, deciders)


def _rank(rule: Rule, path: str) -> tuple[int, int, int, int, str] | None:
    """How specific a rule is for a path; None: it does not match."""
    pattern = rule.path.removesuffix("*") if rule.prefix else rule.path
    if not rule.segments:
        if rule.prefix:
            return (len(pattern), 0, 0, len(pattern), pattern) if path.startswith(pattern) else None
        return (1 << 30, 1, 0, len(pattern), pattern) if path == pattern else None
    parts, asked = pattern.split("/"), path.split("/")
    if len(asked) < len(parts) or (not rule.prefix and len(asked) != len(parts)):
        return None
    for i, (part, of_path) in enumerate(zip(parts, asked, strict=False)):
        begins = rule.prefix and i == len(parts) - 1 and of_path.startswith(part)
        if part not in ("+", of_path) and not begins:
            return None
    return rule.path.index("+"), 0 if rule.prefix else 1, -parts.count("+"), len(pattern), pattern


def _everything(policy: str) -> Rule:
    capabilities = {"create", "read", "update", "patch", "delete", "list", "scan", "sudo"}
    return Rule(policy, "*", frozenset(capabilities if policy == ROOT else capabilities | {_UNREAD}))


def _rule(policy: str, path: str, block: dict[str, Any]) -> Rule:
    capabilities = set(_OLD.get(str(block.get("policy")), ()))
    listed = block.get("capabilities", [])
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise _Unread
    return Rule(policy, path.removeprefix("/"), frozenset(capabilities | set(listed)))


def _paths(body: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    found = body.get("path", {})
    for blocks in found if isinstance(found, list) else [found]:
        if not isinstance(blocks, dict):
            raise _Unread
        for path, told in blocks.items():
            for block in told if isinstance(told, list) else [told]:
                if not isinstance(block, dict):
                    raise _Unread
                yield path, block


def _expired(block: dict[str, Any], now: datetime) -> bool:
    end = utc(str(block["expiration"])) if "expiration" in block else None
    return end is not None and end <= now


def _json(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise _Unread from None


class _Reader:
    """Reads the part of HCL that policies are written in: blocks with labels, values, lists and objects."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise _Unread
            if found.lastgroup != "space":
                self._tokens.append((str(found.lastgroup), found[0]))
            at = found.end()
        self._at = 0

    def body(self, end: str = "") -> dict[str, Any]:
        """Keys with values, and blocks, until `end`. Blocks of one key become a list of {label: block}."""
        found: dict[str, Any] = {}
        while self._peek() != end:
            key = self._name()
            labels = []
            while self._kind() == "string":
                labels.append(self._name())
            if self._peek() in ("=", ":"):
                self._next()
                found[key] = self._value()
            else:
                self._need("{")
                block: Any = self.body("}")
                self._need("}")
                for label in reversed(labels):
                    block = {label: block}
                blocks = found.setdefault(key, [])
                if not isinstance(blocks, list):
                    raise _Unread
                blocks.append(block)
            if self._peek() == ",":
                self._next()
        return found

    def _value(self) -> Any:
        if self._peek() == "[":
            self._next()
            items = []
            while self._peek() != "]":
                items.append(self._value())
                if self._peek() == ",":
                    self._next()
            self._next()
            return items
        if self._peek() == "{":
            self._next()
            block = self.body("}")
            self._need("}")
            return block
        if self._kind() in ("string", "word", "number"):
            return self._name()
        raise _Unread

    def _name(self) -> str:
        kind, text = self._next()
        if kind == "mark":
            raise _Unread
        if kind != "string":
            return text
        try:
            return msgspec.json.decode(text, type=str)
        except msgspec.DecodeError:
            raise _Unread from None

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _peek(self) -> str:
        kind = self._kind()
        if not kind:
            return ""
        return self._tokens[self._at][1] if kind == "mark" else "\0"

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _Unread
        self._at += 1
        return self._tokens[self._at - 1]

    def _need(self, mark: str) -> None:
        if self._next() != ("mark", mark):
            raise _Unread
