"""The parts that stand alone: states, links, places, masks, names, messages and their languages."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.evidence.signer import FileSigner, make_key, sign_bytes
from haechi.model.errors import AskError, InputError
from haechi.model.settings import AskingSettings
from haechi.respond import places
from haechi.respond.accesses import Shown, masked, short
from haechi.respond.decisions import read_mail
from haechi.respond.letters import Letter, write
from haechi.respond.links import Link, hash_of, read_token, token_of
from haechi.respond.machine import STATES, WAITING, Step, after
from haechi.respond.phrases import LANGUAGES, say, words
from haechi.respond.values import State
from haechi.respond.whom import asker_names, check_other

LINK = Link("A-00000001", "a-00000001.1.ab@office.example", "self", 1_800_000_000_000_000)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> FileSigner:
    return make_key(tmp_path_factory.mktemp("key") / "haechi.key", "haechi.local/1")


# -- states --


def test_every_state_can_be_reached_and_left() -> None:
    assert set(STATES) == set(get_args(State))
    steps = {step for step in get_args(Step) for state in STATES if _goes(state, step)}
    assert steps == set(get_args(Step)) - {"asked"}  # a question begins once
    assert all(_goes(state, "reopened") for state in STATES)


def test_nobody_decides_on_what_was_not_answered() -> None:
    for state in STATES:
        assert _goes(state, "accepted") == _goes(state, "rejected") == (state == "answered")
        assert _goes(state, "answered") == (state in WAITING)


def _goes(state: State, step: Step) -> bool:
    try:
        return after("A-1", state, step) == step
    except AskError as error:
        assert "A-1 is " in str(error)
        return False


# -- links --


def test_a_link_says_what_was_signed_and_is_always_the_same(signer: FileSigner) -> None:
    token = token_of(LINK, signer)
    assert token == token_of(LINK, signer) and read_token(token, [signer.vkey]) == LINK
    assert re.fullmatch(r"[\w.-]+", token, re.ASCII) and len(token) < 400 and len(hash_of(token)) == 64


@given(
    place=st.integers(0, 10_000), letter=st.sampled_from(string.ascii_letters + string.digits + "-_.=+/ é")
)
def test_a_link_that_was_changed_is_none(signer: FileSigner, place: int, letter: str) -> None:
    token = token_of(LINK, signer)
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    assert (read_token(changed, [signer.vkey]) == LINK) == (changed == token)


@given(st.text(max_size=60))
def test_what_is_no_link_is_none(signer: FileSigner, text: str) -> None:
    assert read_token(text, [signer.vkey]) is None
    assert read_token(f"{text}.{text}", [signer.vkey]) is None


def test_a_link_of_another_key_or_another_statement_is_none(signer: FileSigner, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other.key", "haechi.local/1")
    assert read_token(token_of(LINK, other), [signer.vkey]) is None
    assert read_token(token_of(LINK, other), [signer.vkey, other.vkey]) == LINK
    assert read_token(token_of(LINK, signer), []) is None
    payload, _, _ = token_of(LINK, signer).partition(".")
    bare = sign_bytes(signer, msgspec.json.encode(LINK)).replace("+", "-").replace("/", "_").rstrip("=")
    assert (
        read_token(f"{payload}.{bare}", [signer.vkey]) is None
    )  # the key signed these bytes, but as no link


# -- places --


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(
        st.sets(
            st.tuples(st.sampled_from(["a", "b", "각"]), st.integers(1, 1 << 60)), min_size=1, max_size=40
        )
    )
    listed = draw(st.permutations(sorted(rows)))
    return pa.table(
        {"source": [row[0] for row in listed], "seq": pa.array([row[1] for row in listed], pa.int64())}
    )


def rows(table: pa.Table) -> set[tuple[str, int]]:
    return set(zip(table["source"].to_pylist(), table["seq"].to_pylist(), strict=True))


@given(tables(), tables())
def test_places_come_back_and_overlaps_are_seen(one: pa.Table, other: pa.Table) -> None:
    packed, further = places.pack(one), places.pack(other)
    assert rows(places.unpack([packed])) == rows(one)
    assert rows(places.unpack([packed, further])) == rows(one) | rows(other)
    assert places.overlap(packed, further) == bool(rows(one) & rows(other))
    assert (places.fingerprint(packed) == places.fingerprint(further)) == (rows(one) == rows(other))


def test_too_many_places_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST", 2)
    with pytest.raises(AskError, match="more than 2 accesses"):
        places.pack(pa.table({"source": ["a"] * 3, "seq": [1, 2, 3]}))


# -- what is shown --


@given(st.text(min_size=1, max_size=60))
def test_a_mask_leaves_a_third_at_most(subject: str) -> None:
    shown = masked(subject).replace("•", "", 4)
    assert len(subject) > 5 or not shown
    assert "\n" not in masked(subject) and len(masked(subject)) < 50
    assert masked("1234567") == "••••67" and masked("kim@shop.example") == "k••••le"


def test_long_text_is_cut_and_harmless() -> None:
    assert short("a" * 100) == "a" * 79 + "…" and short("a\u202eb\n") == "a\\u202eb\\x0a"


# -- who asks --


@pytest.mark.parametrize(
    ("by", "asked"),
    [
        ("bora (uid 1)", {"bora"}),
        ("Bora (uid 1)", {"E2", "BORA"}),
        ("root (uid 0) for bora (uid 1)", {"bora"}),
        ("bora (uid 1)", {"bora@office.example"}),
        ("ｂｏｒａ (uid 1)", {"bora"}),
    ],
)
def test_who_asks_is_not_who_is_asked(by: str, asked: set[str]) -> None:
    with pytest.raises(AskError, match="who asks cannot be who is asked"):
        check_other(asker_names(by), asked, "asks")
    check_other(asker_names(by), {"chan", "chan@office.example", ""}, "asks")


# -- messages --


def question(language: str = "en", **changes: Any) -> Any:
    shown = [Shown(0, "/members/{id}", "view", "name", "#1 ••••77", None, "192.0.2.1")]
    return {
        "id": "A-00000001", "case_id": "C-aaaaaa", "whom": "bora", "asked_by": "ahn (uid 1)", "language": language,
        "asked": 0, "due": 1_793_000_000_000_000, "first": 0, "last": 1, "requests": 5, "persons": 2,
        "shown": msgspec.to_builtins(shown), "role": "self", "way": "mail", **changes,
    }  # fmt: skip


def letter(kind: str = "asked", language: str = "en", role: str = "self", **changes: Any) -> Letter:
    given = {
        "id": "a-1.1.ab@office.example", "kind": kind, "recipient": "bora@office.example", "role": role,
        "sender": "privacy@office.example", "ask": question(language), "zone": ZoneInfo("Asia/Seoul"),
    }  # fmt: skip
    return Letter(**(given | changes))


NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_every_language_says_the_same_things() -> None:
    assert set(LANGUAGES) == set(get_args(msgspec.structs.fields(AskingSettings)[-2].type))
    names = [set(words(language)) for language in LANGUAGES]
    assert names[0] == names[1] == names[2]
    for key, sentence in words("en").items():
        for language in LANGUAGES:
            assert words(language)[key].strip()
            assert _names(words(language)[key]) == _names(sentence), (language, key)


def _names(sentence: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["asked", "reminded", "escalated", "reopened"])
@pytest.mark.parametrize("url", ["", "https://answers.example/a/token"])
def test_every_message_can_be_written(language: str, kind: str, url: str) -> None:
    role = "manager" if kind == "escalated" else "self"
    message = write(letter(kind, language, role, url=url, expires=1, why="which ticket?"), NOW)
    text = message.get_content()
    assert "A-00000001" in message["Subject"] and say(language, f"subject_{kind}") in message["Subject"]
    assert "#1 ••••77" in text and "1970-01-01 09:00" in text and "{" not in text.replace("/members/{id}", "")
    assert ("https://" in text) == bool(url) and (not url or url in text.splitlines())
    assert ("which ticket?" in text) == (kind == "reopened")
    assert max(map(len, message.as_bytes().split(b"\r\n"))) < 998  # RFC 5322, section 2.1.1
    read = message_from_bytes(message.as_bytes(), policy=default)
    assert read["Subject"] == f"[A-00000001] {say(language, f'subject_{kind}')}"  # folding keeps every space
    columns = {"en": "Time | What | Page", "ko": "일시 | 수행업무 | 화면", "ja": "日時 | 操作 | 画面"}
    assert columns[language] in text and f" | {say(language, 'action_view')} | " in text


def test_nobody_writes_headers_or_terminal_commands_into_a_message() -> None:
    evil = "x\r\nBcc: all@office.example\r\n\r\n\x1b[2J\u202eevil"
    message = write(letter("reopened", ask=question(whom=evil), why=evil), NOW)
    assert message["Bcc"] is None and not set(message.get_content()) & {"\x1b", "\u202e", "\r"}
    with pytest.raises((ValueError, TypeError)):
        write(letter(recipient="a@b.example\r\nBcc: c@d.example"), NOW)


def test_reminders_stand_under_the_first_message() -> None:
    first = write(letter(answers="a-1.1.ab@office.example"), NOW)
    later = write(letter("reminded", id="a-1.3.cd@office.example", answers="a-1.1.ab@office.example"), NOW)
    assert first["In-Reply-To"] is None and later["In-Reply-To"] == first["Message-ID"]
    assert later["Auto-Submitted"] == "auto-generated"


# -- answers by mail --


def came(changes: dict[str, str], text: str = "Ticket 4711\n\n> why?\n") -> bytes:
    headers = {"From": "Bora <bora@office.example>", "Subject": "Re: [A-00000001] reason"} | changes
    return ("".join(f"{name}: {value}\n" for name, value in headers.items() if value) + f"\n{text}").encode()


READERS = {"bora@office.example": "self", "boss@office.example": "manager"}


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({}, "self"),
        ({"From": "BOSS@office.example"}, "manager"),
        ({"Subject": "Re:", "In-Reply-To": "<a-00000001.1.ab@office.example>"}, "self"),
        ({"Subject": "Re:", "References": "<q@x> <a-00000001.3.ab@office.example>"}, "self"),
    ],
)
def test_an_answer_by_mail_is_read(changes: dict[str, str], role: str) -> None:
    given = read_mail(came(changes), "A-00000001", READERS, "answer.eml")
    assert (given.text, given.via, given.role) == ("Ticket 4711", "mail", role)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (came({"Subject": "Re: [A-00000002] reason"}), "does not answer A-00000001"),
        (came({"From": "eve@office.example"}), "does not come from whom"),
        (came({"From": "eve@office.example, bora@office.example"}), "does not come from whom"),
        (came({"From": ""}), "no mail message"),
        (b"\x00\xff", "no mail message"),
        (came({}, "> only a quotation\n"), "no answer in plain text"),
        (came({"Content-Type": "text/html"}, "<p>yes</p>"), "no answer in plain text"),
        (came({"Content-Type": "text/plain; charset=nonsense"}), "no answer in plain text"),
    ],
)
def test_a_message_that_is_no_answer_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_mail(data, "A-00000001", READERS, "answer.eml")
