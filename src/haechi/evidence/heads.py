"""The newest head that a key signed, kept beside the key and outside the store.

Whoever puts back an old checkpoint with its old tiles makes a store that is whole in itself. Only somebody who
remembers a later head can tell. Witnesses do; the signer's own memory does before any witness was asked.

A head is announced before the store's checkpoint is replaced and settled after it, so that a crash in between
leaves both: whichever of them the store stands at is right.
"""

from __future__ import annotations

from pathlib import Path

from haechi.evidence import durable
from haechi.evidence.checkpoint import Checkpoint
from haechi.model.errors import EvidenceError, StoreError


class Heads:
    """`<key>.head` and `<key>.head.next` beside the key at `key_path`. For the process that may append."""

    def __init__(self, key_path: Path) -> None:
        self._last = key_path.with_name(f"{key_path.name}.head")
        self._next = key_path.with_name(f"{key_path.name}.head.next")

    def last(self) -> Checkpoint | None:
        """The newest head that is known to stand in the store; None before the first. Raises `EvidenceError`."""
        return _read(self._last)

    def next(self) -> Checkpoint | None:
        """A head that was announced, of which it is unknown whether the store got it. Raises `EvidenceError`."""
        return _read(self._next)

    def announce(self, text: str) -> None:
        """Put down a signed checkpoint that the store is about to get; on the disk on return. Raises `OSError`."""
        durable.replace(self._next, text.encode())

    def settle(self) -> None:
        """The store got what was announced. Again, or without an announcement: nothing. Raises `OSError`."""
        try:
            self._next.replace(self._last)
        except FileNotFoundError:
            return
        durable.sync_directory(self._last.parent)

    def withdraw(self) -> None:
        """The store did not get what was announced. Raises `OSError`."""
        self._next.unlink(missing_ok=True)
        durable.sync_directory(self._next.parent)


def _read(path: Path) -> Checkpoint | None:
    try:
        return Checkpoint.parse(path.read_bytes().decode())
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, StoreError) as error:
        raise EvidenceError(
            "the newest signed head, kept beside the key, cannot be read",
            where=str(path),
            kept="the store; nothing was changed",
            todo="restore the file from a backup, or ask a witness for the newest head and compare",
        ) from error
