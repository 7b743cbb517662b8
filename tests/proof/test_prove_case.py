"""Packs of a case and of its scope, from the command line on, and after the store was rearranged."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.proof.packs import files_of, rezip
from tests.proof.test_verify_pack import bad, fitted

from haechi.cli.main import run
from haechi.evidence import jcs
from haechi.proof.verdict import Verdict, all_good
from haechi.proof.verify_pack import verify_pack
from haechi.report.stores import open_store
from haechi.store.compact import compact
from haechi.workspace.load import load

Call = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drill")
    made = ["drill", "make", "coupang-2025", "--scale", "0.00001", "--seed", "3", "--out", str(folder)]
    assert run(made) == 0
    assert run(["collect", "--workspace", str(folder / "inspect")]) == 0
    return folder / "inspect"


@pytest.fixture(scope="module")
def case(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The one case, and its pack with persons."""
    from contextlib import redirect_stdout
    from io import StringIO

    with redirect_stdout(StringIO()) as said:
        assert run(["case", "list", "--workspace", str(workspace), "--json"]) == 1
    (found,) = json.loads(said.getvalue())["cases"]
    pack = tmp_path_factory.mktemp("case") / "scope.zip"
    assert run(["prove", "scope", found["id"], "--out", str(pack), "--workspace", str(workspace)]) == 0
    return {"case": found, "pack": pack}


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return called


def told(pack: Path) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for verdict in verify_pack(pack):
        found.setdefault(verdict.thing, []).append(verdict)
    return found


def test_the_statement_is_recounted_and_what_rests_on_trust_is_said(case: dict[str, Any]) -> None:
    verdicts = told(case["pack"])
    assert all_good(verdict for thing in verdicts.values() for verdict in thing), verdicts
    whole, note = verdicts["statement"]
    scope = case["case"]["scope"]
    assert (whole.state, note.state) == ("whole", "note")
    assert f"{scope['requests']:,} requests" in whole.sentence
    assert "register of members" in note.sentence and "customer databases" in note.sentence
    assert verdicts["people"][0].sentence.startswith(f"{scope['persons']:,} persons listed")


def test_a_scope_holds_rows_rules_and_people(case: dict[str, Any]) -> None:
    files = files_of(case["pack"])
    statement = json.loads(files["statement.json"])
    assert statement["case"]["id"] == case["case"]["id"]
    assert {rule["id"] for rule in statement["rules"]} == {f["rule"] for f in case["case"]["findings"]}
    assert all("SELECT" in rule["sql"] for rule in statement["rules"])
    assert len(files["rows.jsonl"].splitlines()) == case["case"]["scope"]["requests"]
    assert len(files["people.csv"].splitlines()) == 1 + case["case"]["scope"]["persons"]
    assert files["people.parquet"].startswith(b"PAR1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"requests": 3}, "3 requests"),
        ({"accounts": 10**6}, "accounts and ghosts"),
        ({"persons": 3}, "sum of"),
        ({"requests_shown": 10**6}, "more requests that showed"),
    ],
)
def test_a_statement_that_the_rows_do_not_bear_out_is_named(
    case: dict[str, Any], tmp_path: Path, change: dict[str, int], sentence: str
) -> None:
    """The seal names it too; where the company itself had sealed it, this is what would remain."""
    files = files_of(case["pack"])
    statement = json.loads(files["statement.json"])
    statement["case"]["scope"] |= change
    forged = fitted({**files, "statement.json": json.dumps(statement).encode()}, jcs)
    verdicts = verify_pack(rezip(forged, tmp_path / "a.zip"))
    assert {("seal", "altered"), ("statement", "altered")} <= bad(verdicts)
    assert any(sentence in verdict.sentence for verdict in verdicts if verdict.thing == "statement")


