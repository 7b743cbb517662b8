"""The peers beside Haechi: the same file, the same run, each a whole command from its start to its exit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.peers import crowdsec
from benchmarks.suite.machine import machine
from benchmarks.suite.spawn import Used, python, spawn

SETUP = Path(__file__).with_name("setup.sh")
FOUND_SOMETHING = 1  # exit code of haechi inspect


def compare(sizes: Sequence[int], crowdsec_most: int, folder: Path | None) -> dict[str, Any]:
    """The document of the comparison: `machine`, `peers` (versions), `figures`, `who` found whom.

    sizes:         lines of the file; one run a program and size
    crowdsec_most: CrowdSec gets no larger file than this; it takes milliseconds a line
    """
    with tempfile.TemporaryDirectory(prefix="haechi-peers-", dir=folder) as scratch:
        at = Path(scratch)
        done = subprocess.run([str(SETUP), str(at / "peers")], stderr=subprocess.PIPE, text=True, check=False)
        there = done.returncode == 0
        if not there:
            _say(done.stderr.strip())
        figures: list[dict[str, Any]] = []
        who: dict[str, dict[str, list[str]]] = {}
        actors: list[dict[str, Any]] = []
        for size in sizes:
            log = at / "visitors.log"
            actors = json.loads(spawn(python("benchmarks.peers.visitors", str(log), str(size))).said)
            _own(log, size, figures, who)
            if there:
                _others(at, log, size, figures, who, crowdsec_most)
        return {
            "machine": machine(),
            "peers": _versions(at / "peers/versions") if there else {},
            "skipped": "" if there else done.stderr.strip(),
            "actors": actors,
            "figures": figures,
            "who": who,
        }


def _own(log: Path, size: int, figures: list[dict[str, Any]], who: dict[str, dict[str, list[str]]]) -> None:
    _say(f"{size:,} lines: Haechi and a plain loop")
    with tempfile.TemporaryDirectory(prefix="haechi-own-", dir=log.parent) as empty:
        place = Path(empty)
        (place / "haechi.toml").write_text(f'[[source]]\nname = "nginx"\npaths = ["{log}"]\n')
        used = spawn(python("haechi.cli.start", "collect", "--json"), folder=place)
    assert json.loads(used.said)["set_aside"] == 0
    figures.append(_figure("haechi collect", size, used))
    used = spawn(python("benchmarks.peers.parse", str(log)))
    assert json.loads(used.said)["lines"] == size
    figures.append(_figure("haechi, reading alone", size, used))
    used = spawn(
        python("haechi.cli.start", "inspect", "--json", str(log)),
        folder=log.parent,
        allowed=(FOUND_SOMETHING,),
    )
    figures.append(_figure("haechi inspect", size, used))
    who.setdefault("haechi inspect", {})[str(size)] = sorted(
        {address for case in json.loads(used.said)["cases"] for address in case["entities"]["client_ip"]}
    )
    used = spawn(python("benchmarks.peers.loop", str(log)))
    figures.append(_figure("plain Python loop", size, used))
    who.setdefault("plain Python loop", {})[str(size)] = sorted(json.loads(used.said)["many"])


def _others(
    at: Path,
    log: Path,
    size: int,
    figures: list[dict[str, Any]],
    who: dict[str, dict[str, list[str]]],
    crowdsec_most: int,
) -> None:
    root = at / "peers/root"
    _say(f"{size:,} lines: GoAccess")
    goaccess = [str(root / "usr/bin/goaccess"), str(log), "--log-format=COMBINED", "--no-global-config"]
    libraries = {"LD_LIBRARY_PATH": str(root / "usr/lib/x86_64-linux-gnu")}
    used = spawn(
        [*goaccess, "--no-progress", "-o", str(at / "goaccess.json")], folder=at, environment=libraries
    )
    assert json.loads((at / "goaccess.json").read_text())["general"]["valid_requests"] == size
    figures.append(_figure("GoAccess", size, used))
    if size <= crowdsec_most:
        _say(f"{size:,} lines: CrowdSec")
        crowdsec.prepare(root, at / "crowdsec")
        used, alerts = crowdsec.run(root, at / "crowdsec", log)
        figures.append(_figure("CrowdSec", size, used) | {"alerts": [asdict(alert) for alert in alerts]})
        who.setdefault("CrowdSec", {})[str(size)] = sorted({alert.address for alert in alerts})


def _figure(what: str, lines: int, used: Used) -> dict[str, Any]:
    return {
        "what": what,
        "lines": lines,
        "load": round(os.getloadavg()[0], 1),
        "wall": round(used.wall, 3),
        "cpu": round(used.cpu, 3),
        "peak": round(used.peak),
    }


def _versions(file: Path) -> dict[str, str]:
    pairs = (line.split(": ", 1) for line in file.read_text().splitlines())
    return {name: version for name, version in pairs if name in ("crowdsec", "goaccess")}


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
