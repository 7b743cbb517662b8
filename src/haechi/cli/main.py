"""The way in: the app, and what every error becomes for the person or program that called."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import duckdb
import typer
from typer.main import get_command

import haechi
from haechi.cli.options import EXIT_CODES, INTERRUPTED, NOTHING, PIPE_CLOSED, UNEXPECTED
from haechi.cli.output import Output
from haechi.cli.start import SENTENCE, interrupted
from haechi.model.errors import HaechiError
from haechi.report.safe import safe

# In the order in which help lists them. A verb's module is loaded when the verb is asked for: each loads engines.
VERBS = (
    "inspect",
    "init",
    "collect",
    "case",
    "scope",
    "coverage",
    "prove",
    "verify",
    "hold",
    "expire",
    "erase",
    "compact",
    "rebuild",
    "witness",
    "key",
    "custody",
    "leaver",
    "probe",
    "token",
    "signal",
    "export",
    "rule",
    "report",
    "drill",
)


def _version(asked: bool) -> None:
    if asked:
        print(f"haechi {haechi.__version__}")
        raise typer.Exit


def _root(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Find who takes personal data out of an organisation's systems, and say exactly whose and which."""


def app_of(verbs: Sequence[str] = VERBS) -> typer.Typer:
    """The command line with these verbs. A module in `cli/` has a function of the verb's name, or an `app`."""
    app = typer.Typer(
        name="haechi",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=EXIT_CODES,
    )
    app.callback()(_root)
    for verb in verbs:
        module = import_module(f"haechi.cli.{verb}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=verb)
        else:
            app.command()(getattr(module, verb))
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; every error has become words on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter must not end the report.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    out = Output.open("--json" in arguments)
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader has gone, as in `haechi inspect x | head`. Python would complain once more on exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (KeyboardInterrupt, typer.Abort, duckdb.InterruptException):
        out.say(SENTENCE)
        return INTERRUPTED
    except typer.TyperException as error:
        return _wrong_use(error, out)
    except HaechiError as error:
        if out.as_json:
            out.document({"error": {"what": error.what, "where": error.where, "todo": error.todo}})
        out.aside.print(safe(error.diagnostics(), lines=True))
        return error.exit_code
    except Exception as error:
        if _was_interrupt(error):
            out.say(SENTENCE)
            return INTERRUPTED
        return _unexpected(error, out)


def _invoke(arguments: Sequence[str]) -> int:
    # Not `command.main`: it would turn a closed pipe into exit code 1, which says that something was found.
    asked = [verb for verb in arguments[:1] if verb in VERBS]
    command = get_command(app_of(asked or VERBS))
    try:
        with command.make_context("haechi", list(arguments)) as context:
            return command.invoke(context) or NOTHING
    except typer.Exit as left:
        return left.exit_code


def _was_interrupt(error: Exception) -> bool:
    """Whether an engine made an error of its own out of Ctrl-C."""
    return interrupted() or (isinstance(error, RuntimeError) and "interrupted" in str(error).casefold())


def _wrong_use(error: typer.TyperException, out: Output) -> int:
    context = getattr(error, "ctx", None)
    if not out.as_json and context is not None and error.format_message() == context.get_help():
        out.aside.print(safe(error.format_message(), lines=True), soft_wrap=True)
        return error.exit_code
    if out.as_json:
        out.document({"error": {"what": error.format_message(), "where": "", "todo": ""}})
    out.say(error.format_message())
    if context is not None:
        out.say(f"haechi: see {context.command_path} --help")
    return error.exit_code


def _unexpected(error: Exception, out: Output) -> int:
    """An error in Haechi itself. Its message may quote a record, so only its kind is told."""
    if os.environ.get("HAECHI_DEBUG") == "1":
        traceback.print_exc()
    what = f"Haechi failed in a way that it should not: {type(error).__name__}."
    if out.as_json:
        out.document({"error": {"what": what, "where": "", "todo": ""}})
    out.say(f"{what} What was committed before is kept. HAECHI_DEBUG=1 shows where it happened.")
    return UNEXPECTED
