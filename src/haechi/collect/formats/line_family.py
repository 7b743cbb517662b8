"""What formats of one line a record share: recognising them, and a pattern's named groups in SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence

from haechi.collect.expressions import literal
from haechi.collect.interface import Sample

SAMPLE_LINES = 500


def matching_share(sample: Sample, pattern: re.Pattern[str]) -> float:
    """The share of the sample's lines that fit the pattern from their first character."""
    lines = sample.lines[:SAMPLE_LINES]
    return sum(1 for line in lines if pattern.match(line)) / len(lines) if lines else 0.0


def values_of(sample: Sample, pattern: re.Pattern[str], group: str = "time") -> list[str]:
    """A named group's values in the sample, at most fifty."""
    found = (pattern.match(line) for line in sample.lines[:SAMPLE_LINES])
    return [match[group] for match in found if match and match[group]][:50]


def groups(pattern: str, names: Sequence[str], text: str = "line") -> str:
    """SQL: the pattern's groups as a struct with these names; all are '' where the text does not fit.

    The pattern must mean the same to Python and to RE2: no look-around, no back references.
    """
    listed = ", ".join(literal(name) for name in names)
    return f"regexp_extract({text}, {literal(pattern)}, [{listed}])"
