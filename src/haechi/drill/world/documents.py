"""Files, reports, tables that hold many people's data: which persons stand in which."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from haechi.drill.world.calendar import Ints

DOCUMENTS = pa.schema({"path": pa.string(), "person": pa.string(), "fields": pa.string()})


class Documents:
    """Who stands in which document. A document is named by the path under which it is asked for."""

    def __init__(self) -> None:
        self._parts: list[pa.Table] = []

    def add(self, path: str, members: Ints, fields: tuple[str, ...]) -> None:
        """A document with these members (by id) in it."""
        n = len(members)
        columns = [
            pa.repeat(pa.scalar(path, pa.string()), n),
            pa.array(np.sort(members)).cast(pa.string()),
            pa.repeat(pa.scalar(",".join(sorted(fields)), pa.string()), n),
        ]
        self._parts.append(pa.table(columns, schema=DOCUMENTS))

    def table(self) -> pa.Table:
        return pa.concat_tables(self._parts) if self._parts else DOCUMENTS.empty_table()
