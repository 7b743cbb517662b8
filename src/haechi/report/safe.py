"""Text that came from a log, made harmless and fitted into the columns of a terminal."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.text import Text

from haechi.model.plain import safe as safe


def inert(text: str, style: str = "") -> Text:
    """The same as something to print: Rich reads no markup and no emoji codes in it."""
    return Text(safe(text), style=style)


def middle(text: str, width: int) -> str:
    """Harmless text of at most `width` terminal columns, its middle left out: a path's two ends tell most.

    Korean, Chinese and Japanese letters count as the two columns that they take.
    """
    text = safe(text)
    if cell_len(text) <= width:
        return text
    if width < 3:
        return "…"[:width]
    front = _fitting(text, (width - 1) // 3)
    back = _fitting(text[::-1], width - 1 - cell_len(front))[::-1]
    return f"{front}…{back}"


def broken(text: str, width: int) -> str:
    """Harmless text in lines of at most `width` columns, broken after a dash, dot, slash, underscore or space.

    A word that is longer has its middle left out.
    """
    lines = [""]
    for word in re.findall(r"[^-_./ ]*[-_./ ]|[^-_./ ]+", safe(text)):
        if lines[-1] and cell_len(lines[-1] + word) > width:
            lines.append("")
        lines[-1] += middle(word, width)
    return "\n".join(lines)


def _fitting(text: str, width: int) -> str:
    """As many characters from the start as fit into `width` columns."""
    taken, end = 0, 0
    for char in text:
        taken += cell_len(char)
        if taken > width:
            break
        end += 1
    return text[:end]
