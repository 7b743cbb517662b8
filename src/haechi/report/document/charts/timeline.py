"""A case from its first day to its last, and what each rule said first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from markupsafe import Markup
from rich.cells import cell_len

from haechi.report.document.charts.svg import BAND, INK, RED, RULE, SOFT, WIDE, Drawing, ticks, top
from haechi.report.document.model import CaseDay
from haechi.report.document.words import Words

_LEFT, _RIGHT, _TALL, _FOOT = 46, 10, 130, 34
_BARS = 120  # more days than this are drawn as weeks


def timeline(
    words: Words,
    case: str,
    found: Sequence[CaseDay],
    marks: Sequence[tuple[date, int]],
    month: tuple[date, date] | None,
    width: int = WIDE,
) -> Markup:
    """Requests by day, or by week of a long case. `marks`: (day, number) of what is listed beside. `month`: shaded."""
    first, last = found[0].day, found[-1].day
    length = (last - first).days + 1
    each = 1 if length <= _BARS else 7
    slots = [0] * (-(-length // each))
    for day in found:
        slots[(day.day - first).days // each] += day.requests
    title = words.say("Requests of case %(case)s over time", case=case)
    text = words.say(
        "From %(first)s to %(last)s. The most in one bar: %(most)s.",
        first=words.day(first),
        last=words.day(last),
        most=words.number(max(slots)),
    )
    rows = _rows(marks, first, length, width)
    head = 18 + 18 * (max(rows, default=0) + 1 if rows else 0)
    drawing = Drawing(f"case-{case}-{width}", title, text, width, head + _TALL + _FOOT)
    base, across = head + _TALL, width - _LEFT - _RIGHT
    step = across / len(slots)

    def place(day: date) -> float:
        return _LEFT + across * min(max((day - first).days, 0), length) / (len(slots) * each)

    if month:
        begin, end = place(month[0]), place(month[1] + timedelta(days=1))
        if end > begin and (month[0] > first or month[1] < last):
            drawing.rect(begin, head - 2, end - begin, _TALL + 2, BAND)
    highest = top(max(slots))
    for tick in ticks(max(slots)):
        y = base - (_TALL - 14) * tick / highest
        drawing.line(_LEFT, y, width - _RIGHT, y, RULE if tick else SOFT)
        drawing.words(_LEFT - 5, y + 4, words.short(tick), "end", size=11)
    per = words.say("Requests a day") if each == 1 else words.say("Requests a week")
    drawing.words(0, 12, per, fill=INK, bold=True)
    for number, value in enumerate(slots):
        tall = (_TALL - 14) * value / highest
        gap = min(step * 0.15, 2)
        drawing.rect(
            _LEFT + number * step + gap / 2, base - tall, step - gap, max(tall, 1 if value else 0), RED
        )
    _dates(drawing, words, first, last, place, base, width)
    for (seen, number), row in zip(marks, rows, strict=True):
        x, y = place(seen), head - 10 - 18 * row
        drawing.line(x, y + 7, x, base, SOFT, 0.8, "2 2")
        drawing.circle(x, y, 8, INK)
        drawing.words(x, y + 4, str(number), "middle", "#ffffff", True, 10.5)
    return drawing.markup()


def _rows(marks: Sequence[tuple[date, int]], first: date, length: int, width: int) -> list[int]:
    """In which row each mark stands, so that none covers another."""
    taken: list[float] = []
    rows = []
    for day, _ in marks:
        x = (width - _LEFT - _RIGHT) * (day - first).days / length
        row = next((number for number, last in enumerate(taken) if x - last >= 19), len(taken))
        taken[row:] = [x] if row == len(taken) else [x, *taken[row + 1 :]]
        rows.append(row)
    return rows


def _dates(
    drawing: Drawing,
    words: Words,
    first: date,
    last: date,
    place: Callable[[date], float],
    base: float,
    width: int,
) -> None:
    if (last - first).days < 62:
        at = first
        every = max(1, (last - first).days // (10 if width > 500 else 4))
        while at <= last:
            drawing.words(place(at), base + 16, words.day_short(at), "middle", size=11)
            at += timedelta(days=every)
        return
    months = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]
    free = float("-inf")  # where the label before ends
    for month in months:
        text = words.month_short(month.year, month.month)
        half = cell_len(text) * 10 * 0.3  # a Korean letter takes two cells
        x = min(place(month), width - half)
        drawing.line(place(month), base, place(month), base + 4, SOFT)
        if x - half >= free:
            drawing.words(x, base + 16, text, "middle", size=10)
            free = x + half + 8
