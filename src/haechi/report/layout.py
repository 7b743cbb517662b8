"""The report's shape on a screen: section heads, and what stands under them."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

INDENT = 2


def section(console: Console, title: str) -> None:
    """An empty line and a section's title. The title is our own word, never data."""
    console.print()
    console.print(Text(title, style="bold"))


def indented(console: Console, *contents: RenderableType) -> None:
    """Print each of these under the title; an empty text is an empty line."""
    for content in contents:
        console.print(Padding(content, (0, 0, 0, INDENT), expand=False) if content != "" else "")
