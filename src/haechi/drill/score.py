"""Score an answer against the truth: exact sets, no credit for being near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import msgspec
import pyarrow as pa

from haechi.drill.world.calendar import SECOND
from haechi.model.errors import InputError
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.lending import connect

_REQUEST: dict[str, pa.DataType] = {"node": pa.string(), "node_seq": pa.int64()}
_PERSON: dict[str, pa.DataType] = {"person": pa.string(), "kind": pa.string()}
REQUEST, PERSON = pa.schema(_REQUEST), pa.schema(_PERSON)


@dataclass(frozen=True)
class FoundCase:
    """What one case claims: `requests` with `node, node_seq` and `persons` with `person, kind`."""

    id: str
    requests: pa.Table
    persons: pa.Table


class Score(msgspec.Struct, frozen=True):
    """How good an answer was. Shares are 0 to 1; of nothing, it is 1: nothing to find, or nothing said.

    A person is found under the right id and on the right side of the line between accounts and non-members.
    Detection is the time of the first bad request that was flagged: a stream would have seen it then.
    """

    persons_recall: float
    persons_precision: float
    requests_recall: float
    requests_precision: float
    seconds_to_detect: float | None  # None: no bad request was flagged
    persons_exposed_at_detection: int  # all of them, where there was no detection
    false_cases: int  # cases of which under half of the requests are bad


def score(truth: Path, found: Sequence[FoundCase]) -> Score:
    """Compare what the cases claim together with the truth folder that `make` wrote.

    Raises InputError where the folder holds no truth.
    """
    engine = open_truth(truth, found)
    try:
        counts = engine.rows(_sql("score"))[0]
        false_cases = engine.rows(_sql("false_cases"))[0][0]
    finally:
        engine.close()
    bad, flagged, hit, first_bad, detected, persons, claimed, right, exposed = counts
    return Score(
        persons_recall=_share(right, persons),
        persons_precision=_share(right, claimed),
        requests_recall=_share(hit, bad),
        requests_precision=_share(hit, flagged),
        seconds_to_detect=None if detected is None else (detected - first_bad) / SECOND,
        persons_exposed_at_detection=exposed,
        false_cases=false_cases,
    )


def open_truth(truth: Path, found: Sequence[FoundCase]) -> DuckDBEngine:
    """An engine with `true_request, true_person, found_request, found_person, found_case`. The caller closes it.

    Raises InputError where the folder holds no truth.
    """
    for name in ("requests", "persons"):
        if not (truth / f"{name}.parquet").is_file():
            raise InputError("This folder holds no truth of a drill.", where=str(truth / f"{name}.parquet"))
    engine = DuckDBEngine(connect())
    requests = [_labelled(case.id, case.requests, REQUEST) for case in found]
    persons = [_labelled(case.id, case.persons, PERSON) for case in found]
    named = pa.schema({"case_id": pa.string()})
    engine.register("found_request", _below(requests, pa.unify_schemas([named, REQUEST])))
    engine.register("found_person", _below(persons, pa.unify_schemas([named, PERSON])))
    engine.register("found_case", pa.table({"case_id": pa.array([case.id for case in found], pa.string())}))
    for table, name in (("true_request", "requests"), ("true_person", "persons")):
        path = str(truth / f"{name}.parquet").replace("'", "''")
        engine.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{path}')")
    return engine


def _labelled(case: str, rows: pa.Table, schema: pa.Schema) -> pa.Table:
    told = rows.select(schema.names).cast(schema)
    return told.add_column(0, "case_id", pa.repeat(pa.scalar(case, pa.string()), len(told)))


def _below(parts: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _sql(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
