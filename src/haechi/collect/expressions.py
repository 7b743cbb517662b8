"""SQL that formats share: reading times, picking JSON values, quoting. Strings in, DuckDB expressions out.

An expression gives NULL for a value that it cannot read, never an error: the pipeline sets such a unit aside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from haechi.model.errors import SettingsError
from haechi.store.sql import literal as literal
from haechi.workspace.times import zones

# Zone abbreviations as database servers print them. DuckDB knows only a few, and reads the others as NULL.
# Each family stands together, so that a file that begins in winter is still read in summer.
ABBREVIATIONS: dict[str, dict[str, str]] = {
    "UTC": {"UTC": "+00", "GMT": "+00"},
    "KST": {"KST": "+09"},
    "JST": {"JST": "+09"},
    "CET": {"CET": "+01", "CEST": "+02"},
    "EET": {"EET": "+02", "EEST": "+03"},
    "MSK": {"MSK": "+03"},
    "EST": {"EST": "-05", "EDT": "-04"},
    "CST": {"CST": "-06", "CDT": "-05"},
    "MST": {"MST": "-07", "MDT": "-06"},
    "PST": {"PST": "-08", "PDT": "-07"},
}

_CLF = re.compile(r"\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}")
_ISO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2})?)?")
_ABBREVIATION = re.compile(r" ([A-Z]{3,5})$")
_OFFSET = re.compile(r"\d(Z|[+-]\d{2}(:?\d{2})?)$")
_INDEXED = re.compile(r"(.+?)((?:\[\d+\])+)")
_ISO_KINDS = ("iso", "iso_space", "iso_comma", "abbreviated")


def absent(expr: str, *marks: str) -> str:
    """NULL where the value is empty or one of the marks that stand for "nothing" (default `-`)."""
    # Not nested nullif: each of those writes its argument out twice, and seven of them took a second to plan.
    listed = ", ".join(literal(mark) for mark in ("", *(marks or ("-",))))
    return f"CASE WHEN {expr} NOT IN ({listed}) THEN {expr} END"


def whole(expr: str, kind: str = "BIGINT") -> str:
    """A whole number, NULL where the text is none."""
    return f"TRY_CAST({expr} AS {kind})"


def truth(expr: str) -> str:
    """A boolean from the usual words of a table (yes, y, true, t, 1), NULL where there is none."""
    yes, no = "('yes', 'y', 'true', 't', '1')", "('no', 'n', 'false', 'f', '0')"
    return f"CASE WHEN lower({expr}) IN {yes} THEN true WHEN lower({expr}) IN {no} THEN false END"


def json_path(key: str, records: Sequence[Mapping[str, Any]] = ()) -> str:
    """The JSON path of a key: `a.b` is nested, `a[0]` the first of a list, `"a.b"` in double quotes one key.

    Where one of `records` has the whole of `a.b` as a key of its own, that key is meant.
    """
    steps = (key,) if any(key in record for record in records) else _steps(key)
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{_quoted(step)}" for step in steps)


def value_at(record: Mapping[str, Any], key: str) -> Any:
    """The value that `json_path(key, [record])` finds; None where there is none."""
    if key in record:
        return record[key]
    at: Any = record
    for step in _steps(key):
        if isinstance(step, int):
            at = at[step] if isinstance(at, list) and len(at) > step else None
        else:
            at = at.get(step) if isinstance(at, Mapping) else None
        if at is None:
            return None
    return at


@lru_cache(maxsize=4096)
def _steps(key: str) -> tuple[str | int, ...]:
    if key.startswith('"') and key.endswith('"') and len(key) > 2:
        return (key[1:-1],)
    steps: list[str | int] = []
    for piece in key.split("."):
        indexed = _INDEXED.fullmatch(piece)
        steps.append(indexed[1] if indexed else piece)
        steps += map(int, re.findall(r"\d+", indexed[2])) if indexed else ()
    return tuple(steps)


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def json_strings(paths: Sequence[str], line: str = "line") -> str:
    """Several values of one JSON text as VARCHAR[], parsed once; NULL where the text is not JSON."""
    listed = ", ".join(literal(path) for path in paths)
    return f"TRY(json_extract_string({line}, [{listed}]))"


def hex_digest(expr: str) -> str:
    """The first 16 bytes of a SHA-256 in hex (with or without `sha256:` before it), else NULL."""
    digits = rf"regexp_extract(lower({expr}), '^(?:sha-?256:)?([0-9a-f]{{32}})[0-9a-f]{{0,32}}$', 1)"
    return f"TRY(unhex(nullif({digits}, '')))"


def check_zone(timezone: str) -> str:
    """The zone's name if it is known, UTC if it is empty.

    Raises:
        SettingsError: there is no zone of this name in the IANA database.
    """
    if not timezone:
        return "UTC"
    if timezone not in zones():
        raise SettingsError(
            f"There is no time zone {timezone!r}.",
            where="timezone",
            todo='Use a name of the IANA database, such as "Asia/Seoul" or "UTC".',
        )
    return ZoneInfo(timezone).key


def time_expression(expr: str, sample_values: Sequence[str], timezone: str) -> tuple[str, str]:
    """The cheapest SQL that reads values like these as UTC TIMESTAMP, and a note on how zones were read.

    Reads ISO 8601 with or without zone (also with a comma before the fraction, slashes, a zone abbreviation),
    `DD/Mon/YYYY:HH:MM:SS [+0900]`, Unix time in s, ms, us or ns (told by magnitude), plain dates, `YYYYMMDD`.
    Without samples it reads the commonest of these. Values without zone are in `timezone`.
    Unreadable values give NULL. The TimeZone of the engine must be UTC.

    Raises:
        SettingsError: unknown time zone.
    """
    zone = check_zone(timezone)
    seen = Counter(kind for kind in (_kind(value.strip()) for value in sample_values) if kind)
    # No sample: read everything. Order matters: eight digits are a date before they are Unix time.
    kinds = [kind for kind, _ in seen.most_common()] or ["iso", "clf", "compact", "epoch"]
    if "iso_space" in kinds or "iso_comma" in kinds or "abbreviated" in kinds:
        kinds = ["iso_loose"] + [kind for kind in kinds if kind not in _ISO_KINDS]
    families = _families(sample_values)
    read = [_READERS[kind](expr, zone, families) for kind in kinds]
    sql = read[0] if len(read) == 1 else "COALESCE(" + ", ".join(read) + ")"
    return sql, _note(sample_values, zone)


def _kind(value: str) -> str:
    """What a sample value looks like; empty where it looks like no time."""
    if re.fullmatch(r"(19|20)\d{6}", value):
        return "compact"
    if re.fullmatch(r"\d{9,20}(\.\d*)?|\d\.\d+e\+?\d+", value):
        return "epoch"
    if _CLF.match(value):
        return "clf" if re.search(r" [+-]\d{4}$", value) else "clf_local"
    if re.fullmatch(r"\d{4}\.\s?\d{1,2}\.\s?\d{1,2}\.?", value):
        return "dotted"
    if re.match(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2}", value):
        return "ctime"
    if not _ISO.match(value):
        return ""
    if _ABBREVIATION.search(value):
        return "abbreviated"
    if re.search(r"\d [+-]\d{2}", value):
        return "iso_space"
    return "iso_comma" if "," in value else "iso"


def _families(values: Sequence[str]) -> dict[str, str]:
    found = {match.group(1) for match in map(_ABBREVIATION.search, values) if match}
    offsets: dict[str, str] = {}
    for family in ABBREVIATIONS.values():
        if found & family.keys():
            offsets.update(family)
    return offsets


def _localized(read: str, zone: str) -> str:
    return read if zone == "UTC" else f"({read} AT TIME ZONE {literal(zone)})::TIMESTAMP"


def _iso(expr: str, zone: str, families: dict[str, str]) -> str:
    # A cast to TIMESTAMP ignores the offset in silence. TIMESTAMPTZ heeds it; without one it takes UTC.
    aware = f"TRY_CAST({expr} AS TIMESTAMPTZ)::TIMESTAMP"
    if zone == "UTC":
        return aware
    # The date's own hyphens stand before place 11; a sign or a letter after it is a zone.
    has_zone = f"regexp_matches(substr({expr}, 12), '[A-Za-z+-]')"
    return f"CASE WHEN {has_zone} THEN {aware} ELSE {_localized(f'TRY_CAST({expr} AS TIMESTAMP)', zone)} END"


def _iso_loose(expr: str, zone: str, families: dict[str, str]) -> str:
    tidy = f"replace(replace(replace({expr}, ',', '.'), ' +', '+'), ' -', '-')"
    for name, offset in sorted(families.items(), key=lambda item: -len(item[0])):
        tidy = f"replace({tidy}, {literal(' ' + name)}, {literal(offset)})"
    return _iso(tidy, zone, families)


def _clf(expr: str, zone: str, families: dict[str, str]) -> str:
    return f"TRY_STRPTIME({expr}, '%d/%b/%Y:%H:%M:%S %z')::TIMESTAMP"


def _clf_local(expr: str, zone: str, families: dict[str, str]) -> str:
    formats = "['%d/%b/%Y:%H:%M:%S.%g', '%d/%b/%Y:%H:%M:%S', '%d/%b/%Y:%H:%M:%S.%f']"
    return _localized(f"TRY_STRPTIME({expr}, {formats})", zone)


def _ctime(expr: str, zone: str, families: dict[str, str]) -> str:
    formats = "['%a %b %d %H:%M:%S.%f %Y', '%a %b %d %H:%M:%S %Y']"
    return _localized(f"TRY_STRPTIME({expr}, {formats})", zone)


def _compact(expr: str, zone: str, families: dict[str, str]) -> str:
    return _localized(f"TRY_STRPTIME({expr}, '%Y%m%d')", zone)


def _dotted(expr: str, zone: str, families: dict[str, str]) -> str:
    return _localized(f"TRY_STRPTIME(rtrim(replace({expr}, ' ', ''), '.'), '%Y.%m.%d')", zone)


def _epoch(expr: str, zone: str, families: dict[str, str]) -> str:
    # A DOUBLE holds microseconds since 1970 exactly until the year 2255. DECIMAL was 600 times slower.
    number = f"TRY_CAST({expr} AS DOUBLE)"
    scaled = (
        f"CASE WHEN {number} < 1e11 THEN {number} * 1e6 WHEN {number} < 1e14 THEN {number} * 1e3 "
        f"WHEN {number} < 1e17 THEN {number} ELSE {number} / 1e3 END"
    )
    return f"TRY(make_timestamp(round({scaled})::BIGINT))"


_Reader = Callable[[str, str, dict[str, str]], str]
_READERS: dict[str, _Reader] = {
    "iso": _iso,
    "iso_loose": _iso_loose,
    "clf": _clf,
    "clf_local": _clf_local,
    "ctime": _ctime,
    "compact": _compact,
    "dotted": _dotted,
    "epoch": _epoch,
}


def _note(values: Sequence[str], zone: str) -> str:
    """How the zones of these values are read, as a clause for the report."""
    told = local = 0
    for value in (value.strip() for value in values):
        kind = _kind(value)
        if kind in ("epoch", "clf", "iso_space", "abbreviated") or _OFFSET.search(value[10:]):
            told += 1
        elif kind:
            local += 1
    if local and told:
        return f"times with a zone were read by it, times without one as {zone}"
    return f"times carry no zone: read as {zone}" if local else "times carry their zone"
