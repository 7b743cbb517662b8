"""RFC 8785 against the input and output files of cyberphone/json-canonicalization."""

import json
import os
from pathlib import Path

import pytest

from haechi.evidence.jcs import canonical

DATA = Path(os.environ.get("HAECHI_TEST_DATA", Path(__file__).parents[2] / "../shared/data")) / "jcs"
NAMES = ["arrays", "french", "structures", "unicode", "values", "weird"]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"RFC 8785 vectors are not at {DATA}")
@pytest.mark.parametrize("name", NAMES)
def test_the_canonical_form_is_the_expected_one(name: str) -> None:
    value = json.loads((DATA / "input" / f"{name}.json").read_text("utf-8"))
    assert canonical(value) == (DATA / "output" / f"{name}.json").read_bytes()