def test_times_and_people_that_do_not_fit_are_named(case: dict[str, Any], tmp_path: Path) -> None:
    files = files_of(case["pack"])
    statement = json.loads(files["statement.json"])
    statement["case"]["first_seen"] = "2025-01-01T00:00:00Z"
    forged = fitted({**files, "statement.json": json.dumps(statement).encode()}, jcs)
    assert ("statement", "altered") in bad(verify_pack(rezip(forged, tmp_path / "a.zip")))
    people = files["people.csv"].splitlines(keepends=True)
    for changed in (people[:-1], [*people, people[-1]], [people[0].replace(b"kind", b"sort"), *people[1:]]):
        forged = fitted({**files, "people.csv": b"".join(changed)}, jcs)
        assert ("people", "altered") in bad(verify_pack(rezip(forged, tmp_path / "a.zip")))


def test_a_case_pack_has_no_list_of_people(
    workspace: Path, case: dict[str, Any], call: Call, tmp_path: Path
) -> None:
    code, said = call(
        "prove", "case", case["case"]["id"].lower(), "--out", tmp_path / "a.zip", "-w", workspace, "--json"
    )
    assert (code, json.loads(said)["rows"]) == (0, case["case"]["scope"]["requests"])
    assert not any(name.startswith("people") for name in files_of(tmp_path / "a.zip"))
    assert all_good(verify_pack(tmp_path / "a.zip"))


def test_a_member_of_the_case_gets_rows_of_every_table(
    workspace: Path, case: dict[str, Any], call: Call, tmp_path: Path
) -> None:
    person = files_of(case["pack"])["people.csv"].splitlines()[1].split(b",")[0].decode()
    code, said = call("prove", "person", person, "--out", tmp_path / "a.zip", "-w", workspace)
    assert code == 0, said
    assert "Sealed as entry" in said
    sources = {json.loads(line)["source"] for line in files_of(tmp_path / "a.zip")["rows.jsonl"].splitlines()}
    assert {"gateway", "members"} <= sources
    assert all_good(verify_pack(tmp_path / "a.zip"))


def test_a_pack_is_the_same_after_compaction(
    workspace: Path, case: dict[str, Any], call: Call, tmp_path: Path
) -> None:
    copy = tmp_path / "inspect"
    shutil.copytree(workspace, copy)
    person = files_of(case["pack"])["people.csv"].splitlines()[1].split(b",")[0].decode()
    packs = []
    for name in ("before.zip", "after.zip"):
        assert call("prove", "person", person, "--out", tmp_path / name, "-w", copy)[0] == 0
        assert all_good(verify_pack(tmp_path / name))
        packs.append(files_of(tmp_path / name))
        if name == "before.zip":
            found = load(copy)
            assert compact(open_store(found), found.settings.store, all_days=True).files > 2
    before, after = packs
    for name in before:
        if name in ("rows.jsonl", "rows.csv") or name.startswith("batches/"):
            assert before[name] == after[name]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["person", "1", "--out", "a.tar"], 2, ".zip"),
        (["person", "1", "--out", "nowhere/a.zip"], 2, "no folder"),
        (["person", "1", "--out", "a.zip", "--from", "yesterday"], 2, "no day or time"),
        (["case", "C-none", "--out", "a.zip"], 3, "cases are: C-"),
        (["record", "gateway", "99999999", "--out", "a.zip"], 3, "its numbers go from 1 to "),
        (["record", "nowhere", "1", "--out", "a.zip"], 3, "sources are: "),
    ],
)
def test_wrong_questions_are_told(
    workspace: Path,
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    got, said = call("prove", *arguments, "-w", workspace)
    assert (got, sentence in said) == (code, True), said
    assert not list(tmp_path.iterdir())


def test_days_are_of_the_workspaces_zone(workspace: Path, call: Call, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from haechi.cli.options import instant
    from haechi.workspace.times import zone

    seoul = zone("Asia/Seoul")
    assert seoul is not None
    begin, end = instant("2025-06-24", seoul, "--from"), instant("2025-06-24", seoul, "--to", end=True)
    assert begin == int(datetime(2025, 6, 23, 15, tzinfo=UTC).timestamp()) * 1_000_000
    assert end is not None and end - begin == 86_400_000_000
    assert instant("2025-06-24T03:00Z", seoul, "--to", end=True) == begin + 12 * 3_600_000_000
