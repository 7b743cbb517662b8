"""The whole story on real servers: a key outlives everything else that a leaver had."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.servers.fixtures import or_skip
from tests.story.company import MEMBERS, THIEF, Company, company


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Company]:
    with or_skip(company(tmp_path)) as made:
        yield made


def haechi(shop: Company, *words: str, expect: int | None = None) -> Any:
    """Run a verb as a process of its own; its JSON document."""
    command = [sys.executable, "-m", "haechi.cli.start", *words, "--workspace", str(shop.workspace), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert expect is None or done.returncode == expect, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_key_outlives_its_reader(shop: Company) -> None:
    shop.trade()
    shop.read_key()
    shop.leave()
    shop.lock()
    assert shop.forge() == MEMBERS
    shop.trade()
    found = haechi(shop, "inspect", expect=1)
    flagged = {finding["rule"]: finding for finding in found["findings"]}
    forged = flagged["never-issued"]
    assert (forged["entity"], forged["accesses"]) == ("login-1", MEMBERS)
    tied = flagged["leaver"]
    assert tied["entity"] == "E1"
    assert THIEF in json.dumps(found["cases"])
