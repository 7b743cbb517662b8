"""Processor time against size, both by powers of ten, each step with the line that 2.2 times a doubling would be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from benchmarks.suite.shown import GROWING, MOST_A_DOUBLING, Figure
from haechi.report.document.charts.svg import INK, RULE, SOFT, Drawing

WIDTH, HEIGHT = 720, 460
LEFT, RIGHT, TOP, BOTTOM = 64, 130, 48, 52
# Okabe and Ito's colours and a violet, which people who see few colours tell apart; labels stand at the lines' ends.
COLOURS = ("#0072b2", "#7b4fa3", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1a1a1a")
STEEP = math.log2(MOST_A_DOUBLING)
APART = 15.0


def draw(figures: Sequence[Figure], steps: Sequence[str] = GROWING) -> str:
    """The plot as a whole SVG document."""
    lines = {step: sorted((f["records"], f["cpu"]) for f in figures if f["step"] == step) for step in steps}
    lines = {step: points for step, points in lines.items() if points}
    lines = {
        step: points for step, points in lines.items() if len(points) > 1
    } or lines  # one size shows no growth
    limits = {step: _limit(points) for step, points in lines.items()}
    places = _Places([point for points in lines.values() for point in points] + list(limits.values()))
    drawing = Drawing(
        "cost",
        "Processor time against records",
        "Seconds of processor time of each step at each size. A dashed line is 2.2 times for each doubling.",
        WIDTH,
        HEIGHT,
    )
    drawing.rect(0, 0, WIDTH, HEIGHT, "#ffffff")
    drawing.words(
        LEFT,
        20,
        "Processor seconds of each step, over records. Dashed: 2.2 times a doubling.",
        fill=INK,
        bold=True,
    )
    _axes(drawing, places)
    labels = []
    for colour, (step, points) in zip(COLOURS, lines.items(), strict=False):
        drawing.line(*places.at(*points[0]), *places.at(*limits[step]), stroke=colour, width=0.8, dash="4 4")
        for one, other in pairwise(points):
            drawing.line(*places.at(*one), *places.at(*other), stroke=colour, width=2)
        for point in points:
            drawing.circle(*places.at(*point), 4, colour)
        labels.append((places.at(*points[-1]), step, colour))
    _label(drawing, labels)
    return str(drawing.markup()).replace('font-family="inherit"', 'font-family="sans-serif"') + "\n"


def _limit(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """What the largest size may cost, from the smallest on."""
    (first, cost), (last, _) = points[0], points[-1]
    return last, cost * (last / first) ** STEEP


class _Places:
    """Where a figure stands in the picture."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        counts, costs = [math.log10(x) for x, _ in points], [math.log10(y) for _, y in points]
        self.counts = (min(counts) - 0.05, max(max(counts), min(counts) + 0.1) + 0.05)
        self.costs = (math.floor(min(costs)), math.ceil(max(costs) + 0.1))

    def at(self, records: float, cost: float) -> tuple[float, float]:
        along, up = (
            (math.log10(value) - low) / (high - low)
            for value, (low, high) in ((records, self.counts), (cost, self.costs))
        )
        return LEFT + along * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)


def _axes(drawing: Drawing, places: _Places) -> None:
    for power in range(int(places.costs[0]), int(places.costs[1]) + 1):
        _, y = places.at(10 ** places.counts[0], 10.0**power)
        drawing.line(LEFT, y, WIDTH - RIGHT, y)
        drawing.words(LEFT - 8, y + 4, f"{10.0**power:g} s", "end")
    low, high = 10 ** places.counts[0], 10 ** places.counts[1]
    for power in range(math.floor(places.counts[0]), math.ceil(places.counts[1]) + 1):
        for step in (1, 2, 5):
            if low <= (records := step * 10.0**power) <= high:
                x, _ = places.at(records, 10 ** places.costs[0])
                drawing.line(x, TOP, x, HEIGHT - BOTTOM)
                drawing.words(x, HEIGHT - BOTTOM + 18, _short(records), "middle")
    drawing.line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, stroke=RULE, width=2)
    drawing.words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "records", "middle", fill=SOFT)


def _short(records: float) -> str:
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if records >= size:
            return f"{records / size:g}{unit}"
    return f"{records:g}"


def _label(drawing: Drawing, labels: list[tuple[tuple[float, float], str, str]]) -> None:
    """Each line's name at its end, pushed down where it would lie on another."""
    lowest = -math.inf
    for (x, y), step, colour in sorted(labels, key=lambda label: label[0][1]):
        lowest = max(y, lowest + APART)
        drawing.line(x + 5, y, WIDTH - RIGHT + 12, lowest, stroke=colour, width=0.6)
        drawing.words(WIDTH - RIGHT + 15, lowest + 4, step, fill=colour, bold=True)
