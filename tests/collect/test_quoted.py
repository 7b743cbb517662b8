"""Records over several lines: nothing lost, nothing doubled, and a stray quote does not swallow the rest."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.harness import named, read, units_in_pieces

from haechi.collect.interface import Framed
from haechi.collect.quoted import LONGEST_RECORD, records

VALUE = st.text(st.sampled_from('ab,;"\n é'), max_size=8)
ROWS = st.lists(st.lists(VALUE, min_size=2, max_size=4), min_size=1, max_size=12)


def accounts_for_everything(framed: Framed, data: bytes) -> bool:
    offsets = framed.offsets.to_pylist()
    lines = framed.lines.to_pylist()
    return (
        offsets[0] == 0
        and offsets[-1] == framed.consumed
        and all(a < b for a, b in pairwise(offsets))
        and all(a < b for a, b in pairwise(lines))
        and len(framed.text) + 1 == len(offsets) == len(lines)
        and lines[-1] == len(data[: framed.consumed].splitlines(keepends=True))
    )


@settings(deadline=None)
@given(ROWS, st.integers(min_value=1, max_value=40))
def test_rows_come_out_as_they_were_written(rows: list[list[str]], piece: int) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    written = []
    for row in rows:
        begin = text.tell()
        writer.writerow(row)
        written.append(text.getvalue()[begin:])
    data = text.getvalue().encode()
    assert records(data, True).text.to_pylist() == written
    assert units_in_pieces(records, data, piece) == written


@settings(deadline=None)
@given(
    st.binary(max_size=200).map(
        lambda data: data.replace(b"\r", b"").replace(b"\x0b", b"").replace(b"\x0c", b"")
    )
)
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    data = bytes(b if b not in (0x1C, 0x1D, 0x1E, 0x85) else 0x20 for b in data)
    framed = records(data, True)
    assert framed.consumed == len(data)
    if data:
        assert accounts_for_everything(framed, data)


def test_a_stray_quote_costs_one_line() -> None:
    lines = [f"{i},x\n" for i in range(LONGEST_RECORD * 3)]
    lines[10] = '10,"never closed\n'
    framed = records("".join(lines).encode(), True)
    assert framed.text.to_pylist() == lines


def test_a_quote_inside_a_value_opens_nothing() -> None:
    data = b'1,a 5" disk\n2,b\n3,"c\nd"\n'
    assert records(data, True).text.to_pylist() == ['1,a 5" disk\n', "2,b\n", '3,"c\nd"\n']


def test_an_unfinished_record_waits_for_its_end() -> None:
    data = b'1,a\n2,"b\nc'
    framed = records(data, False)
    assert framed.text.to_pylist() == ["1,a\n"] and framed.consumed == 4
    assert records(data, True).consumed == len(data)


def test_empty_input_has_no_units() -> None:
    for final in (True, False):
        framed = records(b"", final)
        assert (len(framed.text), framed.consumed, framed.offsets.to_pylist()) == (0, 0, [0])


def test_cells_with_quotes_separators_and_newlines_are_read_whole() -> None:
    text = 'time;user;path\n2025-01-01T00:00:00Z;"kim; ""the"" admin";"/a\nb"\n'
    found = read(named("csv"), text)
    assert [(r["actor"], r["path"]) for r in found.records] == [('kim; "the" admin', "/a\nb")]
    assert found.aside == [(1, "the header line")]
