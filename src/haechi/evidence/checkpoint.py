"""The head of the log: its name, how many leaves it has, and the Merkle root over them.

Written as a C2SP tlog-checkpoint: the note body alone while unsigned, or a signed note (body, blank line,
signature lines). Signatures are kept as they stand; checking them is not done here.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from haechi.evidence.hashing import DIGEST
from haechi.model.errors import StoreError

SIGNATURE_MARK: Final = "\u2014 "  # em dash and a space, C2SP signed-note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Checkpoint:
    """One head of one log.

    origin:     the log's name, one line, not empty
    size:       leaves in the tree
    root:       its RFC 6962 root, 32 bytes
    extensions: further lines of the body, opaque
    signatures: signature lines, opaque, without their newline
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions, *self.signatures)
        if not all(line and "\n" not in line and not _CONTROL.search(line) for line in lines):
            raise _unreadable("a line is empty or holds a control character")
        if not _SIZE.fullmatch(str(self.size)):
            raise _unreadable("its size is not a count of leaves")
        if len(self.root) != DIGEST:
            raise _unreadable("its root is not 32 bytes")

    def __str__(self) -> str:
        """`ORIGIN SIZE ROOT` on one line: how an answer names the snapshot that it was computed at."""
        return f"{self.origin} {self.size} {base64.b64encode(self.root).decode()}"

    @property
    def body(self) -> str:
        """The note body: what a signature signs, its last newline included."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "".join(f"{line}\n" for line in lines)

    def text(self) -> str:
        """The whole checkpoint as it stands in a file; `parse` reads it back."""
        signed = "".join(f"{line}\n" for line in self.signatures)
        return f"{self.body}\n{signed}" if signed else self.body

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint, signed or not. Raises `StoreError` for text that `text()` would not write."""
        body, blank, signed = text.partition("\n\n")
        if not blank:
            body = body.removesuffix("\n")
        lines = body.split("\n")
        if len(lines) < 3 or not _SIZE.fullmatch(lines[1]):
            raise _unreadable("it does not begin with an origin, a size and a root")
        signatures = tuple(signed.removesuffix("\n").split("\n")) if blank else ()
        if not all(line.startswith(SIGNATURE_MARK) for line in signatures):
            raise _unreadable("what follows the blank line is not a signature")
        try:
            root = base64.b64decode(lines[2], validate=True)
        except ValueError:
            raise _unreadable("its root is not base64") from None
        point = cls(lines[0], int(lines[1]), root, tuple(lines[3:]), signatures)
        if point.text() != text:  # base64 with stray bits, a missing last newline
            raise _unreadable("it is not in the one form in which a checkpoint is written")
        return point


def _unreadable(why: str) -> StoreError:
    return StoreError(
        f"the checkpoint cannot be read: {why}", todo="restore the checkpoint file from a backup or a witness"
    )
