"""A drill's result as the document that is drawn."""

from __future__ import annotations

from datetime import UTC, datetime

import haechi
from haechi.drill.run import DrillResult
from haechi.drill.scenarios import SCENARIOS
from haechi.report.document.model import DrillCase, DrillDocument, DrillPhase, Made
from haechi.store.account import account


def drill_document(result: DrillResult) -> DrillDocument:
    """The scorecard of one drill."""
    score, card = result.score, result.card
    least = min(
        score.persons_recall, score.persons_precision, score.requests_recall, score.requests_precision
    )
    seconds = score.seconds_to_detect
    titles = {case["id"]: case["title"] for case in result.found["cases"]}
    rules = {case["id"]: list(case.get("rules", [])) for case in result.found["cases"]}
    scenario = SCENARIOS.get(result.scenario)
    now = datetime.now(UTC).replace(microsecond=0)
    return DrillDocument(
        made=Made(now, account(), haechi.__version__, "Haechi", "", "", ""),
        checkpoint=str(result.found["checkpoint"]),
        scenario=result.scenario,
        title=scenario.title if scenario else "",
        scale=result.scale,
        seed=result.seed,
        records=result.records.get("access", 0),
        exact=least == 1.0 and not score.false_cases,
        persons_recall=score.persons_recall,
        persons_precision=score.persons_precision,
        requests_recall=score.requests_recall,
        requests_precision=score.requests_precision,
        hours_to_detect=None if seconds is None else seconds / 3600,
        persons_exposed=score.persons_exposed_at_detection,
        true_persons=int(result.truth.get("persons", 0)),
        false_cases=score.false_cases,
        phases=[DrillPhase(row.scenario, row.phase, row.requests, row.missed) for row in card.phases],
        cases=[
            DrillCase(
                row.case,
                titles.get(row.case, ""),
                row.requests,
                row.bad,
                row.persons,
                row.true_persons,
                rules.get(row.case, []),
            )
            for row in card.cases
        ],
        not_run=dict(card.not_run),
    )
