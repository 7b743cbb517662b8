"""Random tampering with a store: each one is named, none crashes the verification, and no clean store is accused.

250 of them by default; HAECHI_TAMPER=1000 asks for as many as it says, HAECHI_TAMPER_SEED for others.
"""

from __future__ import annotations

import os
import random
import shutil
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.proof.evidence import Evidence, described, make_evidence
from tests.proof.tamper import Unfit, tamper

COUNT = int(os.environ.get("HAECHI_TAMPER", "250"))
SEED = int(os.environ.get("HAECHI_TAMPER_SEED", "1"))
PARTS = 10  # for several processes to share


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    folder = tmp_path_factory.mktemp("evidence")
    (folder / "shop").mkdir()
    yield make_evidence(folder / "shop", folder / "older")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_tampering_is_named(evidence: Evidence, tmp_path: Path, part: int) -> None:
    failures = []
    for number in range(part, COUNT, PARTS):
        seed = SEED * 1_000_000 + number
        folder = tmp_path / str(number)
        folder.mkdir()
        problem = tampered(evidence, evidence.copy(folder), seed)
        failures += [f"seed {seed}: {problem}"] if problem else []
        shutil.rmtree(folder)
    assert not failures, "\n".join(failures)


def tampered(evidence: Evidence, store: Path, seed: int) -> str:
    """Tamper with a store; what is wrong with its verification, or "" where the tampering was named."""
    try:
        done = tamper(random.Random(seed), evidence, store)
    except Unfit:
        return ""
    try:
        found = evidence.verify(store)
    except Exception:
        return f"{done.what}: the verification failed\n{traceback.format_exc()}"
    named = [v for v in found.verdicts if v.bad and (not done.files or v.where in done.files)]
    # A signature by nobody known may be an honest witness's: it is told, and accuses nobody.
    named += [
        v for v in found.verdicts if (v.thing, v.state) == ("witness", "unknown") and v.where in done.files
    ]
    return "" if named else f"{done.what}: not named\n{described(found)}"


def test_no_clean_store_is_accused(evidence: Evidence) -> None:
    for folder in (evidence.root, *evidence.older):
        found = evidence.verify(folder / "store")
        assert found.whole, described(found)
        assert found.sentence.startswith("Whole: ")
