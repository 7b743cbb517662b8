"""JSON documents cut into events: whatever the layout, the same events, and every byte accounted for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.harness import units_in_pieces

from haechi.collect.documents import events, is_json_lines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a"\\{}[],\n é'), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
EVENT = st.dictionaries(st.sampled_from(["eventName", "Records", "x{", 'y"']), JSON, min_size=1, max_size=3)
EVENTS = st.lists(EVENT.filter(lambda event: list(event) != ["Records"]), min_size=1, max_size=6)
LAYOUTS = ["records", "array", "pretty", "pretty records", "rows in array", "two documents"]


def laid_out(found: list[dict[str, Any]], layout: str) -> str:
    rows = [json.dumps(event) for event in found]
    return {
        "records": json.dumps({"Records": found}),
        "array": json.dumps(found),
        "pretty": json.dumps(found, indent=3),
        "pretty records": json.dumps({"Records": found}, indent=2) + "\n",
        "rows in array": "[\n" + ",\n".join(rows) + "\n]\n",
        "two documents": json.dumps({"Records": found[:1]}) + "\n" + json.dumps({"Records": found[1:]}),
    }[layout]


@settings(deadline=None)
@given(EVENTS, st.sampled_from(LAYOUTS), st.integers(min_value=3, max_value=60))
def test_the_same_events_in_any_layout_and_in_any_pieces(
    found: list[dict[str, Any]], layout: str, piece: int
) -> None:
    if any(next(iter(event)) == "Records" for event in found):
        found = [{"first": 1, **event} for event in found]
    data = laid_out(found, layout).encode()
    whole = events(data, True)
    assert [json.loads(unit) for unit in whole.text.to_pylist()] == found
    assert whole.consumed == len(data) and whole.offsets.to_pylist()[-1] == len(data)
    assert [json.loads(unit) for unit in units_in_pieces(events, data, piece)] == found


@settings(deadline=None)
@given(st.binary(max_size=120) | st.text(st.sampled_from('{}[]",:\\aR \n'), max_size=80).map(str.encode))
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    framed = events(data, True)
    offsets = framed.offsets.to_pylist()
    assert framed.consumed == len(data) == offsets[-1]
    assert offsets == sorted(offsets) and len(offsets) == len(framed.text) + 1 == len(framed.lines)
    assert not data or len(framed.text)


def test_lines_are_those_on_which_events_begin() -> None:
    data = b'[\n  {"a": 1},\n  {"b":\n 2}\n]\n'
    framed = events(data, True)
    assert framed.lines.to_pylist() == [1, 2, 5]
    assert framed.offsets.to_pylist() == [0, data.index(b'{"b"'), len(data)]


def test_what_is_no_json_between_events_is_a_unit_of_its_own() -> None:
    assert events(b'[{"a": 1}, oops, {"b": 2}]', True).text.to_pylist() == ['{"a": 1}', "oops, ", '{"b": 2}']


def test_a_document_that_is_cut_off_keeps_its_whole_events() -> None:
    data = b'{"Records": [{"a": 1}, {"b": "x'
    assert events(data, True).text.to_pylist() == ['{"a": 1}', '{"b": "x']
    held = events(data, False)
    assert held.consumed == 0 and len(held.text) == 0


def test_json_lines_are_cut_by_lines_even_where_one_is_broken() -> None:
    data = b'{"a": {"b": 1}}\n{"broken": "\n{"c": 2}\n'
    assert is_json_lines(data)
    assert events(data, True).text.to_pylist() == ['{"a": {"b": 1}}\n', '{"broken": "\n', '{"c": 2}\n']


@pytest.mark.parametrize("document", [b'{"Records": [{"a": 1}]}', b'[{"a": 1}]', b'{\n "a": 1\n}', b""])
def test_documents_are_not_taken_for_json_lines(document: bytes) -> None:
    assert not is_json_lines(document)
