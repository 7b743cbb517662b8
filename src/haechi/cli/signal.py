"""`haechi signal`: tell other systems that sessions and credentials ended, and hear it from them (SSF, CAEP)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from haechi.cli.options import BAD, NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.model.errors import IdentityError
from haechi.report.figures import count
from haechi.report.safe import inert

if TYPE_CHECKING:
    from haechi.identity.interface import Asking
    from haechi.identity.signals.event import Signal
    from haechi.workspace.load import Workspace

app = typer.Typer(
    no_args_is_help=True,
    help="Shared signals: tell other systems that sessions and credentials ended, and hear it from them.",
)
PORT = 8471
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Whose, as the other systems know it.")]
To = Annotated[
    list[str] | None, typer.Option("--to", metavar="STREAM", help="Only this stream; again for more.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="For the other side's administrators.")]


@app.command("session")
def session(
    account: Account,
    session: Annotated[str, typer.Option("--session", metavar="ID", help="Without it: all of them.")] = "",
    to: To = None,
    reason: Reason = "",
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Tell that sessions of an account are revoked (CAEP session-revoked). Exit code 3: a receiver did not take it."""
    from haechi.identity.signals.event import Signal

    signal = Signal(account, datetime.now(UTC), session=session, reason=reason)
    return _told(needed_workspace(workspace), signal, to or [], as_json)


@app.command("credential")
def credential(
    account: Account,
    kind: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="password, x509, fido2-roaming, app, ...")
    ],
    change: Annotated[str, typer.Option("--change", help="create, revoke, update or delete.")] = "revoke",
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What the credential is called.")] = "",
    to: To = None,
    reason: Reason = "",
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Tell that a credential changed (CAEP credential-change). Exit code 3: a receiver did not take it."""
    from haechi.identity.signals.event import CHANGES, Signal

    known = next((text for text in CHANGES if text == change), None)
    if known is None:
        raise typer.BadParameter(f"It is one of {', '.join(CHANGES)}.", param_hint="--change")
    signal = Signal(account, datetime.now(UTC), credential=kind, change=known, name=name, reason=reason)
    return _told(needed_workspace(workspace), signal, to or [], as_json)


@app.command("deliver")
def deliver(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Send again what receivers did not take yet. Exit code 3: one still does not."""
    return _delivered(needed_workspace(workspace), [], as_json)


@app.command("fetch")
def fetch(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Fetch the signals that wait at other systems, and keep them as facts. Exit code 3: one gave no answer."""
    from haechi.identity.signals.receive import fetch as fetch_stream
    from haechi.identity.signals.stream import streams

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    told, failed = [], False
    for stream in streams(found).values():
        if stream.way != "poll":
            continue
        try:
            taken = fetch_stream(found, stream, _asking(found))
            line = {
                "stream": stream.name,
                "taken": taken.taken,
                "refused": taken.refused,
                "facts": taken.facts,
            }
        except IdentityError as error:
            failed = True
            line = {"stream": stream.name, "problem": error.what}
        told.append(line)
        if not as_json:
            words = line.get("problem") or f"{taken.taken} taken, {taken.refused} refused"
            out.answer.print(inert(f"{stream.name}: {words}"))
    if as_json:
        out.document({"streams": told})
    return BAD if failed else NOTHING


@app.command("serve")
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0: any free one.")] = PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Take signals that are pushed here, and give ours to those who fetch them, until interrupted.

    Plain HTTP: put it behind a proxy with TLS. Every signal taken is on the disk before it is acknowledged.
    """
    from haechi.identity.signals.server import SignalServer

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    try:
        server = SignalServer(found, lambda: _asking(found), host, port, out.say)
    except OSError as error:
        raise IdentityError(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    with server:
        url = f"http://{host}:{server.server_port}"
        if as_json:
            out.document({"url": url, "jwks": f"{url}/jwks.json"})
        else:
            out.answer.print(inert(f"Listening on {url}; our key is at {url}/jwks.json"), soft_wrap=True)
        out.answer.file.flush()
        server.serve_forever()
    return NOTHING


def _told(workspace: Workspace, signal: Signal, names: list[str], as_json: bool) -> int:
    from haechi.identity.signals.send import announce

    chosen = announce(workspace, signal, _asking(workspace), names)
    if not chosen:
        raise IdentityError(
            "nobody is told: haechi.toml names no outgoing stream",
            todo='Add a [[system]] of kind "signals"; docs/signals.md says how.',
        )
    return _delivered(workspace, [stream.name for stream in chosen], as_json)


def _delivered(workspace: Workspace, told: list[str], as_json: bool) -> int:
    from haechi.identity.signals.send import deliver

    out = Output.open(as_json)
    sent = deliver(workspace, _asking(workspace))
    if as_json:
        out.document({"told": told, "delivered": sent})
    else:
        for name in told:
            if name not in {one.stream for one in sent}:
                out.answer.print(inert(f"{name}: waits until it is fetched"))
        for one in sent:
            waits = f"; waiting: {count(one.waiting, 'signal')} ({one.problem})" if one.waiting else ""
            out.answer.print(inert(f"{one.stream}: {one.taken} taken{waits}"))
    return BAD if any(one.problem for one in sent) else NOTHING


def _asking(workspace: Workspace) -> Asking:
    from haechi.identity.interface import Asking
    from haechi.identity.references import secret_reader

    return Asking(secret_reader(workspace.root), workspace.root, 10.0, datetime.now(UTC))
