"""Replacing the key that signs a store's log, so that a crash at any step leaves a key that works.

1. A new key, of the same name, stands beside the old one as `<key>.next`.
2. An entry of the log, signed by the old key, says that the new one follows. The head over it carries both signatures.
3. The old key is kept as `<key>.old-<date>`; the new one takes its place.

After a crash in between, rotating again goes on where it stood: the log says which key is the right one.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from haechi.evidence import durable
from haechi.evidence.log import Log
from haechi.evidence.signer import FileSigner, make_key, open_key, public_file, sign_bytes
from haechi.model.errors import EvidenceError, StoreError
from haechi.store import locks
from haechi.store.catalog import Catalog
from haechi.store.leaves import KeyLeaf, Leaf, signed_part
from haechi.store.locks import disk_error
from haechi.store.store import Store, now


def rotate(root: Path, key: Path) -> tuple[FileSigner, Path]:
    """Give the store in `root` a new signing key in the file `key`. Answers the new key and where the old one is.

    Raises:
        EvidenceError: a key cannot be read or written.
        StoreError: another process writes to the store, the store is another key's, or is not signed.
    """
    old = open_key(key)
    with locks.writing(root):
        following = key.with_name(f"{key.name}.next")
        new = open_key(following) if following.exists() else make_key(following, old.key.name)
        if new.vkey == old.vkey:
            raise EvidenceError(
                "the file of the next key holds the present one",
                where=str(following),
                todo="remove that file, then rotate again",
            )
        _TwoKeys.of(root, old, new).decide(lambda catalog: _statement(catalog, old, new))
        return new, _swap(key, following, new)


class _TwoKeys(Store):
    """The store while both keys sign."""

    following: FileSigner

    @classmethod
    def of(cls, root: Path, old: FileSigner, new: FileSigner) -> _TwoKeys:
        opened = Store.open(root, old)
        made = cls(root, opened.origin, old, opened.heads)
        made.following = new
        return made

    def log(self) -> Log:
        signers = (self.signer, self.following) if self.signer else (self.following,)
        return Log(self.root, self.origin, signers, self.heads)


def _statement(catalog: Catalog, old: FileSigner, new: FileSigner) -> list[Leaf]:
    if catalog.vkey == new.vkey:
        return []  # said before a crash
    if catalog.vkey != old.vkey:
        raise StoreError(
            "the log of this store is not signed by this key",
            where=str(old.path),
            kept="the log and the key; nothing was changed",
            todo="restore the key that signs it; a log that was begun unsigned stays so",
        )
    leaf = KeyLeaf(now(), new.vkey, old.vkey)
    return [replace(leaf, signature=sign_bytes(old, signed_part(leaf)))]


def _swap(key: Path, following: Path, new: FileSigner) -> Path:
    """Keep the old key's file under another name and put the new one in its place, which is never empty."""
    try:
        kept = _keep(key)
        durable.sync_directory(key.parent)
        following.replace(key)
        durable.replace(public_file(key), f"{new.vkey}\n".encode())
        public_file(following).unlink(missing_ok=True)
        durable.sync_directory(key.parent)
    except OSError as error:
        raise disk_error(error, key.parent) from error
    new.path = key
    return kept


def _keep(key: Path) -> Path:
    """A second name for the old key's file. After a crash it may have one from today already."""
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    for number in range(1, 1_000):
        kept = key.with_name(f"{key.name}.old-{day}" + (f"-{number}" if number > 1 else ""))
        with suppress(FileExistsError):
            os.link(key, kept)
            return kept
        if kept.samefile(key):
            return kept
    raise EvidenceError("this key was replaced too often today", where=str(key), todo="rotate again tomorrow")
