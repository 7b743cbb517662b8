"""Many drills in a row: every scenario with several seeds, and the worst of each score."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import msgspec

from haechi.drill.run import DrillResult, World, run


class Summary(msgspec.Struct, frozen=True):
    """One scenario over all its seeds: of each score the worst, and which phases were missed by how many requests."""

    scenario: str
    seeds: int
    records: int  # access records, all worlds together
    persons: int
    persons_recall: float
    persons_precision: float
    requests_recall: float
    requests_precision: float
    seconds_to_detect: (
        float | None
    )  # the longest; None: in some world nothing bad was flagged, or nothing was bad
    false_cases: int  # all together
    missed: dict[str, int]  # phase -> bad requests that no case holds
    not_run: dict[str, str]  # rule -> why


def run_many(
    names: Sequence[str],
    world: World,
    seeds: Sequence[int],
    each: Callable[[DrillResult], None] | None = None,
) -> Iterator[Summary]:
    """Run each scenario with each seed, scenario by scenario. `each` hears every result as it comes.

    Raises HaechiError as `run` does.
    """
    for name in names:
        results = []
        for seed in seeds:
            result = run(name, replace(world, seed=seed))
            if each is not None:
                each(result)
            results.append(result)
        yield summarise(results)


def summarise(results: Sequence[DrillResult]) -> Summary:
    """The results of one scenario as one line. At least one result."""
    scores = [result.score for result in results]
    seconds = [score.seconds_to_detect for score in scores]
    known = [one for one in seconds if one is not None]
    missed: dict[str, int] = {}
    not_run: dict[str, str] = {}
    for result in results:
        not_run |= result.card.not_run
        for phase in result.card.phases:
            if phase.missed:
                missed[phase.phase] = missed.get(phase.phase, 0) + phase.missed
    return Summary(
        scenario=results[0].scenario,
        seeds=len(results),
        records=sum(result.records.get("access", 0) for result in results),
        persons=sum(int(result.truth.get("persons", 0)) for result in results),
        persons_recall=min(score.persons_recall for score in scores),
        persons_precision=min(score.persons_precision for score in scores),
        requests_recall=min(score.requests_recall for score in scores),
        requests_precision=min(score.requests_precision for score in scores),
        seconds_to_detect=max(known) if len(known) == len(seconds) else None,
        false_cases=sum(score.false_cases for score in scores),
        missed=missed,
        not_run=not_run,
    )
