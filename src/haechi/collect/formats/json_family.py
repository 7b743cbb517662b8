"""What the JSON log formats share: find the keys that mean something, pick them out of each line in one parse.

A format of this family is a table of aliases: for each column the keys under which programs write it, best first.
Only keys that occur in the sample are asked for, since each costs time on every line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from haechi.collect import framing
from haechi.collect.expressions import hex_digest, json_path, json_strings, time_expression, value_at
from haechi.collect.interface import Framing, Projection, Sample
from haechi.model.settings import SourceSettings
from haechi.model.words import DIGEST, READ_ONLY_COLUMNS, REQUEST_LINE, SECRET, TOKEN_ID, Table

SAMPLE_LINES = 300
_SOMEONE = ("client_ip", "path", "actor", "method", REQUEST_LINE, TOKEN_ID, DIGEST, SECRET)


class JsonLinesFormat:
    """One JSON object a line, with the keys that `aliases` names (`a.b` is nested, `a[0]` the first of a list)."""

    def __init__(
        self,
        name: str,
        title: str,
        aliases: Mapping[str, Sequence[str]],
        needed: Sequence[Sequence[str]],
        envelopes: Sequence[str] = ("",),
        fallback: float = 0.0,
    ) -> None:
        """What is this format's own.

        needed:    sets of keys of which a line must have one each, to be taken for this format
        envelopes: prefixes under which log shippers wrap a record whole, such as "_source."
        fallback:  the share claimed of a file that is JSON lines, but with no line like this
        """
        self.name, self.title, self.aliases, self.needed = name, title, aliases, needed
        self.envelopes, self.fallback = envelopes, fallback
        self.table: Table = "access"

    @property
    def framing(self) -> Framing:
        return framing.lines

    def share(self, sample: Sample) -> float:
        lines = sample.lines[:SAMPLE_LINES]
        records = list(_objects(lines))
        if not records:
            return 0.0
        mine = sum(1 for record in records if self._envelope_of(record) is not None)
        return (mine or self.fallback * len(records)) / len(lines)

    def _envelope_of(self, record: dict[str, Any]) -> str | None:
        """The prefix under which the record says what is needed; None where it does not."""
        for prefix in self.envelopes:
            if prefix and prefix[:-1] not in record:
                continue
            if all(any(value_at(record, prefix + key) is not None for key in keys) for keys in self.needed):
                return prefix
        return None

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        records = list(_objects(sample.lines[:SAMPLE_LINES]))
        envelopes = Counter(found for r in records if (found := self._envelope_of(r)) is not None)
        keys = self._keys(records, source, [prefix for prefix, _ in envelopes.most_common()] or [""])
        paths = sorted({key for found in keys.values() for key in found})
        # Each value is cleaned once, under a name of its own; the columns below only name it.
        values = {f"v_{at}": _present(f"j[{at + 1}]") for at in range(len(paths))}
        picked = {
            column: _coalesced([f"v_{paths.index(key)}" for key in found]) for column, found in keys.items()
        }
        samples = [str(v) for r in records for k in keys.get("time", ()) if (v := value_at(r, k)) is not None]
        time, note = time_expression(picked.get("time", "NULL::VARCHAR"), samples[:200], source.timezone)
        columns = _columns(picked, time)
        someone = [picked[name] for name in _SOMEONE if name in picked]
        return Projection(
            stages=({"j": json_strings([json_path(key, records) for key in paths])}, values),
            columns=columns,
            # All are NULL where `j` is. COALESCE looks at the second only where the first is NULL; OR looks at all.
            readable=f"{_coalesced(someone)} IS NOT NULL" if someone else "FALSE",
            reason="not a JSON object that says who asked for what",
            notes=(note,) if "no zone" in note else (),
        )

    def _keys(
        self, records: Sequence[dict[str, Any]], source: SourceSettings, envelopes: Sequence[str]
    ) -> dict[str, list[str]]:
        """For each column the keys to read, best first: what the user said, else the aliases that occur."""
        aliases = {
            c: [prefix + key for prefix in envelopes for key in keys] for c, keys in self.aliases.items()
        }
        asked = {key for keys in aliases.values() for key in keys}
        seen = {key for key in asked if any(value_at(record, key) is not None for record in records)}
        found = {column: [key for key in keys if key in seen] for column, keys in aliases.items()}
        for column, key in source.columns.items():
            found[column] = [key]
        if found.get(DIGEST):
            found.pop(TOKEN_ID, None)
        return {column: keys for column, keys in found.items() if keys}


def _columns(picked: Mapping[str, str], time: str) -> dict[str, str]:
    columns = {name: sql for name, sql in picked.items() if name not in READ_ONLY_COLUMNS}
    columns["time"] = time
    if REQUEST_LINE in picked:
        asked = picked[REQUEST_LINE]
        columns["method"] = _coalesced(
            [columns.get("method", ""), f"nullif(split_part({asked}, ' ', 1), '')"]
        )
        columns["path"] = _coalesced([columns.get("path", ""), f"nullif(split_part({asked}, ' ', 2), '')"])
    if "client_ip" in columns:
        columns["client_ip"] = _bare_address(columns["client_ip"])
    credential = [_digest(picked[DIGEST])] if DIGEST in picked else []
    credential += [_hashed(picked[TOKEN_ID])] if TOKEN_ID in picked else []
    credential += [_hashed(_bare_token(picked[SECRET]))] if SECRET in picked else []
    if credential:
        columns["credential"] = _coalesced(credential)
    return columns


def _digest(value: str) -> str:
    """The digest that the log holds; what is no digest is hashed, so that it can at least be told apart."""
    plain = f"strlen({value}) IN (32, 64)"
    return (
        f"CASE WHEN {value} IS NULL THEN NULL WHEN {plain} THEN coalesce(TRY(unhex(left({value}, 32))), "
        f"{_hashed(value)}) ELSE coalesce({hex_digest(value)}, {_hashed(value)}) END"
    )


def _present(value: str) -> str:
    """NULL for what programs write where there is nothing."""
    return f"CASE WHEN {value} NOT IN ('-', '') THEN {value} END"


def _bare_token(value: str) -> str:
    """The token of an `Authorization: Bearer ...` header (RFC 6750), as its issuer hashed it."""
    return f"regexp_replace({value}, '^(?i:bearer) +', '')"


def _hashed(value: str) -> str:
    return f"CASE WHEN {value} IS NOT NULL THEN unhex(left(sha256({value}), 32)) END"


def _bare_address(value: str) -> str:
    """Without a port: `192.0.2.1:443` and `[2001:db8::1]:443`; the first of a list; IPv6 without a port as it is."""
    first = f"trim(split_part({value}, ',', 1))"
    return (
        f"CASE WHEN NOT contains({value}, ':') AND NOT contains({value}, ',') THEN {value} "
        f"WHEN {first}[1] = '[' THEN split_part(substr({first}, 2), ']', 1) "
        f"WHEN len(string_split({first}, ':')) = 2 THEN split_part({first}, ':', 1) ELSE {first} END"
    )


def _coalesced(values: Sequence[str]) -> str:
    given = [value for value in values if value]
    return given[0] if len(given) == 1 else f"coalesce({', '.join(given)})"


def _objects(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            record = msgspec.json.decode(line)
        except msgspec.DecodeError:
            continue
        if isinstance(record, dict):
            yield record
