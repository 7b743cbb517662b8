"""`haechi token`: tokens that show whether a signing key is dead, and keys that show whether a vault was read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.cli.options import FOUND, NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.model.errors import SettingsError
from haechi.report.safe import inert
from haechi.report.terminal_probe import print_results
from haechi.workspace.units import duration

if TYPE_CHECKING:
    from haechi.identity.tokens import TokenSigner
    from haechi.workspace.load import Workspace

app = typer.Typer(
    no_args_is_help=True,
    help="Obituary tokens, which show that a signing key is dead; honey keys, which show that a vault was read.",
)
Issuer = Annotated[str, typer.Option("--issuer", metavar="NAME", help="As in the tokens (iss).")]
Kid = Annotated[str, typer.Option("--kid", metavar="KID", help="The id of the key that will be retired.")]
KeyFile = Annotated[
    Path | None, typer.Option("--signing-key", metavar="FILE", help="Its private half: PEM or JWK.")
]
Vault = Annotated[
    str,
    typer.Option("--vault", metavar="SYSTEM", help="Instead of a file: a system of kind openbao that signs."),
]
VaultKey = Annotated[
    str,
    typer.Option(
        "--vault-key", metavar="PATH", help="Its key there: transit/keys/login, or ...:3 for a version."
    ),
]
Subject = Annotated[
    str, typer.Option("--subject", metavar="ID", help="Whose token it is: nobody who is a member.")
]
Audience = Annotated[str, typer.Option("--audience", metavar="AUD", help="If gateways ask for one.")]
Claims = Annotated[
    list[str] | None,
    typer.Option("--claim", metavar="NAME=TEXT", help="A further claim that gateways ask for; repeat it."),
]
Life = Annotated[
    str, typer.Option("--life", metavar="LENGTH", help="How long the token is good, such as 10y.")
]
Ask = Annotated[bool, typer.Option("--ask/--no-ask", help="Whether each gateway is asked at once.")]


@app.command("obituary")
def obituary(
    issuer: Issuer,
    kid: Kid,
    signing_key: KeyFile = None,
    vault: Vault = "",
    vault_key: VaultKey = "",
    subject: Subject = "haechi-obituary",
    audience: Audience = "",
    claim: Claims = None,
    life: Life = "10y",
    ask: Ask = True,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of an older one.")] = False,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Make a harmless, long-lived token with a key before it is retired; each gateway must refuse it afterwards.

    Each gateway is asked at once, and must let the token in: else its later refusal would prove nothing, and the
    exit code is 1. From then on `haechi probe run` asks them.
    """
    from haechi.identity.rounds import ask_round
    from haechi.identity.tokens import ISSUED, Obituary, keep, mint, probes

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    order = Obituary(issuer, kid, _length(life), subject, audience, _claims(claim or []))
    minted = mint(order, _signer(found, signing_key, vault, vault_key), datetime.now(UTC))
    file = keep(found, minted, replace=replace)
    names = [probe.name for probe in probes(found) if probe.target == kid]
    results = ask_round(found, names) if ask and names else []
    lives = all(result.state == "alive" for result in results)
    issued = file.parent / ISSUED
    if as_json:
        told = [
            {"name": r.name, "system": r.system, "state": r.state, "evidence": r.evidence} for r in results
        ]
        out.document({"kid": kid, "token": file, "issued": issued, "probes": names, "asked": told})
        return NOTHING if lives else FOUND
    out.answer.print(inert(f"The token is in {file}: only you may read it."), soft_wrap=True)
    out.answer.print(f"What was issued stands in {issued}:", soft_wrap=True, markup=False)
    out.answer.print(
        inert(f"read it with the issuance records of {issuer}, so that it is not taken for a forgery.")
    )
    if not names:
        out.answer.print("No gateway will be asked: haechi.toml names no [[system]] of kind gateway.")
    if results:
        print_results(results, out.answer)
    if not lives:
        out.answer.print("A gateway does not let it in while the key lives: its refusal will prove nothing.")
    return NOTHING if lives else FOUND


@app.command("honey")
def honey(
    issuer: Issuer,
    kid: Annotated[
        str, typer.Option("--kid", metavar="KID", help="Its id. Without it: its thumbprint.")
    ] = "",
    algorithm: Annotated[
        str, typer.Option("--algorithm", metavar="ALG", help="As the issuer's other keys: ES256, RS256, ...")
    ] = "ES256",
    private: Annotated[
        Path | None,
        typer.Option(
            "--private", metavar="FILE", help="Where the bait for the vault goes. Without it: nowhere."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Make a key that is published and never signs. Any good token that bears it shows that the vault was read.

    Publish the public half among the issuer's keys, and put the private half into the vault beside the real ones.
    Without --private it is destroyed: then nothing can ever bear this key with a good signature.
    """
    from haechi.identity.honey import make, put

    out = Output.open(as_json)
    made = make(kid, algorithm)
    if private is not None:
        put(made, private)
    lines = ["[[issuer.key]]", f"kid = {_toml(made.kid)}", "honey = true"]
    if as_json:
        out.document({"issuer": issuer, "kid": made.kid, "public": made.public, "private": private})
        return NOTHING
    out.answer.print("Publish this among the issuer's keys (its jwks_uri):")
    out.document(made.public)
    out.answer.print(inert(f"Add this to haechi.toml, below the [[issuer]] named {issuer}:"))
    for line in lines:
        out.answer.print(inert(line), soft_wrap=True)
    where = (
        f"The private half is in {private}: move it into the vault." if private else "It has no private half."
    )
    out.answer.print(inert(where), soft_wrap=True)
    return NOTHING


def _signer(workspace: Workspace, file: Path | None, vault: str, key: str) -> TokenSigner:
    from haechi.identity.interface import Asking
    from haechi.identity.references import secret_reader
    from haechi.identity.token_keys import FileKey, TransitKey

    if (file is None) == (not vault):
        raise typer.BadParameter("Name the key with --signing-key, or with --vault and --vault-key.")
    if file is not None:
        return FileKey.open(file)
    system = next((s for s in workspace.settings.systems if s.name == vault and s.kind == "openbao"), None)
    if system is None:
        raise SettingsError(f"haechi.toml names no [[system]] of kind openbao called {vault}.")
    path, _, version = key.partition(":")
    if path.count("/keys/") != 1 or (version and not version.isdecimal()):
        raise typer.BadParameter(
            "A key is named transit/keys/NAME or transit/keys/NAME:VERSION.", param_hint="--vault-key"
        )
    asking = Asking(secret_reader(workspace.root), workspace.root, 10.0, datetime.now(UTC))
    return TransitKey.open(system, asking, path, int(version or 0))


def _length(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is {error}.", param_hint="--life") from None


def _claims(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if bad := [name for name, equals, _ in pairs if not equals or not name]:
        raise typer.BadParameter(f"{bad[0]!r} is not NAME=TEXT.", param_hint="--claim")
    return {name: value for name, _, value in pairs}


def _toml(text: str) -> str:
    """A string of TOML; JSON's is one."""
    return json.dumps(text)
