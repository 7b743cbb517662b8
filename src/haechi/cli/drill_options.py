"""Options that the drill verbs share: which world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from haechi.drill.interface import PARTS
from haechi.drill.make import SMALLEST
from haechi.drill.run import list_drills
from haechi.workspace.problems import did_you_mean

Name = Annotated[str, typer.Argument(metavar="DRILL", help="A drill's name; haechi drill list names them.")]
Scale = Annotated[
    float,
    typer.Option(
        "--scale",
        metavar="SHARE",
        min=SMALLEST,
        max=1,
        help="Size of the world: 1 is the incident as it was, 0.00001 the smallest.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="The same seed makes the same world.")]
Honest = Annotated[
    float, typer.Option("--honest", metavar="N", min=0, help="Honest requests for each bad one, at least.")
]
Mix = Annotated[
    list[str] | None,
    typer.Option("--mix", metavar="DRILL", help="Play this drill in the same world as well; repeatable."),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="PART", help=f"Leave a part out; repeatable: {', '.join(PARTS)}."),
]
Only = Annotated[
    str | None,
    typer.Option("--only", metavar="gateway", help="The gateway's logs alone, as most have them on day one."),
]
Nat = Annotated[
    int,
    typer.Option("--nat", metavar="N", min=0, help="So many members go out by one address of their carrier."),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="YYYY-MM-DD", help="The last day that is in the logs, as if it were now."
    ),
]

DAY_ONE = tuple(
    part for part in PARTS if part != "address-book"
)  # the customer database is asked, not collected


def left_out(without: Sequence[str] | None, only: str | None) -> tuple[str, ...]:
    """The parts that are not collected. Raises BadParameter for words that are none."""
    if only not in (None, "gateway"):
        raise typer.BadParameter(f"--only knows gateway alone, not {only!r}.")
    for part in without or ():
        if part not in PARTS:
            raise typer.BadParameter(f"--without knows no part {part!r}.{did_you_mean(part, list(PARTS))}")
    return tuple(dict.fromkeys((*(without or ()), *(DAY_ONE if only else ()))))


def check_names(*names: str) -> None:
    """Raises BadParameter for a drill that there is not."""
    known = [drill.name for drill in list_drills()]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"There is no drill named {name!r}.{did_you_mean(name, known)}")


def day(told: str | None) -> date | None:
    """A day as on a calendar. Raises BadParameter for what is none."""
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise typer.BadParameter(f"--until needs a day such as 2025-04-14, not {told!r}.") from None
