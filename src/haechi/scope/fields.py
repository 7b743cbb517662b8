"""Sets of fields as bits: joining two is one instruction, and a person's set is never a growing string."""

from __future__ import annotations

import pyarrow as pa

from haechi.model.errors import ScopeError
from haechi.store.interface import Engine

MOST_FIELDS = 126  # bits of a HUGEINT that stay clear of its sign


class FieldNumbers:
    """Numbers each field name as it is met, and keeps `scope_set(fields, bits)` in the engine up to date."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._numbers: dict[str, int] = {}
        self._known: set[str] = set()
        engine.execute("CREATE OR REPLACE TEMP TABLE scope_set (fields VARCHAR, bits HUGEINT)")

    def learn(self, table: str) -> None:
        """Number every field that the `fields` column of a table names.

        Raises:
            ScopeError: more than 126 different fields are named.
        """
        found = self._engine.rows(f"SELECT DISTINCT fields FROM {table} WHERE fields IS NOT NULL")
        new = sorted({str(row[0]) for row in found} - self._known)
        if not new:
            return
        self._known.update(new)
        bits = [str(self._bits(text)) for text in new]  # as text: Arrow has no 128-bit integer
        self._engine.register("scope_new_set", pa.table({"fields": pa.array(new, pa.string()), "bits": bits}))
        self._engine.execute("INSERT INTO scope_set SELECT fields, bits::HUGEINT FROM scope_new_set")

    def names(self, bits: int) -> list[str]:
        """The fields of a set, sorted."""
        return sorted(name for name, number in self._numbers.items() if bits >> number & 1)

    def _bits(self, text: str) -> int:
        bits = 0
        for name in filter(None, (part.strip() for part in text.split(","))):
            bits |= 1 << self._numbers.setdefault(name, len(self._numbers))
        if len(self._numbers) > MOST_FIELDS:
            raise ScopeError(
                f"The case's records name more than {MOST_FIELDS} different fields.",
                where="fields of [[route]] and [[exposes]]",
                todo="Name categories of personal data (name, phone, address), not single columns.",
            )
        return bits
