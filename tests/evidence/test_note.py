"""`haechi.evidence.note` and `vkey`: C2SP signed notes and cosignatures."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from haechi.evidence.note import MAX_SIGNATURES, Note, Signature, cosign, sign, verify
from haechi.evidence.vkey import COSIGNATURE, NOTE, Vkey
from haechi.model.errors import EvidenceError

TEXT = "example.org/log\n3\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
NAME = "example.org/log"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
LOG = Vkey(NAME, NOTE, PUBLIC)
WITNESS = Vkey(NAME, COSIGNATURE, PUBLIC)

# The example in c2sp.org/signed-note and its key as published by the Go module golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKv"
    "qfqdngotpRZb6KE6RyyBwJnAM="
)


def test_a_note_that_others_signed() -> None:
    note = Note.parse(f"{PETER_TEXT}\n{PETER_LINE}\n")
    signed = verify(note.text, note.signatures, Vkey.parse(PETER))
    assert signed is not None and signed.line == PETER_LINE and signed.time is None
    with pytest.raises(EvidenceError, match="signature of PeterNeumann is wrong"):
        verify(note.text.replace("answer", "Answer"), note.signatures, Vkey.parse(PETER))


def test_a_text_may_hold_empty_lines() -> None:
    text = "one\n\ntwo\n"
    line = sign(text, NAME, PRIVATE)
    note = Note.parse(f"{text}\n{line}\n".encode())
    assert note == Note(text, (line,))
    assert str(note) == f"{text}\n{line}\n"
    assert verify(note.text, note.signatures, LOG)


@given(st.integers(0, 2**63 - 1))
def test_a_cosignature_tells_its_time(time: int) -> None:
    line = cosign(TEXT, NAME, PRIVATE, time)
    signed = verify(TEXT, [line], WITNESS)
    assert signed is not None and signed.time == time and signed.line == line


def test_a_cosignature_and_a_signature_do_not_stand_for_each_other() -> None:
    lines = [sign(TEXT, NAME, PRIVATE), cosign(TEXT, NAME, PRIVATE, 7)]
    assert verify(TEXT, lines[:1], WITNESS) is None
    assert verify(TEXT, lines[1:], LOG) is None
    swapped = Signature(NAME, LOG.id, Signature.parse(lines[1]).data)
    with pytest.raises(EvidenceError, match="is wrong"):
        verify(TEXT, [str(swapped)], LOG)


def test_another_time_is_another_statement() -> None:
    good = Signature.parse(cosign(TEXT, NAME, PRIVATE, 1_700_000_000))
    later = Signature(NAME, good.key_id, (1_700_000_001).to_bytes(8, "big") + good.data[8:])
    with pytest.raises(EvidenceError, match="is wrong"):
        verify(TEXT, [str(later)], WITNESS)


def test_of_several_cosignatures_the_newest_counts() -> None:
    lines = [cosign(TEXT, NAME, PRIVATE, time) for time in (5, 9, 7)]
    signed = verify(TEXT, lines, WITNESS)
    assert signed is not None and signed.time == 9


def test_lines_of_other_keys_are_passed_over() -> None:
    other = Ed25519PrivateKey.generate()
    strangers = [sign(TEXT, NAME, other), sign(TEXT, "example.org/else", other), "\u2014 broken line here"]
    assert verify(TEXT, strangers, LOG) is None
    assert verify(TEXT, [*strangers, sign(TEXT, NAME, PRIVATE)], LOG)


def test_a_wrong_line_beside_a_right_one_is_told() -> None:
    good = sign(TEXT, NAME, PRIVATE)
    wrong = str(Signature(NAME, LOG.id, bytes(64)))
    for lines in ([good, wrong], [wrong, good]):
        with pytest.raises(EvidenceError, match="is wrong"):
            verify(TEXT, lines, LOG)


@given(st.data())
def test_no_changed_byte_is_believed(data: st.DataObject) -> None:
    whole = f"{TEXT}\n{sign(TEXT, NAME, PRIVATE)}\n".encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    try:
        note = Note.parse(changed)
        assert verify(note.text, note.signatures, LOG) is None
    except EvidenceError:
        return


@given(st.binary() | st.text(st.characters()))
def test_rubbish_is_no_note(data: bytes | str) -> None:
    with pytest.raises(EvidenceError):
        Note.parse(data)


@given(st.text(st.characters()))
def test_rubbish_is_no_signature_line(text: str) -> None:
    for line in (text, f"\u2014 {text}", f"\u2014 {NAME} {text}"):
        try:
            assert str(Signature.parse(line)) == line
        except EvidenceError:
            continue


@given(st.text(st.characters()))
def test_what_is_read_as_a_key_is_written_the_same(text: str) -> None:
    for key in (text, f"{NAME}+{text}", f"{NAME}+{LOG.id.hex()}+{text}"):
        try:
            assert str(Vkey.parse(key)) == key.strip()
        except EvidenceError:
            continue


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\nnot a signature\n",
        f"{TEXT}\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}=\n",
        f"{TEXT}\r\n\n{PETER_LINE}\n",
        f"{TEXT}\n" + f"{PETER_LINE}\n" * (MAX_SIGNATURES + 1),
        "x" * (1 << 16) + f"\n\n{PETER_LINE}\n",
        f"{TEXT}\n\u2014 two words x08go/ZJ\n",
        f"{TEXT}\n\u2014 a+b x08go/ZJ\n",
        f"{TEXT}\n\u2014 short x08go\n",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match="signed note cannot be read"):
        Note.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+c74f20a3",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "PeterNewman"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER[:-4],
        PETER.replace("+ARpc", "+Ahpc"),
        str(LOG).replace(NAME, "a b"),
        f"+{LOG.id.hex()}+AQ==",
    ],
)
def test_keys_with_something_wrong_are_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match="public key cannot be read"):
        Vkey.parse(text)
    assert str(Vkey.parse(PETER)) == PETER


@pytest.mark.parametrize(
    ("name", "kind", "key"), [("", 1, PUBLIC), ("a b", 1, PUBLIC), ("a+b", 1, PUBLIC), ("\ud800", 1, PUBLIC),
                              ("a", 2, PUBLIC), ("a", 1, b"short")]
)  # fmt: skip
def test_a_key_that_could_not_be_written_cannot_be_made(name: str, kind: int, key: bytes) -> None:
    with pytest.raises(EvidenceError):
        Vkey(name, kind, key)


@pytest.mark.parametrize("text", ["no newline", "half a pair \ud800\n"])
def test_what_is_no_note_text_is_not_signed(text: str) -> None:
    with pytest.raises(EvidenceError):
        sign(text, NAME, PRIVATE)
    with pytest.raises(EvidenceError):
        cosign(text, NAME, PRIVATE, 0)


def test_no_cosignature_tells_a_time_that_no_other_reads() -> None:
    for time in (-1, 2**63):
        with pytest.raises(EvidenceError):
            cosign(TEXT, NAME, PRIVATE, time)
