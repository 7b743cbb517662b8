"""`python -m haechi.cli.picture DIR`: the picture in the README, made from the real report of a workspace."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from haechi.cli.options import needed_workspace, zone_of
from haechi.report.custody import Look
from haechi.report.inspection import reopen
from haechi.report.terminal import beside, headline
from haechi.report.terminal_case import print_case

WIDTH = 100


def draw(folder: Path) -> str:
    """The answer and the first case of a workspace as SVG. It names no font of another site."""
    workspace = needed_workspace(folder)
    with reopen(workspace, Look("picture")) as inspected:
        inspection = inspected.inspection
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(headline(inspection))
    console.print(*map(Text, beside(inspection)), sep="\n")
    for case in inspection.cases[:1]:
        console.print()
        print_case(case, console, zone_of(workspace))
    picture = console.export_svg(title="haechi inspect", unique_id="haechi")
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.S)


if __name__ == "__main__":
    sys.stdout.write(draw(Path(sys.argv[1])))
