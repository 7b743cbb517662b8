"""`haechi init`: a first haechi.toml, guessed from a look at the logs, for a person to correct."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from haechi.cli.options import NOTHING, AsJson, Paths
from haechi.cli.output import Output
from haechi.model.errors import InputError, SettingsError
from haechi.report.figures import count
from haechi.report.first_look import FirstLook, first_look
from haechi.report.layout import indented
from haechi.report.safe import inert
from haechi.report.stores import begun
from haechi.workspace.init import draft
from haechi.workspace.load import FILE, load
from haechi.workspace.times import zone

SHOWN = 8
Folder = Annotated[
    Path, typer.Option("--workspace", "-w", metavar="DIR", help="The folder to make into a workspace.")
]
Zone = Annotated[str, typer.Option("--timezone", metavar="ZONE", help="For times without zone: Asia/Seoul.")]


def init(
    paths: Paths = None, workspace: Folder = Path(), timezone: Zone = "UTC", as_json: AsJson = False
) -> int:
    """Make a folder into a workspace: write a haechi.toml with what a look at the logs suggests.

    Looks at the head of each file named, or of each file in the folder, and guesses the sources and the pages
    that show personal data. Every guess is marked, with its reason: read and correct them. A haechi.toml that
    is there already is never replaced. Makes the key that signs the evidence log, too.
    """
    if zone(timezone) is None:
        raise typer.BadParameter(f"There is no time zone {timezone!r}.", param_hint="--timezone")
    out = Output.open(as_json)
    root = workspace.absolute()
    if (root / FILE).exists():
        raise SettingsError(
            "There is a haechi.toml already.",
            where=str(root / FILE),
            kept="it was left as it is",
            todo="Correct it by hand, or move it away first.",
        )
    seen = first_look(paths or [str(root)], root)
    _write(root, draft(root, seen.sources, seen.proposals, timezone))
    vkey = begun(load(root))
    routes = [proposal for proposal in seen.proposals if proposal.route.fields]
    if as_json:
        out.document(
            {
                "file": str(root / FILE),
                "vkey": vkey,
                "sources": [source for source, _ in seen.sources],
                "routes": [proposal.route for proposal in routes],
                "not_looked_at": seen.not_looked_at,
            }
        )
    else:
        _print(seen, root / FILE, vkey, out)
    if not seen.sources:
        out.say(
            "No log was found, so the haechi.toml names no source yet: inspect will have nothing to read."
        )
    return NOTHING


def _write(root: Path, text: str) -> None:
    """Write the file, whole or not at all, and read it back as a later run will."""
    waiting = root / f".{FILE}.{os.getpid()}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        waiting.write_text(text, encoding="utf-8")
        load(waiting)
        os.link(waiting, root / FILE)  # unlike a rename, this never replaces a file that came up meanwhile
    except OSError as error:
        raise InputError(f"haechi.toml cannot be written: {error.strerror}.", where=str(root)) from error
    finally:
        waiting.unlink(missing_ok=True)


def _print(seen: FirstLook, file: Path, vkey: str, out: Output) -> None:
    routes = [proposal for proposal in seen.proposals if proposal.route.fields]
    found = f"{count(len(seen.sources), 'source')} and {count(len(routes), 'personal page')} guessed"
    out.answer.print(inert(f"{file} written: {found}.", "bold"))
    for source, reason in seen.sources[:SHOWN]:
        indented(out.answer, inert(f"source  {source.name}: {', '.join(source.paths[:3])} ({reason})"))
    for proposal in routes[:SHOWN]:
        route = proposal.route
        shows = f"{route.method} {route.path} shows {', '.join(route.fields)}"
        indented(out.answer, inert(f"page    {shows} ({proposal.reason})"))
    for skipped in seen.not_looked_at[:SHOWN]:
        indented(out.answer, inert(f"not looked at  {skipped}"))
    hidden = len(seen.not_looked_at) - SHOWN
    if hidden > 0:
        indented(out.answer, f"not looked at  {count(hidden, 'more file')}")
    indented(
        out.answer,
        inert(f"key     {vkey}"),
        inert(
            "        signs the evidence. Give it to who shall check it; keep haechi.key safe and to yourself."
        ),
    )
    indented(out.answer, "", "Next: read the file and correct the guesses, then run haechi inspect there.")
