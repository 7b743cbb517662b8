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
from tests.story.company import KEY, MEMBERS, THIEF, Company, company

NOTHING, FOUND = 0, 1  # exit codes
SECRET = ("secret", "vault", KEY)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Company]:
    with or_skip(company(tmp_path)) as made:
        yield made


def haechi(shop: Company, *words: str | Path, expect: int) -> Any:
    """Run a verb as a process of its own; its JSON document."""
    told = [str(word) for word in words]
    command = [sys.executable, "-m", "haechi.cli.start", *told, "--workspace", str(shop.workspace), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == expect, done.stdout + done.stderr
    return json.loads(done.stdout)


def states(checked: Any) -> dict[tuple[str, str, str], str]:
    """What `leaver check` says of kim: (sort, system, name) -> state."""
    (person,) = checked["people"]
    assert person["person"] == "E1"
    return {(item["sort"], item["system"], item["name"]): item["state"] for item in person["items"]}


def test_a_key_outlives_its_reader(shop: Company, tmp_path: Path) -> None:
    shop.trade()
    shop.read_key()
    haechi(shop, "leaver", "gather", expect=NOTHING)

    # kim leaves, and everything with kim's name on it is shut. A session and the key live on.
    shop.leave()
    shop.lock()
    shop.good_token()
    asked = haechi(shop, "probe", "run", "--pause", "0", expect=FOUND)["probes"]
    assert {probe["name"] for probe in asked if probe["state"] != "dead"} == {
        "kim-database-session", "login-1-in-vault", "login-1-published",
    }  # fmt: skip
    haechi(shop, "leaver", "gather", expect=NOTHING)
    checked = haechi(shop, "leaver", "check", expect=FOUND)
    found = states(checked)
    assert found.pop(SECRET) == "alive"
    alive = {name for name, state in found.items() if state != "dead"}
    assert {(sort, system) for sort, system, _ in alive} == {("session", "customers")}
    exported = next(
        entry["text"]
        for item in checked["people"][0]["items"]
        if item["name"] == KEY
        for entry in item["had"]
        if "exported" in entry["text"]
    )
    assert shop.export_entry()["request"]["id"] in exported

    # A token forged with it passes the gateway, and is known for what it is.
    assert shop.forge() == MEMBERS
    shop.trade()
    inspected = haechi(shop, "inspect", expect=FOUND)
    flagged = {finding["rule"]: finding for finding in inspected["findings"]}
    assert (flagged["never-issued"]["entity"], flagged["never-issued"]["accesses"]) == ("login-1", MEMBERS)
    assert (flagged["leaver"]["entity"], flagged["leaver"]["accesses"]) == ("E1", MEMBERS)
    assert shop.export_entry()["request"]["id"] in flagged["leaver"]["sentence"]
    (case,) = inspected["cases"]
    assert case["scope"]["persons"] == MEMBERS
    assert THIEF in case["entities"]["client_ip"]

    # An obituary token is let in while the key lives, and refused once it is rotated.
    obituary = ("token", "obituary", "--issuer", shop.issuer.url, "--kid", "login-1")
    minted = haechi(shop, *obituary, "--signing-key", shop.key_file(), expect=NOTHING)
    assert [probe["state"] for probe in minted["asked"]] == ["alive"]
    shop.rotate()
    shop.end_sessions()
    shop.forget_cache()
    shop.good_token()
    asked = haechi(shop, "probe", "run", "--pause", "0", expect=NOTHING)["probes"]
    assert "obituary-login-1-gate" in {probe["name"] for probe in asked}
    assert shop.forge(members=1) == 0
    haechi(shop, "leaver", "gather", expect=NOTHING)

    # All dead; an auditor can check that without us.
    pack = tmp_path / "kim.zip"
    checked = haechi(shop, "leaver", "check", "E1", "--pack", pack, expect=NOTHING)
    assert set(states(checked).values()) == {"dead"}
    verify = [sys.executable, "-m", "haechi.cli.start", "verify", str(pack), "--key", str(shop.public_key)]
    elsewhere = tmp_path / "auditor"
    elsewhere.mkdir()
    assert subprocess.run(verify, cwd=elsewhere, capture_output=True, timeout=300).returncode == 0
