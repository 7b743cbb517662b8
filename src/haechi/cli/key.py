"""`haechi key`: the key that signs the evidence log."""

from __future__ import annotations

import typer

from haechi.cli.options import NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.evidence.signer import open_key, public_file
from haechi.report.safe import inert
from haechi.report.stores import key_file
from haechi.store.rotate import rotate

app = typer.Typer(no_args_is_help=True, help="Show or replace the key that signs the evidence log.")


@app.command("show")
def show(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Show the public key, for those who check the evidence, and where the key is kept."""
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    signer = open_key(key_file(found))
    if as_json:
        document = {"vkey": signer.vkey, "key": signer.path, "public": public_file(signer.path)}
        out.document(document)
        return NOTHING
    out.answer.print(inert(signer.vkey), soft_wrap=True)
    out.answer.print(
        inert(f"The signing key is in {signer.path}: keep it secret, and keep a copy elsewhere.")
    )
    out.answer.print(inert("Give the line above to those who shall check the evidence, before they need it."))
    return NOTHING


@app.command("rotate")
def rotate_key(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Replace the signing key. The log says so, signed by the old key; the next head is signed by both.

    Interrupted, it goes on where it stood when it is run again. Witnesses must be given the new public key.
    """
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    signer, old = rotate(found.store, key_file(found))
    before = open_key(old).vkey
    if as_json:
        out.document({"vkey": signer.vkey, "key": signer.path, "old": old, "old_vkey": before})
        return NOTHING
    out.answer.print(inert(signer.vkey), soft_wrap=True)
    out.answer.print(inert(f"This is the public key from now on. The old signing key is in {old}."))
    out.answer.print(inert("Publish the new key, and give it to each witness with --log beside the old one."))
    out.answer.print(
        inert("Keep the old public key published: packs and copies made until now are checked with it.")
    )
    out.answer.print(inert(before), soft_wrap=True)
    return NOTHING
