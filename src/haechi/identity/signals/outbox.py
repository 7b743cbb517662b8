"""Signals that wait until the other side has them: one file each, its owner's alone, gone once it was taken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from haechi.evidence import bounded, durable
from haechi.identity.signals.token import MOST
from haechi.model.errors import IdentityError

FOLDER: Final = "signals"
_SUFFIX: Final = ".jwt"
_JTI: Final = re.compile(r"[0-9a-f]{32}")  # as our tokens' ids are: nobody else's words name files


class Outbox:
    """The signals that wait for one stream. Files are named by their order, then the token's id."""

    def __init__(self, root: Path, stream: str) -> None:
        self._folder = root / FOLDER / stream

    def put(self, order: int, jti: str, token: str) -> None:
        """Keep a token. `order`: grows from token to token. Raises `IdentityError`: it cannot be written."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.parent.chmod(0o700)
            durable.replace(self._folder / f"{order:020d}-{jti}{_SUFFIX}", token.encode("ascii"))
        except OSError as error:
            raise IdentityError(
                f"a signal cannot be kept: {error.strerror}", where=str(self._folder)
            ) from None

    def waiting(self) -> list[tuple[str, str]]:
        """(id, token), the oldest first. Raises `IdentityError`."""
        try:
            return [(_jti(path), bounded.read(path, MOST).decode("ascii")) for path in self._files()]
        except (OSError, UnicodeDecodeError):
            raise IdentityError("a signal that waits cannot be read", where=str(self._folder)) from None

    def taken(self, jti: str) -> bool:
        """Forget the token of this id; whether there was one."""
        if not _JTI.fullmatch(jti):
            return False
        found = [path for path in self._files() if _jti(path) == jti]
        durable.discard(found)
        return bool(found)

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.glob(f"*{_SUFFIX}") if _JTI.fullmatch(_jti(path)))


def _jti(path: Path) -> str:
    return path.stem.rpartition("-")[2]
