"""The page that explains a pack to whoever opens it: Korean, Japanese, English. The texts are the files beside this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Final

from haechi.proof.manifest import Head, Kind, Told
from haechi.proof.prove_log import Outside
from haechi.proof.readme.words import Words, words
from haechi.proof.rows import time_text
from haechi.proof.span import bounds
from haechi.report.figures import count

LANGUAGES: Final = ("ko", "ja", "en")
_COUNTED: Final[Mapping[str, str]] = {
    "rows": "row", "batches": "batch", "entries": "entry", "witnessed": "entry", "stamped": "entry",
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What the page tells.

    rows, batches: how many the pack holds
    head:          of the log, at which the answer was computed
    sealed:        when the first and the last of the batches were sealed, microseconds since 1970 UTC; None: no batch
    outside:       who vouched for the log until now
    covered:       whether for all that the pack holds
    """

    kind: Kind
    asked: Mapping[str, Told]
    rows: int
    batches: int
    head: Head
    sealed: tuple[int, int] | None
    outside: Outside
    covered: bool


def read_me(page: Page) -> dict[str, bytes]:
    """The pages by their names in the pack."""
    return {f"README.{language}.txt": _page(page, language).encode() for language in LANGUAGES}


def _page(page: Page, language: str) -> str:
    said, shown = words(language), _shown(page, language)
    span = said.span(shown)
    shown["what"] = _fill(said.part if span else said.what[page.kind], shown)
    none = said.no_part if span else said.nothing
    when = [span] if span else []
    when += [said.collected] if page.sealed else []
    text = files("haechi.proof.readme").joinpath(f"README.{language}.txt").read_text(encoding="utf-8")
    made = _fill(
        text,
        {
            "holds": _fill(said.holds if page.rows else none, shown),
            "when": _fill("\n".join(when), shown),
            "outside": _fill("\n".join(_outside(page, said)), shown),
        },
    )
    return made.replace("\n\n\n", "\n\n")


def _outside(page: Page, said: Words) -> Iterator[str]:
    """Whether anybody vouches for the log. The page is sealed before its own seal can be vouched for."""
    if page.outside.witnesses:
        yield said.witnesses
    if page.outside.stamped:
        yield said.timestamp
    if not page.outside.size:
        yield said.alone
    else:
        yield said.covered if page.covered else said.uncovered
    yield said.look


def _shown(page: Page, language: str) -> dict[str, str]:
    numbers = {
        "rows": page.rows,
        "batches": page.batches,
        "entries": page.head.size,
        "witnessed": page.outside.witnessed,
        "stamped": page.outside.stamped,
    }
    shown = {"person": "*"} | {name: _one_line(value) for name, value in page.asked.items()}
    shown |= {
        name: count(number, _COUNTED[name]) if language == "en" else f"{number:,}"
        for name, number in numbers.items()
    }
    first, last = (time_text(time // 1_000_000 * 1_000_000) for time in page.sealed or (0, 0))
    shown["times"] = first if first == last else f"{first} – {last}"
    shown["times"] = shown["times"].replace(".000000Z", "Z")
    begin, end = bounds(page.asked)
    shown |= {"begin": begin or "", "end": end or ""}
    shown["origin"] = _one_line(page.head.origin)
    shown["names"] = ", ".join(map(_one_line, page.outside.witnesses))
    return shown


def _fill(template: str, shown: Mapping[str, str]) -> str:
    return Template(template).substitute(shown)


def _one_line(value: Told) -> str:
    """An id may hold anything: nothing in it may look like a part of the page."""
    return "".join(char if char.isprintable() else "\ufffd" for char in str(value))[:200]
