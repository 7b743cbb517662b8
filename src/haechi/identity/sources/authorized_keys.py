"""Reading authorized_keys as sshd does (sshd(8), AUTHORIZED_KEYS FILE FORMAT)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_TYPES: Final = frozenset(
    {
        "ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    }
)  # fmt: skip
_SPACE: Final = " \t"
_EXPIRY: Final = re.compile(r"(\d{8})(?:(\d{4})(\d{2})?)?(Z?)")
# A time without zone is the server's, which is not known here: it is surely over where it is over everywhere.
_LAST_ZONE: Final = timezone(timedelta(hours=-12))


@dataclass(frozen=True)
class AuthorizedKey:
    """One line that lets somebody in. `options`: name in lower case -> value, "" for a flag."""

    line: int  # from 1
    type: str
    fingerprint: str  # "SHA256:...", as ssh-keygen -l tells it
    comment: str
    options: dict[str, str]

    @property
    def authority(self) -> bool:
        """Whether it lets in whoever holds a certificate that it signed."""
        return "cert-authority" in self.options

    @property
    def expires(self) -> datetime | None:
        """When it stops letting in, at the latest; None: never, or at a time that cannot be read."""
        found = _EXPIRY.fullmatch(self.options.get("expiry-time", ""))
        if not found:
            return None
        day, minutes, seconds, zulu = found.groups()
        try:
            time = datetime.strptime(f"{day}{minutes or '0000'}{seconds or '00'}", "%Y%m%d%H%M%S")
        except ValueError:
            return None
        return time.replace(tzinfo=UTC if zulu else _LAST_ZONE).astimezone(UTC)


def parse(data: bytes) -> tuple[list[AuthorizedKey], int]:
    """The keys of a file, and how many lines sshd cannot read either: neither a key, nor empty, nor a comment."""
    keys, unread = [], 0
    for number, raw in enumerate(data.split(b"\n"), 1):
        text = raw.decode("utf-8", "replace").rstrip("\r").lstrip(_SPACE)
        if not text or text.startswith("#"):
            continue
        key = _key(number, text)
        if key is None:
            unread += 1
        else:
            keys.append(key)
    return keys, unread


def _key(line: int, text: str) -> AuthorizedKey | None:
    options: dict[str, str] = {}
    if _words(text)[0] not in _TYPES:
        end = _options_end(text)
        read = _options(text[:end])
        if read is None:
            return None
        options, text = read, text[end:].lstrip(_SPACE)
    parts = _words(text)
    if len(parts) < 2 or parts[0] not in _TYPES:
        return None
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except (binascii.Error, ValueError):
        return None
    name = parts[0].encode()
    if blob[: 4 + len(name)] != len(name).to_bytes(4, "big") + name:
        return None
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return AuthorizedKey(
        line, parts[0], f"SHA256:{digest}", parts[2].strip() if len(parts) > 2 else "", options
    )


def _words(text: str) -> list[str]:
    """At most three: what stands between spaces, and the rest."""
    return re.split("[ \t]+", text, maxsplit=2)


def _options_end(text: str) -> int:
    """Where the options end: at the first space outside of quotes."""
    quoted, i = False, 0
    while i < len(text):
        if text[i] == "\\" and text[i + 1 : i + 2] == '"':
            i += 1
        elif text[i] == '"':
            quoted = not quoted
        elif text[i] in _SPACE and not quoted:
            return i
        i += 1
    return len(text)


def _options(text: str) -> dict[str, str] | None:
    """Options by name; None: they cannot be read, and sshd refuses the line.

    One that no sshd of today knows is taken to be one of tomorrow's, so that no way in is left out.
    """
    found: dict[str, str] = {}
    at = 0
    one = re.compile(r'([A-Za-z-]+)(?:="((?:[^"\\]|\\.)*)")?(,|$)')
    while at < len(text):
        part = one.match(text, at)
        if part is None:
            return None
        found.setdefault(part[1].lower(), (part[2] or "").replace('\\"', '"'))
        at = part.end()
    return found
