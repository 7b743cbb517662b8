"""From a document to one HTML file that needs nothing else: styles and pictures stand in it, scripts there are none."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from haechi.detect.rule import read_rule, rule_files
from haechi.report.document import queries, sayings
from haechi.report.document.charts import bars, days, grid, people, timeline, trend
from haechi.report.document.charts.svg import NARROW, WIDE, cut
from haechi.report.document.model import CaseDocument, CaseReport, DrillDocument, InspectionDocument
from haechi.report.document.numbers import numbers
from haechi.report.document.remarks import remark
from haechi.report.document.words import Words
from haechi.report.figures import local
from haechi.report.safe import safe

LETTERS = 160  # of a value out of a log that is shown
_SAID = re.compile(r"(<title [^>]*>[^<]*)</title><desc [^>]*>([^<]*)</desc>")
VERSION = 1  # of the data within the file


def html(kind: str, document: Any, words: Words, *, paper: bool = False) -> str:
    """The page. `kind` names the template: inspection, case, drill. `paper`: for the PDF."""
    environment = _environment(words, paper)
    drawer = Drawer(words, paper)
    data = _data(kind, document, words)
    return environment.get_template(f"{kind}.html.j2").render(
        d=document,
        draw=drawer,
        paper=paper,
        data=Markup(_inert_json(data)),
        qr=_qr(document.checkpoint, words),
        titles={rule.id: rule.title for rule in document.rules} or _titles(),
        style=Markup(_style()),
        sql=[(name, queries.query(name)) for name in queries.names()],
    )


def data_of(kind: str, document: Any, words: Words) -> bytes:
    """The numbers of a report as JSON, for whoever checks it by a program."""
    return msgspec.json.format(msgspec.json.encode(_plain(_data(kind, document, words))), indent=1)


class Drawer:
    """The pictures of a report, wide and narrow (the page shows the one that fits)."""

    def __init__(self, words: Words, paper: bool) -> None:
        self.words, self.paper = words, paper
        self.widths = (WIDE,) if paper else (WIDE, NARROW)

    def days(self, document: InspectionDocument) -> Markup:
        first, last = document.days[0].day, document.days[-1].day
        spans = [(case.id, *self.span(case)) for case in document.cases]
        inside = [span for span in spans if span[1] <= last and span[2] >= first]
        return self._both(lambda width: days.days(self.words, document.days, inside, width))

    def grid(self, document: InspectionDocument) -> Markup:
        if not any(cell.shown for cell in document.grid):
            return Markup("")
        return self._both(lambda width: grid.grid(self.words, document.grid, width))

    def cells(self, document: InspectionDocument) -> dict[tuple[int, int], int]:
        """(weekday, hour) -> requests that showed personal data."""
        return {(cell.weekday, cell.hour): cell.shown for cell in document.grid}

    def people(self, document: InspectionDocument) -> Markup:
        say = self.words.say
        strips = [
            (say("Credentials"), [(dot.name[:12], dot.persons, dot.case) for dot in document.outliers]),
            (say("Accounts"), [(dot.name, dot.persons, dot.case) for dot in document.actors]),
            (say("Addresses"), [(dot.name, dot.persons, dot.case) for dot in document.addresses]),
        ]
        return self._both(lambda width: people.people(self.words, document.buckets, strips, width))

    def networks(self, document: InspectionDocument) -> Markup:
        title = self.words.say("Requests by network")
        rows = [
            (f"{row.name} {row.country}" if row.country else row.name, row.shown, row.flagged)
            for row in document.networks[:8]
        ]
        if not rows:
            return Markup("")
        text = self.words.say("The most flagged requests came from %(name)s.", name=rows[0][0])
        return self._both(lambda width: bars.bars(self.words, "networks", title, text, rows, width))

    def timeline(self, case: CaseReport, document: InspectionDocument | None = None) -> Markup:
        if not case.days:
            return Markup("")
        marks = [(self.day(found.first_seen), number) for number, found in self.firsts(case)]
        month = None
        if document is not None:
            month = document.days[0].day, document.days[-1].day
        return self._both(
            lambda width: timeline.timeline(self.words, case.id, case.days, marks, month, width)
        )

    def firsts(self, case: CaseReport) -> list[tuple[int, Any]]:
        """The first finding of each rule, numbered in the order of time."""
        seen: dict[str, Any] = {}
        for found in sorted(case.findings, key=lambda one: one.first_seen):
            seen.setdefault(found.rule, found)
        return list(enumerate(seen.values(), 1))

    def trend(self, document: InspectionDocument) -> Markup:
        if len(document.trend) < 2:
            return Markup("")
        return self._both(lambda width: trend.trend(self.words, document.trend, width))

    def phases(self, document: DrillDocument) -> Markup:
        title = self.words.say("Bad requests by phase, and those in no case")
        rows = [(row.phase, row.requests, row.missed) for row in document.phases]
        text = ", ".join(f"{phase}: {self.words.number(requests)}" for phase, requests, _ in rows)
        return self._both(lambda width: bars.bars(self.words, "phases", title, text, rows, width))

    def span(self, case: CaseReport) -> tuple[date, date]:
        return self.day(case.first_seen), self.day(case.last_seen)

    def day(self, time: datetime) -> date:
        return local(time, self.words.zone).date()

    def _both(self, draw: Any) -> Markup:
        drawn = Markup("").join(draw(width) for width in self.widths)
        # What draws the PDF takes the title alone as the picture's text, so it has to say all.
        return Markup(_SAID.sub(r"\1 – \2</title>", str(drawn))) if self.paper else drawn


def _environment(words: Words, paper: bool) -> Environment:
    made = Environment(
        loader=PackageLoader("haechi.report.document", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(words.messages, newstyle=True)  # type: ignore[attr-defined]
    said = sayings.Sayings(words)
    made.filters.update(
        n=lambda value: Markup(f'<data value="{value}">{escape(words.number(value))}</data>'),
        plain=words.number,
        t=lambda time: _time(words, time),
        day=words.day,
        size=words.size,
        part=words.part,
        data=shown,
        monthname=lambda row: words.month_short(row.year, row.month),
        until=lambda time: words.day(time - timedelta(seconds=1)),
        weekday=words.weekday,
        remark=lambda text: remark(words, text),
    )
    made.globals.update(words=words, said=said, sayings=sayings, cut=cut, share=words.share)
    return made


def shown(value: str | None, letters: int = LETTERS) -> Markup:
    """Text out of a log: harmless, of bounded length, and kept apart from the reading direction around it."""
    if value is None or value == "":
        return Markup("–")
    return Markup(f'<bdi class="data">{escape(cut(value, letters))}</bdi>')


def _time(words: Words, time: datetime | None) -> Markup:
    if time is None:
        return Markup("–")
    return Markup(f'<time datetime="{time.isoformat()}">{escape(words.time(time))}</time>')


def _data(kind: str, document: Any, words: Words) -> Any:
    month = getattr(document, "month", None)
    return {
        "haechi": "report",
        "version": VERSION,
        "kind": kind,
        "checkpoint": document.checkpoint,
        "month": f"{month.year}-{month.month:02d}" if month else None,
        "case": document.case.id if isinstance(document, CaseDocument) else None,
        "language": words.language,
        "made": msgspec.to_builtins(document.made),
        "numbers": msgspec.to_builtins(numbers(document)),
    }


def _inert_json(data: Any) -> str:
    """JSON that cannot end the element it stands in, whatever a log put into it."""
    text = msgspec.json.encode(_plain(data)).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@cache
def _titles() -> dict[str, str]:
    """Of the rules that Haechi brings along: a drill runs no others."""
    return {path.stem: read_rule(path).header.title for path in rule_files(None)}


def _qr(checkpoint: str, words: Words) -> Markup:
    """The checkpoint's three lines as a QR code: origin, size, root."""
    origin, size, root = checkpoint.rsplit(" ", 2)
    out = io.BytesIO()
    segno.make(f"{origin}\n{size}\n{root}\n", error="m", micro=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        scale=4,
        border=2,
        omitsize=True,
        nl=False,
        title=words.say("QR code of the checkpoint"),
    )
    return Markup(out.getvalue().decode().replace("<svg ", '<svg role="img" ', 1))


def _style() -> str:
    return files("haechi.report.document").joinpath("templates", "style.css").read_text(encoding="utf-8")
