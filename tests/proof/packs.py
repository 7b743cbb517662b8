"""A small signed store of a made-up shop, in several batches and with everything odd in it, to make packs from."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from haechi.collect.opening import Unread, expand
from haechi.collect.run import Collector, Job
from haechi.evidence.signer import open_key
from haechi.model.settings import RouteSettings, Settings, SourceSettings
from haechi.proof.pack import TRAILER, close_archive
from haechi.proof.prove import Proved, prove_person, prove_record
from haechi.proof.prove_select import Window
from haechi.store.store import Store, make_store_key

START = datetime(2025, 3, 3, tzinfo=UTC)
MEMBERS = 25
ROUTES = (RouteSettings("/members/{id}", fields=["name"], subject="path:id"),)
SOURCES = {name: SourceSettings(name, ["*.log"], format="combined") for name in ("gateway", "partner")}


def line(number: int, day: int, agent: str) -> bytes:
    """One request; each member turns up every `MEMBERS` lines, and member 3 has a name that is no text."""
    at = START + timedelta(days=day, seconds=number)
    member = number % MEMBERS
    odd = b"\xff\xfe" if number % 50 == 3 else b"=1+1" if number % 50 == 28 else b""
    return (
        f'192.0.2.{number % 250 + 1} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /members/M{member:03d} HTTP/1.1" '
        f'200 {100 + number} "-" "{agent} '.encode()
        + odd
        + b'"\n'
    )


class Shop:
    """`key` signs the store. Each file that is collected becomes a batch."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = Settings(sources=list(SOURCES.values()))
        self.key = make_store_key(root / "haechi.key")

    @property
    def store(self) -> Store:
        return Store.open(self.root / "store", open_key(self.root / "haechi.key"))

    @property
    def vkey(self) -> str:
        return self.key.vkey

    def collect(self, days: Sequence[int], source: str = "gateway", lines: int = 300) -> None:
        files = []
        for day in days:
            file = self.root / f"{source}-{day}.log"
            text = [line(number, day, f"{source}/{day}") for number in range(lines)]
            text[lines // 2 : lines // 2] = [f"broken {source} {day}\n".encode()]
            file.write_bytes(b"".join(text))
            files.append(str(file))
        jobs = [Job(item, SOURCES[source]) for item in expand(files) if not isinstance(item, Unread)]
        with self.store.writer() as writer:
            Collector(writer, self.settings, ROUTES, live=False).run(jobs)

    def person(self, person: str, out: Path, window: Window | None = None) -> Proved:
        return prove_person(self.store, self.settings.store, person, out, window or Window())

    def record(self, source: str, seq: int, out: Path) -> Proved:
        return prove_record(self.store, self.settings.store, source, seq, out)


def filled(root: Path) -> Shop:
    """Four days of one source and one of another: five batches."""
    shop = Shop(root)
    shop.collect([0, 1, 2, 3])
    shop.collect([1], "partner", lines=40)
    return shop


def files_of(pack: Path) -> dict[str, bytes]:
    """The unpacked files of a pack, in its order."""
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rezip(files: dict[str, bytes] | Sequence[tuple[str, bytes]], out: Path) -> Path:
    """Zip files as a forger would: consistently, with the right SHA-256 at the end."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
        archive.comment = bytes(TRAILER)
    close_archive(out)
    return out


def copied(shop: Shop, root: Path) -> Shop:
    """The same shop in another folder."""
    shutil.copytree(shop.root, root)
    found = Shop.__new__(Shop)
    found.root, found.settings, found.key = root, shop.settings, open_key(root / "haechi.key")
    return found
