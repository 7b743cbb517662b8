"""Requests and persons by day, with the days of cases marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from haechi.report.document.charts.svg import (
    BAND,
    BLUE,
    INK,
    PALE,
    RED,
    RULE,
    SOFT,
    WIDE,
    Drawing,
    ticks,
    top,
)
from haechi.report.document.model import Day
from haechi.report.document.words import Words

_LEFT, _RIGHT, _HEIGHT, _GAP, _FOOT = 46, 8, 120, 30, 24


def days(
    words: Words, found: Sequence[Day], spans: Sequence[tuple[str, date, date]], width: int = WIDE
) -> Markup:
    """Requests that showed personal data, and persons, over the same days. `spans`: (case, first, last)."""
    title = words.say("Requests that showed personal data, and persons, by day")
    peak = max(found, key=lambda day: day.shown)
    text = words.say(
        "The most requests were on %(day)s: %(requests)s, about %(persons)s persons.",
        day=words.day(peak.day),
        requests=words.number(peak.shown),
        persons=words.number(peak.persons),
    )
    rows = min(len(spans), 3)
    head = 22 + 16 * rows
    height = head + 2 * _HEIGHT + _GAP + _FOOT
    drawing = Drawing(f"days-{width}", title, text, width, height)
    step = (width - _LEFT - _RIGHT) / len(found)
    index = {day.day: number for number, day in enumerate(found)}
    for row, (case, first, last) in enumerate(spans[:rows]):
        begin, end = index[max(first, found[0].day)], index[min(last, found[-1].day)]
        x, y = _LEFT + begin * step, 4 + 16 * row
        drawing.rect(x, head - 4, (end - begin + 1) * step, height - head - _FOOT + 4, BAND)
        drawing.rect(x, y, (end - begin + 1) * step, 13, "#ffffff", RED, 2)
        drawing.words(x + 4, y + 10.5, words.say("Case %(case)s", case=case), fill=RED, bold=True, size=10.5)
    panels = (
        (
            words.say("Requests"),
            [day.shown for day in found],
            [day.flagged for day in found],
            PALE,
        ),
        (words.say("Persons"), [day.persons for day in found], None, BLUE),
    )
    for number, (name, values, flagged, fill) in enumerate(panels):
        base = head + _HEIGHT + number * (_HEIGHT + _GAP)
        _panel(drawing, words, name, values, flagged, fill, base, step)
    every = 1 if width > 500 else 5
    for number, day in enumerate(found):
        if day.day.day == 1 or day.day.day % (5 if every == 5 else 2) == (0 if every == 5 else 1):
            x = _LEFT + (number + 0.5) * step
            drawing.words(x, height - 8, str(day.day.day), "middle", size=11)
    return drawing.markup()


def _panel(
    drawing: Drawing,
    words: Words,
    name: str,
    values: Sequence[int],
    flagged: Sequence[int] | None,
    fill: str,
    base: float,
    step: float,
) -> None:
    highest = top(max(values))
    tall = _HEIGHT - 18
    for tick in ticks(max(values)):
        y = base - tall * tick / highest
        drawing.line(_LEFT, y, drawing.width - _RIGHT, y, RULE if tick else SOFT)
        drawing.words(_LEFT - 5, y + 4, words.short(tick), "end", size=11)
    drawing.words(_LEFT, base - tall - 7, name, fill=INK, bold=True)
    for number, value in enumerate(values):
        x, high = _LEFT + number * step + step * 0.12, tall * value / highest
        drawing.rect(x, base - high, step * 0.76, high, fill)
        if flagged and flagged[number]:
            part = tall * flagged[number] / highest
            drawing.rect(x, base - part, step * 0.76, part, RED)
