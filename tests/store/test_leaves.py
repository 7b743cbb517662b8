"""Entries of the log that somebody wrote by hand: what they may ask for is bounded before anything is done."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.store.headers import compaction, header

from haechi.model.errors import StoreError
from haechi.store.leaves import (
    MOST_NUMBERS,
    ErasureLeaf,
    ExpiryLeaf,
    KeysLeaf,
    Leaf,
    read_leaf,
    write_leaf,
)

EXPIRY = ExpiryLeaf(1, "anna (uid 1)", "gateway", ((0, 3),), 4, "2y", "")
ERASURE = ErasureLeaf(1, "anna (uid 1)", "asked", "2026-11", "", {"3": 1}, {"3": {"raw": ""}}, {})


@pytest.mark.parametrize(
    ("leaf", "changes"),
    [
        (header(3), {"number": -1}),
        (header(3), {"number": 10**10}),
        (header(3), {"seq_to": 10**15}),
        (header(3), {"seq_to": 10**25, "rows": 10**25 - 3}),
        (header(3), {"seq_to": -5}),
        (header(3), {"rows": 2}),
        (header(3), {"rows": 10**9, "seq_to": 10**9 + 3}),
        (header(3), {"first": 1 << 63}),
        (header(3), {"collected": 10**30}),
        (header(3), {"period": "../../keys/store"}),
        (KeysLeaf(1, "2026-11", ""), {"period": "../2026-11"}),
        (compaction(0, [1]), {"number": -1}),
        (compaction(0, [1]), {"batches": [[0, 10**9]]}),
        (EXPIRY, {"batches": [[0, MOST_NUMBERS]]}),
        (EXPIRY, {"batches": [[5, 4]]}),
        (EXPIRY, {"batches": [[-3, 4]]}),
        (EXPIRY, {"at": 10**30}),
        (ERASURE, {"rows": {"x": 1}}),
        (ERASURE, {"rows": {"3": -4}}),
        (ERASURE, {"period": "now"}),
    ],
)
def test_what_no_entry_can_be_is_refused(leaf: Leaf, changes: dict[str, Any]) -> None:
    assert read_leaf(write_leaf(leaf), 7) == leaf
    told = msgspec.to_builtins(leaf) | changes
    with pytest.raises(StoreError, match="entry 7 of the evidence log cannot be read"):
        read_leaf(msgspec.json.encode(told, order="sorted"), 7)
