"""`haechi.evidence.jcs`: RFC 8785 beyond its published files."""

import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.evidence.jcs import MAX_SAFE_INTEGER, canonical
from haechi.model.errors import InputError

# RFC 8785, appendix B: the bits of a double and how ECMAScript writes it.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_are_written_as_in_the_appendix(bits: str, text: str) -> None:
    assert canonical(struct.unpack(">d", bytes.fromhex(bits))[0]) == text.encode()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_the_same(value: float) -> None:
    assert float(canonical(value)) == value


@given(json_values)
def test_values_survive_and_the_form_is_stable(value: Any) -> None:
    text = canonical(value)
    again = json.loads(text, parse_int=float)  # as ECMAScript reads it
    assert again == value
    assert canonical(again) == text


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.just(0), max_size=8))
def test_names_are_sorted_by_utf16_units(members: dict[str, int]) -> None:
    names = list(json.loads(canonical(members)))
    assert names == sorted(members, key=lambda name: name.encode("utf-16-be"))


def test_order_beyond_the_basic_plane_is_not_that_of_code_points() -> None:
    assert canonical({"\ufb33": 1, "\U0001f602": 2}) == '{"\U0001f602":2,"\ufb33":1}'.encode()


def test_control_characters_are_escaped_in_lower_case() -> None:
    assert canonical('\x1f\x08"\\/\x7f\u2028') == b'"\\u001f\\b\\"\\\\/\x7f\xe2\x80\xa8"'


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        MAX_SAFE_INTEGER + 1,
        -MAX_SAFE_INTEGER - 1,
        "\ud800",
        {"\udfff": 1},
        {1: "number as a name"},
        b"bytes",
        {"a": {1, 2}},
        _nested(100_000),
    ],
    ids=["nan", "inf", "big", "small", "surrogate", "surrogate name", "name", "bytes", "set", "deep"],
)
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="canonical JSON"):
        canonical(value)
