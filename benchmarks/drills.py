"""How well the drills are found: every scenario over ten seeds, the worst of each score, as a Markdown table.

    python benchmarks/drills.py [--seeds 10] [--scale 0.0002] [--drill NAME]... [--only gateway] [--honest N] [--nat N]

Each world is made, inspected like anybody's logs, and compared with its truth. The commands behind each line are
`haechi drill run NAME --scale S --seed N`. One line a scenario goes to standard output as soon as its seeds are done.
"""

from __future__ import annotations

import argparse
import sys
import time

from haechi.drill.interface import PARTS
from haechi.drill.many import Summary, run_many
from haechi.drill.run import DrillResult, World, list_drills


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--first", type=int, default=1, help="the first seed")
    asked.add_argument("--scale", type=float, default=0.0002)
    asked.add_argument("--honest", type=float, default=1.0)
    asked.add_argument("--nat", type=int, default=0)
    asked.add_argument("--drill", action="append", default=[])
    asked.add_argument("--mix", action="append", default=[])
    asked.add_argument("--only", choices=["gateway"])
    given = asked.parse_args()
    without = tuple(part for part in PARTS if part != "address-book") if given.only else ()
    world = World(given.scale, 1, given.honest, tuple(given.mix), without, given.nat)
    names = given.drill or [drill.name for drill in list_drills()]
    print(
        "| drill | persons recall | precision | requests recall | precision | first after | false cases | blind |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    seeds = range(given.first, given.first + given.seeds)
    for summary in run_many(names, world, seeds, heard):
        print(line(summary), flush=True)


def heard(result: DrillResult) -> None:
    score = result.score
    blind = [f"{one.phase} {one.missed}/{one.requests}" for one in result.card.phases if one.missed]
    print(
        f"{time.strftime('%H:%M:%S')} {result.scenario} {result.seed}: persons {score.persons_recall:.4f} "
        f"{score.persons_precision:.4f}, requests {score.requests_recall:.4f} {score.requests_precision:.4f}, "
        f"false {score.false_cases} {blind or ''}",
        file=sys.stderr,
        flush=True,
    )
    for case in result.found["cases"]:
        truth = next(one for one in result.card.cases if one.case == case["id"])
        if truth.bad < truth.requests or truth.true_persons < truth.persons:
            print(f"    {truth.bad}/{truth.requests} {case['rules']} {case['sentence']}", file=sys.stderr)


def line(one: Summary) -> str:
    after = "-" if one.seconds_to_detect is None else f"{one.seconds_to_detect:,.0f} s"
    blind = ", ".join(f"{phase} ({requests:,})" for phase, requests in one.missed.items()) or "nothing"
    shares = (one.persons_recall, one.persons_precision, one.requests_recall, one.requests_precision)
    told = " | ".join(f"{share:.4f}" for share in shares)
    return f"| {one.scenario} | {told} | {after} | {one.false_cases} | {blind} |"


if __name__ == "__main__":
    main()
