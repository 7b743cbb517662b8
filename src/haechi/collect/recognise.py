"""Choose the formats of a file by looking at its content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haechi.collect.formats import FORMATS
from haechi.collect.interface import Format, Sample
from haechi.model.settings import SourceSettings

SAMPLE_BYTES = 1 << 18
ENOUGH = 0.02  # of a sample's units, for a file to be taken for a log at all


@dataclass(frozen=True)
class Recognised:
    """The formats to try on every unit, in this order; all cut bytes the same way. Empty: nothing fitted."""

    formats: tuple[Format, ...]
    tried: tuple[str, ...]  # titles of what was tried, for the sentence when nothing fitted


def recognise(sample: Sample, source: SourceSettings | None) -> Recognised:
    """The most specific format first. A configured format or table narrows the choice."""
    candidates = [form for form in FORMATS if _allowed(form, source)]
    tried = tuple(form.title for form in candidates)
    if source is not None and source.format:
        return Recognised(tuple(candidates), tried)
    shares = [(form, form.share(sample)) for form in candidates]
    fitting = [(form, share) for form, share in shares if share > 0]
    if not fitting or sum(share for _, share in fitting) < ENOUGH:
        return Recognised((), tried)
    # The framing of the best fit rules: formats that cut bytes otherwise cannot share a file with it.
    best = max(fitting, key=lambda item: item[1])[0]
    together = tuple(f for f, _ in fitting if f.framing is best.framing and f.table == best.table)
    return Recognised(together, tried)


def others(leftover: Sequence[str], first: Format) -> tuple[Format, ...]:
    """Formats that know some of the units which nobody could read, and cut bytes as `first` does."""
    sample = Sample("\n".join(line.strip("\r\n") for line in leftover).encode("utf-8", "replace"), True)
    together = [form for form in FORMATS if form.framing is first.framing and form.table == first.table]
    return tuple(form for form in together if form.share(sample) > 0)


def _allowed(form: Format, source: SourceSettings | None) -> bool:
    if source is None:
        return True
    return form.table == source.table and source.format in ("", form.name)
