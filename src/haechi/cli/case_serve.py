"""`haechi case serve`: the page on which people answer."""

from __future__ import annotations

from typing import Annotated

import typer

from haechi.cli.options import NOTHING, AsJson, WorkspaceDir, needed_workspace
from haechi.cli.output import Output
from haechi.report.safe import inert

PORT = 8480


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0: any free one.")] = PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    per_minute: Annotated[
        int,
        typer.Option(
            min=1, help="Requests that one address may make. Behind a proxy all come from its address."
        ),
    ] = 60,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Take answers through the links that were sent, until interrupted. One page a link, and nothing else.

    Plain HTTP: put it behind a proxy with TLS, under the address that [asking] names.
    """
    from haechi.model.errors import AskError
    from haechi.respond.server import AnswerServer

    found = needed_workspace(workspace)
    out = Output.open(as_json)
    if not found.settings.asking.url:
        out.say("No link leads here yet: set url in [asking] of haechi.toml.")
    try:
        server = AnswerServer(found, host, port, per_minute=per_minute)
    except OSError as error:
        raise AskError(f"cannot listen on {host}, port {port}: {error.strerror}") from error
    with server:
        url = f"http://{host}:{server.server_port}"
        if as_json:
            out.document({"url": url})
        else:
            out.answer.print(inert(f"Listening on {url}"), soft_wrap=True)
        out.answer.file.flush()
        server.serve_forever()
    return NOTHING
