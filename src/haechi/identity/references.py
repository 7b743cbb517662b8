"""Where secrets stand: haechi.toml holds references ("env:NAME", "file:PATH"), never a secret."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from haechi.evidence import bounded
from haechi.model.errors import SettingsError

MOST: Final = 65_536  # bytes of a secret
_FORMS = 'Write "env:NAME" or "file:PATH".'


def secret_reader(folder: Path) -> Callable[[str], bytes]:
    """What follows references, with relative paths from `folder`; line ends after the secret are no part of it.

    It raises `SettingsError` for what is no reference, leads nowhere, or leads to nothing. No message tells a
    secret, nor a text that could be one by mistake.
    """

    def read(reference: str) -> bytes:
        form, _, name = reference.partition(":")
        if form == "env" and name:
            value = os.environb.get(os.fsencode(name))
            if not value:
                raise SettingsError(
                    f"The environment variable {name}, which shall hold a secret, is not set."
                )
            return value
        if form == "file" and name:
            return _content(folder / name)
        raise SettingsError("A secret is named in a way that leads nowhere.", todo=_FORMS)

    return read


def _content(path: Path) -> bytes:
    try:
        data = bounded.read(path, MOST).rstrip(b"\r\n")
    except OSError as error:
        raise SettingsError(
            f"A file with a secret cannot be read: {error.strerror}.", where=str(path)
        ) from None
    if not data:
        raise SettingsError("A file that shall hold a secret is empty.", where=str(path))
    return data
