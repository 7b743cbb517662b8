"""Who is at the keyboard, as far as the operating system tells."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path

_LOGIN = Path("/proc/self/loginuid")
_UNSET = 2**32 - 1
_UID = re.compile(r"\(uid (\d+)\)\Z", re.ASCII)


def account() -> str:
    """The account that runs this process: `anna (uid 1000)`.

    Who became another account with sudo is named too, where the kernel keeps it: `root (uid 0) for anna (uid 1000)`.
    """
    uid = os.getuid()
    login = _login_uid()
    return _named(uid) if login in (None, uid) else f"{_named(uid)} for {_named(login)}"


def person_of(by: str) -> str:
    """The person behind an account as `account` tells it, to compare: the uid, since names can be changed."""
    uid = _UID.search(by)
    return f"uid {uid[1]}" if uid else by


def _login_uid() -> int | None:
    try:
        uid = int(_LOGIN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if uid == _UNSET else uid


def _named(uid: int | None) -> str:
    try:
        name = pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        name = "account"
    return f"{name} (uid {uid})"
