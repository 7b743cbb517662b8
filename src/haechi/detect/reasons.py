"""What haechi.toml says of reasons, as tables for the rules: how far they reach, and the declared purposes."""

from __future__ import annotations

import pyarrow as pa

from haechi.model.settings import PurposeSettings, Settings
from haechi.workspace.check_reasons import minutes
from haechi.workspace.units import duration

_TEXT, _LIST = pa.string(), pa.list_(pa.string())
# In microseconds; see ReasonsSettings. One row.
REASON_SETTING = pa.schema(
    [("grace_before_us", pa.int64()), ("grace_after_us", pa.int64()), ("open_for_us", pa.int64())]
)
# begin, until: minutes from local midnight, `until` beyond 1440 where the window passes midnight; NULL: all day.
# routes, days: NULL means any.
PURPOSE_SETTING = pa.schema(
    [
        ("name", _TEXT),
        ("actor", _TEXT),
        ("routes", _LIST),
        ("fields", _TEXT),
        ("begin", pa.int32()),
        ("until", pa.int32()),
        ("days", _LIST),
        ("said", _TEXT),  # when, as haechi.toml writes it: "02:00-05:00 on mon, tue"
        ("reason", _TEXT),
    ]
)


def reason_tables(settings: Settings) -> dict[str, pa.Table]:
    """`reason_setting` and `purpose_setting`. Raises ValueError where the settings were not checked."""
    given = settings.reasons
    lengths = {
        "grace_before_us": _micros(given.grace_before),
        "grace_after_us": _micros(given.grace_after),
        "open_for_us": _micros(given.open_for),
    }
    return {
        "reason_setting": pa.Table.from_pylist([lengths], REASON_SETTING),
        "purpose_setting": pa.Table.from_pylist([_row(p) for p in settings.purposes], PURPOSE_SETTING),
    }


def _row(purpose: PurposeSettings) -> dict[str, object]:
    begin, until = minutes(purpose.window) if purpose.window else (None, None)
    on = f"on {', '.join(purpose.days)}" if purpose.days else ""
    return {
        "name": purpose.name,
        "actor": purpose.actor,
        "routes": purpose.routes or None,
        "fields": ",".join(purpose.fields) or None,
        "begin": begin,
        "until": until,
        "days": purpose.days or None,
        "said": " ".join(filter(None, (purpose.window, on))),
        "reason": purpose.reason,
    }


def _micros(text: str) -> int:
    return round(duration(text).total_seconds() * 1e6)
