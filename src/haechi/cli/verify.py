"""`haechi verify`: is the evidence whole? Offline; for the workspace, a store copied from elsewhere, or a pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from haechi.cli.options import BAD, NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.cli.verify_report import verify_report
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.signer import public_file
from haechi.evidence.vkey import COSIGNATURE, NOTE, Vkey
from haechi.evidence.witness.client import newest
from haechi.model.errors import EvidenceError, HaechiError, InputError, StoreError
from haechi.model.settings import Settings, WitnessSettings
from haechi.proof.verdict import Verdict, all_good
from haechi.proof.verify_history import Head, read_head
from haechi.proof.verify_pack import verify_pack
from haechi.proof.verify_store import Trust, Verified, sentence_of, verify_store
from haechi.proof.verify_store_terminal import print_verified
from haechi.report.custody import Look, record
from haechi.report.document.read import is_report
from haechi.report.stores import key_file, open_store
from haechi.workspace.load import FILE, Workspace

Target = Annotated[
    Path | None,
    typer.Argument(
        metavar="STORE|PACK|REPORT", help="A store's folder, a workspace, an evidence pack, or a report."
    ),
]
Keys = Annotated[
    list[str] | None,
    typer.Option(
        "--key", metavar="VKEY", help="The log's public key as its owner published it, or a file with it."
    ),
]
Witnesses = Annotated[
    list[str] | None,
    typer.Option(
        "--witness",
        metavar="VKEY_OR_URL_OR_FILE",
        help="A witness's public key; its address, which is then asked for its newest head; or a head kept in a file.",
    ),
]
Roots = Annotated[
    Path | None,
    typer.Option("--timestamp-roots", metavar="PEM", help="Certificates on which timestamps may rest."),
]


class VerifiedPack(msgspec.Struct, frozen=True):
    """The document of `haechi verify PACK --json`."""

    pack: str
    whole: bool
    sentence: str
    verdicts: list[Verdict]


@dataclass
class _Asked:
    """What to verify, and against what."""

    path: Path
    keys: list[str] = field(default_factory=list)
    witnesses: list[Vkey] = field(default_factory=list)
    urls: list[list[WitnessSettings]] = field(default_factory=list)  # each with the keys that may be its own
    files: list[Path] = field(default_factory=list)
    roots: bytes | None = None
    workspace: Workspace | None = None


def verify(
    target: Target = None,
    key: Keys = None,
    witness: Witnesses = None,
    timestamp_roots: Roots = None,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Say for every batch and statement whether it is whole, altered, missing, unsigned or forked. Offline.

    Without a target: the workspace's own store, against its own key. Exit code 0 if all is whole, else 3.
    """
    if target is not None and target.is_file() and is_report(target):
        return verify_report(target, workspace, Output.open(as_json))
    asked = _asked(target, key or [], witness or [], timestamp_roots, workspace)
    out = Output.open(as_json)
    if asked.path.is_file():
        return _pack(asked, out)
    return _store(asked, out)


def _store(asked: _Asked, out: Output) -> int:
    settings, key_path = None, None
    if asked.workspace is not None:
        settings, key_path = asked.workspace.settings, key_file(asked.workspace)
    kept = [*_heads_in(asked.files), *_heads_of(asked)]
    trust = Trust(asked.keys, asked.witnesses, kept, asked.roots)
    found = _with_progress(asked.path, trust, key_path, settings, out)
    noted = _note(asked.workspace, found)
    if out.as_json:
        out.document(found)
    else:
        print_verified(found.sentence, found.whole, found.verdicts, found.counts, out.answer)
    if noted:
        out.say(noted)
    return NOTHING if found.whole else BAD


def _with_progress(
    path: Path, trust: Trust, key_path: Path | None, settings: Settings | None, out: Output
) -> Verified:
    if not out.aside.is_terminal:
        return verify_store(path, trust, key_path, settings)
    with out.aside.status("Reading the log") as status:
        return verify_store(
            path,
            trust,
            key_path,
            settings,
            lambda done, total: status.update(f"Checked {done:,} of {total:,} batches"),
        )


def _note(workspace: Workspace | None, found: Verified) -> str:
    """Put the verification of one's own store into its log. A damaged store is left as it was found."""
    if workspace is None:
        return ""
    if not found.whole:
        return "Nothing was added to the log, so that the store stays as it was found."
    try:
        record(open_store(workspace), Look("verify", {"checkpoint": found.checkpoint}))
    except HaechiError as error:
        return f"That it was verified could not be put into the log: {error.what}"
    return ""


