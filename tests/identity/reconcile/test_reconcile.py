"""Reconciliation finds what was never issued and nothing else, whatever the credentials look like."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haechi.identity.reconcile import files
from haechi.identity.reconcile.files import Presented, reconcile
from haechi.identity.reconcile.keys import halves_of, order_of

# Halves that meet: the same first half with other last ones, neighbours, ends of buckets, and what is evenly spread.
HALF = st.one_of(
    st.sampled_from([0, 1, 2**64 - 1, 2**63, 2**54, 2**54 - 1, 2**10, 2**11]), st.integers(0, 2**64 - 1)
)
WHOLE = st.builds(lambda a, b: a.to_bytes(8, "little") + b.to_bytes(8, "little"), HALF, HALF)
CREDENTIAL = st.one_of(WHOLE, WHOLE, WHOLE, st.none(), st.binary(max_size=20))


def file_of(place: Path, credentials: list[bytes | None]) -> Path:
    rows = {"seq": list(range(len(credentials))), "credential": pa.array(credentials, pa.binary())}
    pq.write_table(pa.table(rows), place, row_group_size=7)
    return place


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    issued=st.lists(CREDENTIAL, max_size=60),
    strange=st.lists(CREDENTIAL, max_size=20),
    picks=st.lists(st.integers(0, 200), max_size=60),
    cut=st.integers(1, 9),
    data=st.data(),
)
def test_exactly_those_never_issued(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    issued: list[bytes | None],
    strange: list[bytes | None],
    picks: list[int],
    cut: int,
    data: st.DataObject,
) -> None:
    monkeypatch.setattr(files, "RUN", cut)
    monkeypatch.setattr(files, "LOOK", cut)
    folder = tmp_path_factory.mktemp("files")
    honest = [issued[n % len(issued)] for n in picks] if issued else []
    presented = data.draw(st.permutations([*honest, *strange]))
    half = len(issued) // 2
    known = [file_of(folder / "i0", issued[:half]), file_of(folder / "i1", issued[half:])]
    seen = [file_of(folder / "p0", presented[:11]), file_of(folder / "p1", presented[11:])]
    wanted = [
        Presented(file, row)
        for file, part in zip(seen, (presented[:11], presented[11:]), strict=True)
        for row, credential in enumerate(part)
        if credential is not None and credential not in issued
    ]
    found = reconcile(seen, known)
    assert found.never_issued == wanted
    assert found.presented == sum(credential is not None for credential in presented)


def test_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for every bucket, several slices, and merges of several runs."""
    monkeypatch.setattr(files, "RUN", 30_000)
    monkeypatch.setattr(files, "LOOK", 30_000)
    random = np.random.default_rng(5)
    rows = random.integers(0, 256, (100_000, 16), np.uint8)
    issued = [row.tobytes() for row in rows]
    forged = [hashlib.sha256(b"forged %d" % n).digest()[:16] for n in range(37)]
    presented = [issued[n] for n in random.integers(0, len(issued), 150_000).tolist()]
    for n, credential in enumerate(forged):
        presented.insert(n * 4001, credential)
    found = reconcile([file_of(tmp_path / "p", presented)], [file_of(tmp_path / "i", issued)])
    assert [one.row for one in found.never_issued] == [n * 4001 for n in range(37)]
    assert (found.issued, found.presented) == (100_000, 150_037)


def test_nothing_issued(tmp_path: Path) -> None:
    seen = file_of(tmp_path / "p", [b"a" * 16, None, b"b" * 16])
    assert [one.row for one in reconcile([seen], []).never_issued] == [0, 2]
    assert reconcile([], [seen]).never_issued == []


@given(st.lists(st.integers(0, 2**64 - 1), max_size=200), st.sampled_from([0, 10]))
def test_order(numbers: list[int], bits: int) -> None:
    alike = np.array(numbers, np.uint64) >> np.uint64(bits)
    order = order_of(alike, bits)
    room = 1 if len(numbers) < 3 else (len(numbers) - 1).bit_length()
    sought = (alike.take(order) << np.uint64(bits)) >> np.uint64(room)
    assert sorted(order.tolist()) == list(range(len(numbers)))
    assert sought.tolist() == sorted(sought.tolist())


def test_a_slice_of_a_column() -> None:
    column = pa.array([b"x" * 16, None, b"y" * 16, b"short", b"z" * 16], pa.binary()).slice(1)
    rows, places, odd = halves_of(column)
    assert [row.tobytes() for row in rows] == [b"y" * 16, b"z" * 16]
    assert places.tolist() == [1, 3] and odd == [(2, b"short")]
