"""How many persons one credential, account or address was shown: both on scales of powers of ten, the outlier named."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from haechi.report.document.charts.svg import (
    BLUE,
    INK,
    PALE,
    RED,
    RULE,
    SOFT,
    WIDE,
    Drawing,
    cut,
)
from haechi.report.document.model import Bucket
from haechi.report.document.words import Words

Place = Callable[[float], float]
Dot = tuple[str, int, str]  # name, persons, case or ""
_LEFT, _RIGHT, _TALL, _ROW, _FOOT = 46, 20, 130, 54, 36


def people(
    words: Words,
    buckets: Sequence[Bucket],
    strips: Sequence[tuple[str, Sequence[Dot]]],
    width: int = WIDE,
) -> Markup:
    """Above, how many credentials saw how many persons; below, for each kind of entity those that saw the most."""
    most = max([10, *(bucket.most for bucket in buckets), *(dot[1] for _, dots in strips for dot in dots)])
    powers = math.ceil(math.log10(most))
    title = words.say("Persons for each credential, account and address")
    named = [max(dots, key=lambda dot: dot[1]) for _, dots in strips if dots]
    text = " ".join(
        words.say(
            "%(name)s was shown %(persons)s persons.", name=cut(name, 40), persons=words.number(persons)
        )
        for name, persons, _ in named
    )
    height = 24 + _TALL + len(strips) * _ROW + _FOOT
    drawing = Drawing(f"people-{width}", title, text or title, width, height)
    across = width - _LEFT - _RIGHT

    def place(persons: float) -> float:
        return _LEFT + across * math.log10(max(persons, 1)) / powers

    for power in range(powers + 1):
        drawing.line(place(10**power), 24, place(10**power), height - _FOOT)
        drawing.words(place(10**power), height - _FOOT + 15, words.short(10**power), "middle", size=11)
    drawing.words(_LEFT + across, height - 4, words.say("Persons in the month"), "end", size=11)
    _histogram(drawing, words, buckets, place)
    for number, (name, dots) in enumerate(strips):
        y = 24 + _TALL + number * _ROW
        _strip(drawing, words, name, dots, place, y)
    return drawing.markup()


def _histogram(drawing: Drawing, words: Words, buckets: Sequence[Bucket], place: Place) -> None:
    drawing.words(_LEFT, 14, words.say("Number of credentials"), fill=INK, bold=True)
    if not buckets:
        drawing.words(_LEFT + 4, 44, words.say("No record tells of a credential."), size=11)
        return
    high = max([10, *(bucket.credentials for bucket in buckets)])
    tens = math.ceil(math.log10(high))
    base = 24 + _TALL - 8
    for power in range(0, tens + 1, max(1, tens // 3)):
        y = base - (_TALL - 22) * (power + 0.3) / (tens + 0.3)
        drawing.words(_LEFT - 9, y + 4, words.short(10**power), "end", size=11)
        drawing.line(_LEFT, y, drawing.width - _RIGHT, y, RULE, 0.5)
    drawing.line(_LEFT, base, drawing.width - _RIGHT, base, SOFT)
    for bucket in buckets:
        x = place(bucket.least) + (1 if bucket.least > 1 else -6)
        wide = 12 if bucket.least == 1 else place(bucket.most + 1) - place(bucket.least) - 2
        if bucket.least == 2:
            x, wide = x + 6, wide - 6
        tall = (_TALL - 22) * (math.log10(bucket.credentials) + 0.3) / (tens + 0.3)
        drawing.rect(x, base - tall, wide, tall, PALE, BLUE)


def _strip(drawing: Drawing, words: Words, name: str, dots: Sequence[Dot], place: Place, y: float) -> None:
    drawing.words(_LEFT, y + 12, name, fill=INK, bold=True)
    drawing.line(_LEFT, y + 40, drawing.width - _RIGHT, y + 40, SOFT)
    if not dots:
        drawing.words(_LEFT + 4, y + 32, words.say("nobody with more than one person"), size=11)
        return
    for _, persons, case in sorted(dots, key=lambda dot: dot[1]):
        if case:
            drawing.diamond(place(persons), y + 40, 7, RED)
        else:
            drawing.circle(place(persons), y + 40, 4, BLUE)
    top, persons, case = max(dots, key=lambda dot: dot[1])
    x = place(persons)
    letters = 40 if drawing.width > 500 else 16
    label = f"{cut(top, letters)}: {words.number(persons)}"
    late = x > drawing.width * 0.55
    drawing.words(
        x + (6 if late else -6), y + 30, label, "end" if late else "start", RED if case else INK, True, 11
    )
