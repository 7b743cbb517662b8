"""Lying bars: networks by their requests, with the part that belongs to a case."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from haechi.report.document.charts.svg import INK, PALE, RED, SOFT, WIDE, Drawing, cut
from haechi.report.document.words import Words

_ROW = 34


def bars(
    words: Words,
    name: str,
    title: str,
    text: str,
    rows: Sequence[tuple[str, int, int]],
    width: int = WIDE,
) -> Markup:
    """A row each: label, amount, and the flagged part of it."""
    drawing = Drawing(f"{name}-{width}", title, text, width, len(rows) * _ROW + 4)
    highest = max((amount for _, amount, _ in rows), default=1) or 1
    room = width - 90
    for number, (label, amount, flagged) in enumerate(rows):
        y = number * _ROW
        drawing.words(0, y + 12, cut(label, 60 if width > 500 else 34), fill=INK)
        long, part = max(room * amount / highest, 1), room * flagged / highest
        drawing.rect(0, y + 16, long, 12, PALE)
        if flagged:
            drawing.rect(0, y + 16, max(part, 1.5), 12, RED)
        drawing.words(
            long + 5, y + 26, words.number(amount), fill=RED if flagged else SOFT, bold=bool(flagged), size=11
        )
    return drawing.markup()
