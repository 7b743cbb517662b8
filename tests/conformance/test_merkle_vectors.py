"""RFC 6962 proofs against the vectors of transparency-dev/merkle: 98 + 98, of which 184 are forgeries."""

import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from haechi.evidence.merkle import verify_consistency, verify_inclusion

DATA = Path(os.environ.get("HAECHI_TEST_DATA", Path(__file__).parents[2] / "../shared/data")) / "merkle"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"Merkle proof vectors are not at {DATA}")


def vectors(kind: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted((DATA / kind).rglob("*.json"))]


def proof_of(vector: dict[str, Any]) -> list[bytes]:
    return [b64decode(node) for node in vector["proof"] or []]


def inclusion(vector: dict[str, Any]) -> bool:
    leaf, root = b64decode(vector["leafHash"] or ""), b64decode(vector["root"] or "")
    return verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof_of(vector), root)


def consistency(vector: dict[str, Any]) -> bool:
    roots = b64decode(vector["root1"] or ""), b64decode(vector["root2"] or "")
    return verify_consistency(vector["size1"], vector["size2"], *roots, proof_of(vector))


@pytest.mark.parametrize(("kind", "verify"), [("inclusion", inclusion), ("consistency", consistency)])
def test_every_vector_is_judged_as_labelled(kind: str, verify: Any) -> None:
    found = vectors(kind)
    assert len(found) == 98
    wrong = [vector["desc"] for vector in found if verify(vector) == vector["wantErr"]]
    assert wrong == []


def test_most_vectors_are_forgeries() -> None:
    assert sum(vector["wantErr"] for kind in ("inclusion", "consistency") for vector in vectors(kind)) == 184
