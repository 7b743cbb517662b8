"""The few shapes that the pictures are made of, and axes that fit their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from markupsafe import Markup, escape

from haechi.report.safe import safe

INK: Final = "#1a1a1a"
SOFT: Final = "#595959"  # 7 : 1 on white
RULE: Final = "#c9ccd1"
BLUE: Final = "#0072b2"
PALE: Final = "#9cc9e3"  # of honest amounts
RED: Final = "#b03a00"  # what belongs to a case; darker than PALE by far, also in grey
BAND: Final = "#f6e3d8"
WIDE: Final = 720
NARROW: Final = 340
_FONT: Final = 12


@dataclass
class Drawing:
    """An SVG picture under way. `name` makes its ids unique within a page."""

    name: str
    title: str
    text: str
    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, stroke: str = "", rx: float = 0
    ) -> None:
        edge = f' stroke="{stroke}" stroke-width="1"' if stroke else ""
        corner = f' rx="{rx}"' if rx else ""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"{corner} '
            f'fill="{fill}"{edge}/>'
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str = RULE, width: float = 1, dash: str = ""
    ) -> None:
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
            f'stroke-width="{width}"{dashed}/>'
        )

    def circle(self, x: float, y: float, radius: float, fill: str, stroke: str = "#ffffff") -> None:
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{stroke}" stroke-width="1"/>'
        )

    def words(
        self,
        x: float,
        y: float,
        text: str,
        anchor: str = "start",
        fill: str = SOFT,
        bold: bool = False,
        size: float = _FONT,
    ) -> None:
        """A line of text. What came from a log is made harmless here."""
        weight = ' font-weight="700"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size:g}"{weight}>'
            f"{escape(safe(text))}</text>"
        )

    def diamond(self, x: float, y: float, radius: float, fill: str, stroke: str = "#ffffff") -> None:
        """Told from a circle by its shape, where there is no colour."""
        points = f"{x:.1f},{y - radius:.1f} {x + radius:.1f},{y:.1f} {x:.1f},{y + radius:.1f} {x - radius:.1f},{y:.1f}"
        self.parts.append(f'<polygon points="{points}" fill="{fill}" stroke="{stroke}" stroke-width="1"/>')

    def markup(self) -> Markup:
        """The picture. Screen readers say its title and its text."""
        return Markup(
            f'<svg class="{"wide" if self.width > 500 else "narrow"}" xmlns="http://www.w3.org/2000/svg" role="img" '
            f'aria-labelledby="{self.name}-t {self.name}-d" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'font-family="inherit"><title id="{self.name}-t">{escape(self.title)}</title>'
            f'<desc id="{self.name}-d">{escape(safe(self.text))}</desc>{"".join(self.parts)}</svg>'
        )


def unit(highest: float) -> float:
    """The step of an axis from 0 to `highest` with two to five steps: 1, 2 or 5 times a power of ten."""
    if highest <= 2:
        return 1
    power = 10.0 ** math.floor(math.log10(highest))
    for step in (0.2, 0.5, 1, 2, 5):
        if highest / (step * power) <= 4:
            return max(step * power, 1)
    return power * 10


def top(highest: float) -> float:
    """The end of that axis."""
    step = unit(highest)
    return max(step * math.ceil(highest / step), step)


def ticks(highest: float) -> Sequence[float]:
    step = unit(highest)
    return [step * index for index in range(round(top(highest) / step) + 1)]


def cut(text: str, letters: int) -> str:
    """Harmless text of at most so many letters, the middle left out."""
    text = safe(text)
    if len(text) <= letters:
        return text
    front = (letters - 1) // 2
    return f"{text[:front]}…{text[len(text) - (letters - 1 - front) :]}"
