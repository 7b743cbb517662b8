"""Lines of keys, found in documents that hide brackets, hashes and newlines in their values."""

from __future__ import annotations

import tomllib

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from haechi.workspace.positions import line_of, positions

TRICKY = '''\
# a = 1
a.b = "x # ]" # c
"k ey" = """
[t]
k = 1 """

[t]           # [u]
list = [
  "]", # ]
  { x = 1 }, [ 2 ],
]
after = 'it"s'
[[t.items]]
n = 1
[[t.items]]
n = 2
[[t.items.deep]]
z = 3
["q.r".s]
v = """"quoted""""
w = 1'''


def test_tricky_documents() -> None:
    tomllib.loads(TRICKY)
    found = positions(TRICKY)
    assert found == {
        ("a",): 2, ("a", "b"): 2, ("k ey",): 3, ("t",): 7, ("t", "list"): 8, ("t", "after"): 12,
        ("t", "items"): 13, ("t", "items", 1, "deep"): 17, ("q.r",): 19,
        ("t", "items", 0): 13, ("t", "items", 0, "n"): 14, ("t", "items", 1): 15, ("t", "items", 1, "n"): 16,
        ("t", "items", 1, "deep", 0): 17, ("t", "items", 1, "deep", 0, "z"): 18, ("q.r", "s"): 19,
        ("q.r", "s", "v"): 20, ("q.r", "s", "w"): 21,
    }  # fmt: skip
    assert line_of(found, ("t", "list", 1, "x")) == 8
    assert line_of(found, ("nothing",)) == 1


_KEY = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4)
_LEAF = st.integers(-9, 9) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.booleans()
_VALUE = st.recursive(
    _LEAF, lambda v: st.lists(v, max_size=3) | st.dictionaries(_KEY, v, max_size=2), max_leaves=6
)


@given(st.dictionaries(_KEY, _VALUE, max_size=5))
def test_every_top_key_is_found_on_a_line_that_names_it(values: dict[str, object]) -> None:
    text = tomlkit.dumps(values)
    found = positions(text)
    lines = text.split("\n")
    for key in tomllib.loads(text):
        path = (key,) if (key,) in found else (key, 0)
        quoted = tomlkit.key([key]).as_string()
        assert any(spelling in lines[line_of(found, path) - 1] for spelling in (key, quoted)), (key, text)
