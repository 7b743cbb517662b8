"""Nothing in the hot path loops over records in Python: calls grow with blocks, not with records."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from haechi.collect import blocks
from haechi.collect.opening import expand
from haechi.collect.run import Collector, Job
from haechi.model.settings import RouteSettings, Settings, StoreSettings
from haechi.store.store import Store

ROUTES = [RouteSettings(path="/members/{id}", fields=["name"], subject="path:id")]


def calls_and_lines(root: Path, log: Path) -> Counter[str]:
    """How often each function was called and each line of our own code ran while a log was collected."""
    counted: Counter[str] = Counter()

    def traced(frame: FrameType, event: str, argument: Any) -> Any:
        if "haechi" not in frame.f_code.co_filename:
            return None
        counted[f"{frame.f_code.co_filename}:{frame.f_lineno}"] += 1
        return traced

    def called(frame: FrameType, event: str, argument: Any) -> None:
        if event in ("call", "c_call"):
            counted["calls"] += 1

    with Store.open(root).writer() as writer:
        settings = Settings(store=StoreSettings(threads=1))
        collector = Collector(writer, settings, ROUTES, live=False)
        threading.setprofile(called)
        threading.settrace(traced)  # the workers; what this thread does is profiled as well
        sys.setprofile(called)
        sys.settrace(traced)
        try:
            report = collector.run([Job(file, None) for file in expand([str(log)])])
        finally:
            sys.settrace(None)
            sys.setprofile(None)
            threading.settrace(None)  # type: ignore[arg-type]
            threading.setprofile(None)
    counted["stored"], counted["aside"] = report.stored, report.set_aside
    return counted


def nginx_line(number: int) -> str:
    """Every kind of character that nginx escapes turns up. Some of the first lines are none: of what could not be read
    up to a thousand lines a block are looked at for another format.
    """
    if number % 97 == 0 and number < 4_000:
        return '{"broken": \n'
    odd = '"\\\x01' if number % 31 == 0 else ""
    return (
        json.dumps(
            {
                "time": f"2025-04-13T16:{number // 60 % 60:02d}:{number % 60:02d}+00:00",
                "remote_addr": f"192.0.2.{number % 250}",
                "request_method": "GET",
                "uri": f"/members/{number % 500}",
                "status": 200,
                "http_user_agent": f"agent{odd} {number % 7}",
                "token_sha256": f"{number:064x}",
            }
        )
        + "\n"
    )


@pytest.mark.parametrize("kind", ["nginx-json", "combined"])
def test_calls_grow_with_blocks_not_with_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, combined_line: Callable[..., str], kind: str
) -> None:
    line = nginx_line if kind == "nginx-json" else combined_line
    found = {}
    for name, count, block in (("few", 4_000, 1 << 18), ("many", 20_000, 5 << 18)):
        log = tmp_path / f"{name}.log"
        log.write_text("".join(map(line, range(count))))
        monkeypatch.setattr(blocks, "BLOCK_BYTES", block)  # as many blocks, each five times as large
        found[name] = calls_and_lines(tmp_path / name, log)
    few, many = found["few"], found["many"]
    assert few["stored"] + few["aside"] == 4_000 and many["stored"] + many["aside"] == 20_000
    assert few["calls"] > 500  # the counting works
    # The head of a file is looked at by the line, in both alike. What is left over are slices of columns, packed frames
    # and levels of trees: some for a thousand records.
    more = {where: times - few[where] for where, times in many.items() if where not in ("stored", "aside")}
    busiest = max(more, key=lambda where: more[where])
    assert more["calls"] < 16_000 / 4, more["calls"]
    assert busiest == "calls" or more[busiest] < 16_000 / 4, (busiest, more[busiest])
