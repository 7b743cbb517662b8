"""Text that came from a log, made harmless before a person sees it.

A log line is written by whoever sends the request. It may hold terminal commands, invisible characters, and
marks that turn the reading direction round so that a name or a number reads as another one. All of these are
shown as escapes.
"""

from __future__ import annotations

import re
import unicodedata

from rich.cells import cell_len
from rich.text import Text

# Controls, format marks (bidirectional overrides, zero-width, tags), surrogates, private and unassigned code
# points, line and paragraph separators. Nobody needs them to read a report, and each can lie in one.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_STACKED = 3  # combining marks kept on one letter; more only serve to paint over the lines above


def safe(text: str, *, lines: bool = False) -> str:
    """The text with everything that is not plainly visible written as an escape: `\\x1b`, `\\u202e`.

    `lines`: newlines stay, for texts of our own that hold several lines.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    stacked = 0
    for char in text:
        stacked = stacked + 1 if unicodedata.combining(char) else 0
        if (char == "\n" and lines) or not _hidden(char, stacked):
            shown.append(char)
        else:
            shown.append(_escape(char))
    return "".join(shown)


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


def _hidden(char: str, stacked: int) -> bool:
    return stacked > _STACKED or unicodedata.category(char) in _HIDDEN


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _fitting(text: str, width: int) -> str:
    """As many characters from the start as fit into `width` columns."""
    taken, end = 0, 0
    for char in text:
        taken += cell_len(char)
        if taken > width:
            break
        end += 1
    return text[:end]
