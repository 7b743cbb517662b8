"""`python -m haechi.cli.docs`: the page docs/cli.md, made from the commands themselves."""

from __future__ import annotations

import re
import sys
from typing import Any

from typer.main import get_command

from haechi.cli.main import app_of
from haechi.cli.options import EXIT_CODES

HEAD = """\
# Command line

This page is made by `make docs` from the commands themselves.

Every verb takes `--json`: standard output then holds one JSON document and nothing else. Remarks and
progress go to standard error; progress bars and colours appear on a terminal only, and `NO_COLOR`
switches colours off. Times in JSON are RFC 3339 in UTC. `HAECHI_DEBUG=1` shows where in Haechi an
unexpected error happened.
"""


def render() -> str:
    """The page as Markdown."""
    command = get_command(app_of())
    with command.make_context("haechi", [], resilient_parsing=True) as context:
        parts = [HEAD, "## Exit codes\n", _exit_codes(), *_verbs(command, context, "haechi")]
    return "\n".join(parts).rstrip() + "\n"


def _exit_codes() -> str:
    codes = EXIT_CODES.removeprefix("Exit codes: ").rstrip(".").split("; ")
    rows = (code.split(" ", 1) for code in codes)
    return "| code | meaning |\n| --- | --- |\n" + "".join(f"| {code} | {what} |\n" for code, what in rows)


def _verbs(group: Any, context: Any, called: str) -> list[str]:
    """The verbs of a group, each with its section; verbs below verbs follow their own group."""
    parts: list[str] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        path = f"{called} {name}"
        with command.make_context(path, [], parent=context, resilient_parsing=True) as inner:
            if hasattr(command, "list_commands"):
                parts += _verbs(command, inner, path)
            else:
                parts.append(_section(command, inner, path))
    return parts


def _section(command: Any, context: Any, path: str) -> str:
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    lines = [f"## {path}\n", f"```\n{usage}\n```\n", _paragraphs(command.help or ""), ""]
    records = [param.get_help_record(context) for param in command.get_params(context)]
    rows = [record for record in records if record is not None]
    if rows:
        lines += ["| | |", "| --- | --- |"]
        lines += [f"| `{_cell(name)}` | {_cell(text)} |" for name, text in rows]
    return "\n".join(lines) + "\n"


def _paragraphs(text: str) -> str:
    """Help text with its lines joined: Markdown breaks them itself."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(render())
