"""The report's words in a language: gettext catalogues for messages, CLDR for numbers, dates and plurals.

The messages of `locale/*.po` are read as they are, so that a translation needs no building. English is what stands in
the templates and in `sayings.py`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from haechi.model.errors import UsageError
from haechi.report.figures import local

LANGUAGES: Final = ("en", "ko", "ja")
NAMES: Final = {"en": "English", "ko": "한국어", "ja": "日本語"}
_TIMES: Final = {"en": "y-MM-dd HH:mm", "ko": "y. M. d. HH:mm", "ja": "y/MM/dd HH:mm"}
_BYTES: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; for English one that changes nothing.

    Raises:
        UsageError: there is no such language.
    """
    if language not in LANGUAGES:
        known = ", ".join(f"{code} ({NAMES[code]})" for code in LANGUAGES)
        raise UsageError(
            f"Reports are not written in the language {language!r}.", todo=f"Choose one of: {known}."
        )
    if language == "en":
        return NullTranslations()
    text = files("haechi.report.document").joinpath("locale", f"{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@dataclass(frozen=True)
class Words:
    """How one report writes numbers, times and messages: its language and its time zone."""

    language: str
    zone: tzinfo
    locale: Locale
    messages: NullTranslations

    @classmethod
    def of(cls, language: str, zone: tzinfo) -> Words:
        """Raises `UsageError` for a language that reports are not written in."""
        messages = translations(language)
        return cls(language, zone, Locale.parse(language), messages)

    def say(self, message: str, **values: object) -> str:
        """A message in this language, filled. Values are text or numbers that are written already."""
        text = self.messages.gettext(message)
        return text % values if values else text

    def count(self, one: str, many: str, number: int) -> str:
        """A message about a number of things, in the right plural; `%(n)s` is the number."""
        return self.messages.ngettext(one, many, number) % {"n": self.number(number)}

    def number(self, value: int | None) -> str:
        """`1,234`; an en dash where it is not known."""
        return "–" if value is None else str(format_decimal(value, locale=self.locale))

    def short(self, value: float) -> str:
        """A number on an axis, in few letters: `1.2M`, `120만`."""
        from babel.numbers import format_compact_decimal

        return str(format_compact_decimal(value, locale=self.locale, fraction_digits=1))

    def share(self, part: int, whole: int) -> str:
        """A share in percent, cut and not rounded: 100 % means all. An en dash of nothing."""
        if not whole:
            return "–"
        return str(format_percent(part * 1000 // whole / 1000, format="#,##0.#%", locale=self.locale))

    def part(self, share: float) -> str:
        """A share in percent with three digits, never rounded up to a whole that it is not."""
        digits = "#,##0%" if share == 1.0 else "#,##0.###%"
        return str(
            format_percent(min(share, 1.0 if share == 1.0 else 0.99999), format=digits, locale=self.locale)
        )

    def decimal(self, value: float) -> str:
        """A number with one digit after the point."""
        return str(format_decimal(value, format="#,##0.0", locale=self.locale))

    def size(self, number: int) -> str:
        """An amount of bytes in decimal units."""
        value, power = float(number), 0
        while value >= 999.5 and power < len(_BYTES) - 1:
            value, power = value / 1000, power + 1
        digits = "#,##0" if not power or value >= 99.95 else "#,##0.0"
        return f"{format_decimal(value, format=digits, locale=self.locale)} {_BYTES[power]}"

    def month(self, year: int, month: int) -> str:
        """`June 2025`, `2025년 6월`, `2025年6月`."""
        return self._date(date(year, month, 1), "yMMMM")

    def month_short(self, year: int, month: int) -> str:
        return self._date(date(year, month, 1), "yMMM")

    def day(self, value: date | datetime | None) -> str:
        """A day: `Jun 24, 2025`. A time is taken to the report's zone first."""
        if value is None:
            return "–"
        return str(format_date(self._local(value), "medium", locale=self.locale))

    def day_short(self, value: date) -> str:
        """A day of a month that is named beside: `6/24`."""
        return self._date(value, "Md")

    def time(self, value: datetime | None) -> str:
        """A time to the minute in the report's zone, which is named once."""
        if value is None:
            return "–"
        shown = local(value, self.zone).replace(tzinfo=None)
        return str(format_datetime(shown, _TIMES[self.language], locale=self.locale))

    def weekday(self, number: int) -> str:
        """1 is Monday."""
        return str(get_day_names("abbreviated", locale=self.locale)[number - 1])

    def hour(self, number: int) -> str:
        return f"{number:02d}"

    def zone_name(self) -> str:
        return str(self.zone)

    def _local(self, value: date | datetime) -> date:
        return local(value, self.zone).date() if isinstance(value, datetime) else value

    def _date(self, value: date, skeleton: str) -> str:
        from babel.dates import format_skeleton

        at = datetime(value.year, value.month, value.day, tzinfo=UTC)
        return str(format_skeleton(skeleton, at, tzinfo=UTC, locale=self.locale))


Say = Callable[..., str]
