"""The store's secrets that make hashes unguessable: its own key, and the person-period keys by month.

They stand in the store, since whoever may read its records may check them. Signing keys do not: those stand apart.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from pathlib import Path

from haechi.evidence import durable
from haechi.evidence.blind import PeriodKeys
from haechi.evidence.hashing import DIGEST
from haechi.model.errors import StoreError
from haechi.store import layout


class StoreKeys:
    """Reads the keys when they are asked for, and keeps them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._store: bytes | None = None
        self._periods: dict[str, PeriodKeys] = {}

    @property
    def store_key(self) -> bytes:
        """32 bytes. Raises `StoreError` where the file is missing or damaged."""
        if self._store is None:
            data = _read(layout.store_key_file(self.root))
            if len(data) != DIGEST:
                raise _missing(layout.store_key_file(self.root))
            self._store = data
        return self._store

    def mac(self, data: bytes | memoryview) -> str:
        """The fingerprint of a stretch of a log file, hex: worthless without the store's key."""
        made = hashlib.sha256(self.store_key)
        made.update(data)
        return made.hexdigest()

    def period(self, period: str) -> PeriodKeys:
        """The person-period keys of a month such as "2026-11". Raises `StoreError` where they are missing."""
        if period not in self._periods:
            self._periods[period] = PeriodKeys.read(_read(layout.period_file(self.root, period)))
        return self._periods[period]

    def needed(self, period: str) -> PeriodKeys:
        """The same, made if there are none yet. Only for the process that holds the writer's lock."""
        file = layout.period_file(self.root, period)
        if not file.exists():
            durable.write_all({file: PeriodKeys.make().data}, self.root)
        return self.period(period)

    def make_store_key(self) -> None:
        """Make the store's own key, once."""
        file = layout.store_key_file(self.root)
        if not file.exists():
            durable.write_all({file: secrets.token_bytes(DIGEST)}, self.root)

    def forget(self) -> None:
        """Read the files anew from now on."""
        self._store, self._periods = None, {}


def period_of(micros: int) -> str:
    """The month of a time in microseconds since 1970 UTC: "2026-11"."""
    return f"{datetime.fromtimestamp(micros // 1_000_000, UTC):%Y-%m}"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _missing(file) from error


def _missing(file: Path) -> StoreError:
    return StoreError(
        "a key of the store is missing or damaged",
        where=str(file),
        kept="the records are untouched, but their proofs cannot be made without it",
        todo="restore the file from a backup of the store",
    )
