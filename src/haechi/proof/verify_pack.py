"""Check an evidence pack offline, trusting nothing in it but what leads to a key that the reader trusts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from haechi.model.errors import EvidenceError
from haechi.proof import manifest as names
from haechi.proof.manifest import Manifest, read_manifest
from haechi.proof.verdict import State, Verdict
from haechi.proof.verify_pack_answer import Answer
from haechi.proof.verify_pack_archive import Archive, open_archive
from haechi.proof.verify_pack_log import Base, check_seal, check_signer, check_witnesses, read_base
from haechi.proof.verify_pack_rows import RowCheck
from haechi.proof.verify_pack_stamps import check_timestamps
from haechi.report.figures import count


def verify_pack(
    path: Path,
    trusted: Sequence[str] = (),
    witnesses: Sequence[str] = (),
    tsa_roots: bytes | None = None,
    now: datetime | None = None,
) -> list[Verdict]:
    """One verdict on each thing in the pack that was looked at.

    trusted:   public keys, `name+id+base64`, of which one must have signed the log, or handed over to who did;
               none: whose signature it is stays `unknown`
    witnesses: public keys of witnesses whose cosignatures must be there
    tsa_roots: PEM certificates on which timestamps may rest; None: a timestamp's authority stays `unknown`
    now:       the time at which certificates are judged; None: the present

    Raises:
        InputError: there is no such file, or it cannot be read.
        EvidenceError: a key in `trusted` or `witnesses` is no key.
    """
    with open_archive(path) as (archive, verdicts):
        if archive is None:
            return verdicts
        return [*verdicts, *_inside(archive, trusted, witnesses, tsa_roots, now)]


def _inside(
    archive: Archive,
    trusted: Sequence[str],
    witnesses: Sequence[str],
    tsa_roots: bytes | None,
    now: datetime | None,
) -> Iterator[Verdict]:
    base, wrong = read_base(archive)
    yield from wrong
    if base is not None:
        chain, told = check_signer(base, trusted)
        yield from told
        yield from check_witnesses(base, chain, witnesses)
        yield from check_timestamps(base, tsa_roots, now)
    try:
        data = archive.read(names.MANIFEST)
        manifest = read_manifest(data)
    except EvidenceError as error:
        yield _told("manifest", "altered", error.what, names.MANIFEST)
        return
    if base is not None:
        yield from check_seal(base, manifest, data)
    yield from _files(archive, manifest)
    yield from _rows(archive, manifest, base)


def _rows(archive: Archive, manifest: Manifest, base: Base | None) -> Iterator[Verdict]:
    answer = Answer(manifest)
    check = RowCheck(archive, manifest, base, answer.watch)
    yield from check.run()
    if base is not None:  # rows that cannot be placed in the log bear out nothing
        yield from answer.verdicts(archive)


def _files(archive: Archive, manifest: Manifest) -> Iterator[Verdict]:
    """Every file that the manifest names, as it names it, and no other."""
    bad = 0
    for name, entry in manifest.files.items():
        if name not in archive:
            bad += 1
            yield _told("file", "missing", "a file is missing that the manifest names", name)
            continue
        try:
            right = archive.size(name) == entry.bytes and archive.sha256(name) == entry.sha256
        except EvidenceError as error:
            bad += 1
            yield _told("file", "altered", error.what, name)
            continue
        if not right:
            bad += 1
            yield _told("file", "altered", "a file is not as the manifest says that it was written", name)
    for name in archive.names:
        if name not in manifest.files and name != names.MANIFEST and not names.of_log(name):
            bad += 1
            yield _told("file", "strange", "a file stands in the pack that the manifest does not name", name)
    if not bad:
        yield _told(
            "manifest",
            "whole",
            f"{count(len(manifest.files), 'file')} in it as the manifest says",
            names.MANIFEST,
        )


def _told(thing: str, state: State, sentence: str, where: str) -> Verdict:
    return Verdict(thing, state, sentence, where)
