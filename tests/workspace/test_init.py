"""The drafted haechi.toml loads, whatever was guessed, and says what it guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.collect.routes.propose import Proposal, propose_routes
from haechi.model.settings import RouteSettings, SourceSettings
from haechi.workspace.init import draft
from haechi.workspace.load import load

GATEWAY = SourceSettings(
    "gateway",
    ["logs/*.json"],
    format="json",
    timezone="Asia/Seoul",
    columns={"client_ip": 'a "b"', "path": "c.d"},
)
PEOPLE = SourceSettings("people", ["hr.csv"], "person")


def read(folder: Path, text: str) -> list[RouteSettings]:
    (folder / "haechi.toml").write_text(text, encoding="utf-8")
    return load(folder, {"json"}).settings.routes


def test_guesses_are_marked_with_their_reason_and_load(tmp_path: Path) -> None:
    samples = [("GET", f"/members/{i}") for i in range(1000, 1030)] + [("GET", "/about")] * 3
    text = draft(
        tmp_path, [(GATEWAY, "looks like nginx JSON"), (PEOPLE, "has hr columns")], propose_routes(samples)
    )
    assert "# guessed: looks like nginx JSON\n[[source]]" in text
    assert '# guessed: an id behind "members" is one person (30 in the sample)\n[[route]]' in text
    assert '#          3  "/about"\n' in text
    assert read(tmp_path, text) == [
        RouteSettings("/members/{member_id}", "GET", "view", ["email", "name"], "path:member_id")
    ]
    settings = load(tmp_path).settings
    assert settings.sources == [GATEWAY, PEOPLE]
    assert settings.workspace.name == tmp_path.name


def test_with_nothing_guessed_it_shows_how_to_say_it(tmp_path: Path) -> None:
    text = draft(tmp_path, [], [])
    assert read(tmp_path, text) == []
    assert "# [[source]]" in text and "# [[route]]" in text


def test_every_commented_example_loads_once_its_mark_is_taken_away(tmp_path: Path) -> None:
    lines = draft(tmp_path, [], []).splitlines()
    sections = "\n".join(
        line.removeprefix("# ")
        for line in lines
        if line[:3] in ("# [",) or (line.startswith("# ") and " = " in line)
    )
    assert len(read(tmp_path, sections)) == 1
    settings = load(tmp_path).settings
    assert [source.name for source in settings.sources] == [
        "gateway",
        "issuance",
        "members",
        "people",
        "tickets",
    ]
    assert settings.issuers[0].keys[0].readers == ["E1001"] and settings.exposes and settings.rules
    assert settings.purposes[0].actor == "svc-statements"


_ROUTES = st.builds(
    RouteSettings,
    st.text(max_size=12) | st.sampled_from(["/a/{b}", "/a/{c}", "/a", '/"\n[x]', "/a/{b", "/#"]),
    st.sampled_from(["*", "GET"]),
    fields=st.lists(st.sampled_from(["name", "email"]), max_size=2),
)


@settings(deadline=None)  # each example writes and loads a file
@given(
    st.lists(st.builds(Proposal, _ROUTES, st.text(max_size=12), st.integers(1, 99)), max_size=6),
    st.text(max_size=9),
)
def test_any_guess_gives_a_file_that_loads(
    tmp_path_factory: pytest.TempPathFactory, proposals: list[Proposal], reason: str
) -> None:
    folder = tmp_path_factory.mktemp("d")
    routes = read(folder, draft(folder, [(GATEWAY, reason)], proposals))
    assert all(route.fields for route in routes)
