"""SSH: whose public keys are let into which account, from authorized_keys files that are collected or mounted.

What else sshd asks (AuthorizedKeysCommand, certificates, RevokedKeys, a locked account) is not in these files: the
probe `ssh` asks a server itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from haechi.evidence import bounded
from haechi.identity.interface import Asking, Fact
from haechi.identity.sources.authorized_keys import AuthorizedKey, parse
from haechi.identity.sources.making import Maker
from haechi.model.settings import SystemSettings
from haechi.model.words import FactKind, FactState

_MOST: Final = 64 * 1024 * 1024  # bytes of one file: that of a git server holds all its users
_MOST_FILES: Final = 100_000
_COMMENT: Final = 100  # characters of a comment that are told
_ACCOUNT: Final = "{account}"
_PERSON: Final = ("", "account", "comment", "comment-id")
_RESTRICTS: Final = ("from", "command", "restrict", "principals", "expiry-time", "cert-authority")


class Ssh:
    """Reads the files that option `paths` names; asks nobody."""

    kind = "ssh"
    options = frozenset({"account", "paths", "person"})

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        """Each key let in: a grant of the account, and a secret that is alive as long as it is let in anywhere.

        Raises:
            IdentityError: no file is there, or one cannot be read.
        """
        make = Maker(system, asking)
        person = system.options.get("person", "")
        if person not in _PERSON:
            raise make.trouble(f"`person` must be {', '.join(_PERSON[1:])}", where="options")
        if "paths" not in system.options and system.url:
            return  # it is there to be asked by probes
        keys, unread, files = 0, 0, _files(system, asking, make)
        for path, account in files:
            where = str(path)
            try:
                found, odd = parse(bounded.read(path, _MOST))
            except OSError as error:
                raise make.trouble(f"a file cannot be read: {error.strerror}", where=where) from None
            keys, unread = keys + len(found), unread + odd
            for key in found:
                yield from _facts(make, key, account, f"{where}:{key.line}", person, asking)
        words = f"{_of(len(files), 'file')} with {_of(keys, 'key')}"
        words += f"; {_of(unread, 'line')} that sshd cannot read either" if unread else ""
        yield from make.listings(words, "grant", "secret")


def _facts(
    make: Maker, key: AuthorizedKey, account: str, where: str, person: str, asking: Asking
) -> Iterator[Fact]:
    expired = key.expires is not None and key.expires <= asking.now
    # The value of `command` is not told: secrets stand in some.
    told = [
        f'{name}="{key.options[name]}"' if key.options[name] and name != "command" else name
        for name in _RESTRICTS
        if name in key.options
    ]
    # Nobody checks a comment, but a fingerprint alone tells a person nothing.
    comment = f' "{key.comment[:_COMMENT]}"' if key.comment.strip() else ""
    limits = f" ({', '.join(told)})" if told else ""
    words = f"{where}: {key.type}{comment}{limits}{', expired' if expired else ''}"
    state: FactState = "dead" if expired else "alive"
    how = "cert-authority" if key.authority else "authorized-key"
    kinds: tuple[FactKind, ...] = ("grant", "secret")
    for kind in kinds:
        yield make(
            kind, words[:2000], state=state, account=account,
            object=key.fingerprint, last=key.expires, how=how,
        )  # fmt: skip
    if person:
        theirs = account if person == "account" else key.comment.partition("@")[0].strip()
        yield make(
            "exposure", f"{words[:2000]}: it is theirs", person=theirs if person == "comment-id" else "",
            account="" if person == "comment-id" else theirs, object=key.fingerprint, how="holds",
        )  # fmt: skip


def _files(system: SystemSettings, asking: Asking, make: Maker) -> list[tuple[Path, str]]:
    """The files with the account that each lets into."""
    patterns = system.options.get("paths", "").split()
    if not patterns:
        raise make.trouble(
            "it has no `paths`", where="options", todo='Give, say, "/home/{account}/.ssh/authorized_keys".'
        )
    found: dict[Path, str] = {}
    for pattern in patterns:
        if pattern.count(_ACCOUNT) > 1:
            raise make.trouble("a path of its `paths` names the account twice", where=pattern)
        full = asking.folder / pattern
        root = Path(full.anchor or ".")
        relative = str(full.relative_to(full.anchor)) if full.anchor else str(full)
        matches = [path for path in root.glob(relative.replace(_ACCOUNT, "*")) if not path.is_dir()]
        if not matches:
            raise make.trouble("no file is there, so that nothing is known", where=pattern)
        shape = _shape(str(full))
        for path in matches:
            account = shape.fullmatch(str(path))
            name = (
                account["account"] if account and _ACCOUNT in pattern else system.options.get("account", "")
            )
            found.setdefault(path, name or path.stem)
    if len(found) > _MOST_FILES:
        raise make.trouble(f"there are more than {_MOST_FILES:,} files", where="options")
    return sorted(found.items())


def _shape(pattern: str) -> re.Pattern[str]:
    """A glob as an expression that finds the account."""
    parts = re.split(r"(\{account\}|\*\*/|\*|\?)", pattern)
    known = {_ACCOUNT: "(?P<account>[^/]*)", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts))


def _of(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
