"""What a witness remembers: of each log the newest head that it signed, as a note with its own cosignature.

That cosignature makes the memory its own proof: a head that somebody changed on the disk is not believed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from haechi.evidence import durable
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.note import Signed, verify
from haechi.evidence.vkey import Vkey
from haechi.evidence.witness.request import origin_name
from haechi.model.errors import EvidenceError, StoreError

MAX_REFUSED: Final = 1_000  # files: a log that lies all day must not fill the disk

_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Memory:
    """A folder: `<SHA-256 of the origin>` the newest head of a log, `refused/` heads that contradict one."""

    def __init__(self, folder: Path, key: Vkey) -> None:
        """`key` is the witness's own. Raises `EvidenceError` where the folder is missing: `make` makes it, once."""
        self.folder, self._key = folder, key
        if not (folder / "refused").is_dir():
            raise EvidenceError(
                "the witness's memory is missing",
                where=str(folder),
                todo="restore the folder; a witness that has forgotten what it signed needs a new key "
                "(haechi witness init)",
            )

    @staticmethod
    def make(folder: Path) -> None:
        """An empty memory for a new key; again: nothing, as long as nothing was signed.

        Raises `EvidenceError` where it is another witness's, `OSError`.
        """
        (folder / "refused").mkdir(parents=True, exist_ok=True)
        if any(path.is_file() for path in folder.rglob("*")):
            raise EvidenceError(
                "there is the memory of another witness already",
                where=str(folder),
                kept="that memory",
                todo="choose another file name for the new key",
            )
        durable.sync_directory(folder)
        durable.sync_directory(folder.parent)

    def head(self, origin: str) -> tuple[Checkpoint, Signed] | None:
        """The newest head signed of this log, with the cosignature over it; None: never one.

        Raises:
            EvidenceError: it cannot be read, or was changed.
        """
        path = self.folder / origin_name(origin)
        return self._read(path) if path.exists() else None

    def heads(self) -> list[tuple[Checkpoint, Signed]]:
        """The newest head of each log. Raises `EvidenceError` for one that cannot be read, or was changed."""
        names = (path for path in self.folder.iterdir() if _NAME.fullmatch(path.name))
        return [self._read(path) for path in sorted(names)]

    def file(self, origin: str) -> Path:
        """Where the newest head signed of this log stands."""
        return self.folder / origin_name(origin)

    def keep(self, point: Checkpoint) -> None:
        """Remember a head, our cosignature among its signatures; on the disk on return. Raises `OSError`."""
        durable.replace(self.folder / origin_name(point.origin), point.text().encode())

    def refuse(self, point: Checkpoint) -> None:
        """Keep a head that its log signed and that does not continue what we signed: it may be the proof of a fork.

        Raises `OSError`.
        """
        folder = self.folder / "refused"
        path = folder / f"{origin_name(point.origin)}-{point.size}-{point.root.hex()[:16]}"
        if not path.exists() and sum(1 for _ in folder.iterdir()) < MAX_REFUSED:
            durable.replace(path, point.text().encode())

    def refused(self) -> list[Path]:
        """The files of heads that were refused, sorted."""
        return sorted(
            path for path in (self.folder / "refused").iterdir() if path.suffix != durable.TEMPORARY
        )

    def _read(self, path: Path) -> tuple[Checkpoint, Signed]:
        try:
            point = Checkpoint.parse(path.read_bytes().decode())
            signed = verify(point.body, point.signatures, self._key)
        except (OSError, UnicodeDecodeError, StoreError, EvidenceError) as error:
            raise self._altered(path) from error
        if signed is None or origin_name(point.origin) != path.name:
            raise self._altered(path)
        return point, signed

    def _altered(self, path: Path) -> EvidenceError:
        return EvidenceError(
            "the witness's memory of a log cannot be read, or was changed",
            where=str(path),
            kept="the witness signs nothing more for this log",
            todo="restore the file; if it is lost, retire this witness's key and make a new one",
        )
