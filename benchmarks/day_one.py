"""How soon the big crawl is found with gateway logs alone: coupang-2025 with the logs ending as if it were then.

    python benchmarks/day_one.py [--seeds 10] [--first 1] [--scale 0.0002] [--honest N]

Each seed is made and inspected twice: the logs end with the first day of the address lists (14 April), and with the
third day of the profile pages (26 June). The commands are `haechi drill run coupang-2025 --only gateway --until DAY`. A
line a world goes to standard output: which phases a case holds by then, and how many requests of each it does not hold.
"""

from __future__ import annotations

import argparse
from datetime import date

from haechi.drill.interface import PARTS
from haechi.drill.run import World, run

ENDS = {"phase A, first day": date(2025, 4, 14), "phase B, third day": date(2025, 6, 26)}
GATEWAY = tuple(part for part in PARTS if part != "address-book")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--first", type=int, default=1, help="the first seed")
    asked.add_argument("--scale", type=float, default=0.0002)
    asked.add_argument("--honest", type=float, default=1.0)
    given = asked.parse_args()
    print(
        "| seed | logs until | persons recall | precision | requests recall | precision | phases: missed of all |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for seed in range(given.first, given.first + given.seeds):
        for name, until in ENDS.items():
            world = World(given.scale, seed, given.honest, without=GATEWAY, until=until)
            print(line(f"{seed} | {name}", world), flush=True)


def line(name: str, world: World) -> str:
    result = run("coupang-2025", world)
    score = result.score
    shares = (score.persons_recall, score.persons_precision, score.requests_recall, score.requests_precision)
    phases = ", ".join(f"{one.phase} {one.missed:,} of {one.requests:,}" for one in result.card.phases)
    return f"| {name} | {' | '.join(f'{share:.4f}' for share in shares)} | {phases} |"


if __name__ == "__main__":
    main()
