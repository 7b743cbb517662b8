"""The routes of a source: those that were configured, or, where there are none, those that its head suggests."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from haechi.collect.interface import Format, Sample
from haechi.collect.normalise import UNIT, compile_query
from haechi.collect.routes.compile import RouteSql, compile_routes
from haechi.collect.routes.propose import propose_routes
from haechi.model.settings import RouteSettings, SourceSettings
from haechi.store.duckdb_engine import connect


def routes_for(
    configured: Sequence[RouteSettings], formats: Sequence[Format], sample: Sample, source: SourceSettings
) -> tuple[RouteSql | None, list[str]]:
    """The compiled routes, and what was guessed, in sentences. None for tables that have no routes."""
    if formats[0].table != "access":
        return None, []
    if configured:
        return compile_routes(configured), []
    guessed = [proposal.route for proposal in propose_routes(asked_for(formats, sample, source)) if proposal.route.fields]
    notes = [f"guessed: {route.method} {route.path} shows {', '.join(route.fields)}" for route in guessed]
    return compile_routes(guessed), notes


def asked_for(formats: Sequence[Format], sample: Sample, source: SourceSettings) -> list[tuple[str, str]]:
    """Method and path of the sample's records that have both."""
    engine = connect("256MB", threads=1)
    try:
        framed = formats[0].framing(sample.head, True)
        rest = pa.table({UNIT: pa.array(range(len(framed.text)), pa.int64()), "line": framed.text})
        found: list[tuple[str, str]] = []
        for form in formats:
            engine.register("units", rest)
            query = compile_query(form.table, form.projection(sample, source), None)
            found += engine.execute(
                f"SELECT method, path FROM ({query.over(source.name, 0)}) "
                "WHERE method IS NOT NULL AND path IS NOT NULL"
            ).fetchall()
        return found
    except duckdb.Error:
        return []  # a head that upsets the query is dealt with, unit by unit, when the block is read
    finally:
        engine.close()