def _pack(asked: _Asked, out: Output) -> int:
    if asked.urls or asked.files:
        raise typer.BadParameter("A pack is compared with witnesses' keys only.", param_hint="--witness")
    witnesses = [str(key) for key in asked.witnesses]
    verdicts = verify_pack(asked.path, asked.keys, witnesses, asked.roots, datetime.now(UTC))
    whole = all_good(verdicts)
    found = VerifiedPack(
        str(asked.path), whole, sentence_of(whole, "everything in the pack", verdicts), verdicts
    )
    if out.as_json:
        out.document(found)
    else:
        print_verified(found.sentence, whole, verdicts, {}, out.answer)
    return NOTHING if whole else BAD


def _asked(
    target: Path | None,
    keys: Sequence[str],
    witnesses: Sequence[str],
    roots: Path | None,
    folder: Path | None,
) -> _Asked:
    if target is not None and not target.exists():
        raise typer.BadParameter(f"There is no such file or folder: {target}", param_hint="STORE|PACK")
    asked = _Asked(target or Path())
    if target is None or (target / FILE).is_file():
        _take_workspace(asked, needed_workspace(folder if target is None else target))
    asked.keys += [_key(text) for text in keys]
    _take_witnesses(asked, witnesses)
    if roots is not None:
        if not roots.exists():
            raise typer.BadParameter(f"There is no such file: {roots}", param_hint="--timestamp-roots")
        asked.roots = _bytes(roots, "the certificates for timestamps")
    return asked


def _take_workspace(asked: _Asked, workspace: Workspace) -> None:
    asked.workspace, asked.path = workspace, workspace.store
    evidence = workspace.settings.evidence
    public = public_file(key_file(workspace))
    if public.is_file():
        asked.keys.append(_key(str(public)))
    asked.witnesses += [Vkey.parse(witness.key) for witness in evidence.witnesses]
    if evidence.timestamp_roots:
        asked.roots = _bytes(workspace.root / evidence.timestamp_roots, "the certificates for timestamps")


def _take_witnesses(asked: _Asked, witnesses: Sequence[str]) -> None:
    known = asked.workspace.settings.evidence.witnesses if asked.workspace else []
    urls = []
    for text in witnesses:
        if text.startswith(("http://", "https://")):
            urls.append(text)
        elif Path(text).is_file():
            asked.files.append(Path(text))
        else:
            asked.witnesses.append(_vkey(text, "--witness"))
    for url in urls:
        own = [item for item in known if item.url.rstrip("/") == url.rstrip("/")]
        given = [WitnessSettings(url, str(key)) for key in asked.witnesses if key.kind == COSIGNATURE]
        if not own and not given:
            raise typer.BadParameter(
                "Name the witness's public key too, with one more --witness.", param_hint=url
            )
        asked.urls.append(own or given)


def _key(text: str) -> str:
    key = _vkey(_text(Path(text)) if Path(text).is_file() else text, "--key")
    if key.kind != NOTE:
        raise typer.BadParameter("This is a witness's key and not a log's.", param_hint="--key")
    return str(key)


def _vkey(text: str, option: str) -> Vkey:
    if "+" not in text and not Path(text).exists():  # whatever it is meant to be, it is no key
        raise typer.BadParameter(
            f"This is no public key, and there is no such file: {text}", param_hint=option
        )
    try:
        return Vkey.parse(text)
    except EvidenceError as error:
        raise typer.BadParameter(f"{error.what}.", param_hint=option) from None


def _text(path: Path) -> str:
    return _bytes(path, "a public key").decode("utf-8", "replace")


def _heads_in(files: Sequence[Path]) -> list[Head | Verdict]:
    found: list[Head | Verdict] = []
    for path in files:
        head = read_head("witness", str(path), _bytes(path, "the head"))
        if isinstance(head, Verdict):
            raise InputError("The head cannot be read: it is no checkpoint.", where=str(path))
        found.append(head)
    return found


def _heads_of(asked: _Asked) -> list[Head | Verdict]:
    """The newest heads that witnesses signed of this log: the only thing that is ever asked over the network."""
    if not asked.urls:
        return []
    try:
        origin = Checkpoint.parse((asked.path / "checkpoint").read_bytes().decode()).origin
    except (OSError, UnicodeDecodeError, StoreError):
        return []  # that the checkpoint cannot be read is told by the verification itself
    return [_ask(candidates, origin) for candidates in asked.urls]


def _ask(candidates: Sequence[WitnessSettings], origin: str) -> Head | Verdict:
    """What one witness signed last, or why that is not known. Which of the keys is its own its cosignature shows."""
    problem = "it does not know this log, and never signed a head of it"
    for witness in candidates:
        try:
            point = newest(witness, origin)
        except EvidenceError as error:
            problem = error.what
            continue
        if point is None:
            break
        return Head("witness", witness.url, point)
    url = candidates[0].url
    return Verdict("witness", "unknown", f"{url} could not be asked for its newest head: {problem}", url)


def _bytes(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{what} cannot be read: {error.strerror}", where=str(path)) from None
