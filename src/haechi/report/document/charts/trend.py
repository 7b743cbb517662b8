"""The month beside those before it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from haechi.report.document.charts.svg import BLUE, INK, PALE, RED, RULE, SOFT, WIDE, Drawing, ticks, top
from haechi.report.document.model import Trend
from haechi.report.document.words import Words

_LEFT, _RIGHT, _TALL = 46, 8, 130
_NAME = 58  # how wide the name of a month is


def trend(words: Words, found: Sequence[Trend], width: int = WIDE) -> Markup:
    """Requests that showed personal data by month, the part of cases dark; the last month has an edge."""
    title = words.say("Requests that showed personal data, by month")
    last = found[-1]
    text = words.say(
        "%(month)s: %(requests)s.",
        month=words.month(last.year, last.month),
        requests=words.number(last.shown),
    )
    drawing = Drawing(f"trend-{width}", title, text, width, _TALL + 48)
    base, across = _TALL + 20, width - _LEFT - _RIGHT
    step = across / max(len(found), 6)
    highest = top(max(month.shown for month in found))
    for tick in ticks(max(month.shown for month in found)):
        y = base - _TALL * tick / highest
        drawing.line(_LEFT, y, width - _RIGHT, y, RULE if tick else SOFT)
        drawing.words(_LEFT - 5, y + 4, words.short(tick), "end", size=11)
    every = math.ceil(_NAME / step)
    for number, month in enumerate(found):
        x = _LEFT + number * step + step * 0.14
        tall = _TALL * month.shown / highest
        is_last = number == len(found) - 1
        drawing.rect(x, base - tall, step * 0.72, tall, PALE, BLUE if is_last else "")
        part = _TALL * month.flagged / highest
        if part:
            drawing.rect(x, base - part, step * 0.72, part, RED)
        if (len(found) - 1 - number) % every == 0:
            name = words.month_short(month.year, month.month)
            drawing.words(x + step * 0.36, base + 16, name, "middle", INK if is_last else SOFT, is_last, 10)
    return drawing.markup()
