"""Text that somebody else wrote, made harmless before a person sees it.

A log line is written by whoever sends the request. It may hold terminal commands, invisible characters, and
marks that turn the reading direction round so that a name or a number reads as another one. All of these are
shown as escapes.
"""

from __future__ import annotations

import unicodedata

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


def _hidden(char: str, stacked: int) -> bool:
    return stacked > _STACKED or unicodedata.category(char) in _HIDDEN


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
