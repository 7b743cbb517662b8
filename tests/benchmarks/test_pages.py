"""What stands in docs/performance.md and docs/scaling.md is what was measured, and the arithmetic on it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from benchmarks.suite import bill, plot, shown
from benchmarks.suite.page import NoPlace, fill

from benchmarks import pages

RESULTS = Path(pages.__file__).parent / "results"


def figures() -> list[dict[str, Any]]:
    """A million records that cost round numbers."""
    disk = {"records": 0, "raw": 40_000_000, "leaves": 32_000_000, "compact": 27_000_000, "other": 1_000_000}
    costs = {"collect": 18.0, "compact": 9.0, "detect": 6.0, "scope": 3.0, "verify": 7.2}
    return [
        {"step": step, "records": 1_000_000, "cpu": cpu, "wall": cpu, "peak": 900.0, "disk": disk}
        for step, cpu in costs.items()
    ]


@pytest.mark.parametrize(
    "page", [pages.PERFORMANCE, pages.SCALING, pages.PICTURE, pages.FULL_PICTURE], ids=lambda page: page.name
)
def test_the_page_is_what_was_measured(page: Path) -> None:
    wanted = pages.written(RESULTS)[page]
    assert page.read_text() == wanted, "python -m benchmarks.pages writes it anew"


def test_the_prices_are_those_of_the_page() -> None:
    text = pages.SCALING.read_text()
    for price in (bill.PRICES.object_gb, bill.PRICES.block_gb, bill.PRICES.vcpu_hour):
        assert re.search(rf"\${price:g}\b", text), price
    assert f"{bill.HOURS_A_MONTH} hours" in text


def test_the_bill_is_right() -> None:
    of = bill.measured(figures())
    assert of.disk == pytest.approx(0.1) and of.raw == pytest.approx(0.04)
    assert bill.disk_gb(of, 50_000_000, 365) == pytest.approx(50 * 365 * 0.1)
    assert bill.daily_hours(of, 1_000_000_000) == pytest.approx(36 * 1000 / 3600)
    # Inspecting a billion: 9,000 s within the hour are 2.5 cores, so four.
    assert bill.cores(of, 1_000_000_000) == 4
    # Keeping up with ten: 115,741 a second, three times that when busy, 18 µs each, at half a core's time: 12.5, so 16.
    assert bill.cores(replace(of, detect=0, scope=0), 10_000_000_000) == 16
    assert bill.cores(of, 1_000_000) == 2
    rows = bill.parts(figures())["bill-cost"].splitlines()
    # 50 M a day for a year: 1.8 TB; times 0.023, times 0.08; two cores at 0.04 for 730 hours.
    assert "| 50,000,000 | 1 year | 1.8 TB | $42 | $146 | $58 | $100 / $204 |" in rows


def test_the_largest_size_is_what_counts() -> None:
    small = [one | {"records": 10, "cpu": 1.0} for one in figures()]
    assert bill.measured(small + figures()) == bill.measured(figures())


def test_a_part_goes_to_its_place_and_nowhere_else() -> None:
    page = "a\n<!-- measured: x -->\nold\n<!-- end: x -->\nb\n"
    assert fill(page, {"x": r"new \1"}) == "a\n<!-- measured: x -->\n\nnew \\1\n\n<!-- end: x -->\nb\n"
    assert fill(fill(page, {"x": "new"}), {"x": "old"}) == fill(page, {"x": "old"})
    for broken in ("no place", page + page):
        with pytest.raises(NoPlace, match="measured: x"):
            fill(broken, {"x": "new"})


def test_the_plot_is_well_formed_and_names_every_step() -> None:
    grown = [one | {"records": 4_000_000, "cpu": one["cpu"] * 5} for one in figures()]
    root = ElementTree.fromstring(plot.draw(figures() + grown))
    words = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"collect", "compact", "detect", "scope", "verify", "1M", "2M", "records"} <= words
    circles = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(circles) == 10
    for circle in circles:
        assert 0 < float(circle.attrib["cx"]) < plot.WIDTH and 0 < float(circle.attrib["cy"]) < plot.HEIGHT


def test_a_busy_machine_is_said_to_be() -> None:
    at = {
        "cores": 2,
        "processor": "p",
        "memory_gb": 24,
        "system": "s",
        "versions": {},
        "day": "d",
        "load": 1.0,
    }
    assert "busy with other work" not in shown.circumstances({"machine": at, "figures": [{"load": 3.9}]})
    assert "busy with other work" in shown.circumstances({"machine": at, "figures": [{"load": 4.1}]})
