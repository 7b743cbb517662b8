"""`haechi.evidence.checkpoint`: the C2SP tlog-checkpoint form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.evidence.checkpoint import Checkpoint
from haechi.model.errors import StoreError

ROOT = bytes(range(32))
BODY = "example.org/log\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
SIGNATURE = "\u2014 example.org/log Az3grlgtzPICa5OS8npVmf1Myq/5IZni"

lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1)


def test_the_body_is_three_lines() -> None:
    point = Checkpoint("example.org/log", 20852163, ROOT)
    assert point.text() == point.body == BODY
    assert str(point) == "example.org/log 20852163 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert Checkpoint.parse(BODY) == point


def test_signatures_and_extensions_are_kept() -> None:
    text = f"{BODY}more\n\n{SIGNATURE}\n{SIGNATURE}2\n"
    point = Checkpoint.parse(text)
    assert point.extensions == ("more",)
    assert point.signatures == (SIGNATURE, f"{SIGNATURE}2")
    assert point.body == f"{BODY}more\n"
    assert point.text() == text


@given(lines, st.integers(0, 2**62), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_what_is_written_is_read_back(origin: str, size: int, root: bytes, signatures: list[str]) -> None:
    point = Checkpoint(origin, size, root, (), tuple(f"\u2014 {line}" for line in signatures))
    assert Checkpoint.parse(point.text()) == point


@given(st.integers(0, len(BODY) - 1), st.characters(codec="utf-8"))
def test_no_change_goes_unseen(at: int, other: str) -> None:
    changed = BODY[:at] + other + BODY[at + 1 :]
    try:
        point = Checkpoint.parse(changed)
    except StoreError:
        return
    assert (point == Checkpoint.parse(BODY)) == (changed == BODY)
    assert point.text() == changed


@given(st.text())
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(StoreError):
        Checkpoint.parse(text.replace("\n", " "))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        BODY.removesuffix("\n"),
        f"{BODY}\n",
        f"{BODY}\nnot a signature\n",
        f"{BODY}\n{SIGNATURE}",
        BODY.replace("20852163", "020852163"),
        BODY.replace("20852163", "-1"),
        BODY.replace("20852163", "\u0661"),
        BODY.replace("20852163", "9" * 5_000),
        BODY.replace("Hh8=", "Hh9="),  # stray bits behind the last byte
        BODY.replace("Hh8=", ""),
        BODY.replace("\n", "\r\n"),
        BODY.replace("example.org/log", ""),
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(StoreError, match="checkpoint cannot be read"):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"), [("", 0, ROOT), ("a\nb", 0, ROOT), ("a", -1, ROOT), ("a", 0, b"short")]
)
def test_a_checkpoint_that_could_not_be_written_cannot_be_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(StoreError):
        Checkpoint(origin, size, root)
