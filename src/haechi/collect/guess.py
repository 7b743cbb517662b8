"""The routes of a source: those that were configured, or, where there are none, those that its head suggests."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from haechi.collect.interface import Format, Projection, Sample
from haechi.collect.normalise import UNIT, compile_query
from haechi.collect.routes.compile import RouteSql, compile_routes
from haechi.collect.routes.propose import propose_routes
from haechi.model.settings import RouteSettings
from haechi.store.lending import connect


def routes_for(
    configured: Sequence[RouteSettings], form: Format, projections: Sequence[Projection], sample: Sample
) -> tuple[RouteSql | None, list[str]]:
    """The compiled routes, and what was guessed, in sentences. None for tables that have no routes."""
    if form.table != "access":
        return None, []
    if configured:
        return compile_routes(configured), []
    proposals = propose_routes(asked_for(form, projections, sample))
    guessed = [proposal.route for proposal in proposals if proposal.route.fields]
    notes = [f"guessed: {route.method} {route.path} shows {', '.join(route.fields)}" for route in guessed]
    return compile_routes(guessed), notes


def asked_for(form: Format, projections: Sequence[Projection], sample: Sample) -> list[tuple[str, str]]:
    """Method and path of the sample's records that have both."""
    engine = connect("256MB", threads=1)
    try:
        framed = form.framing(sample.head, True)
        engine.register(
            "units", pa.table({UNIT: pa.array(range(len(framed.text)), pa.int64()), "line": framed.text})
        )
        found: list[tuple[str, str]] = []
        for projection in projections:
            query = compile_query(form.table, projection, None)
            if not query.columns >= {"method", "path"}:
                continue
            wanted = (
                f"SELECT method, path FROM ({query.text()}) WHERE method IS NOT NULL AND path IS NOT NULL"
            )
            found += engine.execute(wanted).fetchall()
        return found
    except duckdb.Error:
        return []  # a head that upsets the query is dealt with, unit by unit, when the block is read
    finally:
        engine.close()
