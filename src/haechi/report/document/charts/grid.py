"""When in the week people's data was looked at: a square for each hour, the larger the more."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from haechi.report.document.charts.svg import BLUE, RULE, WIDE, Drawing
from haechi.report.document.model import Cell
from haechi.report.document.words import Words

_LEFT, _HEAD = 34, 20


def grid(words: Words, found: Sequence[Cell], width: int = WIDE) -> Markup:
    """Weekdays down, hours across (on a narrow picture the other way round)."""
    title = words.say("Requests that showed personal data, by hour and weekday")
    peak = max(found, key=lambda cell: cell.shown)
    text = words.say(
        "The most were on %(weekday)s from %(hour)s:00: %(requests)s.",
        weekday=words.weekday(peak.weekday),
        hour=words.hour(peak.hour),
        requests=words.number(peak.shown),
    )
    turned = width < 500
    across, down = (7, 24) if turned else (24, 7)
    cell_x = (width - _LEFT - 4) / across
    cell_y = min(cell_x, 17 if turned else 26)
    drawing = Drawing(f"grid-{width}", title, text, width, _HEAD + down * cell_y + 4)
    for number in range(across):
        name = words.weekday(number + 1) if turned else words.hour(number)
        drawing.words(_LEFT + (number + 0.5) * cell_x, 13, name, "middle", size=11)
    for number in range(down):
        name = words.hour(number) if turned else words.weekday(number + 1)
        drawing.words(_LEFT - 6, _HEAD + (number + 0.5) * cell_y + 4, name, "end", size=11)
        drawing.line(_LEFT, _HEAD + number * cell_y, width - 4, _HEAD + number * cell_y, RULE, 0.5)
    for cell in found:
        if not cell.shown:
            continue
        column, row = (cell.weekday - 1, cell.hour) if turned else (cell.hour, cell.weekday - 1)
        side = max(1.5, (cell_y - 3) * math.sqrt(cell.shown / peak.shown))
        x, y = _LEFT + (column + 0.5) * cell_x - side / 2, _HEAD + (row + 0.5) * cell_y - side / 2
        drawing.rect(x, y, side, side, BLUE)
    return drawing.markup()
