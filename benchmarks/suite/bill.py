"""What a store of a given size needs and costs, worked out from the measured figures: the tables of docs/scaling.md.

Everything is proportional to the records, from the largest size that was measured. docs/scaling.md says what that
leaves out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.suite.shown import Figure, million

RECORDS_A_DAY = (1_000_000, 50_000_000, 1_000_000_000)
RETENTION = {"3 months": 92, "1 year": 365, "2 years": 730}  # days
DAYS_A_MONTH = 30.4
HOURS_A_MONTH = 730
PEAK = 3  # times the mean rate: the busiest minutes of a day
BUSY = 0.5  # share of a core that may be planned with
INSPECTED_WITHIN = 1.0  # hours in which a day's inspection is to be done
LEAST_CORES = 2


@dataclass(frozen=True)
class Prices:
    """Round prices in US dollars, of November 2026, of nobody in particular."""

    object_gb: float = 0.023  # a GB and month
    block_gb: float = 0.08
    vcpu_hour: float = 0.04  # with about 4 GB of memory


PRICES = Prices()


@dataclass(frozen=True)
class Measured:
    """CPU seconds for a million records, and GB on the disk for a million, compacted. `peak`: GB of memory."""

    collect: float
    compact: float
    detect: float
    scope: float
    verify: float
    raw: float
    rest: float
    peak: float
    records: int  # of the largest size

    @property
    def disk(self) -> float:
        return self.raw + self.rest

    @property
    def inspect(self) -> float:
        return self.detect + self.scope


def measured(figures: Sequence[Figure]) -> Measured:
    largest = {
        step: max((one for one in figures if one["step"] == step), key=lambda one: one["records"])
        for step in ("collect", "compact", "detect", "scope", "verify")
    }
    cost = {step: one["cpu"] / one["records"] * 1e6 for step, one in largest.items()}
    sizes = {kind: size / 1000 for kind, size in million(largest["compact"]).items()}
    raw = sizes.pop("raw")
    peak = max(one["peak"] for one in largest.values()) / 1000
    return Measured(
        **cost, raw=raw, rest=sum(sizes.values()), peak=peak, records=largest["detect"]["records"]
    )


def parts(figures: Sequence[Figure]) -> dict[str, str]:
    """The tables of the page, by name."""
    of = measured(figures)
    return {
        "bill-inputs": _inputs(of),
        "bill-disk": _disk(of),
        "bill-cpu": _cpu(of),
        "bill-cost": _cost(of),
        "bill-limits": _limits(of),
    }


def _inputs(of: Measured) -> str:
    lines = ["| for a million records | |", "| --- | ---: |"]
    for title, seconds in (
        ("collect", of.collect),
        ("compact, once", of.compact),
        ("rules, cases and scopes", of.inspect),
        ("verify everything", of.verify),
    ):
        lines.append(f"| {title} | {seconds:.1f} CPU s |")
    lines.append(
        f"| on the disk, compacted | {of.disk * 1000:.0f} MB, {of.raw * 1000:.0f} MB of it raw lines |"
    )
    lines.append(
        f"| largest size measured | {of.records:,} access records, at most {of.peak:.1f} GB of memory |"
    )
    return "\n".join(lines)


def disk_gb(of: Measured, a_day: int, days: int) -> float:
    return a_day / 1e6 * days * of.disk


def daily_hours(of: Measured, a_day: int) -> float:
    """CPU hours a day: collecting, compacting, and inspecting the new day where it costs no more than the day."""
    return a_day / 1e6 * (of.collect + of.compact + of.inspect) / 3600


def cores(of: Measured, a_day: int) -> int:
    """Cores that keep up with the busiest minutes, and inspect the day within the hour."""
    keeping_up = a_day * PEAK / 86_400 * of.collect / 1e6 / BUSY
    inspecting = a_day / 1e6 * of.inspect / 3600 / INSPECTED_WITHIN
    least = max(LEAST_CORES, keeping_up, inspecting)
    return 1 << math.ceil(math.log2(least))


def _disk(of: Measured) -> str:
    lines = [
        "| records a day | " + " | ".join(RETENTION) + " | of it raw lines |",
        "| ---: |" + " ---: |" * (len(RETENTION) + 1),
    ]
    for a_day in RECORDS_A_DAY:
        sizes = " | ".join(_size(disk_gb(of, a_day, days)) for days in RETENTION.values())
        lines.append(f"| {a_day:,} | {sizes} | {of.raw / of.disk:.0%} |")
    return "\n".join(lines)


def _cpu(of: Measured) -> str:
    lines = [
        "| records a day | collect | compact | inspect the day | all three, a day | a year inspected at once | cores |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for a_day in RECORDS_A_DAY:
        each = [a_day / 1e6 * cost / 3600 for cost in (of.collect, of.compact, of.inspect)]
        shown = " | ".join(_hours(one) for one in each)
        year = _hours(each[2] * 365)
        lines.append(
            f"| {a_day:,} | {shown} | {_hours(daily_hours(of, a_day))} | {year} | {cores(of, a_day)} |"
        )
    return "\n".join(lines)


def _cost(of: Measured) -> str:
    lines = [
        "| records a day | kept for | disk | object storage | block storage | cores | in all: object / block |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for a_day in RECORDS_A_DAY:
        for name, days in RETENTION.items():
            size = disk_gb(of, a_day, days)
            stored, fast = size * PRICES.object_gb, size * PRICES.block_gb
            machine = cores(of, a_day) * PRICES.vcpu_hour * HOURS_A_MONTH
            lines.append(
                f"| {a_day:,} | {name} | {_size(size)} | {_dollars(stored)} | {_dollars(fast)} | {_dollars(machine)} "
                f"| {_dollars(stored + machine)} / {_dollars(fast + machine)} |"
            )
    return "\n".join(lines)


def _limits(of: Measured) -> str:
    """What one core does in a day or an hour, if nothing else holds it up."""

    def in_a_day(cost: float) -> str:
        return _count(86_400 / cost * 1e6)

    return "\n".join(
        [
            "| step | a core does |",
            "| --- | --- |",
            f"| collect | {in_a_day(of.collect)} records a day without a pause; {in_a_day(of.collect / BUSY * PEAK)} "
            f"a day with peaks of {PEAK} times the mean at {BUSY:.0%} |",
            f"| rules, cases and scopes | {_count(3600 / of.inspect * 1e6)} records an hour |",
            f"| compact | {_count(3600 / of.compact * 1e6)} records an hour |",
            f"| verify | {_count(3600 / of.verify * 1e6)} records an hour |",
        ]
    )


def _size(gigabytes: float) -> str:
    if gigabytes >= 1000:
        return f"{gigabytes / 1000:,.1f} TB"
    return f"{gigabytes:,.0f} GB" if gigabytes >= 10 else f"{gigabytes:,.1f} GB"


def _hours(hours: float) -> str:
    if hours < 1 / 60:
        return f"{hours * 3600:.0f} s"
    return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:,.1f} h"


def _dollars(amount: float) -> str:
    return f"${amount:,.0f}" if amount >= 10 else f"${amount:,.2f}"


def _count(number: float) -> str:
    return f"{number / 1e9:,.1f} bn" if number >= 1e9 else f"{number / 1e6:,.0f} M"
